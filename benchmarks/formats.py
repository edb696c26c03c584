"""How long each format takes to write, how large it is, and whether a public validator or its own reader agrees."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import unsaid
from benchmarks import corpus, speed
from benchmarks.table import Cell, Table
from unsaid.formats import FORMATS, Format

if TYPE_CHECKING:
    from unsaid.story import Story

WORDS = 100_000
MANY = 1_000
"""Short stories that are written to Parquet in one run, each of so many words:"""
EACH = 500
BATCHES = 5  # of the run's second fifth and its last one the memory is compared
NOVELS = ("PrideAndPrejudice", "AlicesAdventuresInWonderland")
Check = Callable[[bytes, "Story"], str]


def tables() -> list[Table]:
    """Writing a novel in every format, and a thousand stories to Parquet."""
    return [written(), many()]


def written() -> Table:
    """Each format of one reading of :data:`WORDS` words, in this process, its code loaded before."""
    story = unsaid.read(speed.of_length(speed.material(), WORDS).encode())
    rows = [_row(form, story) for form in FORMATS]
    columns = ("format", "seconds", "MB", "checked by")
    return Table(f"Formats of a reading of {WORDS:,} words", columns, tuple(rows), NOTE)


NOTE = (
    "Seconds of the shortest of three runs, the format's libraries loaded. TEI is held against TEI's own schema "
    "(`tei_all`) where the shared folder is at hand, on two novels of PDNC; GraphML and GEXF are read by NetworkX; "
    "what has a reader is read back."
)


def _row(form: Format, story: Story) -> tuple[Cell, ...]:
    form.render(unsaid.read('"Yes," said Ann.\n'))
    best, content = float("inf"), form.render(story)
    for _ in range(3):
        begun = time.perf_counter()
        content = form.render(story)
        best = min(best, time.perf_counter() - begun)
    size = len(content) if isinstance(content, bytes) else sum(map(len, content.values()))
    return (f"`{form.name}`", f"{best:.2f}", f"{size / 1e6:.1f}", checked(form, story, content))


def checked(form: Format, story: Story, content: object) -> str:
    """What was found to hold of a format's output; raises where it does not."""
    if form.name == "tei":
        return _tei()
    if form.name in ("graphml", "gexf"):
        import networkx as nx  # noqa: PLC0415

        assert isinstance(content, bytes)
        read = nx.read_graphml if form.name == "graphml" else nx.read_gexf
        assert len(read(io.BytesIO(content))) == len(story.characters)
        return "NetworkX"
    if form.name in ("parquet", "json"):
        assert form.parse(content) == story  # type: ignore[arg-type]
        return "read back: the same story"
    if form.name == "segments":
        assert isinstance(content, bytes)
        assert "".join(row["text"] for row in json.loads(content)["segments"]) == story.text
        return "the segments joined are the text"
    return "tests"


def _tei() -> str:
    from lxml import etree  # noqa: PLC0415

    from unsaid.formats.tei import TEI, tei  # noqa: PLC0415

    try:
        schema = etree.RelaxNG(etree.parse(corpus.shared() / "data" / "schema" / "tei_all.rng"))
    except (corpus.NoCorpusError, OSError):
        return "tests (TEI's own schema is not at hand)"
    for book in NOVELS:
        story = unsaid.read(corpus.folder_of(book) / "novel_text.txt")
        document = etree.fromstring(tei(story), etree.XMLParser(huge_tree=True))
        schema.assertValid(document)
        body = document.find(f".//{{{TEI}}}body")
        assert body is not None
        assert "".join(body.itertext()) == story.text
    return f"tei_all, {len(NOVELS)} novels: valid, the text to the character"


def many() -> Table:
    """A run over many short stories, in a process of its own: seconds, and the memory early and late in it."""
    command = [sys.executable, "-m", "benchmarks.formats"]
    done = subprocess.run(command, cwd=corpus.ROOT, capture_output=True, check=True, text=True)
    took = json.loads(done.stdout)
    row = (
        f"{MANY:,} stories of {EACH} words to Parquet",
        f"{took['seconds']:.0f}",
        *(f"{m:.0f}" for m in took["peaks"]),
    )
    columns = ("what", "seconds", *(f"MB after {n * 100 // BATCHES} %" for n in range(1, BATCHES + 1)))
    return Table("Many stories", columns, (row,), "Peak memory of the process so far, at each fifth of the run.")


def _run_many() -> None:
    text = speed.material()
    paragraphs = [p for p in text.split("\n\n") if p.strip()]
    begun, peaks = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as name:
        for number in range(MANY):
            at = number * 7 % len(paragraphs)
            story = unsaid.read(speed.of_length("\n\n".join(paragraphs[at:] + paragraphs[:at]), EACH).encode())
            story.save(Path(name, str(number)), format="parquet")
            if (number + 1) % (MANY // BATCHES) == 0:
                peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({"seconds": time.perf_counter() - begun, "peaks": peaks}))


if __name__ == "__main__":
    _run_many()
