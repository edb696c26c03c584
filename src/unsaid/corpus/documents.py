"""The documents of a corpus: what they are called, where they lie, and their bytes, fetched wherever they are read."""

from __future__ import annotations

import os
import zipfile
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from unsaid import archives
from unsaid.errors import SourceError, first_line
from unsaid.inputs import is_story
from unsaid.sources.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from unsaid.corpus.job import Columns

Kind = Literal["file", "zip", "tar", "jsonl", "parquet"]
PACKED_LINES = (".jsonl.gz", ".jsonl.bz2", ".jsonl.zst", ".ndjson.gz")
LINES = (".jsonl", ".ndjson")
COLLECTIONS = (".parquet", *archives.ARCHIVES, *LINES, *PACKED_LINES)
"""What a file of many documents ends in."""
LONGEST_LINE = 4 * Limits().max_file
"""Bytes of a line of JSON that is still looked at: its escapes may make a text four times as long."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a document lies.

    :ivar path: its file, or the file that holds it with others.
    :ivar name: in a zip, its name there.
    :ivar at: in a tar or JSON Lines, the byte where it begins; in Parquet, its row group.
    :ivar size: in a tar or JSON Lines, its bytes; in Parquet, its row in the group.
    """

    kind: Kind
    path: str
    name: str = ""
    at: int = 0
    size: int = 0


class Document(msgspec.Struct, frozen=True):
    """A document that was found: what it is called, its place, and its bytes, or why there are none."""

    id: str
    place: Place
    data: bytes | SourceError


def found(path: Path, name: str, columns: Columns, spool: Path) -> Iterator[Document]:
    """The documents of one file, in their order.

    :param name: what the file is called: its documents are called after it.
    :param spool: a folder for what has to be unpacked to be read from its middle.
    """
    low = path.name.lower()
    try:
        if low.endswith(archives.ZIP):
            yield from _members(path, name, "zip")
        elif low.endswith(archives.TARS):
            yield from _members(path if low.endswith(".tar") else _unpacked(path, spool), name, "tar")
        elif low.endswith((*LINES, *PACKED_LINES)):
            yield from _lines(path if low.endswith(LINES) else _unpacked(path, spool), name, columns)
        elif low.endswith(".parquet"):
            yield from _rows(path, name, columns)
        else:
            yield Document(name, Place("file", str(path)), _bytes(path, name))
    except SourceError as error:
        yield Document(name, Place("file", str(path)), SourceError(name, error.why))
    except (OSError, pa.ArrowException, EOFError, ValueError) as error:
        yield Document(name, Place("file", str(path)), SourceError(name, first_line(error)))


def fetch(place: Place, columns: Columns) -> bytes:
    """The bytes of the document at a place.

    :raises OSError: if they cannot be read.
    """
    if place.kind == "zip":
        with _zip(place.path).open(place.name) as member:
            return member.read(Limits().max_file + 1)
    if place.kind == "parquet":
        column = _group(place.path, place.at, columns.text)
        return str(column[place.size].as_py()).encode("utf-8", "surrogatepass")
    with open(place.path, "rb") as file:
        if place.kind == "file":
            return file.read(Limits().max_file + 1)
        file.seek(place.at)
        data = file.read(place.size)
    return data if place.kind == "tar" else _text(data, columns)[1]


def _bytes(path: Path, name: str) -> bytes | SourceError:
    try:
        with path.open("rb") as file:
            return file.read(Limits().max_file + 1)
    except OSError as error:
        return SourceError(name, error.strerror or str(error))


def _members(path: Path, name: str, kind: Kind) -> Iterator[Document]:
    for one in archives.members(path, _may_be_story):
        called = f"{name}/{one.name}"
        data = SourceError(called, one.data.why) if isinstance(one.data, SourceError) else one.data
        inside = Place("zip", str(path), one.name) if kind == "zip" else Place("tar", str(path), "", one.at, one.size)
        yield Document(called, inside, data)


def _may_be_story(name: str) -> bool:
    """Whether a file in an archive may be a story; one without an ending may."""
    last = name.replace("\\", "/").rpartition("/")[2].lower()
    return is_story(name) or "." not in last.removesuffix(".gz")


def _lines(path: Path, name: str, columns: Columns) -> Iterator[Document]:
    at = number = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            number += 1
            begin, at = at, at + len(line)
            if not line.strip():
                continue
            place = Place("jsonl", str(path), "", begin, len(line))
            try:
                called, data = _text(line, columns)
                yield Document(f"{name}/{called or number}", place, data)
            except ValueError as error:
                called = f"{name}/{number}"
                yield Document(called, place, SourceError(called, first_line(error)))


def _text(line: bytes, columns: Columns) -> tuple[str, bytes]:
    """The name and the text of a line of JSON."""
    row = msgspec.json.decode(line)
    if not isinstance(row, dict) or not isinstance(row.get(columns.text), str):
        raise ValueError(f"no text in the field {columns.text!r}; name its field with --text-column")
    called = row.get(columns.id)
    return "" if called is None else str(called), row[columns.text].encode("utf-8", "surrogatepass")


def _rows(path: Path, name: str, columns: Columns) -> Iterator[Document]:
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if columns.text not in names:
            raise ValueError(f"no column {columns.text!r}, only {', '.join(names)}; name the text's with --text-column")
        wanted = [columns.text, *([columns.id] if columns.id in names else [])]
        row = 0
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=wanted)
            called = table[columns.id] if len(wanted) == 2 else None
            for at, text in enumerate(table[columns.text]):
                own = called[at].as_py() if called is not None else None
                full = f"{name}/{row if own is None else own}"
                data = text.as_py()
                place = Place("parquet", str(path), "", group, at)
                yield Document(full, place, str(data).encode("utf-8", "surrogatepass") if data else b"")
                row += 1


def _unpacked(path: Path, spool: Path) -> Path:
    """A compressed file, unpacked beside the output: no document can be read from the middle of a compressed stream.

    The copy is made once for a file as it is now: its name holds the file's path, size and date.
    """
    import hashlib  # noqa: PLC0415
    import shutil  # noqa: PLC0415

    said = path.stat()
    mark = hashlib.sha256(f"{path.absolute()}\0{said.st_size}\0{said.st_mtime_ns}".encode()).hexdigest()[:16]
    copy = spool / mark
    if copy.exists():
        return copy
    spool.mkdir(parents=True, exist_ok=True)
    beside = copy.with_suffix(f".{os.getpid()}")
    try:
        with _opened(path) as packed, beside.open("wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
        os.replace(beside, copy)
    finally:
        beside.unlink(missing_ok=True)
    return copy


def _opened(path: Path) -> BinaryIO:
    low = path.name.lower()
    if low.endswith(".xz"):
        import lzma  # noqa: PLC0415

        return lzma.open(path)  # type: ignore[return-value]
    kind = "bz2" if low.endswith(".bz2") else "zstd" if low.endswith(".zst") else "gzip"
    stream: Any = pa.input_stream(str(path), compression=kind)
    return stream  # type: ignore[no-any-return]


@lru_cache(maxsize=4)
def _zip(path: str) -> zipfile.ZipFile:
    """An archive that stays open: one whose directory is long would else be read for every document."""
    return zipfile.ZipFile(path)


@lru_cache(maxsize=1)
def _group(path: str, group: int, column: str) -> pa.ChunkedArray:
    """A row group's texts: documents beside each other are read one after the other."""
    with pq.ParquetFile(path) as file:
        return file.read_row_group(group, columns=[column])[column]
