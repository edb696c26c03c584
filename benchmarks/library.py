"""A library of stories cut from public-domain novels: what adding and each kind of search take, and how large it is."""

from __future__ import annotations

import os
import random
import tarfile
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import corpus
from benchmarks.table import Cell, Table
from unsaid.library import Library, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST, LONGEST = 500, 5_000  # words of a story
SEED = 7
RUNS = 5  # of each search; the shortest is shown, and its processor time beside it
QUERIES = (
    "lighthouse",
    "window river",
    '"in the morning"',
    '"of the"',
    'speech:"i know"',
    "departure:no-farewell",
    "returns:no",
    "promise:broken",
    "narrators:2",
    'unsaid:"i love you"',
    "(question:open or request:refused) not narrator:first words:>2k",
)


def cut(folder: Path, most: int) -> int:
    """Write stories of whole paragraphs into a folder; their size in bytes.

    :raises NoCorpusError: if the novels are not there.
    """
    stories = list(_stories())
    random.Random(SEED).shuffle(stories)
    size = 0
    for name, text in stories[:most]:
        data = text.encode("utf-8")
        (folder / f"{name}.txt").write_bytes(data)
        size += len(data)
    return size


def _stories() -> Iterator[tuple[str, str]]:
    lengths = random.Random(SEED)
    with tarfile.open(corpus.shared() / "data" / "litbank" / "original.tar.xz") as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            file = archive.extractfile(member) if member.name.endswith(".txt") else None
            if file is None or Path(member.name).name.startswith("."):
                continue
            paragraphs = file.read().decode("utf-8", "replace").replace("\r\n", "\n").split("\n\n")
            for number, text in enumerate(_pieces(paragraphs, lengths)):
                yield f"{Path(member.name).stem}-{number:04}", text


def _pieces(paragraphs: list[str], lengths: random.Random) -> Iterator[str]:
    taken: list[str] = []
    words, wanted = 0, lengths.randint(SHORTEST, LONGEST)
    for paragraph in paragraphs:
        taken.append(paragraph)
        words += len(paragraph.split())
        if words >= wanted:
            yield "\n\n".join(taken) + "\n"
            taken, words, wanted = [], 0, lengths.randint(SHORTEST, LONGEST)


def table(stories: int, workers: int) -> Table:
    """Adding, adding again, and every kind of search."""
    with tempfile.TemporaryDirectory() as name:
        folder, place = Path(name, "stories"), Path(name, "library.duckdb")
        folder.mkdir()
        size = cut(folder, stories)
        rows: list[tuple[Cell, ...]] = []
        with Library.open(place, write=True) as library:
            for what in ("add", "add again"):
                begun, used = time.perf_counter(), time.process_time()
                added = library.add(folder, options=Options(workers=workers))
                took, used = time.perf_counter() - begun, time.process_time() - used
                rows.append((what, added.new + added.known, _ms(took), _ms(used)))
        with Library.open(place) as library:
            rows += [_timed(library, query) for query in QUERIES]
        ratio = os.path.getsize(place) / size
    note = (
        f"Searches are the fastest of {RUNS}; the processor's time is that of all threads of this process (not of the "
        f"{workers} that read). The library's file is {ratio:.2f} times the stories' {size / 1e6:.1f} MB."
    )
    return Table(f"A library of {stories:,} stories", ("what", "works", "ms", "processor ms"), tuple(rows), note)


def _timed(library: Library, query: str) -> tuple[Cell, ...]:
    runs = []
    for _ in range(RUNS):
        begun, used = time.perf_counter(), time.process_time()
        total = library.search(query).total
        runs.append((time.perf_counter() - begun, time.process_time() - used))
    took, used = min(runs)
    return (f"`{query}`", total, _ms(took), _ms(used))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
