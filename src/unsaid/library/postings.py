"""The index of words as one search sees it: where words follow one another, found by their places alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from unsaid.library.store import Store

_WORK = 32
"""A key is a work's number, shifted by this, plus a place in it: the words before the one it stands for."""


class Index:
    """What a search has looked up; kept as long as the search takes, so that nothing is looked up twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[tuple[str, ...], NDArray[np.int64]] = {}

    def counts(self, words: tuple[str, ...]) -> dict[int, int]:
        """In which works words follow one another, and how often."""
        works, counts = np.unique(self._found(words) >> _WORK, return_counts=True)
        return dict(zip(works.tolist(), counts.tolist(), strict=True))

    def places(self, words: tuple[str, ...], work: int) -> list[int]:
        """Where in a work words follow one another: at each place, how many words of it come before."""
        keys = self._found(words)
        low, high = np.searchsorted(keys, (work << _WORK, (work + 1) << _WORK))
        places: list[int] = (keys[low:high] - (work << _WORK)).tolist()
        return places

    def _found(self, words: tuple[str, ...]) -> NDArray[np.int64]:
        """The keys of words that follow one another, sorted."""
        if words not in self._keys:
            if len(words) == 1:
                self._keys[words] = self._looked_up(words[0])
            else:
                *before, last = words
                self._keys[words] = _shared(self._found(tuple(before)), self._found((last,)) - len(before))
        return self._keys[words]

    def _looked_up(self, word: str) -> NDArray[np.int64]:
        rows = self._store.arrow("SELECT work, places FROM postings WHERE term = ? ORDER BY work", (word,))
        rows = rows.combine_chunks()
        if not rows.num_rows:
            return np.empty(0, np.int64)
        places = rows["places"].chunk(0)
        works = np.repeat(np.asarray(rows["work"], np.int64), np.diff(np.asarray(places.offsets)))
        return (works << _WORK) + np.asarray(places.values, np.int64)


def _shared(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """What two sorted lists have in common."""
    both = np.concatenate((one, other))
    both.sort(kind="stable")  # Timsort: two sorted runs are merged in linear time
    shared: NDArray[np.int64] = both[:-1][both[1:] == both[:-1]]
    return shared
