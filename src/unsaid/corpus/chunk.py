"""One chunk read and written, in a process of its own: documents in, a file of Parquet for each table out."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from unsaid.corpus.documents import Columns
from unsaid.corpus.plan import Entry, chunk_at
from unsaid.corpus.together import TOGETHER, each
from unsaid.encoder import Precision
from unsaid.encoder import load as open_model
from unsaid.errors import UnsaidError
from unsaid.files import replace
from unsaid.formats.tables import LAYERS, STORIES, schema
from unsaid.workers import MEGABYTE, At, Bounds, Failure, Keeper, memory

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ATTEMPTS = 3
"""How often a process may die over one document until the document is held to be the cause: once and twice it may have
been the machine."""
STATE = ".unsaid"
"""The folder, inside the output, of what a run needs to go on."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk to be read.

    :ivar out: the folder of the output, which every process sees.
    :ivar device: where the encoder runs; None to read without it. ``precision`` is that of its network.
    :ivar given_up: documents that are not to be tried again, by key, with the reason; and ``TOGETHER``, where they are
        to be read one by one.
    """

    out: str
    plan: str
    entry: Entry
    columns: Columns
    bounds: Bounds
    device: str | None = None
    precision: Precision | None = None
    given_up: dict[str, Failure] = {}


class Quarantined(msgspec.Struct, frozen=True):
    """A document that could not be read, and why; ``kind`` as in :class:`unsaid.workers.Failure`."""

    id: str
    key: str
    kind: str
    why: str


class Shard(msgspec.Struct, frozen=True):
    """A chunk's file of one table."""

    rows: int
    bytes: int
    sha256: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a chunk. It is written last: where it stands, the chunk's files stand whole.

    :ivar bounds: under which a document was given up for its time or memory; None where none was.
    """

    key: str
    documents: int
    stories: int
    words: int
    shards: dict[str, Shard]
    quarantined: tuple[Quarantined, ...] = ()
    bounds: Bounds | None = None


class Done(msgspec.Struct, frozen=True, tag=True):
    """A chunk that has been read: its receipt, and what it cost in seconds and in the reader's resident megabytes."""

    receipt: Receipt
    seconds: float
    megabytes: float | None


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """Why a run cannot go on: what is wrong is no document's fault."""

    why: str


class Reader:
    """Reads chunks in a process beside this one, which a document may take down with it."""

    def __init__(self, bounds: Bounds, function: Callable[[Job], Any] | None = None) -> None:
        """Bounds on what one document may cost; the function is :func:`read`, or one that a test puts in its place."""
        self._keeper = Keeper(function or read, bounds)
        self._closed = False

    def run(self, job: Job) -> Done | Stopped:
        """Read a chunk. A document that ends the process, or takes too much, is given up and the chunk begun again."""
        given_up: dict[str, Failure] = {}
        died: dict[str | None, int] = {}
        while not self._closed:
            got = self._keeper.run(msgspec.structs.replace(job, given_up=given_up))
            if not isinstance(got, Failure):
                assert isinstance(got, Done | Stopped)
                return got
            died[got.at] = died.get(got.at, 0) + 1
            if got.kind == "crash" and died[got.at] < ATTEMPTS and got.at != TOGETHER:
                continue
            if got.at is None:
                return Stopped(f"a chunk cannot be read: {got.why}")
            given_up[got.at] = msgspec.structs.replace(got, at=None)
        return Stopped("the run was ended")

    def stop(self) -> None:
        """Have :meth:`run` return at once; for another thread than the one that reads."""
        self._closed = True
        self._keeper.stop()

    def close(self) -> None:
        """End the process."""
        self._keeper.close()


def read(job: Job) -> Generator[At, None, Done | Stopped]:
    """Read a chunk's documents and write its files; the receipt is the last of them."""
    began = time.monotonic()
    tables: dict[str, list[pa.Table]] = {name: [] for name in (STORIES, *LAYERS)}
    failed: list[Quarantined] = []
    words = 0
    chunk = chunk_at(Path(job.plan), job.entry)
    try:
        model = open_model(device=job.device, precision=job.precision, threads=1) if job.device else None
    except UnsaidError as error:
        return Stopped(str(error))
    for got in each(chunk.documents, job.columns, model, job.given_up):
        if isinstance(got, At):
            yield got
            continue
        one, made = got
        if isinstance(made, Failure):
            failed.append(Quarantined(one.id, one.key, made.kind, made.why))
            continue
        for name, table in made[0].items():
            tables[name].append(table)
        words += made[1]
    yield At(None)
    whole = {name: pa.concat_tables([schema(name).empty_table(), *parts]) for name, parts in tables.items()}
    try:
        shards = {name: _written(Path(job.out), name, chunk.key, table) for name, table in whole.items()}
        receipt = Receipt(
            key=chunk.key,
            documents=len(chunk.documents),
            stories=whole[STORIES].num_rows,
            words=words,
            shards=shards,
            quarantined=tuple(failed),
            bounds=job.bounds if any(one.kind in ("time", "memory") for one in failed) else None,
        )
        replace(receipt_place(Path(job.out), chunk.key), msgspec.json.encode(receipt))
    except OSError as error:
        return Stopped(f"cannot write: {error.strerror or error}")
    held = memory()
    return Done(receipt, time.monotonic() - began, held.resident / MEGABYTE if held else None)


def receipt_place(out: Path, key: str) -> Path:
    """Where a chunk's receipt stands."""
    return out / STATE / "receipts" / f"{key}.json"


def shard_place(out: Path, table: str, key: str) -> Path:
    """Where a chunk's file of a table stands."""
    return out / table / f"{key}.parquet"


def _written(out: Path, name: str, key: str, table: pa.Table) -> Shard:
    sink = io.BytesIO()
    pq.write_table(table.combine_chunks(), sink, compression="zstd")
    data = sink.getvalue()
    replace(shard_place(out, name, key), data)
    return Shard(table.num_rows, len(data), hashlib.sha256(data).hexdigest())
