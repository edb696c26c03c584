"""Readings kept between two runs of the reader, so that a story that was read before is there at once.

A reading is kept under what it was made of: the file's bytes, the corrections beside it, and Unsaid's version. Where
nothing can be kept (a full or read-only disk), the story is read, and that is all.
"""

from __future__ import annotations

import contextlib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unsaid import __version__, corrections
from unsaid.errors import UnsaidError
from unsaid.files import write
from unsaid.story import Story

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 50
"""Readings that are kept; the one that was not asked for longest goes first."""


class Kept(msgspec.Struct, frozen=True):
    """A reading, and its paragraphs."""

    story: Story
    paragraphs: tuple[tuple[int, int], ...]


def folder() -> Path:
    """Where readings are kept: the user's own cache."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - with the reader only

    return Path(user_cache_path("unsaid", appauthor=False)) / "readings"


def key_of(path: Path) -> str:
    """What a story's reading is kept under.

    :raises OSError: if the file cannot be read.
    """
    digest = sha256(__version__.encode())
    beside = corrections.beside(path)
    for part in (path.read_bytes(), beside.read_bytes() if beside.is_file() else b""):
        digest.update(sha256(part).digest())
    return digest.hexdigest()


def found(key: str) -> Kept | None:
    """The reading kept under a key; None where there is none that can be read."""
    path = folder() / f"{key}.json"
    try:
        held = msgspec.json.decode(path.read_bytes(), type=Kept)
        path.touch()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return held


def keep_new(key: str, story: Story, paragraphs: Sequence[tuple[int, int]]) -> None:
    """Keep a reading, unless it is kept already."""
    if not (folder() / f"{key}.json").is_file():
        keep(key, story, paragraphs)


def keep(key: str, story: Story, paragraphs: Sequence[tuple[int, int]]) -> None:
    """Keep a reading, and drop those that are too many."""
    with contextlib.suppress(OSError, UnsaidError):
        folder().mkdir(parents=True, exist_ok=True)
        write(folder() / f"{key}.json", msgspec.json.encode(Kept(story, tuple(paragraphs))))
        kept = sorted(folder().glob("*.json"), key=lambda path: -path.stat().st_mtime)
        for path in kept[MOST:]:
            path.unlink(missing_ok=True)
