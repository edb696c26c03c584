"""Passages by quotation: every anchor finds its own span, also when the text around it was edited."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsaid.corrections import Anchor, anchor, locate

WORDS = "the a river door lamp Ann Ben said came went cold old little never again why not yes no home".split()


def prose(seed: int, sentences: int = 60) -> str:
    chance = random.Random(seed)
    lines = (" ".join(chance.choices(WORDS, k=chance.randint(1, 9))) for _ in range(sentences))
    return "".join(f"“{line}.”\n\n" if n % 2 else f"{line}. " for n, line in enumerate(lines))


def quoted(text: str) -> list[tuple[int, int]]:
    return [(at, text.index("”", at) + 1) for at in range(len(text)) if text[at] == "“"]


@given(st.text(alphabet="ab \n“”é😀", min_size=1, max_size=80), st.data())
def test_an_anchor_finds_its_own_span(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    made = anchor(text, start, end)
    assert made.exact == text[start:end]
    assert locate(text, made) == (start, end)


@given(st.integers(0, 10_000), st.data())
def test_an_anchor_finds_its_span_again_whatever_is_added_or_cut_elsewhere(seed: int, data: st.DataObject) -> None:
    text = prose(seed)
    start, end = data.draw(st.sampled_from(quoted(text)))
    made = anchor(text, start, end)
    cut = data.draw(st.integers(0, max(0, start - 200)))
    added = data.draw(st.sampled_from(["", "An entirely new opening, of another kind.\n\n"]))
    tail = data.draw(st.integers(min(len(text), end + 200), len(text)))
    edited = added + text[cut:tail]
    assert locate(edited, made) == (start - cut + len(added), end - cut + len(added))


@pytest.mark.parametrize("seed", range(40))
def test_a_reworded_line_is_still_the_one(seed: int) -> None:
    chance = random.Random(seed)
    text = prose(seed, 200)
    start, end = chance.choice([line for line in quoted(text) if line[1] - line[0] > 30])
    made = anchor(text, start, end)
    words = text[start:end].split(" ")
    words[chance.randrange(1, len(words) - 1)] = "changed"
    before = text[:start].replace("river", "stream", 3)
    line = " ".join(words)
    assert locate(before + line + text[end:], made) == (len(before), len(before) + len(line))


def test_what_stands_twice_alike_is_told_apart_by_what_is_around_it() -> None:
    text = "“Yes.”\n\nThe lamp went out.\n\n“Yes.”\n\nThe door fell shut.\n\n“Yes.”\n"
    places = [at for at in range(len(text)) if text.startswith("“Yes.”", at)]
    assert [locate(text, anchor(text, at, at + 6)) for at in places] == [(at, at + 6) for at in places]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nothing of the kind", Anchor("“Who goes there?”", "by night. ", " she asked")),
        ("“No.” “No.”", Anchor("“No.”", "gone for good ", " and more that is gone")),
        ("", Anchor("words")),
        ("some words", Anchor("")),
    ],
)
def test_what_is_not_there_is_not_found(text: str, wanted: Anchor) -> None:
    assert locate(text, wanted) is None


def test_a_long_and_repetitive_text_is_no_trap() -> None:
    text = "no no no yes. " * 50_000
    assert locate(text, Anchor("no no no maybe. " * 40, "no ", " yes")) is None
    assert anchor(text, 350_000, 350_020).exact == text[350_000:350_020]
