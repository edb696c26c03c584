"""The Ray engine: the same chunks, read by actors of a cluster that Ray Data places, restarts and retries.

What goes to an actor is where a chunk stands in the plan, and what comes back is its receipt; texts and tables go
straight between the actors and the files, which therefore have to lie where every node sees them.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.corpus.chunk import Done, Job, Reader, Stopped
from unsaid.errors import CorpusError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Answer = Done | Stopped
"""What comes back from an actor."""


class Actor:
    """A reader on some node; it starts its process with its first chunk."""

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """A chunk's job as JSON in, what came of it as JSON out."""
        job = msgspec.json.decode(row["job"], type=Job)
        if not os.path.isfile(job.plan):
            why = f"{job.plan} is not to be seen from {os.uname().nodename}; all nodes need to see the output's folder"
            return {"got": msgspec.json.encode(Stopped(why))}
        self._reader = self._reader or Reader(job.bounds)
        got = self._reader.run(job)
        return {"got": msgspec.json.encode(got)}


def read(jobs: Sequence[Job], workers: int | None, address: str | None) -> Iterator[Answer]:
    """What comes of each chunk, in the order of arrival.

    :param workers: actors at most; None for one on each core of the cluster, whatever joins it.
    :param address: of a cluster to join; None starts one on this machine for the run.
    :raises MissingExtra: if Ray is not installed.
    :raises CorpusError: if there is no cluster at the address, or it fails beyond what it can mend.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what goes wrong comes as an exception
    try:
        import ray  # noqa: PLC0415 - seconds to load
        import ray.data  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtra("the engine ray", "ray", error.name or "ray") from error
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, workers, address)
    try:
        rows = [{"job": msgspec.json.encode(job)} for job in jobs]
        cores = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        asked = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            Actor,  # type: ignore[arg-type]  # its stub knows no actors
            concurrency=(1, workers or max(cores, 1)),
            num_cpus=1,
        )
        for row in asked.iter_rows():
            yield msgspec.json.decode(row["got"], type=Answer)
    except ray.exceptions.RayError as error:
        raise CorpusError(address or "ray", str(error).strip().splitlines()[-1]) from error
    finally:
        if ours:
            ray.shutdown()


def _connect(ray: Any, workers: int | None, address: str | None) -> None:
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if address:
            _knock(address)
            ray.init(address=address, **quiet)
        else:
            ray.init(num_cpus=workers, include_dashboard=False, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        why = (str(error).strip().splitlines() or ["no answer"])[0]
        raise CorpusError(address or "ray", f"no Ray cluster there: {why}") from error


def _knock(address: str) -> None:
    """Whether somebody listens at HOST:PORT: Ray itself would wait for minutes, and then end this process.

    :raises OSError: if nobody does.
    """
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()
