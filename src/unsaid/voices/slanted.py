"""Stretches of a story that are set in italics or bold: where they begin and end, and whether they are sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.narration import is_emphatic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from unsaid.prose import Prose

SUNG, VERSE = 4, 14
"""A line of verse has so many words, and one of a few is rather an outcry whose stop is lost."""
_STOPS = frozenset(".!?…—-")
_MUSIC = frozenset(
    "song songs sang sing sings singing sung music radio tune lyrics chorus verse melody hummed humming guitar piano "
    "record stereo speakers album band jukebox karaoke hymn lullaby".split()
)


def stretches(prose: Prose, kinds: Collection[str] = ("italic",)) -> Iterator[tuple[int, int]]:
    """Spans so set, trimmed, cut at paragraphs; neighbours with nothing but blanks between them are one.

    :param kinds: "italic", "bold" or both.
    """
    text, joined = prose.text, list[tuple[int, int]]()
    for emphasis in prose.emphasis:
        if emphasis.kind not in kinds:
            continue
        if joined and not text[joined[-1][1] : emphasis.start].strip(" _*"):
            joined[-1] = joined[-1][0], max(emphasis.end, joined[-1][1])
        else:
            joined.append((emphasis.start, emphasis.end))
    for start, end in joined:
        index = max(0, prose.paragraph_at(start))
        for paragraph in prose.paragraphs[index : prose.paragraph_at(max(start, end - 1)) + 1]:
            low, high = max(start, paragraph.start), min(end, paragraph.end)
            while low < high and text[low] in " _*\n\t":
                low += 1
            while high > low and text[high - 1] in " _*\n\t":
                high -= 1
            if low < high:
                yield low, high


def is_sung(prose: Prose, offset: int) -> bool:
    """Whether a paragraph in italics is verse, as songs are: its lines end without a stop.

    One line alone may be a thought whose stop is lost; it is sung where another such line stands beside it, or where
    what is told right before speaks of music.
    """
    index = prose.paragraph_at(offset)
    lines = _verse(prose, index)
    if lines != 1:
        return lines > 1
    before = prose.paragraphs[max(0, index - 1)]
    told = prose.tokens.lower[before.first : before.last]
    return _verse(prose, index - 1) > 0 or _verse(prose, index + 1) > 0 or not _MUSIC.isdisjoint(told)


def _verse(prose: Prose, index: int) -> int:
    """Of how many lines of verse a paragraph in italics is; 0 where it is none."""
    if not 0 <= index < len(prose.paragraphs) or not is_emphatic(prose, index):
        return 0
    paragraph = prose.paragraphs[index]
    lines = [line.rstrip(" _*\t") for line in prose.text[paragraph.start : paragraph.end].split("\n")]
    stopped = sum(line[-1:] in _STOPS for line in lines)
    longest = max(len(line.split()) for line in lines)
    return len(lines) if stopped * 2 < len(lines) and SUNG <= longest <= VERSE else 0


def begins(text: str, start: int) -> bool:
    """Whether a sentence, or speech or thought behind a colon, begins at ``start``."""
    before = text[max(0, start - 6) : start].rstrip(" _*\t")
    return not before or before[-1] in '.!?…\n"”—:'


def whole_sentences(text: str, start: int, end: int) -> bool:
    """Whether a span begins where a sentence does and ends where one does: no stressed word, title or ship."""
    behind = text[end : end + 6].lstrip(" _*\t")
    ends = text[end - 1] in ".!?…—-" or not behind or behind[0] == "\n"
    return begins(text, start) and ends and text[start].isupper() | (not text[start].isalpha())
