"""``check``: whether a library is whole, and what of a damaged one can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from unsaid.errors import LibraryError, NotAStory
from unsaid.formats.tables import LAYERS, STORIES, from_frames, schema
from unsaid.library import neighbours
from unsaid.library.shelves import INSIDE
from unsaid.library.store import CHECK, DAMAGED, HEADERS, OWN, open_store

if TYPE_CHECKING:
    from unsaid.library.store import Store
    from unsaid.story import Story


AGAIN = "the stories' own files hold everything: move this file away and add their folders again"


class State(msgspec.Struct, frozen=True):
    """How a library is.

    :ivar path: its file.
    :ivar works: readings that are whole.
    :ivar broken: readings that are not, by the digest of their file, with what is wrong.
    :ivar damaged: why blocks of the file cannot be read, if that is why readings are broken.
    :ivar graph: what is wrong with the graph of neighbours that a large library has for ``like``, if anything.
    :ivar folders: where the files are of which it was made; adding them to another library saves all that can be.
    :ivar missing: paths of files that are no longer there; their readings still are.
    :ivar refused: files that could not be read, with why.
    :ivar bytes: the size of the library's file.
    """

    path: str
    works: int
    broken: tuple[tuple[str, str], ...]
    damaged: str | None
    graph: str | None
    folders: tuple[str, ...]
    missing: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    bytes: int


def check(path: Path) -> State:
    """Look through a library: every table and every reading.

    :raises LibraryError: if it cannot be looked through at all; says what can be saved.
    """
    try:
        with open_store(path) as store:
            return _looked(store)
    except LibraryError as error:
        if not error.why.startswith(DAMAGED):
            raise
        raise LibraryError(str(path), f"{_bare(error.why)}; nothing in it can be read; {AGAIN}") from error


def _looked(store: Store) -> State:
    stories = store.rows("SELECT work, story FROM works ORDER BY work")
    files = store.rows("SELECT path, refused FROM files ORDER BY path")
    there = {name for name, _ in files if Path(name.split(INSIDE)[0]).exists()}
    broken = [(story, wrong) for _, story in stories if (wrong := _wrong(store, story)) is not None]
    unread = (wrong for name in OWN if (wrong := _unread(store, name)) is not None)
    return State(
        str(store.path),
        len(stories) - len(broken),
        tuple(broken),
        next((wrong for wrong in (*(wrong for _, wrong in broken), *unread) if wrong.startswith(DAMAGED)), None),
        _graph(store),
        _folders(there),
        tuple(name for name, refused in files if refused is None and name not in there),
        tuple((name, refused) for name, refused in files if refused is not None),
        store.path.stat().st_size,
    )


def _graph(store: Store) -> str | None:
    try:
        return neighbours.wrong(store)
    except LibraryError:  # that its table cannot be read is said already
        return None


def _bare(why: str) -> str:
    """A reason without the advice to look for it."""
    return why.removesuffix(f"; {CHECK}")


def _unread(store: Store, table: str) -> str | None:
    """Why a table cannot be read."""
    try:
        store.rows(f"SELECT bit_xor(hash(t)) FROM {table} t")
    except LibraryError as error:
        return _bare(error.why)
    return None


def _folders(paths: set[str]) -> tuple[str, ...]:
    """The folders that hold all of these files, without those that lie below another."""
    folders: list[str] = []
    for folder in sorted({str(Path(path.split(INSIDE)[0]).parent) for path in paths}):
        if not folders or not Path(folder).is_relative_to(folders[-1]):
            folders.append(folder)
    return tuple(folders)


def _wrong(store: Store, story: str) -> str | None:
    try:
        story_of(store, story)
    except LibraryError as error:
        return _bare(error.why)
    except NotAStory as error:
        return str(error)
    return None


def story_of(store: Store, story: str) -> Story:
    """The reading of a digest, out of its tables.

    :raises LibraryError: if a table cannot be read; :raises NotAStory: if its rows are not whole.
    """
    found = {name: store.arrow(f'SELECT * FROM "{name}" WHERE story = ? ORDER BY "row"', (story,)) for name in LAYERS}
    # The view of stories would put every text together, to return one.
    header = store.arrow(f'SELECT * FROM "{HEADERS}" WHERE story = ?', (story,))
    pieces = store.rows("SELECT text FROM pieces WHERE story = ? ORDER BY piece", (story,))
    texts = pa.array(["".join(text for (text,) in pieces)] * header.num_rows, pa.string())
    return from_frames({STORIES: header.append_column("text", texts).select(schema(STORIES).names), **found})
