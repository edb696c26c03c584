"""Speech without quotation marks: found where a story has none, and only there."""

from __future__ import annotations

import re
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from unsaid import prose, sources
from unsaid.prose import unmarked

EXAMPLES = Path(__file__).parent.parent / "examples"
BARE = """The ferry was late again. Hester stood at the rail and counted the lamps on the other side.

You're early, said Anselm. He set down the bucket that he had carried. I didn't think you'd come at all.

Of course I would, said Hester. Where's your brother?

Asleep, I hope, said Anselm, and don't you wake him. He's been up since two.

She looked at the bucket. There was a fish in it, and the fish looked back at her.

What do you want for it? she asked.

It isn't for sale, said Anselm. It's for your mother.

Hester laughed, and then she saw that he was not joking, and she turned back to the rail.
"""
TOLD = """The ferry had stopped running in the autumn of that year, and nobody had thought it would come back.

Hester walked down to the slip every morning. She counted the lamps on the other side, one after another, until it was
light. Her father had done the same. He had been a patient man, and it had done him no good at all.

In the end she sold the house, the boat and the three fields behind it, and went to live with a cousin in the town.
"""
STATES = (False, True)
step = st.floats(-4, 4).map(lambda x: round(x, 2))


def direct(story: unsaid.Story) -> list[tuple[str, str]]:
    names = {c.id: c.name for c in story.characters}
    spoken = [u for u in story.utterances if u.kind == "speech" and u.is_direct]
    return [(names.get(u.speaker or "", "?"), " … ".join(story.text[a:b] for a, b in u.parts)) for u in spoken]


def test_who_says_what_where_nothing_is_marked() -> None:
    assert direct(unsaid.read(BARE)) == [
        ("Anselm", "You're early, … I didn't think you'd come at all."),
        ("Hester", "Of course I would, … Where's your brother?"),
        ("Anselm", "Asleep, I hope, … and don't you wake him. He's been up since two."),
        ("Hester", "What do you want for it?"),
        ("Anselm", "It isn't for sale, … It's for your mother."),
    ]


def test_it_is_less_sure_of_a_line_than_where_marks_stand() -> None:
    marked = re.sub(r"(?m)^(.+?[,?]) (said|she)", r"“\1” \2", BARE)
    sure = {u.speaker: u.confidence for u in unsaid.read(marked).utterances}
    assert sure
    assert all(u.confidence < max(sure.values()) for u in unsaid.read(BARE).utterances)


def test_a_story_in_which_nobody_speaks_has_no_speech() -> None:
    assert direct(unsaid.read(TOLD)) == []


@pytest.mark.parametrize("name", ["corran-head", "long-distance", "the-second-best-oven"])
def test_most_of_a_story_is_found_without_its_marks(name: str) -> None:
    text = (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    whole, bare = unsaid.read(text), unsaid.read(re.sub('["“”]', "", text))
    spoken = [word for _, said in direct(whole) for word in re.findall(r"\w+", said)]
    found = [word for _, said in direct(bare) for word in re.findall(r"\w+", said)]
    assert 0.7 * len(spoken) <= len(found) <= 1.3 * len(spoken)


@given(st.text(st.sampled_from("ab I.,!?-—\nMr'’é…"), max_size=80), st.integers(0, 5))
def test_clauses_stand_one_behind_the_other_and_lose_no_letter(text: str, begin: int) -> None:
    begin = min(begin, len(text))
    found = unmarked.clauses(text, begin, len(text))
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(text[c.start : c.end].strip() for c in found)
    assert "".join(text[c.start : c.end] for c in found).split() == text[begin:].split()


@given(st.lists(st.tuples(step, st.tuples(st.tuples(step, step), st.tuples(step, step))), min_size=1, max_size=7))
def test_the_sequence_is_the_likeliest_of_all(
    rows: list[tuple[float, tuple[tuple[float, float], tuple[float, float]]]],
) -> None:
    scores, steps = [score for score, _ in rows], [held for _, held in rows]

    def worth(states: tuple[bool, ...]) -> float:
        pairs = zip((False, *states), states, strict=False)
        return sum(held[a][b] for held, (a, b) in zip(steps, pairs, strict=True)) + sum(
            score for score, spoken in zip(scores, states, strict=True) if spoken
        )

    best = max(map(worth, product(STATES, repeat=len(rows))))
    assert worth(tuple(unmarked.decode(scores, steps))) == pytest.approx(best)


def words_with(text: str, spoken: str, odds: float) -> prose.Spoken:
    """Every word of a text, known to be spoken inside ``spoken``, and of no other one anything."""
    begin = text.index(spoken)
    starts = tuple(m.start() for m in re.finditer(r"\w+", text))
    return prose.Spoken(starts, tuple(odds if begin <= at < begin + len(spoken) else 0.0 for at in starts))


def test_what_is_known_of_no_word_changes_nothing() -> None:
    composed = prose.compose(sources.load(BARE))
    assert composed.bare
    assert prose.listened(composed, words_with(BARE, "Hester", 0.0)) == composed


@pytest.mark.parametrize(("clause", "odds"), [("There was a fish in it,", 40.0), ("It isn't for sale,", -40.0)])
def test_what_is_known_of_words_decides_where_it_is_sure(clause: str, odds: float) -> None:
    composed = prose.compose(sources.load(BARE))
    begin = composed.text.index(clause)

    def spoken(held: prose.Prose) -> bool:
        return any(q.start <= begin and begin + len(clause) <= q.end for q in held.quotations)

    heard = prose.listened(composed, words_with(composed.text, clause, odds))
    assert spoken(composed) == (odds < 0)
    assert spoken(heard) == (odds > 0)
    quoted = {i for q in heard.quotations for i in heard.tokens.within(q.start, q.end)}
    assert [bool(flag) for flag in heard.tokens.quoted] == [i in quoted for i in range(len(heard.tokens))]


def test_a_story_with_marks_is_not_asked_about_its_words() -> None:
    assert not prose.compose(sources.load("“Come in,” said Hester. “It is late.”\n")).bare
