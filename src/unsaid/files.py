"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from unsaid.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(path: Path, content: bytes | Mapping[str, bytes]) -> None:
    """Write a file, or the files of a folder, each of them whole or not at all.

    :raises CannotWrite: if one cannot be written; what stood there before still stands.
    """
    try:
        if isinstance(content, bytes):
            _write_one(path, content)
        else:
            path.mkdir(parents=True, exist_ok=True)
            for name, data in content.items():
                _write_one(path / name, data)
    except OSError as error:
        raise CannotWrite(os.fspath(path), error.strerror or str(error)) from error


def _write_one(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(data)  # a device or a pipe: there is nothing to move into its place
    else:
        replace(Path(os.path.realpath(path)), data)


def replace(path: Path, data: bytes) -> None:
    """Write a file beside its place, flush it to the disk, and move it there: a kill leaves the old or the new one.

    :raises OSError: if it cannot be written; what stood there before still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".unsaid-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _give_mode(Path(beside), path)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _give_mode(beside: Path, path: Path) -> None:
    """A new file gets the permissions any new file has; one that takes an old one's place gets the old one's."""
    if path.exists():
        shutil.copymode(path, beside)
    else:
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
