"""Lines to paragraphs, chapters, breaks and gaps."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.story import Chapter, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.sources import Manuscript
    from unsaid.story import Matter

_LINE = re.compile(r"[^\n]+")
_HAS_QUOTE = re.compile(r"[\"“”«»„]|^['‘—–]")
# Lines of wrapped prose fill a page width; 100 holds every width in the Gutenberg collection with room to spare.
_WIDEST_WRAP = 100
_FEWEST_WRAPS = 3
# A chapter is laid out otherwise than the rest where so many of its line breaks stand at the edge of a page, or where
# this share of its lines is longer than any page is wide.
_SURELY_WRAPPED, _SURELY_LONG = 8, 0.2


class Block(msgspec.Struct, frozen=True):
    """A paragraph as lines make it: its span, how many blank lines stand before it, and whether a mark does.

    :ivar wrapped: whether it is hard-wrapped text, as most of its chapter is.
    """

    start: int
    end: int
    blank_before: int
    after_mark: bool
    wrapped: bool = False


Line = tuple[int, int, int, bool]
"""A line of story: start, end, blank lines before, does matter stand before."""


def blocks(manuscript: Manuscript) -> tuple[Block, ...]:
    """The paragraphs of a manuscript.

    In hard-wrapped text a blank line (or, where there are none, an indent) ends a paragraph; in all other text every
    line is one. Text is hard-wrapped when most line breaks inside its blocks stand where the next word would
    not have fitted the page. Chapters that clearly differ from the rest are read for themselves: a story may be put
    together from several files.
    """
    lines = list(_lines(manuscript))
    mostly = _wrap_width(manuscript.text, lines) is not None
    by_indent = _parted_by_indents(lines) if mostly else None
    found: list[Block] = []
    begin = 0
    for at in range(1, len(lines) + 1):
        if at == len(lines) or lines[at][3]:
            found += _laid_out(manuscript.text, lines[begin:at], by_indent)
            begin = at
    return tuple(found)


def _laid_out(text: str, lines: Sequence[Line], by_indent: bool | None) -> Iterator[Block]:
    """The paragraphs of a stretch between two marks.

    :param by_indent: whether indents part the paragraphs of the story, or None if it is not hard-wrapped as a whole.
    """
    wrapped = False
    if by_indent is not None:
        wrapped = sum(end - start > _WIDEST_WRAP for start, end, *_ in lines) < _SURELY_LONG * len(lines)
    elif sum(not line[2] for line in lines[1:]) >= _SURELY_WRAPPED:
        wrapped = _wrap_width(text, lines) is not None
    if not wrapped:
        return (Block(*line) for line in lines)
    return _joined(text, lines, by_indent=_parted_by_indents(lines) if by_indent is None else by_indent)


def _lines(manuscript: Manuscript) -> Iterator[Line]:
    """Every line of story that is not blank: start, end, blank lines before, does matter stand before."""
    text, last, fresh = manuscript.text, 0, False
    for low, high in manuscript.story_spans():
        fresh = fresh or low > 0
        for match in _LINE.finditer(text, low, high):
            start, end = match.span()
            while start < end and text[start].isspace():
                start += 1
            while end > start and text[end - 1].isspace():
                end -= 1
            if start == end:
                continue
            blank = max(0, text.count("\n", last, start) - 1) if last else 0
            yield start, end, blank, fresh
            last, fresh = end, False


def _wrap_width(text: str, lines: Sequence[Line]) -> int | None:
    """The page width of hard-wrapped text, or None if the text is not hard-wrapped."""
    pairs = [(a, b) for a, b in pairwise(lines) if not b[2] and not b[3]]
    lengths = Counter(end - text.rfind("\n", 0, start) - 1 for start, end, _, _ in lines)
    if len(pairs) < _FEWEST_WRAPS:
        return None
    ranked, width = sum(lengths.values()) * 0.98, 0
    for length in sorted(lengths):
        ranked -= lengths[length]
        width = length
        if ranked <= 0:
            break
    if width > _WIDEST_WRAP:
        return None
    full = 0
    for (start, end, _, _), (after, *_rest) in pairs:
        word = len(text[after : after + 40].split(maxsplit=1)[0])
        full += end - text.rfind("\n", 0, start) + word >= width - 6
    return width if full >= 0.5 * len(pairs) else None


def _parted_by_indents(lines: Sequence[Line]) -> bool:
    """Whether blank lines are too rare to part the paragraphs of wrapped text."""
    return sum(line[2] > 0 for line in lines) * 40 < len(lines)


def _joined(text: str, lines: Sequence[Line], *, by_indent: bool) -> Iterator[Block]:
    """Join wrapped lines: a new paragraph after a blank line, after matter, or at an indent where those part them."""
    current: Block | None = None
    for start, end, blank, mark in lines:
        indented = by_indent and text[start - 2 : start].isspace() and start >= 2 and text[start - 2] != "\n"
        if current is None or blank or mark or indented:
            if current is not None:
                yield current
            current = Block(start, end, blank, mark, wrapped=True)
        else:
            current = Block(current.start, end, current.blank_before, current.after_mark, wrapped=True)
    if current is not None:
        yield current


def gaps_and_breaks(text: str, found: Sequence[Block]) -> tuple[dict[int, Gap], set[int]]:
    """Where more blank lines stand than usual: lost lines or scene breaks, by the index of the block behind.

    Hard-wrapped text comes from careful hands: there it is always a break.
    """
    wrapped = [i for i in range(1, len(found)) if found[i].wrapped and not found[i].after_mark]
    loose = [i for i in range(1, len(found)) if not found[i].wrapped and not found[i].after_mark]
    gaps, breaks = _lost(text, found, loose)
    return gaps, breaks | set(_extra(found, wrapped))


def _usual_blank(found: Sequence[Block], own: Sequence[int]) -> int:
    """How many blank lines usually stand between two paragraphs."""
    counts = Counter(found[i].blank_before for i in own)
    return counts.most_common(1)[0][0] if counts else 0


def _extra(found: Sequence[Block], own: Sequence[int]) -> list[int]:
    usual = _usual_blank(found, own)
    return [i for i in own if found[i].blank_before > usual]


def _lost(text: str, found: Sequence[Block], own: Sequence[int]) -> tuple[dict[int, Gap], set[int]]:
    """Gaps and breaks in text of one line a paragraph.

    One blank line too many beside dialogue is where a turn was lost when a page was saved (an emphasis or a picture
    that held the line). Without dialogue on either side it is a break, unless the text loses lines elsewhere.
    """
    usual, extra = _usual_blank(found, own), _extra(found, own)
    if usual == 0 or len(extra) > 0.2 * (len(own) + 1):
        return {}, set(extra)
    beside = {i for i in extra if _is_dialogue(text, found[i]) or _is_dialogue(text, found[i - 1])}
    lost = {i for i in extra if found[i].blank_before == usual + 1} if len(beside) >= 2 else set()
    lost |= {i for i in beside if _is_dialogue(text, found[i]) and _is_dialogue(text, found[i - 1])}
    gaps = {}
    for i in lost:
        turn = i in beside
        reason = "a turn seems to be missing between these lines" if turn else "lines seem to be missing here"
        gaps[i] = Gap(found[i - 1].end, found[i].start, reason)
    return gaps, set(extra) - lost


def _is_dialogue(text: str, block: Block) -> bool:
    return _HAS_QUOTE.search(text, block.start, min(block.end, block.start + 2000)) is not None


def chapters(manuscript: Manuscript, found: Sequence[Block]) -> tuple[Chapter, ...]:
    """Chapters by their headings. A story without headings is one chapter; headings in a row open one chapter."""
    if not found:
        return ()
    openings: list[tuple[int, str | None]] = []
    headings = [m for m in manuscript.matter if m.kind == "heading"]
    if not headings or found[0].start < headings[0].start:
        openings.append((found[0].start, None))
    at = 0
    for i, heading in enumerate(headings):
        following = headings[i + 1].start if i + 1 < len(headings) else found[-1].end + 1
        while at < len(found) and found[at].start < heading.end:
            at += 1
        has_story = at < len(found) and found[at].start < following
        title = heading.value or manuscript.text[heading.start : heading.end]
        if openings and openings[-1][1] is not None and not _story_between(found, at, openings[-1][0]):
            openings[-1] = (openings[-1][0], title if has_story else openings[-1][1])
        elif has_story or i + 1 < len(headings):
            openings.append((heading.start, title))
    ends = [start for start, _ in openings[1:]] + [found[-1].end]
    return tuple(
        Chapter(id=f"ch{n}", start=start, end=max(start, end), title=title)
        for n, ((start, title), end) in enumerate(zip(openings, ends, strict=True), 1)
    )


def _story_between(found: Sequence[Block], at: int, opening: int) -> bool:
    """Does a paragraph stand before index ``at`` that begins at or after ``opening``?"""
    return at > 0 and found[at - 1].start >= opening


def is_break(matter: Matter) -> bool:
    """Does this piece of matter part two scenes?"""
    return matter.kind in ("break", "heading")
