"""Stories that take down whatever reads them, for the tests of corpora: one ends its process, one never ends."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from unsaid.corpus import Options, chunk, cluster, local, run
from unsaid.corpus.plan import chunk_at
from unsaid.corpus.reader import Reader
from unsaid.workers import At, Bounds

if TYPE_CHECKING:
    from collections.abc import Generator

    from unsaid.corpus.job import Done, Job, Stopped

CRASHES, HANGS = "crashes.txt", "hangs.txt"


def read(job: Job) -> Generator[At, None, Done | Stopped]:
    """In the place of :func:`unsaid.corpus.chunk.read`."""
    for one in chunk_at(Path(job.plan), job.entry).documents:
        if one.id in (CRASHES, HANGS) and one.key not in job.given_up:
            yield At(one.key)
            if one.id == CRASHES:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(600)
    return (yield from chunk.read(job))


def read_chunk(job: bytes) -> bytes:
    """In the place of :func:`unsaid.corpus.cluster.read_chunk`."""
    cluster.Reader = partial(Reader, function=read)  # type: ignore[assignment, misc]
    return cluster.read_chunk(job)


def poisoned(inputs: str, out: str, address: str | None) -> None:
    """A run that meets such stories: on a cluster if an address is given, else with the local engine."""
    local.Reader = partial(Reader, function=read)  # type: ignore[assignment, misc]
    cluster.read_chunk = read_chunk
    engine: Literal["ray", "local"] = "ray" if address else "local"
    run([inputs], out, Options(engine=engine, address=address, workers=2, bounds=Bounds(seconds=3), chunk=6_000))
