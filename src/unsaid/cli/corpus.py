"""``unsaid corpus``: many documents into sharded Parquet, on this machine or on a cluster."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from unsaid.cli import FAILED
from unsaid.cli.reading import in_processes
from unsaid.cli.sizes import size
from unsaid.errors import UnsaidError

if TYPE_CHECKING:
    from unsaid.corpus import Options, Progress
    from unsaid.corpus.manifest import Manifest

OFTEN, SELDOM = 0.2, 60.0
"""Seconds between two signs of progress, on a terminal and in a log."""


@click.group()
def corpus() -> None:
    """Read whole corpora into tables."""


@corpus.command()
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option("-o", "--output", required=True, metavar="OUT", help="The folder that the tables go to.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", help="Processes, or a Ray cluster.")
@click.option("--address", metavar="ADDRESS", help="A running Ray cluster to join (`auto`, HOST:PORT); implies ray.")
@click.option("--encoder", is_flag=True, help="Read with the encoder, too: places, and what happens.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Where the encoder runs (cpu).")
@click.option("--precision", type=click.Choice(["int8", "float32"]), help="Its numbers (int8 on cpu, float32 on cuda).")
@in_processes("document")
@click.option("--memory", type=size, default="4GB", metavar="SIZE", help="Memory that one document may take (4GB).")
@click.option("--text-column", default="text", metavar="NAME", help="Where JSONL and Parquet hold the text (text).")
@click.option("--id-column", default="id", metavar="NAME", help="Where they hold a document's name (id).")
def run(inputs: tuple[str, ...], output: str, **asked: object) -> int:
    """Read stories in folders, tar, zip, JSON Lines and Parquet into sharded Parquet, a table for each layer.

    Killed at any moment, the same command goes on where it was. What cannot be read is put into quarantine with its
    reason, and the run goes on.
    """
    from unsaid.cli.commands import report  # noqa: PLC0415 - commands.py adds this command

    try:
        from unsaid.corpus import run as read  # noqa: PLC0415 - Arrow is loaded when a corpus is read

        made = read(inputs, output, _options(asked), _Watch())
    except UnsaidError as error:
        report(str(error))
        return FAILED
    click.echo(_told(made, output))
    return 0


def _options(asked: dict[str, object]) -> Options:
    import msgspec  # noqa: PLC0415

    from unsaid.corpus import Options  # noqa: PLC0415
    from unsaid.workers import MEGABYTE  # noqa: PLC0415

    given = {
        "engine": "ray" if asked["address"] else asked["engine"],
        "address": asked["address"],
        "workers": asked["workers"],
        "encoder": asked["encoder"],
        "device": asked["device"],
        "precision": asked["precision"],
        "bounds": {"seconds": asked["timeout"], "megabytes": int(str(asked["memory"])) // MEGABYTE},
        "columns": {"text": asked["text_column"], "id": asked["id_column"]},
    }
    return msgspec.convert(given, Options)


def _told(made: Manifest, output: str) -> str:
    counts = made.counts
    parts = [f"{counts['stories']:,} stories, {counts['words']:,} words in {output}"]
    if counts["same"]:
        parts.append(f"{counts['same']:,} with the bytes of another")
    bad = counts["quarantined"] + counts["refused"]
    if bad:
        parts.append(f"{bad:,} could not be read: see documents.parquet there")
    return "; ".join(parts)


class _Watch:
    """Shows how far a run has come: one line that changes on a terminal, a line a minute in a log."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic() if not self._terminal else 0.0
        self._shown = 0

    def __call__(self, now: Progress) -> None:
        ended = now.bytes is not None and now.done >= now.bytes
        if time.monotonic() - self._last < (OFTEN if self._terminal else SELDOM) and not (ended and self._shown):
            return
        self._last = time.monotonic()
        line = _line(now)
        if self._terminal:
            click.echo(f"\r{line.ljust(self._shown)}" + ("\n" if ended else ""), err=True, nl=False)
        else:
            click.echo(line, err=True)
        self._shown = len(line)


def _line(now: Progress) -> str:
    if now.bytes is None:
        return f"looked at {now.looked:,} documents"
    share = now.done / now.bytes if now.bytes else 1.0
    told = f"{share:.1%} of {now.looked:,} documents ({now.bytes / 1e6:,.1f} MB)"
    if now.rate is None or now.left is None:
        return told
    return f"{told}, {now.rate * 3600 / 1e6:,.0f} MB an hour, about {_duration(now.left)} left"


def _duration(seconds: float) -> str:
    """As exact as an estimate is: "2 days", "3 h", "12 min", "40 s"."""
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
