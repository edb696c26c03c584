"""The index of words as one search sees it: where words follow one another, and whose line or name that is."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa

from unsaid.library.indexes import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from unsaid.library.store import Store

    Keys = NDArray[np.int64]

_WORK = 32
"""A key is a work's number, shifted by this, plus a place in it: the words before the one it stands for."""
_LAST = np.iinfo(np.int64).max
_FEW = 500
"""Works of which the ranges are asked for one by one; of more, all are read in less time than these are picked out."""
_OWNERS = pa.schema([("work", pa.int64()), ("id", pa.string()), ("first", pa.int64()), ("last", pa.int64())])


class _Ranges(msgspec.Struct, frozen=True):
    """Ranges of words in the order of their places; all but the owners are keys."""

    owners: pa.Array
    firsts: Keys
    ends: Keys
    places: Keys


class Index:
    """What a search has looked up; kept as long as the search takes, so that nothing is looked up twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._words: dict[tuple[str, str], Keys] = {}
        self._phrases: dict[tuple[str, ...], Keys] = {}
        self._owners: dict[tuple[str, tuple[str, ...]], pa.Table] = {}

    def counts(self, words: tuple[str, ...]) -> tuple[Keys, Keys]:
        """The works in which words follow one another, in order, and how often they do in each."""
        works = self._phrase(words) >> _WORK
        first = np.flatnonzero(np.diff(works, prepend=-1))
        return works[first], np.diff(first, append=len(works))

    def places(self, words: tuple[str, ...], work: int) -> list[int]:
        """Where in a work words follow one another: at each place, how many words of it come before."""
        keys = self._phrase(words)
        low, high = np.searchsorted(keys, (work << _WORK, (work + 1) << _WORK))
        places: list[int] = (keys[low:high] - (work << _WORK)).tolist()
        return places

    def owners(self, kind: str, words: tuple[str, ...], works: Sequence[int] | None = None) -> pa.Table:
        """Whose words follow one another: utterances of a kind, or the characters who are called so.

        :param works: where they are looked for; everywhere if not given.
        :returns: each one's ``work`` and ``id``, with the numbers of the ``first`` and the ``last`` of the words.
        """
        if (kind, words) not in self._owners:
            self._owners[kind, words] = self._owned(kind, words)
        found = self._owners[kind, words]
        return found if works is None else found.filter(np.isin(found["work"], works))

    def _owned(self, kind: str, words: tuple[str, ...]) -> pa.Table:
        table = "names" if kind == NAME else "postings"
        each = [self._looked_up(table, word) for word in words]
        works = reduce(_shared, (_once(keys >> _WORK) for keys in each))
        ranges = self._ranges(kind, works)
        follow = _followed(_placed(keys, ranges) for keys in each)
        at = np.searchsorted(ranges.places, follow, side="right") - 1
        once = np.flatnonzero(np.diff(at, prepend=-1))
        at, first, last = at[once], follow[once], follow[once] + len(words) - 1
        ends = np.searchsorted(ranges.places, last, side="right") - 1
        works = ranges.places[at] >> _WORK
        columns = [works, ranges.owners.take(at), _numbers(ranges, at, first), _numbers(ranges, ends, last)]
        return pa.table(columns, schema=_OWNERS)

    def _phrase(self, words: tuple[str, ...]) -> Keys:
        """The keys of words that follow one another, sorted."""
        if words not in self._phrases:
            self._phrases[words] = _followed(self._looked_up("postings", word) for word in words)
        return self._phrases[words]

    def _looked_up(self, table: str, word: str) -> Keys:
        if (table, word) not in self._words:
            self._words[table, word] = self._read(table, word)
        return self._words[table, word]

    def _read(self, table: str, word: str) -> Keys:
        rows = self._sorted(f"SELECT work, places FROM {table} WHERE term = ?", (word,))
        return _keys(rows, "places") if rows.num_rows else np.empty(0, np.int64)

    def _ranges(self, kind: str, works: Keys) -> _Ranges:
        some, asked = ("", ()) if len(works) > _FEW else (" AND work IN (SELECT unnest(?))", (works.tolist(),))
        columns = "work, owners, firsts, ends, places"
        rows = self._sorted(f"SELECT {columns} FROM ranges WHERE kind = ?{some}", (kind, *asked))
        if not rows.num_rows:
            none = np.empty(0, np.int64)
            return _Ranges(pa.array([], pa.string()), none, none, none)
        owners = rows["owners"].chunk(0).flatten()
        return _Ranges(owners, _keys(rows, "firsts"), _keys(rows, "ends"), _keys(rows, "places"))

    def _sorted(self, sql: str, parameters: Sequence[object]) -> pa.Table:
        """Rows in the order of their works, which is mostly the order in which they lie."""
        rows = self._store.arrow(sql, parameters).combine_chunks()
        works = np.asarray(rows["work"])
        return rows if (works[:-1] < works[1:]).all() else rows.take(np.argsort(works)).combine_chunks()


def _keys(rows: pa.Table, column: str) -> Keys:
    """A column of lists as keys."""
    lists = rows[column].chunk(0)
    works = np.repeat(np.asarray(rows["work"], np.int64), np.diff(np.asarray(lists.offsets)))
    keys: Keys = (works << _WORK) + np.asarray(lists.values, np.int64)
    return keys


def _placed(keys: Keys, ranges: _Ranges) -> Keys:
    """Where the words of the text that stand in some ranges stand among the words of these ranges alone."""
    low = np.searchsorted(keys, ranges.firsts)
    some = np.flatnonzero(np.append(keys, _LAST)[low] < ranges.ends)  # mostly few, of which the ends are looked up
    low = low[some]
    counts = np.searchsorted(keys, ranges.ends[some]) - low
    at = np.arange(counts.sum()) + np.repeat(low - (np.cumsum(counts) - counts), counts)
    placed: Keys = keys[at] + np.repeat(ranges.places[some] - ranges.firsts[some], counts)
    return placed


def _numbers(ranges: _Ranges, at: Keys, places: Keys) -> Keys:
    """The numbers of the words that stand at some places, each in a range."""
    numbers: Keys = (ranges.firsts[at] + places - ranges.places[at]) & ((1 << _WORK) - 1)
    return numbers


def _once(values: Keys) -> Keys:
    """Sorted values without those that are there already."""
    return values[np.flatnonzero(np.diff(values, prepend=-1))]


def _followed(each: Iterable[Keys]) -> Keys:
    """Where words follow one another, given the sorted keys of each: the rarest word's, with the others around."""
    (first, found), *others = sorted(enumerate(each), key=lambda one: len(one[1]))
    found = found - first
    for number, keys in others:
        at = np.searchsorted(keys, found + number)
        found = found[np.append(keys, _LAST)[at] == found + number]
    return found


def _shared(one: Keys, other: Keys) -> Keys:
    """What two sorted lists have in common."""
    both = np.concatenate((one, other))
    both.sort(kind="stable")  # Timsort: two sorted runs are merged in linear time
    shared: Keys = both[:-1][both[1:] == both[:-1]]
    return shared
