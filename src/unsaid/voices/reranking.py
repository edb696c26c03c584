"""A second look at the lines of which the first decision is not sure: the candidates are ranked again.

Boosted regression trees (Friedman 2001, "Greedy function approximation") over the features of
:mod:`unsaid.voices.aspects`, fitted to the softmax over a line's candidates, as in discriminative reranking (Collins
and Koo 2005). `python -m training.rerank` makes the file, on novels and stories that no figure is reported on.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from unsaid.voices import decode
from unsaid.voices.aspects import FEATURES, OUTSIDE, OUTSIDE_SPOKEN, Aspects, logged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from unsaid.voices.attribution import Talk

SURE = 0.98
"""A speaker who is likelier than this stays: of 31,000 lines that were tried none was mended above it."""

TOGETHER = 0.15
"""What a line's link to those before weighs, of what it weighs in the first decision: of 31,414 lines of stories that
the trees do not know 27,558 are right so, 27,563 with 0.1, 27,543 with 0.2, and 27,540 without."""


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """One tree.

    :ivar nodes: inner nodes, the root first: index of the feature that each asks for, the bound up to which it goes to
        the left, and where it goes to the left and right; below zero is the leaf of that number, counted from -1.
    :ivar leaves: what each leaf adds.
    """

    nodes: tuple[tuple[int, float, int, int], ...]
    leaves: tuple[float, ...]

    def add(self, features: Sequence[float]) -> float:
        """What the tree adds for these features."""
        nodes, at = self.nodes, 0
        while at >= 0:
            feature, bound, left, right = nodes[at]
            at = left if features[feature] <= bound else right
        return self.leaves[-at - 1]


class Forest(msgspec.Struct, frozen=True):
    """The trees, and what the log of the first chance weighs beside them.

    :ivar features: the names of the features that the trees were grown on.
    """

    features: tuple[str, ...]
    first: float
    trees: tuple[Tree, ...]

    def score(self, features: Sequence[float]) -> float:
        """How much speaks for a candidate, up to what is the same for all of a line."""
        return self.first * features[0] + sum(tree.add(features) for tree in self.trees)


@cache
def forest() -> Forest:
    """The trees that the package ships."""
    grown = msgspec.json.decode(files("unsaid.voices").joinpath("reranker.json").read_bytes(), type=Forest)
    if grown.features != FEATURES:
        raise ValueError("unsaid/voices/reranker.json was grown on other features; make it anew: make rerank")
    return grown


def reranked(
    talk: Talk, chances: Sequence[dict[str, float]], fixed: Collection[int] = (), grown: Forest | None = None
) -> list[dict[str, float]]:
    """The candidates' chances after the second look.

    :param chances: each turn's candidates with their chances, as they were first decided.
    :param fixed: turns whose speaker is given.
    :param grown: other trees than the package's.
    """
    grown = grown or forest()
    aspects = Aspects(talk, chances)
    ranked: list[dict[str, float]] = []
    for span in talk.conversations:
        begin = talk.turns[span.start].start
        beside = _beside(span, OUTSIDE, len(chances))
        seen = (
            grown,
            talk.memory.decided.get(begin),
            list(chances[span.start : span.stop]),
            [i - span.start for i in span if i in fixed],
            [(talk.turns[i], talk.sights[i]) for i in beside],
            [
                max(chances[i], key=chances[i].__getitem__, default=None)
                for i in _beside(span, OUTSIDE_SPOKEN, len(chances))
            ],
        )
        held = talk.memory.ranked.get(begin)
        if held is None or seen[1] is None or held[0] != seen:
            held = (seen, _conversation(talk, aspects, grown, chances, span, fixed))
            talk.memory.ranked[begin] = held
        ranked += held[1]
    return ranked


def _beside(span: range, reach: int, turns: int) -> tuple[int, ...]:
    """The turns right before and right behind a conversation."""
    return (*range(max(0, span.start - reach), span.start), *range(span.stop, min(span.stop + reach, turns)))


def _conversation(
    talk: Talk,
    aspects: Aspects,
    grown: Forest,
    chances: Sequence[dict[str, float]],
    span: range,
    fixed: Collection[int],
) -> list[dict[str, float]]:
    """The candidates' chances of a conversation's turns after the second look."""
    ranked = {
        i: chances[i] if i in fixed or not open_to_doubt(chances[i]) else _ranked(grown, aspects.of(i)) for i in span
    }
    if any(ranked[i] is not chances[i] for i in span):
        for run in _runs(ranked, span):
            _in_turn(talk, ranked, run)
    return list(ranked.values())


def _runs(ranked: Mapping[int, Mapping[str, float]], span: range) -> Iterator[range]:
    """The stretches of a conversation of which every line has a candidate."""
    begin = span.start
    for i in (*(i for i in span if not ranked[i]), span.stop):
        if i > begin:
            yield range(begin, i)
        begin = i + 1


def _in_turn(talk: Talk, ranked: dict[int, dict[str, float]], run: range) -> None:
    """Let neighbouring lines, each ranked by itself, still hang together a little."""
    own = [{who: logged(chance) for who, chance in ranked[i].items()} for i in run]
    links = [decode.Link(TOGETHER * talk.links[i].stay, TOGETHER * talk.links[i].back) for i in run]
    for i, chances in zip(run, decode.marginals(own, links), strict=True):
        ranked[i] = chances


def open_to_doubt(chances: Mapping[str, float]) -> bool:
    """Whether a line's speaker is looked for again."""
    return len(chances) > 1 and max(chances.values()) < SURE


def _ranked(grown: Forest, features: Mapping[str, tuple[float, ...]]) -> dict[str, float]:
    scores = {who: grown.score(held) for who, held in features.items()}
    most = max(scores.values())
    weights = {who: math.exp(score - most) for who, score in scores.items()}
    total = sum(weights.values())
    return {who: weight / total for who, weight in weights.items()}
