"""Every table, and the page they are kept on."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import unsaid
from benchmarks import (
    calibration,
    continuity,
    corpora,
    corpus,
    encoder,
    findings,
    formats,
    growth,
    ledger,
    library,
    pdnc,
    reader,
    replay,
    robustness,
    speakers,
    speed,
    stories,
    times,
    wild,
)
from benchmarks.table import Table, body
from unsaid.encoder import load

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """# Benchmarks

Written by `make bench`: quality on the novels of PDNC beside BookNLP's published output, on stories with hand-made
gold, how far `confidence` can be trusted, speed and memory. The rules were written with some of the novels in view, the
encoder and the second look were trained on the same; figures on novels that none has seen are printed apart.

{machine}

"""


SHARES = {"all": "named", "explicit": "expl.", "anaphoric": "anaph.", "implicit": "impl."}
"""The shares of quotations with the right speaker that the README shows, by their column in the table."""
FIGURES = {"**BookNLP's": "that BookNLP was run on", f"**unseen {pdnc.UNSEEN}": "never looked at"}
"""The averages that the README shows, by how their row in the table begins."""


def tables(jobs: int, *, seen: bool) -> Iterator[Table]:
    """Measure one thing after the other; what needs the shared folder is left out where there is none.

    :param seen: only the novels that may be looked at: the others are for when the rules are done.
    """
    try:
        corpus.shared()
    except corpus.NoCorpusError as missing:
        yield Table("Speakers on PDNC", ("not measured",), ((str(missing),),))
    else:
        yield pdnc.table(pdnc.measure_all(corpus.developed() if seen else corpus.novels(), jobs))
        if not seen:
            yield robustness.table(sorted(corpus.APART), jobs)
            yield robustness.table(sorted(corpus.APART), jobs, encoder=True)
            yield from speakers.tables(speakers.measure_all(sorted(corpus.APART)))
        unseen = [] if seen else replay.replay_all(sorted(corpus.CLEAN), jobs)
        yield replay.table(replay.replay_all(corpus.developed(), jobs), unseen)
        yield stories.shared_stories()
        yield stories.shared_stories(encoder=True)
        yield ledger.wild()
        yield from calibration.tables(calibration.claims_in(corpus.developed()))
        yield from encoder.tables(load())
        halves = ("pdnc", "seen") if seen else ("pdnc", "seen", "unseen")
        yield continuity.table({half: continuity.measure(half, jobs=jobs) for half in halves})
    yield stories.examples()
    yield stories.examples(encoder=True)
    yield wild.table(jobs=jobs)
    yield times.table()
    yield ledger.table()
    yield findings.table()
    yield speed.table()
    yield speed.encoded()
    yield growth.table()
    yield from formats.tables()
    yield reader.table()


def page(measured: list[Table]) -> str:
    """The tables as a page, with the machine and the date; what is measured apart, and the warnings judged by eye."""
    judged = continuity.JUDGED.read_text(encoding="utf-8")
    kept = [room.KEPT.read_text(encoding="utf-8") for room in (library, corpora)]
    return HEAD.format(machine=machine()) + "\n".join([*map(str, measured), *kept, judged])


def figures(measured: list[Table]) -> str:
    """The few figures that the README shows, out of the tables: speakers beside BookNLP, and on unseen novels."""
    rows = [row for table in measured for row in table.rows if table.columns == pdnc.COLUMNS]
    shown = [
        (f"{str(row[0]).split(': ')[1].strip('*')} novels {what}", row)
        for begins, what in FIGURES.items()
        for row in rows
        if str(row[0]).startswith(begins)
    ]
    columns = ("", *(f"{which}{who}" for which in SHARES for who in ("", ", BookNLP")))
    cells = tuple(
        (name, *(row[pdnc.COLUMNS.index(w) + i] for w in SHARES.values() for i in (0, 1))) for name, row in shown
    )
    return body(Table("", columns, cells))


def with_figures(readme: str, measured: list[Table]) -> str:
    """The README with the figures between its two marks written anew."""
    before, begin, rest = readme.partition("<!-- figures -->\n")
    _, end, after = rest.partition("<!-- /figures -->")
    return f"{before}{begin}\n{figures(measured)}\n\n{machine()}\n\n{end}{after}"


def machine() -> str:
    """What was measured, on what, and when."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"Unsaid {unsaid.__version__}, {today}, {python}, {_processor()}, {os.cpu_count()} cores, {platform.system()}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
