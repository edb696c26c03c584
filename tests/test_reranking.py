"""The second look at lines: the trees, the features they ask for, and what they may and may not change."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import msgspec
import pytest

import unsaid
from training import rerank
from unsaid import corrections, sources
from unsaid.reading import Settings, straight, walk
from unsaid.voices import attribution
from unsaid.voices.aspects import FEATURES, Aspects
from unsaid.voices.reranking import SURE, forest, reranked
from unsaid.voices.trees import Forest, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

TALK = (
    "Tom and Marta had the kitchen to themselves. Tom sat down.\n\n“It is late,” said Marta.\n\n“Is it?”\n\n"
    "“It is past ten.”\n\nTom looked at the clock. Marta had stopped it herself, on the Monday.\n\n“So it is.”\n\n"
    "“You never look.”\n\nMarta laughed. Ida Brand, who was their aunt, put her head in.\n\n“Who is laughing?”\n\n"
    "“Nobody,” said Tom.\n\n“I thought so.”\n"
)


def talk_of(text: str) -> attribution.Talk:
    return walk(sources.load(text), (), straight, Settings(), lines_only=True).lines.talk


def favours(feature: str, above: float = 0.5) -> Forest:
    """One tree for which a candidate with more than so much of a feature is everything."""
    return Forest(FEATURES, 0.0, (Tree(((FEATURES.index(feature), above, -1, -2),), (0.0, 20.0)),))


@pytest.mark.parametrize(("value", "leaf"), [(-1.0, 1.0), (0.0, 1.0), (0.5, 2.0), (2.0, 2.0), (2.5, 3.0)])
def test_a_tree_goes_left_up_to_its_bound(value: float, leaf: float) -> None:
    tree = Tree(((0, 0.0, -1, 1), (0, 2.0, -2, -3)), (1.0, 2.0, 3.0))
    assert Forest(("one",), 0.0, (tree,)).score([value]) == leaf


def test_a_forest_adds_its_trees_to_the_first_chance() -> None:
    tree = Tree(((1, 0.0, -1, -2),), (1.0, 2.0))
    assert Forest(("chance", "other"), 0.5, (tree, tree)).score([3.0, 1.0]) == 0.5 * 3.0 + 2.0 + 2.0


def test_every_candidate_has_every_feature() -> None:
    talk = talk_of(TALK)
    aspects = Aspects(talk, attribution.chances_of(talk, {}))
    for i in range(len(talk.turns)):
        for held in aspects.of(i).values():
            assert len(held) == len(FEATURES)
            assert all(isinstance(value, float) for value in held)


SHARES = ("since_turns", "until_turns", "floor_rank", "between_before", "last_before", "acted_before", "beside_behind")


@pytest.mark.parametrize(
    ("line", "who", "values"),
    [
        ("“So it is.”", "Marta", (1.0, 2.0, 0.0, 2.0, 1.0, 1.0, 0.0)),
        ("“So it is.”", "Tom", (2.0, 1.0, 1.0, 1.0, 0.0, 2.0, 0.0)),
        ("“Who is laughing?”", "Ida Brand", (20.0, 20.0, 2.0, 2.0, 1.0, 2.0, 0.0)),
        ("“Nobody,”", "Tom", (2.0, 20.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
    ],
)
def test_what_stands_around_a_line(line: str, who: str, values: tuple[float, ...]) -> None:
    talk = talk_of(TALK)
    held = of_line(talk, line)[who]
    assert tuple(held[FEATURES.index(name)] for name in SHARES) == values


def of_line(talk: attribution.Talk, line: str) -> dict[str, tuple[float, ...]]:
    """The features of a line's candidates, by name."""
    i = next(i for i, turn in enumerate(talk.turns) if talk.field.text[turn.start : turn.end] == line)
    names = {c.id: c.name for c in talk.field.cast.characters}
    return {names[who]: held for who, held in Aspects(talk, attribution.chances_of(talk, {})).of(i).items()}


def test_who_is_named_in_the_lines_around_and_called_by_the_next() -> None:
    talk = talk_of(
        "Tom and Marta had the kitchen to themselves. Ida was out.\n\n“Is Ida in, Marta?”\n\n“Ida is never in.”\n\n"
        "“Then we may talk.”\n\n“Why, Tom?”\n\n“You know why,” said Tom.\n"
    )
    ida = of_line(talk, "“Ida is never in.”")["Ida"]
    assert [ida[FEATURES.index(name)] for name in ("named_here", "named_before", "named_behind")] == [1.0, 1.0, 0.0]
    third = of_line(talk, "“Then we may talk.”")
    assert [third["Ida"][FEATURES.index(name)] for name in ("named_before", "spoken_of", "replies")] == [1.0, 2.0, 0.0]
    assert third["Tom"][FEATURES.index("replies")] == 1.0


def test_a_scene_is_looked_back_over_no_further_than_its_bound_in_one_endless_paragraph() -> None:
    told = "Tom sat down. "
    talk = talk_of("Marta came in. " + told * 6_000 + "“It is late.” Tom looked up. “Is it?” said Marta.\n")
    (held, *_) = Aspects(talk, attribution.chances_of(talk, {})).of(0).values()
    mentions = math.expm1(held[FEATURES.index("mentions")])
    assert 0 < mentions <= 40_000 / len(told) + 1


def test_the_second_look_follows_its_trees_where_the_first_decision_is_unsure() -> None:
    talk = talk_of(TALK)
    first = attribution.chances_of(talk, {})
    then = reranked(talk, first, grown=favours("second_before"))
    best = [max(held, key=held.__getitem__) for held in then]
    unsure = [i for i, held in enumerate(first) if max(held.values()) < SURE and i > 1]
    aspects = Aspects(talk, first)
    wanted = {
        i: {who for who, held in aspects.of(i).items() if held[FEATURES.index("second_before")] > 0} for i in unsure
    }
    assert any(wanted.values())
    assert all(best[i] in who for i, who in wanted.items() if who)


def test_what_is_sure_stays_and_chances_are_chances() -> None:
    talk = talk_of(TALK)
    first = attribution.chances_of(talk, {})
    then = reranked(talk, first)
    for before, held in zip(first, then, strict=True):
        assert sum(held.values()) == pytest.approx(1.0)
        if max(before.values()) >= SURE:
            assert max(held, key=held.__getitem__) == max(before, key=before.__getitem__)


def test_a_corrected_line_is_not_looked_at_again() -> None:
    story = unsaid.read(TALK)
    line = next(u for u in story.utterances if "So it is" in story.passage(u))
    other = next(c.name for c in story.characters if c.name.startswith("Ida"))
    again = unsaid.read(TALK, corrected=[corrections.speaker(story, line, other)])
    given = next(u for u in again.utterances if "So it is" in again.passage(u))
    assert (again.character(given.speaker or "").name, given.rule, given.confidence) == (other, "corrected", 1.0)


def test_only_the_conversation_in_which_something_is_given_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    of = Aspects.of

    def noted(self: Aspects, i: int, candidates: Sequence[str] | None = None) -> dict[str, tuple[float, ...]]:
        asked.append(i)
        return of(self, i, candidates)

    monkeypatch.setattr(Aspects, "of", noted)
    talk, anew = (talk_of(TALK + "\n* * *\n\n" + TALK) for _ in range(2))
    earlier, later = talk.conversations
    talk.memory.held.clear()
    reranked(talk, attribution.chances_of(talk, {}))
    assert {i in later for i in asked} == {True, False}
    marta = next(c.id for c in talk.field.cast.characters if c.name == "Marta")
    given = {earlier.start: marta}
    asked.clear()
    again = reranked(talk, attribution.chances_of(talk, given), given)
    assert asked
    assert all(i in earlier for i in asked)
    assert again == reranked(anew, attribution.chances_of(anew, given), given)


def test_a_conversation_is_looked_at_again_where_the_line_before_it_is_none_any_more() -> None:
    talk = talk_of(
        "Tom and Marta had the kitchen to themselves. Ida was out.\n\n“It is late.”\n\n“So it is.”\n\n"
        "“Ida is out.”\n\n* * *\n\nThe clock struck. Marta looked at Tom, and Ida at the clock.\n\n"
        "“Who was it?”\n\n“Nobody.”\n"
    )
    trees = favours("named_before")
    reranked(talk, attribution.chances_of(talk, {}), grown=trees)
    fewer = [turn for i, turn in enumerate(talk.turns) if i != talk.conversations[0].stop - 1]
    kept, anew = (attribution.listen(talk.field, fewer, memory=memory) for memory in (talk.memory, None))
    again = reranked(anew, attribution.chances_of(anew, {}), grown=trees)
    assert again[2] != reranked(talk, attribution.chances_of(talk, {}), grown=trees)[3]
    assert reranked(kept, attribution.chances_of(kept, {}), grown=trees) == again


def test_who_the_second_look_gives_a_line_to_is_said_to_be_its_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    first = walk(sources.load(TALK), (), straight, Settings(again=False)).story
    before = {u.start: u.speaker for u in first.utterances}
    women = favours("gender", above=1.5)
    monkeypatch.setattr("unsaid.voices.reranking.forest", lambda: women)
    changed = [u for u in unsaid.read(TALK).utterances if u.speaker != before.get(u.start)]
    assert changed
    assert {u.rule for u in changed} == {"reranker"}


def test_trees_for_other_features_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unsaid.voices.reranking.FEATURES", (*FEATURES, "one more"))
    forest.cache_clear()
    with pytest.raises(ValueError, match="make rerank"):
        forest()
    forest.cache_clear()


def lines(count: int) -> list[rerank.Line]:
    """Lines whose right candidate is the one that is called, which no first chance knows."""
    chance = random.Random(7)
    called, made = FEATURES.index("called"), []
    for n in range(count):
        right = chance.randrange(3)
        rows = [[chance.random() for _ in FEATURES] for _ in range(3)]
        for who, row in enumerate(rows):
            row[0], row[called] = -1.0, float(who == right)
        made.append(rerank.Line(f"s{n % 10}", tuple(map(tuple, rows)), tuple(who == right for who in range(3))))
    return made


def test_trees_learn_what_they_are_taught_and_are_the_same_when_read_back() -> None:
    taught = lines(600)
    grown = rerank.grow(taught)
    won, lost = rerank.won_and_lost(grown, taught)
    assert lost == 0
    assert won == sum(not line.right[0] for line in taught)
    read = msgspec.json.decode(msgspec.json.encode(grown), type=Forest)
    assert read == grown
    assert [read.score(row) for row in taught[0].features] == [grown.score(row) for row in taught[0].features]


def test_nothing_that_figures_are_reported_on_is_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    known = ["Emma", "DaisyMiller", "TheGambler", "Persuasion", "NightAndDay"]
    monkeypatch.setattr("benchmarks.corpus.novels", lambda: known)
    novels, told = rerank.taught()
    assert novels == ["NightAndDay"]
    assert told
    assert not {path.parent.name for path in told} & {"clean", "fresh"}
    assert "hinges" not in {path.stem for path in told}
