"""One chunk read and written, in a process of its own: documents in, a file of Parquet for each table out."""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from unsaid.corpus.job import Done, Job, Quarantined, Receipt, Shard, Stopped
from unsaid.corpus.plan import chunk_at
from unsaid.corpus.together import each
from unsaid.encoder import load as open_model
from unsaid.errors import UnsaidError
from unsaid.files import replace
from unsaid.formats.tables import LAYERS, STORIES, schema
from unsaid.workers import MEGABYTE, At, Failure, memory

if TYPE_CHECKING:
    from collections.abc import Generator

STATE = ".unsaid"
"""The folder, inside the output, of what a run needs to go on."""


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
