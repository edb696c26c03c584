"""The quality gate: the examples are read no worse than they were, and the floors do not fall by accident."""

from __future__ import annotations

import pytest

import unsaid
from benchmarks import gate, ledger
from benchmarks.score import Score
from benchmarks.stories import pool

RENEW = "the examples have changed: look at their scores, then renew the floors with `python -m benchmarks gate`"


def test_the_floors_are_those_of_the_examples_as_they_are() -> None:
    kept = gate.load()
    assert kept["corpus"] == gate.corpus_hash(), RENEW
    assert set(kept["examples"]) == {*gate.example_names(), "all"}, RENEW


def test_all_examples_together_reach_their_floor() -> None:
    shares, floor = pool(list(gate.measured().values())), gate.load()["examples"]["all"]
    assert shares["both"] >= floor["both"]
    assert shares["precision"] >= floor["precision"]


def test_all_examples_together_reach_their_floor_with_the_encoder() -> None:
    shares, floor = pool(list(gate.measured(encoder=True).values())), gate.load()["encoder"]["all"]
    assert floor.keys() == set(gate.POOLED)
    assert {which: share for which, share in shares.items() if share < floor.get(which, 0)} == {}


def test_the_stories_of_the_wild_sort_reach_their_floors() -> None:
    floors = gate.load()["wild"]
    reached = gate.wild_floors(gate.measured_wild(), less=0)
    assert floors.keys() == reached.keys()
    fallen = {(half, which) for half in floors for which, floor in floors[half].items() if reached[half][which] < floor}
    assert fallen == set()


def score(both: int, real: int, n: int = 100) -> Score:
    return Score(n, n, n, both, both, 0, 0, 0, n, real, {}, {}, ())


def test_a_floor_is_what_was_measured_less_one_line() -> None:
    floors = gate.floors_of({"one": score(90, 95), "two": score(80, 100)})
    assert floors["one"] == {"both": 0.89, "precision": 0.94}
    assert floors["all"] == {"both": 0.845, "precision": 0.97}
    assert gate.floors_of({"none": score(0, 0, 1)})["none"] == {"both": 0.0, "precision": 0.0}


def test_floors_rise_by_themselves() -> None:
    old, new = {"one": {"both": 0.8}}, {"one": {"both": 0.9}, "two": {"both": 0.5}}
    assert gate.renew(old, new, lower=False) == new


def test_a_floor_falls_only_when_it_is_said_that_it_may() -> None:
    old, new = {"one": {"both": 0.8}}, {"one": {"both": 0.7}}
    with pytest.raises(gate.LoweredError, match=r"one both: 0\.8 > 0\.7"):
        gate.renew(old, new, lower=False)
    assert gate.renew(old, new, lower=True) == new


def test_a_floor_that_is_still_reached_stays() -> None:
    old, new = {"one": {"both": 0.8}}, {"one": {"both": 0.79}, "two": {"both": 0.5}}
    kept = gate.renew(old, new, lower=False, reached={"one": {"both": 0.8}, "two": {"both": 0.6}})
    assert kept == {"one": {"both": 0.8}, "two": {"both": 0.5}}


def test_an_example_that_is_gone_takes_its_floor_with_it() -> None:
    assert gate.renew({"gone": {"both": 0.8}}, {"here": {"both": 0.1}}, lower=False) == {"here": {"both": 0.1}}


@pytest.mark.parametrize("half", ledger.HALVES)
def test_the_ledger_reaches_its_floors(half: str) -> None:
    tallies, _ = ledger.measure(half)
    assert ledger.every(tallies).f1 >= gate.load()["ledger"][half or "examples"]["f1"]


def test_a_tally_is_counted_as_by_hand() -> None:
    story = unsaid.read('"Who is it?" said Ann to Ben.\n\n"I promise to come," said Ben to Ann.\n')
    at = story.text.index("Who is it?")
    gold = [
        ledger.Wanted("question", ("Ann > Ben", "aloud", "answered", ""), at, at + 10, optional=False),
        ledger.Wanted("apology", ("Ann > Ben", "aloud", "open", ""), at, at + 10, optional=False),
        ledger.Wanted("promise", ("Ben > Ann", "aloud", "open", ""), at + 30, len(story.text), optional=True),
    ]
    tallies, errors = ledger.compare(story, gold)
    question, apology = tallies["question"], tallies["apology"]
    assert (question.gold, question.found, question.read, question.right, question.voice) == (1, 1, 1, 1, 1)
    assert (question.by, question.to, question.f1) == (1, 1, 1.0)
    assert (apology.gold, apology.found, apology.f1) == (1, 0, 0.0)
    assert "promise" not in tallies
    assert [error.split()[:2] for error in errors] == [["missed", "apology"]]
