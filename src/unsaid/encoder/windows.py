"""A story's words cut into the windows that the encoder reads one by one."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LENGTH = 384
"""Wordpieces in a window, its two marks included: what the encoder was trained on."""
MARGIN = 64
"""Wordpieces before and behind a window's words that are read with them: what stands at the border of what is read is
understood worse. On six samples of LitBank that nothing was trained on, each cut at eight places, people's coreference
is 0.706 with it, 0.703 with 32, 0.700 without."""
OPEN, CLOSE, UNKNOWN = 101, 102, 100
"""BERT's numbers for the marks around a window, and for a word that has no wordpiece."""

Pieces = tuple[int, ...]


class Window(msgspec.Struct, frozen=True):
    """A stretch of words, ``first`` to ``last`` (half-open), as wordpieces.

    :ivar ids: the wordpieces' numbers, those of the margins and the marks included.
    :ivar at: where each word's first wordpiece stands in ``ids``.
    """

    first: int
    last: int
    ids: tuple[int, ...]
    at: tuple[int, ...]


def cut(
    pieces: Sequence[Pieces],
    sentences: Sequence[int],
    *,
    begin: int = 0,
    length: int = LENGTH,
    margin: int = MARGIN,
) -> Iterator[Window]:
    """Windows over a story from the word ``begin`` on, one behind the other, of whole sentences where one fits.

    :param pieces: each word's wordpieces.
    :param sentences: index of each sentence's first word.
    :param length: wordpieces in a window at most, marks and margins included; ``margin`` those of a margin at most.
    """
    sizes = [min(max(1, len(word)), length - 2) for word in pieces]
    at = begin
    while at < len(pieces):
        low = _back(sizes, at, 0, min(margin, length - 2 - sizes[at]))
        end = _forth(sizes, at, length - 2 - sum(sizes[low:at]))
        if end < len(pieces):
            end = _back(sizes, end, at + 1, margin)
            border = bisect_right(sentences, end) - 1
            if border >= 0 and sentences[border] > at:
                end = sentences[border]
        room = min(margin, length - 2 - sum(sizes[low:end]))
        yield _window(pieces, sizes, (low, at, end, _forth(sizes, end, room)))
        at = end


def _back(sizes: Sequence[int], word: int, first: int, room: int) -> int:
    """The first of the words before a word, none before ``first``, that have room together."""
    while word > first and sizes[word - 1] <= room:
        word -= 1
        room -= sizes[word]
    return word


def _forth(sizes: Sequence[int], word: int, room: int) -> int:
    """The word behind the last of the words from a word on that have room together."""
    while word < len(sizes) and sizes[word] <= room:
        room -= sizes[word]
        word += 1
    return word


def _window(pieces: Sequence[Pieces], sizes: Sequence[int], borders: tuple[int, int, int, int]) -> Window:
    """The window over some words.

    :param borders: the words at which the margin before it begins, the window itself, the margin behind it, and the
        rest of the story.
    """
    low, first, last, high = borders
    ids, at = [OPEN], []
    for k in range(low, high):
        if first <= k < last:
            at.append(len(ids))
        ids += (pieces[k] or (UNKNOWN,))[: sizes[k]]
    return Window(first, last, (*ids, CLOSE), tuple(at))
