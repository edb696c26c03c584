"""A graph of neighbours (HNSW, Malkov and Yashunin 2018; by usearch) over a large library's passages, in a file beside.

The graph only proposes works; how like they are is said by their vectors in the store. Each row of ``vectors`` that is
in the graph has a number, ``made``, under which its passages stand there. A row without one is compared in any case,
and a number that no row has any more is of a work that is gone: what was added or changed since is found, and nothing
else. The store keeps the graph's name, a digest of its file: one that belongs to another state is not used, and all
passages are compared.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from unsaid.errors import CannotWrite
from unsaid.library import vectors
from unsaid.models import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from unsaid.library.store import Store

FROM = 100_000
"""Passages from which on there is a graph: so many are compared one by one in a sixth of a second."""
LATER = 0.05
"""The share of passages that may be in the store and not in the graph, or in the graph and gone from the store."""
PROPOSED = 100
"""Passages that are proposed for each that is asked about."""
CARE = 512
"""How many candidates a search holds: of the ten nearest it finds 99.4 % (docs/library.md)."""
_EACH = 20
"""A passage's key is its row's number, shifted by this, plus its place in the row."""
_AT_ONCE = 200
"""Rows that are taken into the graph between two signs of progress, which is some seconds' work."""


def proposed(store: Store, asked: NDArray[np.int8], limit: int) -> list[int] | None:
    """The numbers of the rows of ``vectors`` that hold the passages nearest to some; None where there is no graph.

    :param limit: how many scenes are to be found in them.
    """
    graph = store.kept("neighbours", lambda: _opened(store))
    if graph is None:
        return None
    found = graph.search(asked, max(PROPOSED, 10 * limit))
    rows: list[int] = np.unique(np.asarray(found.keys).ravel() >> _EACH).tolist()
    return rows


def renew(store: Store, progress: Callable[[int, int], None]) -> None:
    """Take into the graph what is not in it, where that is much; make it anew where much is gone, or it is broken.

    :param progress: called with how many works have been taken into it, and of how many.
    :raises LibraryError: if the store cannot be changed; :raises CannotWrite: if the graph cannot be written.
    """
    usearch = _usearch()
    ours, inside = store.rows(_COUNTED, (vectors.digest(),))[0]
    if usearch is None or ours < FROM:
        return
    kept = store.rows("SELECT name, last, size FROM neighbours")
    there = _opened(store) is not None
    gone = kept[0][2] - inside if there else 0
    if there and max(ours - inside, gone) <= LATER * ours:
        return
    graph = _opened(store, view=False) if there and gone <= LATER * ours else None
    if graph is None:
        _extend(store, usearch.Index(ndim=vectors.WIDTH, metric="cos", dtype="i8"), "", 1, progress)
    else:
        _extend(store, graph, " AND made IS NULL", 1 + kept[0][1], progress)


def wrong(store: Store) -> str | None:
    """What is wrong with the graph that the store names, if there is one: without it all passages are compared.

    :raises LibraryError: if the store cannot say.
    """
    named = store.rows("SELECT name FROM neighbours")
    if not named:
        return None
    place = _place(store, named[0][0])
    try:
        whole = _name(place) == named[0][0]
    except OSError as error:
        return f"{place}: {error.strerror}"
    return None if whole else f"{place}: damaged; delete it"


_COUNTED = """SELECT coalesce(sum(len(starts)), 0), coalesce(sum(len(starts)) FILTER (made IS NOT NULL), 0)
FROM vectors WHERE made_with = ?"""


def _extend(store: Store, graph: Any, which: str, first: int, progress: Callable[[int, int], None]) -> None:
    """Take rows into a graph, numbered from the first number on; and keep both."""
    rows = store.rows(f"SELECT work FROM vectors WHERE made_with = ?{which} ORDER BY work", (vectors.digest(),))
    works = [work for (work,) in rows]
    for numbers, held in _batches(store, works, first):
        _take(graph, numbers, held)
        progress(numbers[-1] - first + 1, len(works))
    name, size = _write(graph, store), len(graph)
    given = pa.table({"work": pa.array(works, pa.int32()), "made": range(first, first + len(works))})
    with store.change():
        store.rows("UPDATE vectors SET made = g.made FROM given g WHERE vectors.work = g.work", (), {"given": given})
        store.rows("DELETE FROM neighbours")
        store.rows("INSERT INTO neighbours VALUES (?, ?, ?)", (name, first + len(works) - 1, size))
    _sweep(store, name)


def _batches(store: Store, works: list[int], first: int) -> Iterator[tuple[list[int], list[bytes]]]:
    """The numbers that rows get, with their vectors."""
    for at in range(0, len(works), _AT_ONCE):
        some = works[at : at + _AT_ONCE]
        held = dict(store.rows("SELECT work, vectors FROM vectors WHERE work IN (SELECT unnest(?))", (some,)))
        yield [first + at + n for n in range(len(some))], [held[work] for work in some]


def _take(graph: Any, numbers: list[int], rows: list[bytes]) -> None:
    counts = [len(row) // vectors.WIDTH for row in rows]
    keys = [(number << _EACH) + place for number, count in zip(numbers, counts, strict=True) for place in range(count)]
    if keys:
        graph.add(np.array(keys, np.uint64), np.frombuffer(b"".join(rows), np.int8).reshape(-1, vectors.WIDTH))


def _opened(store: Store, *, view: bool = True) -> Any | None:
    """The graph that the store names, if it is there as it was written, and can be opened here."""
    named = store.rows("SELECT name, size FROM neighbours")
    place = _place(store, named[0][0]) if named else None
    if place is None or not place.is_file() or (usearch := _usearch()) is None:
        return None
    try:
        graph = usearch.Index.restore(str(place), view=view)
    except (ValueError, RuntimeError):  # no graph
        return None
    if graph is None or len(graph) != named[0][1]:
        return None
    graph.expansion_search = CARE
    return graph


def _usearch() -> Any | None:
    """The library, where it is installed: without it, all passages are compared."""
    try:
        import usearch.index  # noqa: PLC0415 - a tenth of a second, and only large libraries need it
    except ModuleNotFoundError:
        return None
    return usearch.index


def _place(store: Store, name: str) -> Path:
    return store.path.with_name(f"{store.path.name}-near-{name}")


def _write(graph: Any, store: Store) -> str:
    """Write a graph, whole or not at all; its name."""
    beside = _place(store, f"{secrets.token_hex(8)}.tmp")
    try:
        graph.save(str(beside))
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        name = _name(beside)
        os.replace(beside, _place(store, name))
    except (OSError, RuntimeError) as error:
        beside.unlink(missing_ok=True)
        raise CannotWrite(str(beside), str(error)) from error
    return name


def _name(place: Path) -> str:
    """A graph is called by what is in its file."""
    return digest_of(place)[:32]


def _sweep(store: Store, name: str) -> None:
    """Take away graphs of earlier states; one that is still open where a file cannot go then, goes the next time."""
    for place in store.path.parent.glob(f"{store.path.name}-near-*"):
        if place != _place(store, name):
            with contextlib.suppress(OSError):
                place.unlink()
