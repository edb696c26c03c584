"""Many stories: one DuckDB file that holds their readings, searched by words and by what happens.

>>> from unsaid.library import Library               # doctest: +SKIP
>>> with Library.open(write=True) as library:
...     library.add("stories/")
...     library.search("departure:no-farewell not returns:yes").hits

``shelves`` finds what there is to add, ``reading`` reads one story in a worker's process, ``add`` keeps it, ``store``
is the file; ``language`` parses a query, ``terms`` says what its fields ask of the tables, ``search`` finds.
``indexes`` has words, lines and names, ``postings`` asks it where words follow one another; ``shelf`` and ``pieces``
have what is shown; ``vectors`` and ``alike`` find scenes like a passage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.errors import LibraryError, MissingExtra

try:
    from unsaid.library.add import Added, Adding, Options
    from unsaid.library.alike import Alike, Scene, lacking, like, prepare
    from unsaid.library.check import State, check, story_of
    from unsaid.library.search import Found, Hit, Matches, Passage, search
    from unsaid.library.store import LAYERS, Store, default_place, forget, open_store
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("duckdb", "platformdirs", "pyarrow", "rensa"):
        raise
    raise MissingExtra("the library", "library", error.name or "") from error

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    import pyarrow as pa

    from unsaid.story import Story

__all__ = [
    "Added", "Alike", "File", "Found", "Hit", "Library", "Matches", "Options", "Passage", "Scene", "State", "Work",
    "called", "check", "default_place",
]  # fmt: skip


class File(msgspec.Struct, frozen=True):
    """A file of a work; ``refused`` says why it could not be read, where it could not."""

    path: str
    sha256: str
    size: int
    refused: str | None


class Work(msgspec.Struct, frozen=True):
    """A work of the library. ``story`` is the digest of the file that was read, the key of its rows in every table."""

    work: int
    story: str
    title: str | None
    author: str | None
    words: int
    fandoms: tuple[str, ...]
    relationships: tuple[str, ...]
    rating: str | None
    tags: tuple[str, ...]
    added: str
    files: tuple[str, ...]


class Library:
    """A library that is open; close it, or use it in a ``with`` statement. One process at a time may write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, path: str | PathLike[str] | None = None, *, write: bool = False) -> Library:
        """Open the library at a path, or the user's; it is made where it is to be written and there is none.

        :raises LibraryError: if there is none, it is in use, damaged, or of a newer version.
        """
        return cls(open_store(Path(path) if path is not None else None, write=write))

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it; another process may then open it."""
        self._store.close()

    @property
    def path(self) -> Path:
        """Its file."""
        return self._store.path

    def add(
        self,
        *paths: str | PathLike[str],
        options: Options | None = None,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> Added:
        """Add files, folders and archives: what is new or has changed is read, the rest is not.

        :param progress: called with how many stories are read, and of how many.
        :raises LibraryError: if they cannot be kept.
        """
        names = tuple(str(path) for path in paths)
        return Adding(self._store, options or Options(), progress).run(names)

    def update(
        self, *, options: Options | None = None, progress: Callable[[int, int], None] = lambda done, of: None
    ) -> Added:
        """Look at every file of the library, and read what has changed; what is gone keeps its reading."""
        paths = {path.split("!/")[0] for (path,) in self._store.rows("SELECT path FROM files")}
        return self.add(*sorted(path for path in paths if Path(path).exists()), options=options, progress=progress)

    def works(self) -> tuple[Work, ...]:
        """Every work, by title."""
        rows = self._store.rows(_WORKS + " ORDER BY lower(s.metadata.title) NULLS LAST, w.work")
        return tuple(_work(row) for row in rows)

    def find(self, called: str) -> Work:
        """The work of a number, a path, a digest (or its beginning), or a title.

        :raises LibraryError: if there is none, or several.
        """
        works = self.works()
        folded = called.casefold()
        tests: tuple[Callable[[Work], bool], ...] = (
            lambda w: called == str(w.work),
            lambda w: str(Path(called).absolute()) in w.files or called in w.files,
            lambda w: len(called) >= 8 and w.story.startswith(called),
            lambda w: (w.title or "").casefold() == folded,
            lambda w: folded in (w.title or "").casefold(),
        )
        for test in tests:
            found = [work for work in works if test(work)]
            if len(found) == 1:
                return found[0]
            if found:
                named = ", ".join(f"{w.work} ({w.title})" for w in found[:5])
                raise LibraryError(
                    str(self.path), f"{called!r} may be any of {len(found)} works: {named}; give a number"
                )
        raise LibraryError(str(self.path), f"there is no work {called!r}; `unsaid library list` shows them all")

    def files(self, work: int | None = None) -> tuple[File, ...]:
        """The files of a work; of all, with those that were refused, where none is named."""
        chosen = "" if work is None else f" WHERE work = {int(work)}"
        return tuple(
            File(*row)
            for row in self._store.rows(f"SELECT path, sha256, size, refused FROM files{chosen} ORDER BY path")
        )

    def story(self, work: int) -> Story:
        """A work's whole reading.

        :raises LibraryError: if there is no such work; :raises NotAStory: if its rows are damaged.
        """
        row = self._store.rows("SELECT story FROM works WHERE work = ?", (work,))
        if not row:
            raise LibraryError(str(self.path), f"there is no work {work}")
        return story_of(self._store, row[0][0])

    def remove(self, work: int) -> None:
        """Take a work out of the library; its files are not touched.

        :raises LibraryError: if it cannot be done.
        """
        with self._store.change():
            forget(self._store, work)
            self._store.rows("DELETE FROM files WHERE work = ?", (work,))

    def search(self, query: str, *, limit: int = 20, offset: int = 0) -> Found:
        """The works that a query finds, each with the passages that show why (``docs/library.md`` has the language).

        :raises QueryError: if it makes no sense; says what would.
        """
        return search(self._store, query, limit=limit, offset=offset)

    def matches(self, query: str) -> Matches:
        """All works that a query finds, by number, for whoever sorts and filters them; valid while the library is open.

        :raises QueryError: if it makes no sense; says what would.
        """
        return Matches(self._store, query)

    def like(self, source: str | PathLike[str] | bytes, *, limit: int = 10) -> Alike:
        """The scenes most like a passage, or a file; of a long one, some passages spread over it are compared.

        Works without vectors are not looked into: :meth:`prepare` makes them, once for each work.

        :param source: a path, a text, or a file's bytes, as :func:`unsaid.read` takes them.
        :raises SourceError: if it cannot be read; :raises QueryError: if there is no word in it;
            :raises MissingExtra: without ``unsaid[similar]``.
        """
        return like(self._store, source, limit=limit)

    def prepare(
        self,
        *,
        progress: Callable[[int, int], None] = lambda done, of: None,
        linked: Callable[[int, int], None] = lambda done, of: None,
    ) -> int:
        """Make the vectors of all works that have none, for :meth:`like`; how many works got theirs.

        What is made is kept as it goes: an interrupted run is gone on with by the next.

        :param progress: called with how many works have theirs, and of how many.
        :param linked: called with how many of a large library's works have been taken into its graph of neighbours,
            and of how many, where that is due.
        :raises LibraryError: if they cannot be kept; :raises MissingExtra: without ``unsaid[similar]``.
        """
        return prepare(self._store, progress, linked)

    def lacking(self) -> int:
        """How many works have no vectors, and are not looked into by :meth:`like`."""
        return len(lacking(self._store))

    def query(self, sql: str) -> pa.Table:
        """What a query in SQL returns; it can read the library's tables, and nothing else.

        :raises LibraryError: if it is no valid query, or would change something.
        """
        return self._store.ask(sql)

    def export(self, folder: str | PathLike[str]) -> None:
        """Write every table as Parquet, under the schema of ``docs/formats.md``, sorted by story and row.

        :raises CannotWrite: if it cannot be written.
        """
        import io  # noqa: PLC0415

        import pyarrow.parquet as pq  # noqa: PLC0415

        from unsaid.files import write  # noqa: PLC0415
        from unsaid.formats.tables import schema  # noqa: PLC0415

        for name in LAYERS:
            sink = io.BytesIO()
            rows = self._store.arrow(f'SELECT * FROM "{name}" ORDER BY story, "row"')
            pq.write_table(rows.select(schema(name).names).cast(schema(name)), sink, compression="zstd")
            write(Path(folder), {f"{name}.parquet": sink.getvalue()})


_WORKS = """SELECT w.work, w.story, s.metadata.title, s.metadata.author, w.words, s.metadata.fandoms,
s.metadata.relationships, s.metadata.rating, s.metadata.tags, strftime(w.added, '%Y-%m-%d'),
(SELECT list(path ORDER BY path) FROM files f WHERE f.work = w.work)
FROM works w JOIN headers s USING (story)"""


def called(title: str | None, path: str | None = None) -> str:
    """What to call a work: its title, or else its file's name."""
    return title or (Path(path).name if path else "untitled")


def _work(row: tuple[Any, ...]) -> Work:
    """A row of :data:`_WORKS` as a work; a list that is not known is empty."""
    return msgspec.convert(dict(zip(Work.__struct_fields__, _filled(row), strict=True)), Work)


def _filled(row: tuple[Any, ...]) -> list[Any]:
    return [[] if value is None and at in _LISTS else value for at, value in enumerate(row)]


_LISTS = (5, 6, 8, 10)
"""Columns of :data:`_WORKS` that are lists."""
