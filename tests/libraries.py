"""What the tests of libraries share."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from unsaid.library import Library

if TYPE_CHECKING:
    from pathlib import Path


def copied(shelf: Path, own: Path) -> Path:
    """A folder of stories with a library of them, ``kept.duckdb``, copied to where it may be changed."""
    shutil.copytree(shelf, own)
    with Library.open(own / "kept.duckdb", write=True) as library:
        library._store.rows("UPDATE files SET path = replace(path, ?, ?)", (str(shelf), str(own)))
    return own
