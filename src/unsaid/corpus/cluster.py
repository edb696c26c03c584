"""The Ray engine: the same chunks, each a task that Ray places on a node, and does again where one is lost.

What goes to a task is where a chunk stands in the plan, and what comes back is its receipt; texts and tables go
straight between the processes and the files, which therefore have to lie where every node sees them. Ray Data
was tried, with actors and with tasks: it costs a third more, and a chunk needs nothing that it does (docs/corpora.md).
"""

from __future__ import annotations

import logging
import os
import socket
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.corpus.job import Done, Job, Stopped
from unsaid.corpus.reader import Reader
from unsaid.errors import CorpusError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.workers import Bounds

Answer = Done | Stopped
"""What comes back from a task."""
AHEAD = 2
"""Tasks for each core of the cluster that are handed to Ray at once: the next one is there when one is done."""
PATIENCE = 5.0
"""Seconds without an answer until the cluster's cores are counted anew."""
_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is sent anywhere
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # what goes wrong comes as an exception
}
"""How Ray is to behave, unless the environment says otherwise: it reads this when it is loaded."""
_RAY_OF_OUR_OWN = {"RAY_worker_niceness": "0"}
"""And a cluster that is begun for a run: its workers go before nothing and after nothing, as the local engine's do."""
_readers: dict[Bounds, Reader] = {}
"""The reader of this worker's process, which goes on from one task to the next with its own process beside it."""


def read_chunk(job: bytes) -> bytes:
    """A chunk's job as JSON in, what came of it as JSON out; somewhere in the cluster."""
    asked = msgspec.json.decode(job, type=Job)
    if not os.path.isfile(asked.plan):
        why = f"{asked.plan} is not to be seen from {os.uname().nodename}; all nodes need to see the output's folder"
        return msgspec.json.encode(Stopped(why))
    if (reader := _readers.get(asked.bounds)) is None:  # the main module here is Ray's, with all of Ray behind it
        reader = _readers[asked.bounds] = Reader(asked.bounds, main=False)
    return msgspec.json.encode(reader.run(asked))


def read(jobs: Sequence[Job], workers: int | None, address: str | None) -> Iterator[Answer]:
    """What comes of each chunk, in the order of arrival.

    :param workers: tasks at once; None for one on each core of the cluster, whatever joins it.
    :param address: of a cluster to join; None starts one on this machine for the run.
    :raises MissingExtra: if Ray is not installed.
    :raises CorpusError: if there is no cluster at the address, or it fails beyond what it can mend.
    """
    for name, value in (_RAY if address else _RAY | _RAY_OF_OUR_OWN).items():
        os.environ.setdefault(name, value)
    try:
        import ray  # noqa: PLC0415 - half a second to load
    except ModuleNotFoundError as error:
        raise MissingExtra("the engine ray", "ray", error.name or "ray") from error
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, workers, address)
    try:
        own = ours and not address  # it has as many cores as there are to be workers
        yield from _arriving(ray, jobs, None if own else workers)
    except ray.exceptions.RayError as error:
        raise CorpusError(address or "ray", str(error).strip().splitlines()[-1]) from error
    finally:
        if ours:
            ray.shutdown()


def _arriving(ray: Any, jobs: Sequence[Job], workers: int | None) -> Iterator[Answer]:
    """Hand out the chunks, no more at once than the cluster can soon begin, as it grows and shrinks."""
    task = ray.remote(num_cpus=1, num_gpus=_share(ray) if jobs[0].device == "cuda" else 0, max_retries=-1)(read_chunk)
    waiting = map(msgspec.json.encode, jobs)
    running: list[Any] = []
    try:
        while True:
            most = workers or AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
            running += [task.remote(job) for job in islice(waiting, max(0, most - len(running)))]
            if not running:
                return
            done, running = ray.wait(running, timeout=PATIENCE)
            for answer in ray.get(done):
                yield msgspec.json.decode(answer, type=Answer)
    finally:
        for one in running:  # of a run that has ended before
            ray.cancel(one, force=True)


def _share(ray: Any) -> float:
    """What each task gets of a GPU, so that there are as many tasks as cores: from one that asks for none Ray hides it.

    :raises CorpusError: if no node has any.
    """
    there = ray.cluster_resources()
    if not there.get("GPU"):
        raise CorpusError("ray", "no node of the cluster has a GPU that Ray knows of; read with --device cpu")
    return float(min(1.0, int(1000 * there["GPU"] / there["CPU"]) / 1000))


def _connect(ray: Any, workers: int | None, address: str | None) -> None:
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if address:
            _knock(address)
            ray.init(address=address, **quiet)
        else:
            ray.init(address="local", num_cpus=workers, include_dashboard=False, **quiet)
    except Exception as error:  # a node that is too slow to start is a bare one
        why = (str(error).strip().splitlines() or ["no answer"])[0]
        raise CorpusError(address or "ray", f"no Ray cluster there: {why}") from error


def _knock(address: str) -> None:
    """Whether somebody listens at HOST:PORT: Ray itself would wait for minutes, and then end this process.

    :raises OSError: if nobody does.
    """
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()
