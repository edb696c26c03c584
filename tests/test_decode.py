"""The conversation decoder, on scores written by hand, against enumeration of every history."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unsaid.voices.decode import Link, marginals


def enumerated(scores: list[dict[str, float]], links: list[Link]) -> list[dict[str, float]]:
    """The oracle: every assignment of speakers to turns, weighed by the definition of the model."""
    mass = [dict.fromkeys(turn, 0.0) for turn in scores]
    for path in product(*scores):
        weight = sum(turn[who] for turn, who in zip(scores, path, strict=True))
        for t in range(1, len(path)):
            weight += links[t].stay * (path[t] == path[t - 1])
            weight += links[t].back * (t > 1 and path[t] == path[t - 2])
        for table, who in zip(mass, path, strict=True):
            table[who] += math.exp(weight)
    total = sum(mass[0].values())
    return [{who: m / total for who, m in table.items()} for table in mass]


_NAMES = st.sampled_from(["ann", "ben", "cora", "dov"])
_SCORE = st.floats(-5, 5)
_TURN = st.dictionaries(_NAMES, _SCORE, min_size=1, max_size=4)
_LINK = st.builds(Link, st.floats(-3, 3), st.floats(-2, 2))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_TURN, _LINK), min_size=1, max_size=6))
def test_marginals_are_those_of_enumeration(chain: list[tuple[dict[str, float], Link]]) -> None:
    scores, links = [c[0] for c in chain], [c[1] for c in chain]
    for got, wanted in zip(marginals(scores, links), enumerated(scores, links), strict=True):
        assert got == pytest.approx(wanted, abs=1e-6)


def test_an_untagged_exchange_of_two_alternates_from_its_one_known_turn() -> None:
    """ann is sure of the third line; the other four follow by turn-taking alone."""
    even = {"ann": 0.0, "ben": 0.0}
    scores = [even, even, {"ann": 6.0, "ben": 0.0}, even, even]
    result = marginals(scores, [Link(-2.0, 1.2)] * 5)
    assert [max(turn, key=lambda who: turn[who]) for turn in result] == ["ann", "ben", "ann", "ben", "ann"]
    assert result[2]["ann"] > result[1]["ben"] > result[0]["ann"] > 0.5


def test_a_third_voice_is_given_only_the_line_that_names_it() -> None:
    even = {"ann": 0.0, "ben": 0.0, "cora": -1.0}
    scores = [{"ann": 6.0}, even, {"cora": 6.0, "ann": 0.0, "ben": 0.0}, even]
    best = [max(turn, key=lambda who: turn[who]) for turn in marginals(scores, [Link(-2.0, 1.2)] * 4)]
    assert best == ["ann", "ben", "cora", "ben"]


def test_very_long_conversations_neither_underflow_nor_overflow() -> None:
    scores = [{"ann": 300.0, "ben": -300.0}, {"ann": -300.0, "ben": 300.0}] * 2000
    result = marginals(scores, [Link(-2.0, 1.2)] * len(scores))
    assert result[-1]["ben"] == pytest.approx(1.0)
    assert all(sum(turn.values()) == pytest.approx(1.0) for turn in result)
