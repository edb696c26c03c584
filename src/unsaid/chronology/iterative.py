"""What is told once and happened many times (Genette's iterative): "Every night she locked the mill"."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.chronology.layer import Timex
    from unsaid.prose import Prose
    from unsaid.prose.layer import Paragraph

_OPENING = 4  # tokens in front of an expression that opens a sentence: "And so, almost"
_AGAIN = frozenset({"would", "used", "usually", "always", "often"})
"""Words that go on with what happened again and again."""


class Habit(msgspec.Struct, frozen=True):
    """A passage that tells what happened again and again, and the TIMEX3 value of how often."""

    start: int
    end: int
    value: str


def iterative(prose: Prose, times: Sequence[Timex]) -> Iterator[Habit]:
    """Every passage of the narration that tells a habit.

    It begins with a paragraph that opens with "every night", and takes in the next ones as long as they go on in kind
    ("would", "used to", "every"); a single time ("One night") or a break ends it.
    """
    starts = [t.start for t in times]
    begun: Habit | None = None
    for paragraph in prose.paragraphs:
        inside = times[bisect_left(starts, paragraph.start) : bisect_left(starts, paragraph.end)]
        told = [t for t in inside if not prose.tokens.quoted[t.first]]
        often = next((t.value for t in told if t.type == "SET" and t.first - paragraph.first <= _OPENING), None)
        if begun is not None and (paragraph.after_break or not (often or _goes_on(prose, paragraph, told))):
            yield begun
            begun = None
        end = _once(prose, told)
        if begun is not None or often is not None:
            start, value = (begun.start, begun.value) if begun is not None else (paragraph.start, often or "")
            begun = Habit(start, paragraph.end if end is None else end, value)
        if begun is not None and end is not None:
            yield begun
            begun = None
    if begun is not None:
        yield begun


def _goes_on(prose: Prose, paragraph: Paragraph, told: Sequence[Timex]) -> bool:
    if any(t.type in {"DATE", "TIME"} and t.first - paragraph.first <= _OPENING for t in told):
        return False
    return not _AGAIN.isdisjoint(prose.tokens.lower[paragraph.first : paragraph.last]) or any(
        t.type == "SET" for t in told
    )


def _once(prose: Prose, told: Sequence[Timex]) -> int | None:
    """Where the first sentence behind a paragraph's first begins that opens with a single time."""
    for time in told:
        at = prose.sentence_at(time.start)
        sentence = prose.sentences[at]
        behind = sentence.start > prose.paragraphs[sentence.paragraph].start
        if behind and time.type == "DATE" and time.value == "XXXX-XX-XX" and time.first - sentence.first <= _OPENING:
            return prose.sentences[at - 1].end
    return None
