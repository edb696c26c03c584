"""A text as its lines, the unit in which matter is found."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from unsaid.sources.breaks import is_break

HEAD = 400
"""How much of a line the rules look at: a longer one is a paragraph of prose, and a bounded look keeps time linear."""


class Line(NamedTuple):
    """A line that is not blank, white space at its ends left out.

    :ivar head: the line's first :data:`HEAD` characters.
    :ivar gap: how many blank lines stand before it (for the first line, a blank line is taken to stand before it).
    """

    start: int
    end: int
    head: str
    gap: int

    @property
    def size(self) -> int:
        """Length of the whole line."""
        return self.end - self.start


class Layout(NamedTuple):
    """A text laid out: its lines, its paragraphs as ranges of lines, the usual number of blank lines between them."""

    text: str
    lines: list[Line]
    paragraphs: list[range]
    gap: int

    def body(self, paragraph: int) -> str:
        """The text of a paragraph, its first 5,000 characters."""
        lines = self.paragraphs[paragraph]
        start = self.lines[lines.start].start
        return self.text[start : min(self.lines[lines.stop - 1].end, start + 5000)]

    def paragraph_of(self, line: int) -> int:
        """The paragraph that a line is in."""
        return bisect_right(self.paragraphs, line, key=lambda p: p.start) - 1


def lay_out(text: str) -> Layout:
    """Lay a text out as lines and paragraphs."""
    lines = split_lines(text)
    return Layout(text, lines, group_paragraphs(lines), max(1, usual_gap(lines)))


def split_lines(text: str) -> list[Line]:
    """The lines of ``text`` that are not blank, in order."""
    lines: list[Line] = []
    blank = 1
    for match in re.finditer("[^\n]*\n|[^\n]+", text):
        line = match.group()
        bare = line.strip()
        if not bare:
            blank += 1
            continue
        start = match.start() + len(line) - len(line.lstrip())
        lines.append(Line(start, start + len(bare), bare[:HEAD], blank))
        blank = 0
    return lines


def group_paragraphs(lines: list[Line]) -> list[range]:
    """The lines as paragraphs: lines without a blank line or a break mark between.

    Where blank lines are hardly used and lines are not hard-wrapped, each line is a paragraph.
    """
    apart = sum(line.gap > 0 for line in lines[1:])
    if apart * 20 < len(lines) and not _hard_wrapped(lines):
        return [range(i, i + 1) for i in range(len(lines))]
    marks = [line.size <= 120 and is_break(line.head) for line in lines]
    starts = [i for i, line in enumerate(lines) if i == 0 or line.gap > 0 or marks[i] or marks[i - 1]]
    return [range(a, b) for a, b in pairwise([*starts, len(lines)])]


def usual_gap(lines: list[Line]) -> int:
    """How many blank lines stand between two paragraphs as a rule: 0, 1, rarely more."""
    gaps = Counter(line.gap for line in lines[1:5000] if line.gap > 0)
    return gaps.most_common(1)[0][0] if gaps else 0


def _hard_wrapped(lines: list[Line]) -> bool:
    """Lines of hard-wrapped text are about as long as the longest may be; paragraphs are of any length."""
    sizes = sorted(line.size for line in lines[:2000])
    return bool(sizes) and sizes[-1] < 100 and sizes[len(sizes) // 2] > 0.8 * sizes[-1]
