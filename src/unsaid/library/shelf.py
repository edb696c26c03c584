"""What is shown of every work, and the order of works that fit equally well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from unsaid.library.store import Store

    Numbers = NDArray[np.int64]


class Described(msgspec.Struct, frozen=True):
    """A work as a hit shows it; ``path`` is its first file."""

    story: str
    words: int
    title: str | None
    author: str | None
    path: str | None


class Shelf(msgspec.Struct, frozen=True):
    """Every work of a library.

    :ivar works: the works' numbers, sorted; ``words``, how many words each has, and ``order``, which one it is by
        title, those without a title last.
    """

    described: dict[int, Described]
    works: Numbers
    words: Numbers
    order: Numbers

    def at(self, works: Numbers) -> Numbers:
        """Where these works stand in the columns."""
        return np.searchsorted(self.works, works)


def shelf_of(store: Store) -> Shelf:
    """The shelf of a library, looked up once while it is open for reading."""
    return store.kept("shelf", lambda: _shelf(store))


def _shelf(store: Store) -> Shelf:
    paths = dict(store.rows("SELECT work, min(path) FROM files WHERE work IS NOT NULL GROUP BY work"))
    described = {
        work: Described(story, words, title, author, paths.get(work))
        for work, story, words, title, author in store.rows(
            "SELECT w.work, w.story, w.words, s.metadata.title, s.metadata.author "
            "FROM works w JOIN headers s USING (story) ORDER BY w.work"
        )
    }

    titles = [(one.title is None, (one.title or "").casefold(), work) for work, one in described.items()]
    order = np.empty(len(titles), np.int64)
    order[sorted(range(len(titles)), key=titles.__getitem__)] = np.arange(len(titles))
    works, words = list(described), [one.words for one in described.values()]
    return Shelf(described, np.array(works, np.int64), np.array(words, np.int64), order)
