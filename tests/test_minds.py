"""Whose a thought is: what is told of those who may think it, the trees that weigh it, what a reading makes of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest

import unsaid
from training import minds as growing
from unsaid import corrections, sources
from unsaid.reading import Settings, straight, walk
from unsaid.voices.attribution import attribute
from unsaid.voices.minds import FEATURES, WEIGHED, Minds, forest
from unsaid.voices.trees import Forest, Tree

if TYPE_CHECKING:
    from unsaid.story import Story, Utterance

TALE = (
    "Mara looked at the door. She knew the knock, and she felt her heart go. She wondered if the lamp was lit.\n\n"
    "“It is only me,” said Tobin.\n\n"
    "He never could stay away.\n\n"
    "*Let me be brave. Let me be brave this once!*\n\n"
    "“Come in,” said Mara.\n\n"
    "Tobin wiped his boots on the mat.\n"
)


def minds_of(text: str) -> Minds:
    lines = walk(sources.load(text), (), straight, Settings(), lines_only=True).lines
    return Minds(lines.field, lines.thoughts, attribute(lines.talk))


def told(text: str, thought: str) -> dict[str, dict[str, float]]:
    """What is told of everybody who may think a thought, by name and feature."""
    minds = minds_of(text)
    i = next(i for i, t in enumerate(minds.guesser.thoughts) if thought in text[t.start : t.end])
    names = {c.id: c.name for c in minds.guesser.field.cast.characters}
    return {names[who]: dict(zip(FEATURES, held, strict=True)) for who, held in minds.of(i).items()}


def favours(feature: str, above: float = 0.5) -> Forest:
    """One tree for which whoever has more than so much of a feature thinks it."""
    return Forest(FEATURES, 0.0, (Tree(((FEATURES.index(feature), above, -1, -2),), (0.0, 5.0)),))


def thought_of(story: Story, words: str) -> Utterance:
    return next(u for u in story.utterances if u.kind == "thought" and words in story.passage(u))


def thinker(story: Story, words: str) -> str:
    return story.character(thought_of(story, words).speaker or "").name


def test_who_speaks_around_and_whose_view_the_scene_follows() -> None:
    held = told(TALE, "brave")
    assert held.keys() == {"Mara", "Tobin"}
    assert {name: h["speaks_behind"] for name, h in held.items()} == {"Mara": 1.0, "Tobin": 0.0}
    assert {name: h["spoke_before"] for name, h in held.items()} == {"Mara": 0.0, "Tobin": 1.0}
    assert {name: h["view_most"] for name, h in held.items()} == {"Mara": 1.0, "Tobin": 0.0}
    assert held["Mara"]["view"] + held["Tobin"]["view"] == pytest.approx(1.0)
    assert {h["cries"] for h in held.values()} == {1.0}
    assert {h["candidates"] for h in held.values()} == {2.0}


def test_what_the_thought_says_of_them() -> None:
    held = told(
        TALE.replace("Let me be brave this once!", "I could shut the door on him, or call Tobin a fool!"), "brave"
    )
    of = [[held[name][feature] for feature in ("named", "spoken_of", "other_spoken_of")] for name in ("Mara", "Tobin")]
    assert of == [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    assert {h["he"] for h in held.values()} == {1.0}


def test_every_feature_is_told_of_every_candidate() -> None:
    minds = minds_of(TALE + "\n* * *\n\n" + TALE)
    for i in range(len(minds.guesser.thoughts)):
        assert all(len(held) == len(FEATURES) for held in minds.of(i).values())


@pytest.mark.parametrize(
    ("feature", "who"), [("spoke_before", "Tobin"), ("speaks_behind", "Mara"), ("view_most", "Mara")]
)
def test_a_reading_follows_the_trees(monkeypatch: pytest.MonkeyPatch, feature: str, who: str) -> None:
    trees = favours(feature)
    monkeypatch.setattr("unsaid.voices.minds.forest", lambda: trees)
    assert thinker(unsaid.read(TALE), "brave") == who


def test_who_weighing_gives_a_thought_to_is_said_to_be_its_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    guess = favours("guess")
    monkeypatch.setattr("unsaid.voices.minds.forest", lambda: guess)
    first = unsaid.read(TALE)
    opposite = Forest(FEATURES, 0.0, (Tree(((FEATURES.index("guess"), 0.5, -1, -2),), (5.0, 0.0)),))
    monkeypatch.setattr("unsaid.voices.minds.forest", lambda: opposite)
    then = unsaid.read(TALE)
    assert thinker(first, "brave") != thinker(then, "brave")
    assert not (thought_of(first, "brave").rule or "").endswith(WEIGHED)
    assert (thought_of(then, "brave").rule or "").endswith(WEIGHED)


def test_what_a_cue_gives_to_somebody_is_not_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = favours("spoke_before")
    monkeypatch.setattr("unsaid.voices.minds.forest", lambda: trees)
    story = unsaid.read(TALE.replace("this once!*", "this once,* thought Mara."))
    assert thinker(story, "brave") == "Mara"


def test_a_corrected_thought_stays_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = favours("speaks_behind")
    monkeypatch.setattr("unsaid.voices.minds.forest", lambda: trees)
    story = unsaid.read(TALE)
    given = corrections.speaker(story, thought_of(story, "brave").id, "Tobin")
    again = unsaid.read(TALE, corrected=[given])
    assert (thinker(again, "brave"), thought_of(again, "brave").confidence) == ("Tobin", 1.0)


def test_the_shipped_trees_follow_the_mind_that_the_scene_follows() -> None:
    story = unsaid.read(TALE)
    assert thinker(story, "brave") == "Mara"
    assert 0.0 < thought_of(story, "brave").confidence < 1.0


def test_trees_for_other_features_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unsaid.voices.minds.FEATURES", (*FEATURES, "one more"))
    forest.cache_clear()
    with pytest.raises(ValueError, match="make minds"):
        forest()
    forest.cache_clear()


# --- growing them -----------------------------------------------------------------------------------------------------


def thoughts(count: int) -> list[growing.Thought]:
    """Thoughts of whoever speaks behind them, which the rules never guess."""
    chance = random.Random(5)
    behind, made = FEATURES.index("speaks_behind"), []
    for n in range(count):
        right = chance.randrange(3)
        rows = [[chance.random() for _ in FEATURES] for _ in range(3)]
        for who, row in enumerate(rows):
            row[behind] = float(who == right)
        made.append(
            growing.Thought(f"s{n % 9}", tuple(map(tuple, rows)), tuple(w == right for w in range(3)), (right + 1) % 3)
        )
    return made


def test_trees_learn_what_they_are_taught_and_are_the_same_when_read_back() -> None:
    taught = thoughts(300)
    grown = growing.grow(taught)
    assert growing.counted(grown, taught) == (0, 300)
    assert msgspec.json.decode(msgspec.json.encode(grown), type=Forest) == grown
