"""The stories in an archive, zip or tar, one after the other: as many as there may be, each bounded by itself."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING, NamedTuple

from unsaid.errors import SourceError, first_line
from unsaid.sources.limits import Limits, megabytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ZIP = ".zip"
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
ARCHIVES = (ZIP, *TARS)
"""What an archive's name ends in."""


class Member(NamedTuple):
    """A file in an archive.

    :ivar data: its bytes, at most one more than a source may have; or why there are none.
    :ivar at: in a tar, the byte of the unpacked archive where it begins; ``size``, how many it has.
    """

    name: str
    data: bytes | SourceError
    at: int = 0
    size: int = 0


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[Member]:
    """The files of an archive whose names are wanted: a zip's sorted by name, a tar's as they come.

    :raises SourceError: if the archive is broken; those before the break have come by then.
    :raises OSError: if it cannot be read.
    """
    try:
        yield from _zipped(path, wanted) if path.name.lower().endswith(ZIP) else _tarred(path, wanted)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise SourceError(str(path), f"a broken archive: {first_line(error)}") from error


def _zipped(path: Path, wanted: Callable[[str], bool]) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda one: one.filename):
            if info.is_dir() or not wanted(info.filename):
                continue
            try:
                with archive.open(info) as file:
                    data: bytes | SourceError = file.read(Limits().max_file + 1)
            except Exception as error:  # zipfile and its codecs raise a dozen kinds on broken members
                data = SourceError(info.filename, f"cannot be unpacked: {first_line(error)}")
            yield Member(info.filename, data)


def _tarred(path: Path, wanted: Callable[[str], bool]) -> Iterator[Member]:
    with tarfile.open(path) as archive:
        for info in archive:
            archive.members = []  # type: ignore[attr-defined]  # else it remembers every member of a large archive
            if not info.isfile() or not wanted(info.name):
                continue
            if info.size > Limits().max_file or info.issparse():
                why = SourceError(info.name, f"{megabytes(info.size)} is too large, or sparse")
                yield Member(info.name, why, info.offset_data, info.size)
                continue
            file = archive.extractfile(info)
            yield Member(info.name, file.read() if file else b"", info.offset_data, info.size)
