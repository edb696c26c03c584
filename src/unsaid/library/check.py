"""``check``: whether a library is whole, and what of a damaged one can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from unsaid.errors import LibraryError, NotAStory
from unsaid.formats.tables import LAYERS, STORIES, from_frames, schema
from unsaid.library.store import HEADERS, open_store

if TYPE_CHECKING:
    from unsaid.library.store import Store
    from unsaid.story import Story


class State(msgspec.Struct, frozen=True):
    """How a library is.

    :ivar path: its file.
    :ivar works: readings that are whole.
    :ivar broken: readings that are not, by the digest of their file, with what is wrong.
    :ivar missing: paths of files that are no longer there; their readings still are.
    :ivar refused: files that could not be read, with why.
    :ivar bytes: the size of the library's file.
    """

    path: str
    works: int
    broken: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    bytes: int


def check(path: Path) -> State:
    """Look through a library: every table and every reading.

    :raises LibraryError: if it cannot be opened at all; says what can be saved.
    """
    try:
        store = open_store(path)
    except LibraryError as error:
        if "damaged" not in error.why:
            raise
        why = error.why.replace("`unsaid library check` says what can be saved", "nothing in it can be read")
        hint = "the stories' own files hold everything: move this file away and add their folders again"
        raise LibraryError(str(path), f"{why}; {hint}") from error
    with store:
        stories = store.rows("SELECT work, story FROM works ORDER BY work")
        broken = [(story, wrong) for _, story in stories if (wrong := _wrong(store, story)) is not None]
        files = store.rows("SELECT path, refused FROM files ORDER BY path")
        return State(
            str(path),
            len(stories) - len(broken),
            tuple(broken),
            tuple(name for name, refused in files if refused is None and not Path(name.split("!/")[0]).exists()),
            tuple((name, refused) for name, refused in files if refused is not None),
            path.stat().st_size,
        )


def _wrong(store: Store, story: str) -> str | None:
    try:
        story_of(store, story)
    except (LibraryError, NotAStory) as error:
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
