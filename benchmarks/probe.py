"""Read one file in a process of its own and say what that took: ``python -m benchmarks.probe FILE``."""

from __future__ import annotations

import json
import os
import resource
import sys
import time


def main(path: str) -> None:
    """Read a file on one core; print the seconds of loading the program and of reading, and the peak memory in MB."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    begun = time.perf_counter()
    import unsaid  # noqa: PLC0415 - loading it is part of what is measured

    read = unsaid.read
    loaded = time.perf_counter()
    story = read(path)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(
        json.dumps(
            {
                "loading": loaded - begun,
                "reading": done - loaded,
                "megabytes": peak,
                "words": story.source.words,
                "lines": len(story.utterances),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
