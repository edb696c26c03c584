"""What is indexed of a story: its text in pieces, where each word stands, which words are said, and who is called what.

Words are numbered through the story. A line of speech is a range of these numbers for each of its parts, and has places
of its own, in which one part follows the other and a gap stands behind the last: words that follow one another there
are said one after the other, over a cue and not over two lines. Names are words of another text, with their ranges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa

from unsaid.library.pieces import pieces_of
from unsaid.library.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from unsaid.library.pieces import Span

NAME = "name"
"""The kind of ranges that are a character's; that of an utterance's is its own kind."""
POSTINGS = pa.schema([("term", pa.string()), ("places", pa.list_(pa.uint32()))])
"""Where each word of a story stands: how many come before it."""
_NUMBERS = pa.list_(pa.uint32())
RANGES = pa.schema(
    [("kind", pa.string()), ("owners", pa.list_(pa.string())), ("firsts", _NUMBERS), ("ends", _NUMBERS),
     ("places", _NUMBERS)]
)  # fmt: skip
"""For each kind, the ranges of words by their owner's id, and at which place of that kind each begins."""
Line = tuple[str, str, "Sequence[Span]"]
"""An utterance's id, its kind, and its parts."""
Person = tuple[str, "Iterable[str]"]
"""A character's id and names."""


def indexes_of(
    story: str, text: str, words: Sequence[tuple[str, int]], lines: Iterable[Line], people: Iterable[Person]
) -> dict[str, pa.Table]:
    """The tables ``pieces``, ``postings``, ``names`` and ``ranges`` of a story.

    :param words: the story's words, folded, each with its offset, in order.
    """
    offsets = [at for _, at in words]
    owned: defaultdict[str, list[tuple[str, list[Span]]]] = defaultdict(list)
    for line, kind, parts in lines:
        spans = [(bisect_left(offsets, start), bisect_left(offsets, end)) for start, end in parts]
        owned[kind].append((line, spans))
    called = [word for person in _names(people, owned[NAME]) for word in person]
    return {
        "pieces": pieces_of(story, text, offsets),
        "postings": _postings(word for word, _ in words),
        "names": _postings(called),
        "ranges": _ranges(owned),
    }


def numbered(table: pa.Table, work: int) -> pa.Table:
    """The rows of a work, with its number."""
    return table.append_column("work", pa.array([work] * table.num_rows, pa.int32()))


def called(name: str, names: Iterable[str]) -> Iterable[str]:
    """Every name of a character, the one to call them by first."""
    return dict.fromkeys((name, *names))


def _names(people: Iterable[Person], owned: list[tuple[str, list[Span]]]) -> Iterator[tuple[str, ...]]:
    """The words of each name, and into ``owned`` whose they are; each name is a range of its own."""
    at = 0
    for person, names in people:
        for words in map(words_of, names):
            owned.append((person, [(at, at + len(words))]))
            at += len(words)
            yield words


def _postings(words: Iterable[str]) -> pa.Table:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        places[word].append(number)
    return pa.table([list(places), list(places.values())], schema=POSTINGS)


def _ranges(owned: Mapping[str, Sequence[tuple[str, Sequence[Span]]]]) -> pa.Table:
    rows = []
    for kind, owners in owned.items():
        place, ranges = 0, []
        for owner, spans in owners:
            for first, end in spans:
                if first < end:
                    ranges.append((owner, first, end, place))
                place += end - first
            place += 1
        if ranges:
            rows.append((kind, *map(list, zip(*ranges, strict=True))))
    return pa.table([list(column) for column in zip(*rows, strict=True)] or [[]] * len(RANGES), schema=RANGES)
