"""Direct lines in pieces: one for each sentence of what is said, in a form that the act patterns are written for."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.ledger.ground import Ground

_PAUSES = frozenset({",", ";", ":", "—", "–", "-", "--", "---"})
_TITLES = frozenset("mr mrs ms dr st messrs rev capt col sgt lt".split())
_INITIALS = frozenset("bcdefghjklmnpqrstuvwxyz")
_BARE = {
    word.replace("'", ""): word
    for word in (
        "i'm i've i'd don't can't won't didn't couldn't shouldn't wouldn't isn't wasn't aren't weren't haven't hasn't "
        "hadn't doesn't you're you've they're that's"
    ).split()
}
"""Contractions written without their apostrophe, as in hasty messages."""


class _Forms(dict[str, str]):
    """How each token stands in a piece, worked out once for each word: "" for what is left out."""

    def __missing__(self, word: str) -> str:
        if word[0].isalnum() or word == "'s":
            form = _BARE.get(word, word)
        else:
            form = "," if word in _PAUSES or word in {"…", "..."} else ""
        if len(self) < _MOST_FORMS:
            self[word] = form
        return form


_MOST_FORMS = 100_000
"""Words whose forms are kept at most: a long run over many stories must not grow without end."""
_FORMS = _Forms()


class Piece(msgspec.Struct, frozen=True):
    """A sentence inside a line, as tokens ``first`` to ``last`` (half-open).

    :ivar line: index of the line in :attr:`Ground.lines`.
    :ivar text: its words in lower case, one blank between them; every pause is " , ", quotation marks are left out.
    :ivar end: the mark that ends it: "." "!" "?" "…", or "" where it breaks off or a cue follows.
    """

    line: int
    first: int
    last: int
    text: str
    end: str


def pieces(ground: Ground, line: int) -> tuple[Piece, ...]:
    """The pieces of a direct line, in order; cut once for the whole room."""
    held = ground.cut.get(line)
    if held is None:
        held = ground.cut[line] = tuple(_cut(ground, line))
    return held


def _cut(ground: Ground, line: int) -> Iterator[Piece]:
    lower, stops = ground.tokens.lower, ground.stops
    for start, end in ground.lines[line].parts:
        span = ground.tokens.within(start, end)
        first = span.start
        for token in stops[bisect_left(stops, span.start) : bisect_left(stops, span.stop)]:
            if _ends_at(lower, token, span.stop):
                piece = _piece(ground, line, first, token + 1)
                if piece is not None:
                    yield piece
                first = token + 1
        piece = _piece(ground, line, first, span.stop)
        if piece is not None:
            yield piece


def _ends_at(lower: tuple[str, ...], token: int, stop: int) -> bool:
    word = lower[token]
    if token + 1 < stop and lower[token + 1][0] in "!?":
        return False
    return not (word == "." and token > 0 and (lower[token - 1] in _TITLES or lower[token - 1] in _INITIALS))


def _piece(ground: Ground, line: int, first: int, last: int) -> Piece | None:
    lower, stops = ground.tokens.lower, ground.stops
    words = [form for word in lower[first:last] if (form := _FORMS[word])]
    end = ""
    for token in stops[bisect_left(stops, first) : bisect_left(stops, last)]:
        end = lower[token][0] if end != "?" else end
    while words and words[0] == ",":
        words.pop(0)
    while words and words[-1] == ",":
        words.pop()
    return Piece(line, first, last, " ".join(words), end) if words else None
