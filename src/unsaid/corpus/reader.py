"""Chunks read in a process of its own, which a document may take down with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.corpus.job import TOGETHER, Done, Job, Stopped
from unsaid.workers import Failure, Keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from unsaid.workers import At, Bounds

ATTEMPTS = 3
"""How often a process may die over one document until the document is held to be the cause: once and twice it may have
been the machine."""
READS = "unsaid.corpus.chunk"
"""The module that reads: only the process beside this one loads it."""


class Reader:
    """Reads chunks in a process beside this one, which a document may take down with it."""

    def __init__(self, bounds: Bounds, function: Callable[[Job], Any] | None = None, *, main: bool = True) -> None:
        """Bounds on what one document may cost; the function is :func:`unsaid.corpus.chunk.read`, or one that a test
        puts in its place.

        :param main: as for :class:`unsaid.workers.Keeper`.
        """
        self._keeper = Keeper(function or _read, bounds, loads=READS, main=main)
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


def _read(job: Job) -> Generator[At, None, Done | Stopped]:
    from unsaid.corpus.chunk import read  # noqa: PLC0415 - not in the process that waits

    return (yield from read(job))
