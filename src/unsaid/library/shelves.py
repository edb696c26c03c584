"""What there is to add: files, folders and archives, with what a catalogue beside a file says of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unsaid.archives import ARCHIVES, members
from unsaid.errors import SourceError
from unsaid.inputs import gather, is_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.story import Metadata

INSIDE = "!/"
"""What stands between an archive's path and the path inside it."""
CATALOGUE = "metadata.opf"
"""The file that calibre keeps beside each book."""


class Found(msgspec.Struct, frozen=True):
    """A file that may be a story.

    :ivar path: its absolute path; of one in an archive, the archive's path, :data:`INSIDE` and its own.
    :ivar data: its bytes, where it comes out of an archive.
    :ivar size: in bytes.
    :ivar changed: when it last changed, in nanoseconds; 0 in an archive.
    :ivar beside: the digest of what stands beside it and counts: its corrections and its catalogue entry.
    """

    path: str
    size: int
    changed: int
    beside: str | None
    data: bytes | None = None

    def digest(self) -> str:
        """The digest of its bytes.

        :raises OSError: if it cannot be read.
        """
        return hashlib.sha256(self.data if self.data is not None else Path(self.path).read_bytes()).hexdigest()

    def catalogued(self) -> Metadata | None:
        """What calibre's catalogue entry beside it says; None where there is none that can be read."""
        beside = Path(self.path).parent / CATALOGUE
        if self.data is not None or not beside.is_file():
            return None
        from unsaid.sources.epub import read_package_metadata  # noqa: PLC0415 - lxml is loaded only for XML

        try:
            return read_package_metadata(beside.read_bytes(), str(beside))
        except (OSError, SourceError):
            return None


def found(names: tuple[str, ...]) -> Iterator[Found | SourceError]:
    """Every file that the names stand for, in order; an error in the place of what cannot be looked into."""
    for name in names:
        if os.path.isdir(name):
            inputs, complaints = gather((name,))
            yield from (SourceError(*line.split(": ", 1)) for line in complaints if not _archives(Path(name)))
            paths = [one.path for one in inputs if one.path is not None] + _archives(Path(name))
            for path in sorted(paths):
                yield from _one(path)
        else:
            yield from _one(Path(name))


def _archives(folder: Path) -> list[Path]:
    return [
        Path(root, name)
        for root, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(ARCHIVES) and name[0] != "."
    ]


def _one(path: Path) -> Iterator[Found | SourceError]:
    absolute = os.path.abspath(path)
    try:
        said = os.stat(absolute)
        if path.name.lower().endswith(ARCHIVES):
            yield from _unpacked(Path(absolute))
            return
        yield Found(absolute, said.st_size, said.st_mtime_ns, _beside(Path(absolute)))
    except FileNotFoundError:
        yield SourceError(str(path), "no such file")
    except OSError as error:
        yield SourceError(str(path), error.strerror or str(error))
    except SourceError as error:
        yield error


def _beside(path: Path) -> str | None:
    from unsaid import corrections  # noqa: PLC0415 - the room is loaded when files are looked at

    contents = [one.read_bytes() for one in (corrections.beside(path), path.parent / CATALOGUE) if one.is_file()]
    return hashlib.sha256(b"\0".join(contents)).hexdigest() if contents else None


def _unpacked(path: Path) -> Iterator[Found | SourceError]:
    for one in members(path, is_story):
        if isinstance(one.data, SourceError):
            yield SourceError(f"{path}{INSIDE}{one.name}", one.data.why)
        else:
            yield Found(f"{path}{INSIDE}{one.name}", len(one.data), 0, None, one.data)
