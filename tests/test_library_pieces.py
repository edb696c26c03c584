"""Texts in pieces: the nth word of a story, and any span of its text, are where they are in the whole text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsaid.library import pieces
from unsaid.library.store import Store
from unsaid.library.words import words_in
from unsaid.sources import story_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = st.text(st.sampled_from("abcé'’_-.“ \n\u00a0\u3000水"), max_size=120)


def held(store: Store, text: str, matter: list[tuple[int, int]], least: int) -> pieces.Texts:
    """The text as a library holds it, cut into pieces of this length, with another story before and behind it."""
    store.rows("DELETE FROM pieces")
    store.rows("DELETE FROM matter")
    spans = story_spans(len(text), matter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "LEAST", least)
        for name, said, inside in (("a", "Other words.", [(0, 12)]), ("t", text, spans), ("z", "And more.", [(0, 9)])):
            store.append("pieces", pieces.pieces_of(name, said, [at for _, at in words_in(said, inside)]))
    for start, end in matter:
        store.rows("INSERT INTO matter VALUES ('t', ?, ?)", (start, end))
    return pieces.Texts(store, ("t", "z"))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store(Path("memory"), duckdb.connect()) as store:
        store.rows("CREATE TABLE pieces (story VARCHAR, piece INTEGER, start BIGINT, first BIGINT, text VARCHAR)")
        store.rows('CREATE TABLE matter (story VARCHAR, start BIGINT, "end" BIGINT)')
        yield store


@given(TEXTS, st.lists(st.tuples(st.integers(0, 120), st.integers(0, 30)), max_size=3), st.integers(1, 40))
def test_every_word_and_every_span_is_found_where_it_stands(
    store: Store, text: str, around: list[tuple[int, int]], least: int
) -> None:
    matter = sorted((min(at, len(text)), min(at + size, len(text))) for at, size in around)
    story = [at for at in range(len(text)) if not any(low <= at < high for low, high in matter)]
    words = [  # an independent reading: words of the story alone, cut wherever matter begins
        (m.start(), m.end())
        for stretch in re.finditer(r"\x01+", "".join("\x01" if at in story else "\x02" for at in range(len(text))))
        for m in re.compile(r"[^\W_]+(?:['’][^\W_]+)*").finditer(text, stretch.start(), stretch.end())
    ]
    texts = held(store, text, matter, least)
    for n, (start, end) in enumerate(words):
        assert texts.span_of("t", n, 1) == (start, end)
        last = min(n + 2, len(words) - 1)
        assert texts.span_of("t", n, last - n + 1) == (start, words[last][1])
    assert texts.span_of("t", len(words), 1) is None
    for start in range(-3, len(text) + 3, 7):
        for end in range(start, len(text) + 9, 11):
            assert texts.cut("t", start, end) == text[max(0, start) : max(0, end)]
    assert texts.cut("z", 0, 9) == "And more."


def test_only_the_pieces_that_are_asked_for_are_fetched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"word{n} " for n in range(20_000))
    texts = held(store, text, [], pieces.LEAST)
    asked: list[int] = []
    rows = store.rows
    monkeypatch.setattr(store, "rows", lambda *a: asked.append(len(got := rows(*a))) or got)
    texts.fetch_words([("t", 7_000), ("t", 15_000)])
    assert [text[slice(*(texts.span_of("t", n, 1) or (0, 0)))] for n in (7_000, 15_000)] == ["word7000", "word15000"]
    assert asked == [2, 0]  # two pieces, and no matter
