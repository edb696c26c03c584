"""What is given of the lines before they are read: what they are, and whose."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from unsaid.corrections.given import Owned, Typed
from unsaid.story import Utterance
from unsaid.voices.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.prose import Prose
    from unsaid.story import UtteranceKind, Writing

CORRECTED = "corrected"
"""The rule of what a person has said."""
_LOOK_BACK = 50  # spans that may reach into a place from before it: they seldom nest, and then by one or two


G = TypeVar("G", Owned, Typed)


class Spans(Generic[G]):
    """Given passages, looked up by what stands in them."""

    def __init__(self, given: Sequence[G]) -> None:
        self.given: list[G] = sorted(given, key=lambda g: (g.start, g.end))
        self._starts: list[int] = [g.start for g in self.given]

    def over(self, start: int, end: int) -> G | None:
        """The passage that holds more than half of ``text[start:end]``; the shortest of several."""
        near = self.given[max(0, bisect_left(self._starts, end) - _LOOK_BACK) : bisect_left(self._starts, end)]
        fitting = [g for g in near if 2 * (min(g.end, end) - max(g.start, start)) > end - start]
        return min(fitting, key=lambda g: g.end - g.start, default=None)


def kept_writings(found: Iterable[Writing], lines: Spans[Typed]) -> tuple[Writing, ...]:
    """The writings that were found, without what is said to be something else."""
    return tuple(w for w in found if (line := lines.over(w.start, w.end)) is None or line.to == "writing")


def kept(found: Iterable[Utterance], lines: Spans[Typed]) -> tuple[Utterance, ...]:
    """What was found, without what is said to be something else."""
    return tuple(u for u in found if (line := lines.over(u.start, u.end)) is None or line.to == u.kind)


def made(prose: Prose, lines: Spans[Typed], kind: UtteranceKind, there: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Utterances of a kind where they are said to be and none was found."""
    found = Spans([Typed(u.start, u.end, u.kind) for u in there])
    return tuple(
        Utterance(
            id="",
            start=line.start,
            end=line.end,
            parts=parts_of(prose, line),
            kind=kind,
            mode="direct" if prose.text[line.start] in "\"“'‘«„" else "free-direct",
            speaker=None,
            addressees=(),
            cue=None,
            evidence=None,
            heard=False if kind == "thought" else None,
            confidence=1.0,
            rule=CORRECTED,
            reason="nothing says whose it is",
        )
        for line in lines.given
        if line.to == kind and not found.over(line.start, line.end)
    )


def with_turns(prose: Prose, turns: Sequence[Turn], lines: Spans[Typed]) -> tuple[Turn, ...]:
    """The turns, with one wherever speech is said to be and none was found."""
    there = Spans([Typed(t.start, t.end, "speech") for t in turns])
    added = []
    for line in lines.given:
        if line.to == "speech" and not there.over(line.start, line.end) and not _holds(turns, line):
            parts = parts_of(prose, line)
            first, last = (max(0, prose.paragraph_at(at)) for at in (line.start, line.end - 1))
            added.append(Turn(parts, first, last, abuts=False, closed=True))
    return tuple(sorted([*turns, *added], key=lambda t: t.parts)) if added else tuple(turns)


def _holds(turns: Sequence[Turn], line: Typed) -> bool:
    """Does a turn begin in a line? Then the line has been found in other parts."""
    at = bisect_left(turns, line.start, key=lambda t: t.start)
    return at < len(turns) and turns[at].start < line.end


def parts_of(prose: Prose, line: Typed) -> tuple[tuple[int, int], ...]:
    """The quotations in a passage, or the whole of it where it holds none."""
    low = bisect_left(prose.quotations, line.start, key=lambda q: q.start)
    high = bisect_left(prose.quotations, line.end, key=lambda q: q.start)
    parts = tuple((q.start, min(q.end, line.end)) for q in prose.quotations[low:high])
    return parts or ((line.start, line.end),)


def given_to(found: Iterable[Utterance], owners: Spans[Owned]) -> Iterator[Utterance]:
    """Utterances with the speakers that are given."""
    for utterance in found:
        owner = owners.over(utterance.start, utterance.end)
        if owner is None:
            yield utterance
        else:
            yield msgspec.structs.replace(
                utterance,
                speaker=owner.who,
                confidence=1.0,
                rule=CORRECTED,
                reason=None,
                evidence=utterance.evidence or "implicit",
            )


def sent_by(writings: Iterable[Writing], owners: Spans[Owned]) -> Iterator[Writing]:
    """Writings with the senders that are given."""
    for writing in writings:
        owner = owners.over(writing.start, writing.end)
        yield writing if owner is None else msgspec.structs.replace(writing, sender=owner.who)
