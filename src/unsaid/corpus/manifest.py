"""What a run leaves behind when all is read: the table of its documents, and the manifest, which comes last."""

from __future__ import annotations

import contextlib
import io
import shutil
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from unsaid.corpus.chunk import STATE
from unsaid.corpus.plan import chunk_at
from unsaid.files import replace
from unsaid.workers import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from unsaid.corpus.job import Receipt
    from unsaid.corpus.plan import Plan

NAME = "manifest.json"
DOCUMENTS = pa.schema(
    [("document", pa.string()), ("story", pa.string()), ("status", pa.string()), ("why", pa.string())]
)
"""``status`` is "read", "same" (the bytes of another document, whose story it shares), "quarantined" (``why`` says
what happened while it was read) or "refused" (it could not be opened)."""
PART = 100_000
"""Documents that are written at once."""


class File(msgspec.Struct, frozen=True):
    """A file of a table."""

    file: str
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has made. Two runs over the same documents with the same settings have the same manifest.

    :ivar settings: what decides how a document is read: the version, the contract, the model's digest.
    :ivar versions: of what the files were written with.
    :ivar counts: of documents by their status, of stories, words and bytes.
    :ivar tables: every table's files, sorted.
    """

    format: str = "unsaid-corpus/1"
    settings: dict[str, str | None]
    versions: dict[str, str]
    bounds: Bounds
    counts: dict[str, int]
    tables: dict[str, tuple[File, ...]]


def finish(out: Path, place: Path, plan: Plan, receipts: Mapping[str, Receipt], bounds: Bounds) -> Manifest:
    """Write what is known only at the end, and take away what is of no plan any more.

    :raises OSError: if it cannot be written.
    """
    _sweep(out, set(receipts))
    counts = _documents(out, place, plan, receipts)
    counts |= {
        "documents": sum(counts.values()),
        "stories": sum(one.stories for one in receipts.values()),
        "words": sum(one.words for one in receipts.values()),
        "bytes": plan.bytes,
    }
    names = sorted({name for one in receipts.values() for name in one.shards})
    tables = {name: tuple(_files(name, receipts)) for name in names}
    made = Manifest(
        settings=plan.settings, versions={"pyarrow": pa.__version__}, bounds=bounds, counts=counts, tables=tables
    )
    replace(out / NAME, msgspec.json.format(msgspec.json.encode(made), indent=1))
    shutil.rmtree(out / STATE / "spool", ignore_errors=True)
    return made


def _files(table: str, receipts: Mapping[str, Receipt]) -> Iterator[File]:
    for key in sorted(receipts):
        shard = receipts[key].shards[table]
        yield File(f"{table}/{key}.parquet", shard.rows, shard.bytes, shard.sha256)


def _sweep(out: Path, keys: set[str]) -> None:
    """Take away the files of chunks that are no longer, and what kills have left half-written."""
    for folder in out.iterdir():
        if folder.is_dir() and folder.name != STATE:
            for file in folder.iterdir():
                known = file.suffix == ".parquet" and file.stem in keys
                if not known and (file.suffix == ".parquet" or file.name.startswith(".unsaid-")):
                    file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rmdir()  # of a table that there is no more; any other is not empty
    for file in (out / STATE / "receipts").glob("*"):
        if file.stem not in keys:
            file.unlink(missing_ok=True)
    for file in [*out.glob(".unsaid-*.tmp"), *(out / STATE).glob(".unsaid-*.tmp")]:
        file.unlink(missing_ok=True)


def _documents(out: Path, place: Path, plan: Plan, receipts: Mapping[str, Receipt]) -> dict[str, int]:
    """Write the table of documents; how many there are of each status."""
    counts = dict.fromkeys(("read", "same", "quarantined", "refused"), 0)
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, DOCUMENTS, compression="zstd") as writer:
        held: list[dict[str, str | None]] = []
        for row in _rows(place, plan, receipts):
            counts[str(row["status"])] += 1
            held.append(row)
            if len(held) == PART:
                writer.write_table(pa.Table.from_pylist(held, schema=DOCUMENTS))
                held = []
        writer.write_table(pa.Table.from_pylist(held, schema=DOCUMENTS))
    replace(out / "documents.parquet", sink.getvalue())
    return counts


def _rows(place: Path, plan: Plan, receipts: Mapping[str, Receipt]) -> Iterator[dict[str, str | None]]:
    for entry in plan.chunks:
        failed = {one.key: one for one in receipts[entry.key].quarantined}
        for one in chunk_at(place, entry).documents:
            bad = failed.get(one.key)
            status = "read" if bad is None else "quarantined"
            why = None if bad is None else f"{bad.kind}: {bad.why}"
            yield {"document": one.id, "story": one.key, "status": status, "why": why}
    for extra in plan.extras:
        status = "same" if extra.same else "refused"
        yield {"document": extra.id, "story": extra.same, "status": status, "why": extra.why}
