"""Texts in pieces: cut where a word ends, found by a word's number or an offset, fetched as far as they are shown.

DuckDB unpacks 2,048 long texts where one is asked for, which takes 0.1 s; short ones that are named by their row it
unpacks one by one.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from unsaid.library.vectors import tokens
from unsaid.library.words import WORD, fold
from unsaid.sources import story_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.library.store import Store

LEAST = 3_000
"""Code points of a piece, which ends with the word it then stands in; up to 4 KB DuckDB takes a string for short."""
SCHEMA = pa.schema(
    [("story", pa.string()), ("piece", pa.int32()), ("start", pa.int64()), ("first", pa.int64()), ("text", pa.string())]
)
"""``start``: the piece's offset in its text; ``first``: how many words of the story begin before it."""
REACH = 1_000
"""Code points behind a piece into which a phrase that begins in it may reach; a longer one is shown as far as this."""
_SPACE = re.compile(r"\s")
Span = tuple[int, int]
"""A start and an end, in code points."""


def pieces_of(story: str, text: str, words: Sequence[int]) -> pa.Table:
    """A text as rows of :data:`SCHEMA`; ``words`` holds the offsets of the story's words, in order."""
    cuts = [0]
    while (space := _SPACE.search(text, cuts[-1] + LEAST)) is not None and space.end() < len(text):
        cuts.append(space.end())
    rows = [
        (story, number, start, bisect_left(words, start), text[start:end])
        for number, (start, end) in enumerate(zip(cuts, [*cuts[1:], len(text)], strict=True))
    ]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)


class _Piece(msgspec.Struct):
    row: int
    start: int
    first: int
    text: str | None = None


class Texts:
    """The texts of some stories, by digest, of which only the pieces that are asked for are fetched."""

    def __init__(self, store: Store, stories: Sequence[str]) -> None:
        self._store = store
        self._pieces: dict[str, list[_Piece]] = {story: [] for story in stories}
        self._matter: dict[str, list[Span]] = {}
        self._words: dict[tuple[str, int], tuple[list[Span], Iterator[Span]]] = {}
        for story, row, start, first in store.rows(
            f"SELECT story, rowid, start, first FROM pieces WHERE story IN ({_marks(stories)}) ORDER BY story, piece",
            stories,
        ):
            self._pieces[story].append(_Piece(row, start, first))

    def fetch(self, wanted: Iterable[tuple[str, int, int]]) -> None:
        """Fetch the pieces that hold these spans, in one statement."""
        missing = {
            piece.row: piece
            for story, start, end in wanted
            for piece in self._over(story, start, end)
            if piece.text is None
        }
        if missing:
            rows = ", ".join(f"({row})" for row in missing)
            # A join, since DuckDB unpacks every text for a list of rows in a condition.
            for row, text in self._store.rows(
                f"SELECT p.rowid, p.text FROM pieces p JOIN (VALUES {rows}) v(row) ON p.rowid = v.row"
            ):
                missing[row].text = text

    def cut(self, story: str, start: int, end: int) -> str:
        """A span of a text; bounds beyond the text are its own."""
        start = max(0, start)
        held = self._over(story, start, end)
        self.fetch([(story, start, end)])
        whole = "".join(piece.text or "" for piece in held)
        return whole[start - held[0].start : max(0, end - held[0].start)] if held else ""

    def fetch_words(self, wanted: Iterable[tuple[str, int]]) -> None:
        """Fetch what :meth:`span_of` needs for these words, each of a story, by number."""
        self.fetch((story, *self._window(story, word)[:2]) for story, word in wanted)

    def span_of(self, story: str, word: int, words: int) -> Span | None:
        """Where ``words`` words stand that follow one another, the first of them the story's nth; None if nowhere."""
        start, end, first = self._window(story, word)
        low, high = word - first, word - first + words
        found = self._known(story, start, end, high)[low:high]
        if found and len(found) < words:  # it goes on in the next piece
            found = list(islice(self._read(story, start, end + REACH), low, high))
        return (start + found[0][0], start + found[-1][1]) if found else None

    def tokens(self, story: str, start: int, end: int) -> list[Span]:
        """The words, with the marks at them, of the story itself in a span that cuts none, and not of the matter."""
        text = self.cut(story, start, end)
        return [(start + low, start + high) for low, high in tokens(text, self._inside(story, start, len(text)))]

    def _known(self, story: str, start: int, end: int, many: int) -> list[Span]:
        """The first words of a piece, at least so many where it has them."""
        if (story, start) not in self._words:
            self._words[story, start] = ([], self._read(story, start, end))
        known, others = self._words[story, start]
        known.extend(islice(others, max(0, many - len(known))))
        return known

    def _read(self, story: str, start: int, end: int) -> Iterator[Span]:
        """The story's words, as the index counts them, in a part of its text, counted from the part's beginning."""
        folded = fold(self.cut(story, start, end))
        for low, high in self._inside(story, start, len(folded)):
            for match in WORD.finditer(folded, low, high):
                yield match.span()

    def _inside(self, story: str, start: int, length: int) -> list[Span]:
        """What of a part of a text is the story itself, counted from the part's beginning."""
        if not self._matter:
            self._matter = self._matter_of(list(self._pieces))
        spans = story_spans(start + length, self._matter[story])
        return [(max(low - start, 0), min(high - start, length)) for low, high in spans if high > start]

    def _matter_of(self, stories: Sequence[str]) -> dict[str, list[Span]]:
        matter: dict[str, list[Span]] = {story: [] for story in stories}
        for story, start, end in self._store.rows(
            f'SELECT story, start, "end" FROM matter WHERE story IN ({_marks(stories)}) ORDER BY start', stories
        ):
            matter[story].append((start, end))
        return matter

    def _window(self, story: str, word: int) -> tuple[int, int, int]:
        """The span of the piece in which a word begins, and how many words begin before it."""
        pieces = self._pieces[story]
        at = max(0, bisect_right(pieces, word, key=lambda piece: piece.first) - 1)
        end = pieces[at + 1].start if at + 1 < len(pieces) else sys.maxsize - REACH
        return (pieces[at].start, end, pieces[at].first) if pieces else (0, 0, 0)

    def _over(self, story: str, start: int, end: int) -> list[_Piece]:
        """The pieces that hold a span."""
        pieces = self._pieces[story]
        first = max(0, bisect_right(pieces, start, key=lambda piece: piece.start) - 1)
        return pieces[first : max(first + 1, bisect_left(pieces, end, key=lambda piece: piece.start))]


def _marks(values: Sequence[object]) -> str:
    """A question mark for each of some values, or what stands for none."""
    return ", ".join("?" * len(values)) or "NULL"
