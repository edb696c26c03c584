"""Corpora of stories cut from public-domain novels: what reading them costs, by size, workers and engine."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.library import cut
from benchmarks.table import Cell, Table
from unsaid.corpus import Options, run

if TYPE_CHECKING:
    from unsaid.corpus.manifest import Manifest

KEPT = Path(__file__).with_name("corpora.md")
"""The table as it was last measured, for docs/benchmarks.md: measuring it takes minutes of an idle machine."""


def table(stories: int, *, ray: bool) -> Table:
    """Sizes up to ``stories`` by tens, then one worker, two, and Ray on the largest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = [size for size in (10, 100, 1_000, 10_000) if size <= stories]
        for size in sizes:
            (folder / str(size)).mkdir()
            cut(folder / str(size), size)
        runs = [(size, "local", 1) for size in sizes] + [(sizes[-1], "local", 2)]
        runs += [(sizes[-1], "ray", 2)] if ray else []
        rows, marks = [], set()
        for number, (size, engine, workers) in enumerate(runs):
            out = folder / f"out{number}"
            row, mark = _row(folder / str(size), out, size, engine, workers)
            rows.append(row)
            if size == sizes[-1]:
                marks.add(mark)
    columns = ("engine", "workers", "stories", "words", "seconds", "words/s", "MB a worker", "MB at the end", "out/in")
    same = "one and the same" if len(marks) == 1 else f"{len(marks)} different ones"
    note = (
        f"A worker's resident memory is the median over the second tenth of its chunks, and over the last. Seconds are "
        f"those of the whole run, the start of its processes (of a cluster, with Ray) among them. The manifests over "
        f"{sizes[-1]:,} stories are {same}."
    )
    return Table("Corpora", columns, tuple(rows), note)


def _row(tales: Path, out: Path, size: int, engine: str, workers: int) -> tuple[tuple[Cell, ...], str]:
    options = Options(engine="ray" if engine == "ray" else "local", workers=workers)
    begun = time.perf_counter()
    made = run([tales], out, options)
    took = time.perf_counter() - begun
    early, late = _memory(out)
    row = (engine, workers, size, made.counts["words"], f"{took:.1f}", round(made.counts["words"] / took), early, late)
    return (*row, f"{_written(made) / made.counts['bytes']:.2f}"), _mark(out)


def _written(made: Manifest) -> int:
    return sum(file.bytes for files in made.tables.values() for file in files)


def _mark(out: Path) -> str:
    return hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest()


def _memory(out: Path) -> tuple[int | None, int | None]:
    """The median of a worker's resident megabytes over the second and over the last tenth of the chunks."""
    lines = (out / ".unsaid" / "log.jsonl").read_text("utf-8").splitlines()
    held = [json.loads(line)["megabytes"] for line in lines]
    tenth = max(1, len(held) // 10)
    if len(held) < 2 * tenth or None in held:
        return None, None
    return _median(held[tenth : 2 * tenth]), _median(held[-tenth:])


def _median(values: list[float]) -> int:
    return round(sorted(values)[len(values) // 2])
