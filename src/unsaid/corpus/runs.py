"""A run: what is left of a corpus planned, read by an engine, and accounted for."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import filelock
import msgspec

from unsaid.encoder import Precision, digest_in, precision_on, require
from unsaid.errors import CorpusError, MissingExtra

try:
    from unsaid.corpus import cluster, local, manifest, plan
    from unsaid.corpus.chunk import STATE, receipt_place, shard_place
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "pyarrow":
        raise
    raise MissingExtra("corpora", "tables", "pyarrow") from error
from unsaid.corpus.job import Columns, Done, Entry, Job, Receipt, Stopped
from unsaid.workers import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from os import PathLike

    from unsaid.corpus.manifest import Manifest
    from unsaid.corpus.plan import Plan

WINDOW = 300.0
"""Seconds of the recent past that the rate is taken from."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a corpus is read.

    :ivar encoder: read with the encoder, too: places, and what happens.
    :ivar device: where the encoder runs: "cpu", or "cuda" where ONNX Runtime has been installed for it.
    :ivar precision: of the encoder's network: "int8" on the processor, "float32" on a GPU, if not given; "float32" on
        the processor reads in batches as a GPU does.
    :ivar workers: processes that read at once; None for one on each core (of the cluster, with Ray).
    :ivar bounds: what one document may cost.
    :ivar address: of a running Ray cluster to join.
    :ivar chunk: bytes of documents that are read and written as one, about: what a kill costs each worker at most. By
        default as many as make 64 chunks, in bounds; this one does change the files, though not what is in them.
    """

    engine: Literal["local", "ray"] = "local"
    workers: int | None = None
    bounds: Bounds = Bounds()
    columns: Columns = Columns()
    address: str | None = None
    chunk: int | None = None
    encoder: bool = False
    device: str = "cpu"
    precision: Precision | None = None


class Progress(msgspec.Struct, frozen=True):
    """How far a run has come.

    :ivar looked: documents looked at; while ``bytes`` is None, the plan is still being made.
    :ivar done: bytes of documents read, those of earlier runs among them, of ``bytes`` in all.
    :ivar rate: bytes a second of late; None until every worker has brought its second chunk.
    :ivar left: seconds until the end at this rate.
    """

    looked: int
    done: int = 0
    bytes: int | None = None
    rate: float | None = None
    left: float | None = None


def run(
    names: Iterable[str | PathLike[str]],
    out: str | PathLike[str],
    options: Options = Options(),  # noqa: B008 - frozen
    progress: Callable[[Progress], None] = lambda _: None,
) -> Manifest:
    """Read every document of some files and folders into a folder of Parquet files, or go on doing so.

    :raises CorpusError: if there is nothing to read, the output cannot be written, or another run is writing it.
    :raises NoEncoder: if the encoder is asked for and cannot be used.
    :raises MissingExtra: if Ray, or what the encoder needs, is asked for and not installed.
    """
    place = Path(out)
    _claim(place)
    lock = filelock.FileLock(place / STATE / "lock")
    try:
        with lock.acquire(timeout=0):
            return _run([os.fspath(name) for name in names], place, options, progress)
    except filelock.Timeout as error:
        raise CorpusError(str(place), "another run is writing it; wait until it has ended") from error
    except OSError as error:
        raise CorpusError(str(place), f"cannot write: {error.strerror or error}") from error


def _claim(out: Path) -> None:
    """Make the output's folder; one that holds anything else is left alone."""
    try:
        if out.is_dir() and any(out.iterdir()) and not (out / STATE).is_dir():
            raise CorpusError(str(out), "holds something else than a corpus that was read; name an empty folder")
        (out / STATE).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(str(out), f"cannot write: {error.strerror or error}") from error


def _run(names: list[str], out: Path, options: Options, progress: Callable[[Progress], None]) -> Manifest:
    planned = _planned(names, out, options, progress)
    known = ((entry.key, _kept(out, entry.key, options.bounds)) for entry in planned.chunks)
    receipts = {key: receipt for key, receipt in known if receipt is not None}
    left = [entry for entry in planned.chunks if entry.key not in receipts]
    if left:
        (out / manifest.NAME).unlink(missing_ok=True)
    sizes = {entry.key: entry.bytes for entry in planned.chunks}
    meter = _Meter(planned, sum(sizes[key] for key in receipts), options.workers or os.cpu_count() or 1)
    progress(meter.now())
    with contextlib.closing(_engine(_jobs(left, out, options), options)) as arriving:
        for got in arriving:
            if isinstance(got, Stopped):
                raise CorpusError(str(out), f"{got.why}; run the same command again to go on")
            receipts[got.receipt.key] = got.receipt
            _log(out, got)
            progress(meter.add(sizes[got.receipt.key]))
    return manifest.finish(out, _place(out), planned, receipts, options.bounds)


def _place(out: Path) -> Path:
    return out.absolute() / STATE / "plan.json"


def _planned(names: list[str], out: Path, options: Options, progress: Callable[[Progress], None]) -> Plan:
    """The plan of an earlier run, where nothing that it was made from has changed; else a new one."""
    listed = plan.files(names)
    mine = out.absolute()
    listed = [(path, name) for path, name in listed if mine not in path.parents]
    known = plan.load(_place(out))
    settings = _settings(options)
    mark = plan.mark_of(listed, settings, options.columns, options.chunk)
    if known is None or known.mark != mark:
        target = options.chunk or plan.target_of(listed)
        spool = mine / STATE / "spool"
        documents = plan.documents(listed, options.columns, spool)
        known = plan.make(
            plan.Plan(mark, settings), documents, target, _place(out), lambda count: progress(Progress(count))
        )
    if not known.chunks and not known.extras:
        raise CorpusError(", ".join(names), "no story in there")
    return known


def _settings(options: Options) -> plan.Settings:
    """What decides how a document is read. On a cluster it is the workers that need the device."""
    if not options.encoder:
        return plan.settings()
    precision = precision_on(options.device, options.precision)
    if options.engine == "local":
        require(options.device)
    return plan.settings(digest_in(options.device, precision), options.device, precision)


def _jobs(left: list[Entry], out: Path, options: Options) -> list[Job]:
    where, place = str(out.absolute()), str(_place(out))
    device = options.device if options.encoder else None
    return [
        Job(
            out=where,
            plan=place,
            entry=entry,
            columns=options.columns,
            bounds=options.bounds,
            device=device,
            precision=options.precision,
        )
        for entry in left
    ]


def _engine(jobs: list[Job], options: Options) -> Generator[Done | Stopped, None, None]:
    if not jobs:
        return
    if options.engine == "ray":
        yield from cluster.read(jobs, options.workers, options.address)
    else:
        yield from local.read(jobs, options.workers or os.cpu_count() or 1)


def _kept(out: Path, key: str, bounds: Bounds) -> Receipt | None:
    """The receipt of a chunk that was read before, if its files still stand and more time or memory would not help."""
    try:
        got = msgspec.json.decode(receipt_place(out, key).read_bytes(), type=Receipt)
        whole = all(shard_place(out, name, key).stat().st_size == one.bytes for name, one in got.shards.items())
    except (OSError, msgspec.DecodeError):
        return None
    return got if whole and got.bounds in (None, bounds) else None


def _log(out: Path, got: Done) -> None:
    """Note what a chunk cost: this is no part of the output, which is the same whatever it cost."""
    line = {"chunk": got.receipt.key, "seconds": round(got.seconds, 3), "megabytes": got.megabytes}
    with (out / STATE / "log.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")


class _Meter:
    """How much is done, and how fast of late."""

    def __init__(self, planned: Plan, done: int, workers: int) -> None:
        self._all, self._looked, self._done, self._workers = planned.bytes, planned.documents, done, workers
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), done)])
        self._arrived = 0

    def add(self, size: int) -> Progress:
        """One more chunk of so many bytes."""
        self._done += size
        self._arrived += 1
        now = time.monotonic()
        self._marks.append((now, self._done))
        while len(self._marks) > 2 and self._marks[1][0] < now - WINDOW:
            self._marks.popleft()
        return self.now()

    def now(self) -> Progress:
        """How far it is."""
        (began, first), (last, done) = self._marks[0], self._marks[-1]
        if self._arrived < 2 * self._workers or last <= began:
            return Progress(self._looked, self._done, self._all)
        rate = (done - first) / (last - began)
        return Progress(self._looked, self._done, self._all, rate, (self._all - self._done) / rate if rate else None)
