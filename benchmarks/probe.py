"""Read one file in a process of its own and say what that took: ``python -m benchmarks.probe FILE``."""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from pathlib import Path


def main(path: str) -> None:
    """Read a file on one core; print the seconds of loading the program and of reading, and the peak memory in MB.

    Seconds are processor seconds: what else the machine does at the same time is no part of them.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    begun = time.process_time()
    import unsaid  # noqa: PLC0415 - loading it is part of what is measured

    read = unsaid.read
    loaded = time.process_time()
    story = read(path)
    done = time.process_time()
    took = {"loading": loaded - begun, "reading": done - loaded, "megabytes": peak()}
    print(json.dumps({**took, "words": story.source.words, "lines": len(story.utterances)}))


def peak() -> float:
    """The most memory this process has held, in MB."""
    try:
        # On Linux, getrusage counts what the parent held when it forked.
        held = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    except OSError:
        held = None
    unit = 1 if sys.platform == "darwin" else 1024
    size = int(held[1]) * 1024 if held else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return size / 1e6


if __name__ == "__main__":
    main(sys.argv[1])
