"""How long the reader in the browser and the report take on a novel, asked as a browser asks."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx

from benchmarks import speed
from benchmarks.table import Cell, Table
from unsaid.draft import Draft
from unsaid.web.serve import prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from unsaid.story import Story

WORDS = 100_000
CORRECTIONS = 20
AT_ONCE = 50
SETTLED = 15.0
"""Seconds after which a first reading has been kept."""


def table() -> Table:
    """Opening a novel of :data:`WORDS` words, its pages, corrections, and the report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "novel.txt"
        path.write_bytes(speed.of_length(speed.material(), WORDS).encode())
        os.environ["XDG_CACHE_HOME"] = folder
        rows = _served(path)
        path.with_suffix(".unsaid.toml").unlink()
        _again(path)  # the reading without corrections is kept
        time.sleep(SETTLED)
        rows.insert(1, ("its first page in a later run, from when the server is up", *_again(path)))
        story = Draft.open(path).story
        story.save(path.with_suffix(".html"))
        rows.append(("the report written", *_timed(lambda: story.save(path.with_suffix(".html")), 3)))
        size = path.with_suffix(".html").stat().st_size - path.stat().st_size
    note = (
        "Seconds, asked over loopback by one client unless it says otherwise: the median and the longest. The report "
        f"is {size / 1e6:.2f} MB larger than the text."
    )
    return Table(f"The reader, on {WORDS:,} words", ("what", "median", "longest"), tuple(rows), note)


def _again(path: Path) -> tuple[float, float]:
    """From a server that is up to the first page of a novel that was read in an earlier run."""
    server, bound, address = prepared([path])
    threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True).start()
    while not server.started:
        time.sleep(0.001)
    begun = time.perf_counter()
    with httpx.Client(follow_redirects=True, timeout=60) as client:
        shown = client.get(address)
        while "data-line" not in shown.text:
            shown = client.get(address)
    taken = time.perf_counter() - begun
    server.should_exit = True
    return taken, taken


def _served(path: Path) -> list[tuple[Cell, ...]]:
    begun = time.perf_counter()
    server, bound, address = prepared([path])
    threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True).start()
    base, key = address.partition("/?")[0], address.partition("token=")[2]
    limits = httpx.Limits(max_connections=AT_ONCE)
    with httpx.Client(
        base_url=base, cookies={f"unsaid-{base.rpartition(':')[2]}": key}, timeout=60, limits=limits
    ) as client:
        while client.get("/w/0/state").json()["state"] == "reading":
            time.sleep(0.02)
        rows: list[tuple[Cell, ...]] = [("the novel read for the first time", time.perf_counter() - begun, None)]
        rows.append(("its first page, once it is read", *_timed(lambda: client.get("/w/0/0"), 1)))
        pages = iter(range(1, 21))
        rows.append(("each further page", *_timed(lambda: client.get(f"/w/0/{next(pages)}"), 20)))
        changes = iter(_changes(Draft.open(path).story))

        def change() -> None:
            asked = {"do": "speaker", **next(changes)}
            client.post("/w/0/0/change", json=asked, headers={"origin": base}).raise_for_status()

        rows.append(("a correction, read again and shown", *_timed(change, CORRECTIONS)))
        rows.append(("cast, plots, ledger and findings after it", *_timed(lambda: client.get("/w/0/about"), 1)))
        rows.append((f"a page for {AT_ONCE} clients at once", *_crowd(client)))
    server.should_exit = True
    return rows


def _changes(story: Story) -> list[dict[str, str]]:
    """Lines spread over the novel, each given to somebody else."""
    spoken = [u for u in story.utterances if u.kind == "speech" and u.mode == "direct" and u.speaker]
    chief = sorted(story.characters, key=lambda c: -c.mentions)[:2]
    every = max(1, len(spoken) // CORRECTIONS)
    return [
        {"line": u.id, "who": next(c.id for c in chief if c.id != u.speaker)} for u in spoken[::every][:CORRECTIONS]
    ]


def _timed(what: Callable[[], object], times: int) -> tuple[float, float]:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        what()
        taken.append(time.perf_counter() - begun)
    return median(taken), max(taken)


def _crowd(client: httpx.Client) -> tuple[float, float]:
    taken: list[float] = []

    def ask() -> None:
        begun = time.perf_counter()
        client.get("/w/0/3").raise_for_status()
        taken.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return median(taken), max(taken)
