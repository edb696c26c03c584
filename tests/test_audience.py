"""To whom lines are spoken: what is told of those around, the trees that weigh it, and what a reading makes of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import lightgbm
import msgspec
import numpy as np
import pytest

import unsaid
from training import audience as growing
from training.trees import forest as as_shipped
from unsaid import corrections, sources
from unsaid.reading import Settings, straight, walk
from unsaid.voices.attribution import chances_of
from unsaid.voices.audience import FEATURES, Audience, audience, forest, spoken_to
from unsaid.voices.reranking import reranked
from unsaid.voices.trees import Forest, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.story import Story
    from unsaid.voices.attribution import Talk

TALE = (
    "Tom, Marta and Ida had the kitchen to themselves. Tom sat down.\n\n“It is late,” said Marta.\n\n"
    "“Is it, Ida?” said Tom.\n\n“It is past ten,” Ida said to Marta.\n\n“You never look,” said Marta to herself.\n\n"
    "Tom looked at the clock. “So it is,” he said.\n"
)


def talk_of(text: str) -> Talk:
    return walk(sources.load(text), (), straight, Settings(), lines_only=True).lines.talk


def heard_in(talk: Talk, grown: Forest) -> tuple[list[dict[str, float]], list[str | None]]:
    """How likely each one is spoken to, and who speaks, with other trees than the package's."""
    chances = reranked(talk, chances_of(talk, {}))
    speakers = [max(held, key=held.__getitem__, default=None) for held in chances]
    return audience(talk, chances, speakers, grown), speakers


def around(text: str, line: str) -> dict[str, dict[str, float]]:
    """What is told of everybody around a line, by name and feature."""
    talk = talk_of(text)
    chances = reranked(talk, chances_of(talk, {}))
    speakers = [max(held, key=held.__getitem__, default=None) for held in chances]
    i = next(i for i, turn in enumerate(talk.turns) if line in text[turn.start : turn.end])
    names = {c.id: c.name for c in talk.field.cast.characters}
    held = Audience(talk, chances, speakers).of(i)
    return {names[who]: dict(zip(FEATURES, values, strict=True)) for who, values in held.items()}


def favours(feature: str, above: float = 0.5, most: float = 5.0) -> Forest:
    """One tree for which whoever has more than so much of a feature is spoken to, and nobody else."""
    return Forest(FEATURES, 0.0, (Tree(((FEATURES.index(feature), above, -1, -2),), (-5.0, most)),))


def to_whom(story: Story, line: str) -> list[str]:
    utterance = next(u for u in story.utterances if line in story.passage(u))
    return [story.character(who).name for who in utterance.addressees]


def test_who_is_called_answered_and_named_by_the_cue() -> None:
    called = around(TALE, "Is it, Ida")
    assert {name: held["called"] for name, held in called.items()} == {"Marta": 0.0, "Ida": 1.0}
    assert {name: held["answered"] for name, held in called.items()} == {"Marta": 0.0, "Ida": 1.0}
    cued = around(TALE, "past ten")
    assert {name: held["told_by_cue"] for name, held in cued.items()} == {"Marta": 1.0, "Tom": 3.0}
    assert {held["answered_in_all"] for held in cued.values()} == {1.0}


def test_whether_it_says_you_and_whose_sex_its_speaker_is_of() -> None:
    told = around(TALE, "You never look")
    assert {held["you"] for held in told.values()} == {1.0}
    assert {name: held["gender_of_speaker"] for name, held in told.items()} == {"Tom": 2.0, "Ida": 1.0}
    assert {held["you"] for held in around(TALE, "past ten").values()} == {0.0}


def test_nobody_is_spoken_to_by_themself_and_every_feature_is_told() -> None:
    talk = talk_of(TALE)
    chances = reranked(talk, chances_of(talk, {}))
    speakers = [max(held, key=held.__getitem__) for held in chances]
    looked = Audience(talk, chances, speakers)
    for i, speaker in enumerate(speakers):
        held = looked.of(i)
        assert held
        assert speaker not in held
        assert all(len(values) == len(FEATURES) for values in held.values())


def test_whoever_likely_is_spoken_to_is_named_the_likeliest_first() -> None:
    talk = talk_of(TALE)
    heard, speakers = heard_in(talk, favours("chance", above=-20.0))
    assert len(spoken_to(talk, heard, speakers, [0])) == 2
    heard[0] = dict(zip(heard[0], (0.7, 0.9), strict=True))
    assert spoken_to(talk, heard, speakers, [0]) == tuple(reversed(list(heard[0])))


@pytest.mark.parametrize(("chances", "named"), [((0.4, 0.3), 1), ((0.2, 0.1), 0), ((0.55, 0.5), 1), ((0.7, 0.65), 2)])
def test_of_nobody_likely_the_likeliest_is_named_and_nobody_by_a_mere_guess(
    chances: Sequence[float], named: int
) -> None:
    talk = talk_of(TALE)
    heard, speakers = heard_in(talk, favours("called"))
    heard[0] = dict(zip(heard[0], chances, strict=True))
    assert spoken_to(talk, heard, speakers, [0]) == tuple(heard[0])[:named]


def test_who_speaks_to_themself_speaks_to_nobody() -> None:
    talk = talk_of(TALE)
    heard, speakers = heard_in(talk, favours("chance", above=-20.0))
    i = next(i for i, turn in enumerate(talk.turns) if "never look" in TALE[turn.start : turn.end])
    assert spoken_to(talk, heard, speakers, [i]) == ()


def test_a_reading_follows_the_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = favours("gender_of_speaker", above=1.5)
    monkeypatch.setattr("unsaid.voices.audience.forest", lambda: trees)
    assert to_whom(unsaid.read(TALE), "It is late") == ["Tom"]
    assert to_whom(unsaid.read(TALE), "Is it, Ida") == ["Marta", "Ida"]


def test_whom_the_cue_names_is_spoken_to_alone_however_likely_others_are() -> None:
    talk = talk_of(TALE)
    heard, speakers = heard_in(talk, favours("chance", above=-20.0))
    i = next(i for i, turn in enumerate(talk.turns) if "past ten" in TALE[turn.start : turn.end])
    marta = next(c.id for c in talk.field.cast.characters if c.name == "Marta")
    assert len(heard[i]) == 2
    assert spoken_to(talk, heard, speakers, [i]) == (marta,)
    heard[i][marta] = 0.2
    assert marta not in spoken_to(talk, heard, speakers, [i])


def test_the_shipped_trees_know_who_is_called_and_who_is_answered() -> None:
    story = unsaid.read(TALE)
    assert to_whom(story, "Is it, Ida")[0] == "Ida"
    assert to_whom(story, "past ten") == ["Marta"]
    assert to_whom(story, "never look") == []


def test_a_corrected_speaker_is_no_longer_spoken_to() -> None:
    story = unsaid.read(TALE)
    line = next(u for u in story.utterances if "It is late" in story.passage(u))
    (tom,) = (c.id for c in story.characters if c.name == "Tom")
    again = unsaid.read(TALE, corrected=[corrections.speaker(story, line, "Tom")])
    held = next(u for u in again.utterances if "It is late" in again.passage(u))
    assert held.speaker == tom
    assert tom not in held.addressees


def test_only_the_conversation_in_which_a_speaker_changed_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TALE + "\n* * *\n\n" + TALE + "\n* * *\n\n" + TALE
    talk = talk_of(text)
    chances = reranked(talk, chances_of(talk, {}))
    speakers = [max(held, key=held.__getitem__, default=None) for held in chances]
    audience(talk, chances, speakers)
    asked: list[int] = []
    of = Audience.of

    def noted(self: Audience, i: int) -> dict[str, tuple[float, ...]]:
        asked.append(i)
        return of(self, i)

    monkeypatch.setattr(Audience, "of", noted)
    assert audience(talk, chances, speakers) == audience(talk, chances, list(speakers))
    assert asked == []
    first, _, last = talk.conversations
    changed = [None, *speakers[1:]]
    found = audience(talk, chances, changed)
    assert set(first) <= set(asked)
    assert not set(last) & set(asked)
    talk.memory.held.clear()
    assert found == audience(talk, chances, changed)


def test_trees_for_other_features_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unsaid.voices.audience.FEATURES", (*FEATURES, "one more"))
    forest.cache_clear()
    with pytest.raises(ValueError, match="make audience"):
        forest()
    forest.cache_clear()


# --- growing them -----------------------------------------------------------------------------------------------------


def lines(count: int) -> list[growing.Line]:
    """Lines that are spoken to whoever is called, which may be two of three, or nobody."""
    chance = random.Random(7)
    called, made = FEATURES.index("called"), []
    for n in range(count):
        rows = [[chance.random() for _ in FEATURES] for _ in range(3)]
        for row in rows:
            row[called] = float(chance.random() < 0.5)
        made.append(growing.Line(f"s{n % 10}", tuple(map(tuple, rows)), tuple(bool(row[called]) for row in rows)))
    return made


def test_trees_learn_what_they_are_taught_and_are_the_same_when_read_back() -> None:
    taught = [line for line in lines(900) if any(line.right)]
    grown = growing.grow(taught)
    spoken = sum(sum(line.right) for line in taught)
    assert growing.named_and_right(grown, taught) == (spoken, spoken, spoken)
    assert msgspec.json.decode(msgspec.json.encode(grown), type=Forest) == grown


def test_a_forest_says_what_the_boosters_say_in_the_mean() -> None:
    chance = np.random.default_rng(3)
    rows = chance.random((400, 4))
    right = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0.8).astype(float)
    settings = {"objective": "binary", "num_leaves": 7, "verbose": -1, "deterministic": True, "num_threads": 1}
    boosters = [lightgbm.train({**settings, "seed": seed}, lightgbm.Dataset(rows, right), 12) for seed in (1, 2)]
    held = as_shipped(("a", "b", "c", "d"), boosters)
    wanted = np.mean([booster.predict(rows, raw_score=True) for booster in boosters], axis=0)
    assert np.allclose([held.score(row) for row in rows.tolist()], wanted, atol=1e-3)


def test_each_story_is_read_with_what_the_others_taught() -> None:
    parts = growing.rerank.folds([f"s{n}" for n in range(23)])
    assert sorted(name for part in parts for name in part) == sorted(f"s{n}" for n in range(23))
    assert len(parts) == growing.rerank.FOLDS
