"""A second look at the lines of which the first decision is not sure: the candidates are ranked again.

Boosted trees over the features of :mod:`unsaid.voices.aspects`, fitted to the softmax over a line's candidates, as in
discriminative reranking (Collins and Koo 2005). `make rerank` grows them, on novels and stories that no figure is
reported on.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from unsaid.voices import decode
from unsaid.voices.aspects import FEATURES, OUTSIDE, OUTSIDE_SPOKEN, Aspects, beside, logged
from unsaid.voices.trees import Forest, shipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from unsaid.voices.attribution import Talk

SURE = 0.98
"""A speaker who is likelier than this stays: of 31,000 lines that were tried none was mended above it."""

TOGETHER = 0.15
"""What a line's link to those before weighs, of what it weighs in the first decision: of 31,414 lines of stories that
the trees do not know 27,558 are right so, 27,563 with 0.1, 27,543 with 0.2, and 27,540 without."""


DECIDED, RANKED = "decided", "ranked"
"""What a conversation came to by the first decision and by the second look, in a talk's memory."""


@cache
def forest() -> Forest:
    """The trees that the package ships."""
    return shipped("reranker.json", FEATURES, "make rerank")


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
        seen = (
            grown,
            talk.memory.grounds(DECIDED, begin),
            list(chances[span.start : span.stop]),
            [i - span.start for i in span if i in fixed],
            [(talk.turns[i], talk.sights[i]) for i in beside(span, OUTSIDE, len(chances))],
            [
                max(chances[i], key=chances[i].__getitem__, default=None)
                for i in beside(span, OUTSIDE_SPOKEN, len(chances))
            ],
        )
        ranked += talk.memory.recall(
            RANKED, begin, seen, partial(_conversation, talk, aspects, grown, chances, span, fixed)
        )
    return ranked


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
        i: chances[i] if i in fixed or not open_to_doubt(chances[i]) else grown.shares(aspects.of(i)) for i in span
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
