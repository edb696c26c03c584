"""Every table, and the page they are kept on."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import unsaid
from benchmarks import calibration, corpus, pdnc, speed, stories
from benchmarks.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """# Benchmarks

Written by `make bench`: quality on the novels of PDNC beside BookNLP's published output, on stories with hand-made
gold, how far `confidence` can be trusted, speed and memory. Nothing here was trained; the rules were written with some
of the novels in view, and the figures on those that were not are printed apart.

{machine}

"""


def tables(jobs: int) -> Iterator[Table]:
    """Measure one thing after the other; what needs the shared folder is left out where there is none."""
    try:
        corpus.shared()
    except corpus.NoCorpusError as missing:
        yield Table("Speakers on PDNC", ("not measured",), ((str(missing),),))
    else:
        yield pdnc.table(pdnc.measure_all(corpus.novels(), jobs))
        yield stories.shared_stories()
        yield from calibration.tables(calibration.claims_in(corpus.developed()))
    yield stories.examples()
    yield speed.table()


def page(measured: list[Table]) -> str:
    """The tables as a page, with the machine and the date."""
    return HEAD.format(machine=machine()) + "\n".join(map(str, measured))


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
