"""Scenes that are like a passage: each scene's vectors, made once, and compared with the passage's.

In most libraries all of them are, one by one, which leaves out none; in a large one, those of the works that a graph of
neighbours proposes (:mod:`unsaid.library.neighbours`). docs/library.md has what both take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from unsaid.errors import QueryError
from unsaid.library import neighbours, vectors
from unsaid.library.pieces import Texts
from unsaid.library.search import AROUND, Passage, passage_of
from unsaid.library.shelf import shelf_of
from unsaid.sources import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    import pyarrow as pa
    from numpy.typing import NDArray

    from unsaid.library.pieces import Span
    from unsaid.library.store import Store

AT_ONCE = 16
"""Works whose vectors are kept in one transaction: a kill loses at most the making of these."""
ASKED = 3
"""Passages of what is asked about that are compared."""


class Scene(msgspec.Struct, frozen=True):
    """A scene that is like what was asked about.

    :ivar likeness: the mean, over the passages that were asked about, of the cosine with the scene's nearest passage.
    :ivar passage: the scene's passage that is nearest.
    """

    work: int
    story: str
    title: str | None
    author: str | None
    path: str | None
    scene: str
    likeness: float
    passage: Passage


class Alike(msgspec.Struct, frozen=True):
    """The scenes most like a passage, nearest first; ``lacking`` works have no vectors, and were not looked into."""

    scenes: tuple[Scene, ...]
    lacking: int


def lacking(store: Store) -> list[tuple[int, str]]:
    """The works that have no vectors of this model, each with its story's digest."""
    return [
        (work, story)
        for work, story in store.rows(
            "SELECT w.work, w.story FROM works w WHERE NOT EXISTS "
            "(SELECT 1 FROM vectors v WHERE v.work = w.work AND v.made_with = ?) ORDER BY w.work",
            (vectors.digest(),),
        )
    ]


def prepare(store: Store, progress: Callable[[int, int], None], linked: Callable[[int, int], None]) -> int:
    """Make the vectors that are lacking; how many works got theirs.

    :param progress: called with how many works have theirs, and of how many.
    :param linked: called with how many have been taken into the graph of neighbours, and of how many, if that is due.
    :raises LibraryError: if they cannot be kept; :raises MissingExtra: if a library that it needs is not installed.
    """
    todo = lacking(store)
    if todo:
        model = vectors.load()
    for at in range(0, len(todo), AT_ONCE):
        part = todo[at : at + AT_ONCE]
        texts = Texts(store, [story for _, story in part])
        rows = []
        for work, story in part:
            passages = _passages(store, texts, story)
            made = [model.vector(texts.cut(story, *span)).tobytes() for _, span in passages]
            rows.append((work, vectors.digest(), *_columns(passages), b"".join(made)))
            progress(at + len(rows), len(todo))
        with store.change():
            for row in rows:
                store.rows("DELETE FROM vectors WHERE work = ?", row[:1])
                store.rows("INSERT INTO vectors VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
    neighbours.renew(store, linked)
    return len(todo)


def _columns(passages: Sequence[tuple[str, Span]]) -> tuple[list[str], list[int], list[int]]:
    return [scene for scene, _ in passages], [start for _, (start, _) in passages], [end for _, (_, end) in passages]


def _passages(store: Store, texts: Texts, story: str) -> list[tuple[str, Span]]:
    """What is read of a story, and in which scene it stands."""
    return [
        (scene, span)
        for scene, start, end in store.rows(
            'SELECT id, start, "end" FROM scenes WHERE story = ? ORDER BY start', (story,)
        )
        for span in vectors.windows(texts.tokens(story, start, end))
    ]


def like(store: Store, source: str | PathLike[str] | bytes, *, limit: int) -> Alike:
    """The scenes most like a passage or a file.

    :raises SourceError: if it cannot be read; :raises QueryError: if there is no word in it.
    :raises MissingExtra: if a library that it needs is not installed.
    """
    manuscript = load(source)
    text = manuscript.text
    tokens = vectors.tokens(text, manuscript.story_spans()) or vectors.tokens(text, [(0, len(text))])
    if not tokens:
        raise QueryError(" ".join(text.split())[:60], 0, "there is no word in this")
    model = vectors.load()
    asked = np.stack([model.vector(text[start:end]) for start, end in vectors.windows(tokens, most=ASKED)])
    found = _best(_compared(store, asked, limit), asked, limit)
    return Alike(_shown(store, found), len(lacking(store)))


def _compared(store: Store, asked: NDArray[np.int8], limit: int) -> pa.Table:
    """The rows of ``vectors`` that are looked into: all, or those that the graph proposes and those it lacks."""
    near = neighbours.proposed(store, asked, limit)
    if near is None:
        return store.kept("vectors", lambda: store.arrow(_HELD.format(""), (vectors.digest(),)))
    return store.arrow(_HELD.format("AND (v.made IS NULL OR v.made IN (SELECT unnest(?)))"), (vectors.digest(), near))


_HELD = """SELECT v.work, v.scenes, v.starts, v.ends, v.vectors FROM vectors v
WHERE v.made_with = ? {} ORDER BY v.work"""


class _Best(msgspec.Struct, frozen=True):
    """A scene, its nearest passage, and how like they are."""

    work: int
    scene: str
    start: int
    end: int
    likeness: float


def _best(held: pa.Table, asked: NDArray[np.int8], limit: int) -> list[_Best]:
    """The scenes that are nearest to some passages, the nearest first."""
    held = held.combine_chunks()
    data = np.frombuffer(b"".join(held["vectors"].to_pylist()), np.int8).reshape(-1, vectors.WIDTH)
    if not len(data):
        return []
    scenes = held["scenes"].chunk(0)
    works = np.repeat(np.asarray(held["work"]), np.diff(np.asarray(scenes.offsets)))
    codes = np.asarray(scenes.flatten().dictionary_encode().indices)
    first = np.flatnonzero(np.r_[True, (np.diff(works) != 0) | (np.diff(codes) != 0)])  # of each scene's passages
    cosines = vectors.likeness(asked, data)
    scores = np.maximum.reduceat(cosines, first, axis=0).mean(axis=1)
    mean = cosines.mean(axis=1)
    after = np.r_[first[1:], len(data)]
    starts, ends = (held[name].chunk(0).flatten() for name in ("starts", "ends"))
    best = []
    for number in np.argsort(-scores, kind="stable")[:limit]:
        at = int(first[number] + mean[first[number] : after[number]].argmax())
        name = scenes.flatten()[at].as_py()
        best.append(_Best(int(works[at]), name, starts[at].as_py(), ends[at].as_py(), float(scores[number])))
    return best


def _shown(store: Store, best: Sequence[_Best]) -> tuple[Scene, ...]:
    described = shelf_of(store).described
    texts = Texts(store, list(dict.fromkeys(described[one.work].story for one in best)))
    texts.fetch((described[one.work].story, one.start - AROUND, one.end + AROUND) for one in best)
    shown = []
    for one in best:
        work = described[one.work]
        passage = passage_of(texts, work.story, "scene", one.start, one.end)
        likeness = round(one.likeness, 3)
        shown.append(Scene(one.work, work.story, work.title, work.author, work.path, one.scene, likeness, passage))
    return tuple(shown)
