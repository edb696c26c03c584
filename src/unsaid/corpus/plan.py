"""The plan of a run: every document once, in chunks that stay the same when the run is done again.

A chunk is what is read and written as one. Where it ends is said by the documents' own digests, not by counting, so
that a document more or less in a corpus changes the chunk it falls into and no other one: content-defined chunking, as
file synchronisation has it (Muthitacharoen, Chen and Mazieres 2001, "A Low-bandwidth Network File System").
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unsaid import __version__
from unsaid.corpus.documents import COLLECTIONS, Place, found
from unsaid.corpus.job import Entry
from unsaid.errors import CorpusError, SourceError
from unsaid.files import replace
from unsaid.inputs import is_story
from unsaid.story import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from unsaid.corpus.documents import Document
    from unsaid.corpus.job import Columns

SMALLEST, LARGEST = 1 << 17, 1 << 23
"""Bytes of documents in a chunk, about: its files should be worth opening, and a kill should cost little."""
CHUNKS = 64
"""How many chunks a corpus has at least, where they are not made smaller than that for it."""


class Planned(msgspec.Struct, frozen=True, array_like=True):
    """A document of a chunk; ``key`` is the digest of its bytes (SHA-256), the key of its rows in every table."""

    key: str
    id: str
    place: Place
    bytes: int


class Chunk(msgspec.Struct, frozen=True):
    """What is read and written as one. ``key`` is a digest of its documents and of what decides how they are read."""

    key: str
    documents: tuple[Planned, ...]


class Extra(msgspec.Struct, frozen=True, array_like=True):
    """A document in no chunk: one with the bytes of another (``same``), or one that could not be opened (``why``)."""

    id: str
    same: str | None = None
    why: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """A run's plan. The chunks themselves stay in the plan's file, however many they are."""

    mark: str
    settings: Settings
    chunks: tuple[Entry, ...] = ()
    extras: tuple[Extra, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents are in its chunks."""
        return sum(one.documents for one in self.chunks)

    @property
    def bytes(self) -> int:
        """How many bytes they have."""
        return sum(one.bytes for one in self.chunks)


Settings = dict[str, str | None]
"""What decides how a document is read: a chunk that was read under others is read again."""


def settings(model: str | None = None, device: str | None = None, precision: str | None = None) -> Settings:
    """The settings of this version.

    :param model: the digest of the encoder's model, where it reads; ``device`` is where, and ``precision`` how.
    """
    return {"unsaid": __version__, "format": FORMAT, "model": model, "device": device, "precision": precision}


def files(names: Iterable[str]) -> list[tuple[Path, str]]:
    """The files that names stand for, with what each is called: sorted below folders, each once.

    :raises CorpusError: if one is not there.
    """
    taken: dict[Path, str] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            for root, folders, inside in os.walk(path):
                folders[:] = sorted(one for one in folders if not one.startswith("."))
                for one in sorted(inside):
                    if is_story(one) or (one.lower().endswith(COLLECTIONS) and not one.startswith(".")):
                        whole = Path(root, one)
                        taken.setdefault(whole.absolute(), whole.relative_to(path).as_posix())
        elif path.exists():
            taken.setdefault(path.absolute(), path.name)
        else:
            raise CorpusError(name, "no such file or folder")
    return list(taken.items())


def mark_of(listed: list[tuple[Path, str]], settings: Settings, columns: Columns, chunk: int | None) -> str:
    """A digest of what a plan is made from: while it stays the same, nothing has to be looked into again.

    :raises CorpusError: if a file has gone.
    """
    digest = hashlib.sha256(msgspec.json.encode([settings, columns, chunk]))
    for path, name in listed:
        said = _stat(path)
        digest.update(msgspec.json.encode([os.fsencode(path).hex(), name, said.st_size, said.st_mtime_ns]))
    return digest.hexdigest()


def target_of(listed: list[tuple[Path, str]]) -> int:
    """Bytes that a chunk should have: a power of two, so that a corpus that grows a little keeps its chunks.

    :raises CorpusError: if a file has gone.
    """
    share = max(1, sum(_stat(path).st_size for path, _ in listed) // CHUNKS)
    return min(LARGEST, max(SMALLEST, 1 << (share.bit_length() - 1)))


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise CorpusError(str(path), error.strerror or str(error)) from error


def documents(listed: list[tuple[Path, str]], columns: Columns, spool: Path) -> Iterator[Document]:
    """The documents of all files, in their order."""
    for path, name in listed:
        yield from found(path, name, columns, spool)


def make(plan: Plan, every: Iterable[Document], target: int, place: Path, looked: Callable[[int], None]) -> Plan:
    """Look at every document once and write the plan into a file.

    :param plan: a plan that has no chunks yet.
    :param target: bytes of documents in a chunk, about.
    :param place: the plan's file, which is there whole or not at all.
    :param looked: told the number of documents now and then.
    :raises OSError: if the plan cannot be written.
    """
    extras: list[Extra] = []
    entries: list[Entry] = []
    beside = place.with_suffix(f".{os.getpid()}")
    try:
        with beside.open("wb") as file:  # written as it grows: a plan of millions would fill the memory
            for held in _cut(_unlike(every, extras, looked), target):
                chunk = _chunk(held, plan.settings)
                line = msgspec.json.encode(chunk) + b"\n"
                size = sum(one.bytes for one in chunk.documents)
                entries.append(Entry(chunk.key, file.tell(), len(line), len(chunk.documents), size))
                file.write(line)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, place.with_suffix(".chunks"))
    finally:
        beside.unlink(missing_ok=True)
    made = msgspec.structs.replace(plan, chunks=tuple(entries), extras=tuple(extras))
    replace(place, msgspec.json.encode(made))
    return made


def load(place: Path) -> Plan | None:
    """The plan in a file; None where there is none that can be used."""
    try:
        return msgspec.json.decode(place.read_bytes(), type=Plan)
    except (OSError, msgspec.DecodeError):
        return None


def chunk_at(place: Path, entry: Entry) -> Chunk:
    """A chunk of the plan in a file."""
    with place.with_suffix(".chunks").open("rb") as file:
        file.seek(entry.at)
        return msgspec.json.decode(file.read(entry.size), type=Chunk)


def _unlike(every: Iterable[Document], extras: list[Extra], looked: Callable[[int], None]) -> Iterator[Planned]:
    """Each document once: those that cannot be opened, and those whose bytes were there before, become extras."""
    before: set[bytes] = set()
    for number, one in enumerate(every, 1):
        if number % 1000 == 0:
            looked(number)
        if isinstance(one.data, SourceError):
            extras.append(Extra(one.id, None, one.data.why))
            continue
        digest = hashlib.sha256(one.data)
        if digest.digest() in before:
            extras.append(Extra(one.id, digest.hexdigest()))
            continue
        before.add(digest.digest())
        yield Planned(digest.hexdigest(), one.id, one.place, len(one.data))


def _cut(documents: Iterable[Planned], target: int) -> Iterator[list[Planned]]:
    """Chunks of about ``target`` bytes: a document ends one as often as its length is in them, by its own digest."""
    held: list[Planned] = []
    size = 0
    for one in documents:
        held.append(one)
        size += one.bytes
        drawn = int(one.key[:8], 16) / 2**32 < one.bytes / target
        if size >= 2 * target or (drawn and size >= target // 4):
            yield held
            held, size = [], 0
    if held:
        yield held


def _chunk(held: list[Planned], settings: Settings) -> Chunk:
    said = msgspec.json.encode([settings, [(one.key, one.id) for one in held]])
    return Chunk(hashlib.sha256(said).hexdigest()[:32], tuple(held))
