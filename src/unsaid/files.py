"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from unsaid.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Mapping


def write(path: Path, content: bytes | Mapping[str, bytes]) -> None:
    """Write a file, or the files of a folder, all of them whole or none at all.

    :raises CannotWrite: if one cannot be written; what stood there before still stands.
    """
    try:
        if isinstance(content, bytes):
            _write_one(path, content)
        else:
            _write_folder(path, content)
    except OSError as error:
        raise CannotWrite(os.fspath(path), error.strerror or str(error)) from error


def _write_folder(path: Path, content: Mapping[str, bytes]) -> None:
    """Every file stands beside its place before the first one is moved there, so that what can fail fails before."""
    new = not path.exists()
    path.mkdir(parents=True, exist_ok=True)
    places = [Path(os.path.realpath(path / name)) for name in content]
    staged: list[Path] = []
    try:
        for place, data in zip(places, content.values(), strict=True):
            staged.append(_stage(place, data))
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for beside, place in zip(staged, places, strict=True):
            os.replace(beside, place)
    except BaseException:
        for beside in staged:
            beside.unlink(missing_ok=True)
        if new:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise


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
    beside = _stage(path, data)
    try:
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _stage(path: Path, data: bytes) -> Path:
    """A file beside its place, whole and on the disk.

    :raises OSError: if it cannot be written; nothing of it is left then.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unsaid-", suffix=".tmp")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _give_mode(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _give_mode(beside: Path, path: Path) -> None:
    """A new file gets the permissions any new file has; one that takes an old one's place gets the old one's."""
    if path.exists():
        shutil.copymode(path, beside)
    else:
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
