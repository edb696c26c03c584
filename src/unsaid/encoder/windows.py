"""A story's words cut into the windows that the encoder reads one by one."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LENGTH = 384
"""Wordpieces in a window, its two marks included: what the encoder was trained on."""
OPEN, CLOSE, UNKNOWN = 101, 102, 100
"""BERT's numbers for the marks around a window, and for a word that has no wordpiece."""

Pieces = tuple[int, ...]


class Window(msgspec.Struct, frozen=True):
    """A stretch of words, ``first`` to ``last`` (half-open), as wordpieces.

    :ivar ids: the wordpieces' numbers, marks included.
    :ivar at: where each word's first wordpiece stands in ``ids``.
    """

    first: int
    last: int
    ids: tuple[int, ...]
    at: tuple[int, ...]


def cut(
    pieces: Sequence[Pieces], sentences: Sequence[int], *, begin: int = 0, length: int = LENGTH
) -> Iterator[Window]:
    """Windows over a story from the word ``begin`` on, one behind the other, of whole sentences where one fits.

    :param pieces: each word's wordpieces.
    :param sentences: index of each sentence's first word.
    """
    at = begin
    while at < len(pieces):
        end, size = at, 2
        while end < len(pieces) and size + _size(pieces[end], length) <= length:
            size += _size(pieces[end], length)
            end += 1
        if end < len(pieces):
            border = bisect_right(sentences, end) - 1
            if border >= 0 and sentences[border] > at:
                end = sentences[border]
        yield _window(pieces, at, end, length)
        at = end


def _size(word: Pieces, length: int) -> int:
    """How many wordpieces of a word are read: all, at least one, and never more than fit."""
    return min(max(1, len(word)), length - 2)


def _window(pieces: Sequence[Pieces], first: int, last: int, length: int) -> Window:
    ids, at = [OPEN], []
    for word in pieces[first:last]:
        at.append(len(ids))
        ids += (word or (UNKNOWN,))[: _size(word, length)]
    return Window(first, last, (*ids, CLOSE), tuple(at))
