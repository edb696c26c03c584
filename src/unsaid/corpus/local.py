"""The local engine: processes of this machine, each with a thread that waits for it."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from unsaid.corpus.chunk import Reader, Stopped
from unsaid.errors import NoWorkers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.corpus.chunk import Done, Job


def read(jobs: Sequence[Job], workers: int) -> Iterator[Done | Stopped]:
    """What comes of each chunk, in the order of arrival."""
    waiting = iter(jobs)
    lock = threading.Lock()
    arrived: queue.Queue[Done | Stopped] = queue.Queue()
    readers = [Reader(jobs[0].bounds) for _ in range(min(workers, len(jobs)))]
    stop = threading.Event()

    def serve(reader: Reader) -> None:
        while not stop.is_set():
            with lock:
                job = next(waiting, None)
            if job is None:
                return
            try:
                arrived.put(reader.read(job))
            except NoWorkers as error:
                arrived.put(Stopped(str(error)))
            except Exception as error:  # else the run would wait for this thread for ever
                arrived.put(Stopped(f"{type(error).__name__}: {error}".splitlines()[0]))

    threads = [threading.Thread(target=serve, args=(reader,), daemon=True) for reader in readers]
    try:
        for thread in threads:
            thread.start()
        for _ in jobs:
            yield arrived.get()
    finally:
        stop.set()
        for reader, thread in zip(readers, threads, strict=True):
            while thread.is_alive():
                reader.stop()
                thread.join(timeout=0.1)
            reader.close()
