"""The story's own time: stretches that are told as one moment, and how far each lies behind the one before."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

import msgspec

from unsaid.chronology.calendar import MONTH
from unsaid.chronology.layer import Timex
from unsaid.chronology.network import Constraint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Prose
    from unsaid.prose.layer import Sentence

OVERLAP = 31.0
"""Days by which a scene behind a break may begin before the one in front of it: threads that run side by side."""
_OPENING = 4  # tokens before an expression that opens a sentence: "Then, nearly", "But it was only"
_BACK = 240  # tokens before an expression in which "since then" may stand
_PASSED = frozenset({"passed", "went", "elapsed", "wore", "slipped", "crawled", "flew", "rolled", "dragged"})
_SINCE_THEN = frozenset({("since", "then"), ("since", "that")})
_NO_PASSING = frozenset("had has have 'd 've been would could should might may must can cannot will not never".split())
_REACH = 8
"""Tokens before a span in which its verb may stand."""
_CLAUSE = frozenset({"he", "she", "they", "i", "we", "it", "the", "his", "her", "my", "their"})


class Segment(msgspec.Struct, frozen=True):
    """A stretch that is told as one moment: its first paragraph, and the passage that moves time to it, if one does."""

    paragraph: int
    moved: Timex | None = None


class Course(msgspec.Struct, frozen=True):
    """All segments, with what ties them; a segment's index is its node in the network."""

    segments: tuple[Segment, ...]
    ties: tuple[Constraint, ...]
    said: tuple[Timex | None, ...]

    def at(self, paragraph: int) -> int:
        """The segment that a paragraph belongs to."""
        return bisect_right(self.segments, paragraph, key=lambda s: s.paragraph) - 1


class _Walk:
    """The segments and ties so far; ``main`` is where the story goes on from after it has gone back."""

    def __init__(self) -> None:
        self.segments = [Segment(0)]
        self.ties: list[Constraint] = []
        self.said: list[Timex | None] = []
        self.main: int | None = None

    def go(self, paragraph: int, moved: Timex | None, *, broken: bool) -> None:
        """Begin a segment at a paragraph: time moves there, back or on, or it is not known by how much."""
        here, before = len(self.segments), len(self.segments) - 1
        if broken and self.main is not None:
            before, self.main = self.main, None
        if moved is not None and moved.low is not None and moved.high is not None:
            back = moved.relation == "ago"
            self.main = before if back else self.main
            self.ties.append(Constraint(*((here, before) if back else (before, here)), moved.low, moved.high))
        else:
            self.ties.append(Constraint(before, here, -OVERLAP if broken else 0.0, inf, said=False))
        self.segments.append(Segment(paragraph, moved))
        self.said.append(moved)


def course(prose: Prose, times: Sequence[Timex]) -> Course:
    """Cut the story where a break stands or time passes, and tie each segment to the one it goes on from."""
    walk = _Walk()
    drifted, pending = False, None
    for index, (moved, goes_on, drifts) in enumerate(_paragraphs(prose, times)):
        paragraph = prose.paragraphs[index]
        broken = index > 0 and (paragraph.after_break or paragraph.chapter != prose.paragraphs[index - 1].chapter)
        # What goes on from no moment that time has moved to counts from an event: the claims will find it.
        counted = goes_on if walk.segments[-1].moved is not None else None
        here = moved or pending or counted
        if index and (broken or here is not None or drifted):
            walk.go(index, here, broken=broken)
            drifted = False
        pending = goes_on if moved is not None else None
        drifted = drifted or drifts
    return Course(tuple(walk.segments), tuple(walk.ties), tuple(walk.said))


def _paragraphs(prose: Prose, times: Sequence[Timex]) -> Iterator[tuple[Timex | None, Timex | None, bool]]:
    """For each paragraph what moves time to it, what counts on from there, and whether time passes while it is told."""
    starts = [t.start for t in times]
    for paragraph in prose.paragraphs:
        inside = times[bisect_left(starts, paragraph.start) : bisect_left(starts, paragraph.end)]
        told = [t for t in inside if t.low is not None and not prose.tokens.quoted[t.first]]
        moved = next((t for t in told if _opens(prose, t, paragraph.first, broken=paragraph.after_break)), None)
        goes_on = next((t for t in told if _goes_on(prose, t)), None)
        yield moved, goes_on, any(_passes(prose, t) for t in told)


def _passes(prose: Prose, time: Timex) -> bool:
    """Whether a span is one in which the story goes on: "for three months he sailed".

    What had lasted so long by then ("had been dead for ten years"), or would, takes none of the story's time.
    """
    if time.relation not in {"for", None} or (time.high or 0) < MONTH:
        return False
    sentence = prose.sentences[prose.sentence_at(time.start)]
    return _NO_PASSING.isdisjoint(prose.tokens.lower[max(sentence.first, time.first - _REACH) : time.first])


def _opens(prose: Prose, time: Timex, first: int, *, broken: bool) -> bool:
    """Whether an expression moves the story on: "Three years later", "The next morning", "Months passed".

    "Two years earlier" moves it back, where it opens what stands behind a break.
    """
    tokens = prose.tokens
    sentence: Sentence = prose.sentences[prose.sentence_at(time.start)]
    if time.first - sentence.first > _OPENING:
        return False
    after = tokens.lower[time.last] if time.last < len(tokens) else "."
    if time.relation == "later":
        anchored = tokens.lower[time.last - 1] == "after" and after in _CLAUSE
        return not anchored
    if time.relation == "ago":
        return broken and sentence.first == first
    return after in _PASSED or (after == "had" and tokens.lower[time.last + 1 : time.last + 2] == ("passed",))


def _goes_on(prose: Prose, time: Timex) -> bool:
    """Whether an expression counts on from a moment that was told before: "Since then … It has been five years."."""
    tokens = prose.tokens
    if time.relation is not None or "been" not in tokens.lower[max(0, time.first - 3) : time.first]:
        return False
    at = prose.sentence_at(time.start)
    before = prose.sentences[max(0, at - 1)]
    words = tokens.lower[max(before.first, time.first - _BACK) : time.first]
    return any(pair in _SINCE_THEN for pair in pairwise(words))
