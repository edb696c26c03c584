"""The local engine: processes of this machine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from unsaid.corpus.job import Stopped
from unsaid.corpus.reader import Reader
from unsaid.errors import NoWorkers
from unsaid.workers import spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.corpus.job import Done, Job


def read(jobs: Sequence[Job], workers: int) -> Iterator[Done | Stopped]:
    """What comes of each chunk, in the order of arrival."""
    readers = [Reader(jobs[0].bounds) for _ in range(min(workers, len(jobs)))]
    try:
        with contextlib.closing(spread(((job.entry.key, job) for job in jobs), readers)) as arriving:
            yield from (got for _, got in arriving)
    except NoWorkers as error:
        yield Stopped(str(error))
