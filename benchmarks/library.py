"""A library of stories cut from public-domain novels: what adding and each kind of search take, and how large it is."""

from __future__ import annotations

import os
import random
import re
import tarfile
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx

from benchmarks import corpus
from benchmarks.table import Cell, Table
from unsaid.library import Library, Options
from unsaid.web.library import Held
from unsaid.web.serve import prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHORTEST, LONGEST = 500, 5_000  # words of a story
SEED = 7
RUNS = 9  # of each search; their median is shown
QUERIES = (
    "lighthouse",
    "window river",
    '"in the morning"',
    '"of the"',
    'speech:"i know"',
    "speech:home by tom",
    "speaker:meg",
    "departure:no-farewell",
    "departure:any by tom",
    "returns:no",
    "promise:broken",
    "narrators:2",
    'unsaid:"i love you"',
    "(question:open or request:refused) not narrator:first words:>2k",
)
DESCRIBED = Path(__file__).with_name("described.txt")
"""Scenes of these stories, each in a sentence of our own."""
KEPT = Path(__file__).with_name("library.md")
"""The table as it was last measured, for docs/benchmarks.md: measuring it takes longer than all the rest."""
_SECTION = re.compile(r"^## A library of .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def cut(folder: Path, most: int) -> None:
    """Write stories of whole paragraphs into a folder.

    :raises NoCorpusError: if the novels are not there.
    """
    stories = list(_stories())
    random.Random(SEED).shuffle(stories)
    for name, text in stories[:most]:
        (folder / f"{name}.txt").write_bytes(text.encode("utf-8"))


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


def table(stories: int, workers: int, kept: Path | None) -> Table:
    """Adding, adding again, and every kind of search.

    :param kept: where the library is made, or has been: then it is only asked.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, place = Path(name, "stories"), kept or Path(name, "library.duckdb")
        folder.mkdir()
        cut(folder, stories)
        rows = [] if place.exists() else _made(place, folder, workers)
        with Library.open(place) as library:
            rows += [_timed(f"`{query}`", partial(_total, library, query)) for query in QUERIES]
            passage, file = described()[0][1], min(folder.iterdir())
            rows.append(_timed("`like` a sentence", partial(_scenes, library, passage)))
            words = len(file.read_text(encoding="utf-8").split())
            rows.append(_timed(f"`like` a file of {words:,} words", partial(_scenes, library, file)))
            found = _found(library)
            size = sum(file.size for file in library.files())
        rows += _browsed(place)
        ratio = place.stat().st_size / size
    note = (
        f"In an open library: the median of {RUNS} runs, and of the processor's time that all threads of this process "
        f"took; the reading itself is done by {workers} others. {found} The library's file, with what `like` needs, is "
        f"{ratio:.2f} times the stories' {size / 1e6:.1f} MB.{_busy()}"
    )
    return Table(f"A library of {stories:,} stories", ("what", "works", "ms", "processor ms"), tuple(rows), note)


def _busy() -> str:
    """What else the machine did, where that is more than it has cores for."""
    load, cores = os.getloadavg()[1], os.cpu_count() or 1
    if load <= cores:
        return ""
    return f" Other programs kept the machine busy (load {load:.0f} on {cores} cores): alone, it takes less time."


def _total(library: Library, query: str) -> int:
    return library.search(query).total


def _scenes(library: Library, source: str | Path) -> int:
    return len(library.like(source).scenes)


def _made(place: Path, folder: Path, workers: int) -> list[tuple[Cell, ...]]:
    """Adding everything, adding it again, and making the vectors."""
    rows = []
    with Library.open(place, write=True) as library:
        for what in ("add", "add again"):
            rows.append(_timed(what, partial(_added, library, folder, workers), runs=1))
        rows.append(_timed("what `like` needs, once", library.prepare, runs=1))
    return rows


def _added(library: Library, folder: Path, workers: int) -> int:
    added = library.add(folder, options=Options(workers=workers))
    return added.new + added.known


def _browsed(place: Path) -> list[tuple[Cell, ...]]:
    """The library's pages, as a browser asks for them."""
    held = Held(place)
    server, bound, address = prepared([], library=held)
    threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True).start()
    while not server.started:
        time.sleep(0.001)
    with httpx.Client(follow_redirects=True, timeout=60) as client:
        base = address.partition("/?")[0]

        def works(path: str) -> int:
            shown = client.get(base + path).raise_for_status().text
            found = re.search(r'data-told="([\d,]+)', shown)
            return int(found[1].replace(",", "")) if found else 0

        begun, used = time.perf_counter(), time.process_time()
        client.get(address).raise_for_status()
        first = (_ms(time.perf_counter() - begun), _ms(time.process_time() - used))
        rows: list[tuple[Cell, ...]] = [("the first page in the browser", works("/"), *first)]
        rows.append(_timed("the list again", lambda: works("/library/found")))
        rows.append(_timed("`lighthouse`, as it is typed", lambda: works("/library/found?q=lighthouse")))
        rows.append(
            _timed("a work, opened at a hit", lambda: len(client.get(f"{base}/library/1/at/3000").text) > 0, runs=1)
        )
    server.should_exit = True
    held.close()
    return rows


def described() -> list[tuple[str, str]]:
    """The name of a story, and a sentence that tells of one of its scenes."""
    lines = DESCRIBED.read_text(encoding="utf-8").splitlines()
    return [(name, said) for name, tab, said in (line.partition("\t") for line in lines) if tab]


def _found(library: Library) -> str:
    """How often the story of a described scene is the first that `like` shows, and among the first ten scenes."""
    there = {Path(file.path).stem for file in library.files()}
    told = [(name, said) for name, said in described() if name in there]
    ranks = []
    for name, said in told:
        stems = [Path(scene.path or "").stem for scene in library.like(said).scenes]
        ranks += [stems.index(name)] if name in stems else []
    first = sum(rank == 0 for rank in ranks)
    return (
        f"Of {len(told)} scenes, drawn at random and told in one sentence of our own without names, `like` shows the "
        f"right story first for {first}, and among its ten scenes for {len(ranks)}."
    )


def _timed(what: str, does: Callable[[], int], *, runs: int = RUNS) -> tuple[Cell, ...]:
    taken, used, total = [], [], 0
    for _ in range(runs):
        begun, before = time.perf_counter(), time.process_time()
        total = does()
        taken.append(time.perf_counter() - begun)
        used.append(time.process_time() - before)
    return (what, int(total), _ms(median(taken)), _ms(median(used)))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def with_library(page: str, measured: str) -> str:
    """The page of benchmarks with the library's table as it was measured now."""
    if _SECTION.search(page):
        return _SECTION.sub(lambda _: measured + "\n", page, count=1)
    before, begins, after = page.partition("## Twenty warnings")
    return f"{before}{measured}\n{begins}{after}"
