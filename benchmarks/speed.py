"""How long a reading takes and how much memory, each in a fresh process on one core."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from benchmarks import corpus
from benchmarks.table import Cell, Table

RUNS = 5  # of what takes less than a second; the shortest is shown, the one that was disturbed least
MOST_SECONDS = 900.0  # for one reading, after which it counts as not done
SIZES = (25_000, 100_000, 400_000)  # words: 1x, 4x, 16x
PARAGRAPH = 10_000_000  # bytes in one paragraph
STORY, NOVEL = 4_000, 100_000  # words of a story from the wild, and of a novel


class Took(msgspec.Struct, frozen=True):
    """What :mod:`benchmarks.probe` prints."""

    loading: float
    reading: float
    megabytes: float
    words: int
    lines: int


def probe(text: str, folder: Path) -> Took:
    """Read a text in a fresh process."""
    path = folder / "text.txt"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.probe", str(path)]
    done = subprocess.run(command, cwd=corpus.ROOT, capture_output=True, check=True, timeout=MOST_SECONDS)
    return msgspec.json.decode(done.stdout, type=Took)


def material() -> str:
    """A novel with much dialogue where the shared folder is at hand, else the examples one after the other."""
    try:
        return corpus.novel_text("PrideAndPrejudice").replace("\r\n", "\n")
    except corpus.NoCorpusError:
        return "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(corpus.EXAMPLES.glob("*.txt")))


def of_length(text: str, words: int) -> str:
    """The text's first ``words`` words in whole paragraphs, from its start again where it is too short."""
    paragraphs = text.split("\n\n")
    chosen, count, at = [], 0, 0
    while count < words:
        paragraph = paragraphs[at % len(paragraphs)]
        chosen.append(paragraph)
        count += len(paragraph.split())
        at += 1
    return "\n\n".join(chosen)


def timed(*arguments: str) -> float:
    """The shortest wall time in seconds of running a command line, the interpreter's start included."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "unsaid", *arguments], capture_output=True, check=True)
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def table() -> Table:
    """Speed and memory at growing sizes, and the two things that must not make one wait."""
    text = material()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [_row(f"{size:,} words", probe(of_length(text, size), folder)) for size in SIZES]
        one_paragraph = " ".join(of_length(text, PARAGRAPH // 4).split())[:PARAGRAPH]
        rows.append(_row("10 MB in one paragraph", probe(one_paragraph, folder)))
        story = folder / "story.txt"
        story.write_text(of_length(text, STORY), encoding="utf-8")
        rows.append((f"`unsaid read`, {STORY:,} words", f"{timed('read', str(story)):.2f}", None, None, None))
    rows.append(("`unsaid --version`", f"{timed('--version'):.2f}", None, None, None))
    columns = ("what", "seconds", "s per 100,000 words", "peak MB", "lines")
    return Table("Speed and memory", columns, tuple(rows), NOTE)


def encoded() -> Table:
    """What reading with the encoder takes as a shell sees it: on all cores, the opening of the model included."""
    text = material()
    with tempfile.TemporaryDirectory() as name:
        texts = {f"{size:,} words": of_length(text, size) for size in (STORY, NOVEL)}
        with contextlib.suppress(corpus.NoCorpusError):
            texts["Daisy Miller"] = corpus.novel_text("DaisyMiller")
        rows = []
        for what, content in texts.items():
            path = Path(name, "story.txt")
            path.write_text(content, encoding="utf-8")
            plain, read = (min(run(path, *more) for _ in range(3)) for more in ((), ("--encoder",)))
            rows.append((what, f"{plain[0]:.2f}", f"{read[0]:.2f}", f"{read[1]:.0f}"))
    return Table("Speed with the encoder", ("what", "rules alone", "with the encoder", "peak MB"), tuple(rows), ENCODED)


ENCODED = (
    "Seconds of `unsaid read --json` as a shell sees them, on all cores, without and with `--encoder`: the shortest of "
    "three runs. Daisy Miller has 21,834 words; BookNLP's architectures took 43.7 s (small) and 237.6 s (big) for it "
    "on two cores of another machine."
)


def run(path: Path, *more: str) -> tuple[float, float]:
    """Seconds and peak megabytes of reading a file to JSON."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "unsaid", "read", "--json", *more, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begun, used.ru_maxrss / 1024


NOTE = (
    "Each size is read in a process of its own, pinned to one core; its seconds are the processor's in `unsaid.read`, "
    "loading the program apart. Peak memory is that of the whole process. The two commands are timed as a shell sees "
    f"them (the shortest of {RUNS})."
)


def _row(what: str, took: Took) -> tuple[Cell, ...]:
    rate = took.reading / took.words * 100_000
    return (what, f"{took.reading:.2f}", f"{rate:.2f}", f"{took.megabytes:.0f}", took.lines)
