"""Zip archives, bounded before anything is unpacked: entries, total size, ratio, paths that climb out."""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from urllib.parse import unquote

from unsaid.errors import SourceError, first_line
from unsaid.sources.limits import MEGABYTE, Limits, megabytes

_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
    struct.error, KeyError, IndexError, OverflowError,
)  # fmt: skip
"""What :mod:`zipfile` raises on archives that are broken or use what it does not know."""


class Archive:
    """An archive that keeps to the limits. Names are as stored, with forward slashes."""

    def __init__(self, file: zipfile.ZipFile, name: str, entries: dict[str, zipfile.ZipInfo]) -> None:
        self._file, self.name, self._entries = file, name, entries

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files, in the archive's order."""
        return tuple(self._entries)

    def holds(self, path: str) -> bool:
        """Whether there is a file at ``path``."""
        return path in self._entries

    def begins(self, path: str, start: bytes) -> bool:
        """Whether there is a file at ``path`` that begins with ``start``."""
        return self.holds(path) and self.read(path).startswith(start)

    def read(self, path: str) -> bytes:
        """Unpack one file.

        :raises SourceError: if it is not there or broken.
        """
        info = self._entries.get(path)
        if info is None:
            raise SourceError(self.name, f"broken: {path!r} is missing from the archive")
        try:
            with self._file.open(info) as part:
                return part.read(info.file_size + 1)
        except _BROKEN as error:
            raise SourceError(
                self.name, f"a broken archive: {path!r} cannot be unpacked ({first_line(error, 100)})"
            ) from error

    def resolve(self, base: str, link: str) -> str:
        """The path of a file that the file ``base`` links to.

        :raises SourceError: if the link climbs out of the archive.
        """
        target = unquote(link.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0])
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
        if path.startswith(("../", "/")) or path == "..":
            raise SourceError(self.name, f"a hostile archive: {link!r} points outside it")
        return path

    def kind(self) -> str:
        """What the archive is, where it is no book."""
        if self.holds("mimetype") and self.begins("mimetype", b"application/vnd.oasis.opendocument"):
            return "an OpenDocument file"
        for path, what in (("xl/workbook.xml", "an Excel workbook"), ("ppt/presentation.xml", "a PowerPoint file")):
            if self.holds(path):
                return what
        return "a ZIP archive"


def open_archive(data: bytes, name: str, limits: Limits) -> Archive:
    """Open an archive after its directory was checked against the limits.

    :raises SourceError: if it is broken, protected by a password, over a limit, or holds paths that climb out of it.
    """
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
        infos = file.infolist()
    except _BROKEN as error:
        raise SourceError(name, f"a broken ZIP archive: {first_line(error, 100)}") from error
    if len(infos) > limits.max_entries:
        raise SourceError(name, f"an archive of {len(infos)} files, over the limit of {limits.max_entries}: refused")
    _check_sizes(infos, len(data), name, limits)
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if info.is_dir():
            continue
        path = info.filename.replace("\\", "/")
        if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/"):
            raise SourceError(name, f"a hostile archive: the path {info.filename!r} climbs out of it")
        if info.flag_bits & 1:
            raise SourceError(name, f"protected by a password ({path!r}); remove it first")
        entries.setdefault(path, info)
    return Archive(file, name, entries)


def _check_sizes(infos: list[zipfile.ZipInfo], packed: int, name: str, limits: Limits) -> None:
    total = sum(info.file_size for info in infos)
    if total > limits.max_unpacked:
        raise SourceError(
            name, f"unpacks to {megabytes(total)}, over the limit of {megabytes(limits.max_unpacked)}: refused"
        )
    if total > MEGABYTE and total > limits.max_ratio * max(1, packed):
        raise SourceError(name, f"unpacks to {total // max(1, packed)} times its size: refused as a decompression bomb")
