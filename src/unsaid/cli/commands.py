"""The commands themselves: what is asked for, in which order things happen, and what is said of failures."""

from __future__ import annotations

import json
import os
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from unsaid import __version__
from unsaid.cli import FAILED
from unsaid.cli.cast import cast
from unsaid.cli.check import check, rule
from unsaid.cli.convert import convert
from unsaid.cli.corpus import corpus
from unsaid.cli.correct import correct
from unsaid.cli.library import library
from unsaid.cli.open import open_
from unsaid.cli.output import Asked, format_for, is_folder, targets, to_place
from unsaid.cli.progress import tracked
from unsaid.cli.sizes import size
from unsaid.errors import CannotWrite, CorrectionError, MissingExtra, SourceError, UnsaidError
from unsaid.files import write
from unsaid.formats.registry import FORMATS
from unsaid.inputs import Input, gather, standard_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from unsaid.encoder import Model
    from unsaid.formats.registry import Files
    from unsaid.story import Story


@click.group(no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def unsaid() -> None:
    """Read fiction and keep account of its people: who says each line to whom, and what each one keeps in."""


@unsaid.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "asked", flag_value="json", help="The whole reading as JSON, one line for each file.")
@click.option("--script", "asked", flag_value="script", help="The story as a script: who says what to whom.")
@click.option("--ledger", "asked", flag_value="ledger", help="What passes between people, and what answers it.")
@click.option("--unsaid", "asked", flag_value="unsaid", help="What each one keeps in, and toward whom.")
@click.option("--format", "asked", metavar="NAME", help="The reading in a format that `unsaid formats` lists.")
@to_place
@click.option("--max-size", type=size, metavar="SIZE", help="Read files up to this size (50MB if not given).")
@click.option("--encoder", "device", flag_value="cpu", help="Read with the small neural model, too: speakers, places …")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Read with the model, on this device.")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="SHARE",
    help="Name nobody for a line that is less sure than this, from 0 to 1.",
)
@click.option("--debug", is_flag=True, help="Show where in the program an internal error happened.")
def read(files: tuple[str, ...], asked: str | None, output: str | None, **said: Any) -> int:
    """Read stories: files, folders, and - for standard input.

    A file may be text, Markdown, HTML, EPUB or DOCX, packed with gzip or not. Prints a summary of each. A file that
    cannot be read is one line on standard error, and the rest are read; the exit status is then 2.
    """
    inputs, complaints = gather(files)
    for complaint in complaints:
        report(complaint)
    try:
        job = plan(inputs, asked, output, several=len(inputs) > 1 or any(os.path.isdir(name) for name in files))
        reader = partial(
            read_one,
            max_size=said["max_size"],
            model=opened(said["device"]),
            min_confidence=said["min_confidence"],
        )
    except UnsaidError as error:
        report(str(error))
        return FAILED
    failed = len(complaints)
    first = True
    for one, path in tracked(job.work, watched=output is not None or not sys.stdout.isatty()):
        content = reading_of(one, job.form, reader, debug=said["debug"])
        delivered = content is not None and deliver(content, path, spaced=job.form.spaced and not first)
        failed += not delivered
        first = first and not delivered
    return FAILED if failed else 0


@unsaid.command()
def schema() -> None:
    """Print the JSON Schema of a reading (unsaid-story/1)."""
    from unsaid.story import json_schema  # noqa: PLC0415 - loaded when it is asked for

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@unsaid.command()
def formats() -> None:
    """List the formats that a reading is written in."""
    width = max(len(form.name) for form in FORMATS)
    for form in FORMATS:
        ends = ", ".join(form.endings) or "-o FOLDER"
        needs = f" (needs unsaid[{form.extra}])" if form.extra else ""
        click.echo(f"{form.name:{width}}  {form.about}{needs}: {ends}")


unsaid.add_command(cast)
unsaid.add_command(check)
unsaid.add_command(convert)
unsaid.add_command(corpus)
unsaid.add_command(correct)
unsaid.add_command(library)
unsaid.add_command(open_)
unsaid.add_command(rule)


class Job(msgspec.Struct, frozen=True):
    """What a run will do: the format, and each input with the file it goes to (None for standard output)."""

    form: Asked
    work: tuple[tuple[Input, Path | None], ...]


def plan(inputs: list[Input], asked: str | None, output: str | None, *, several: bool) -> Job:
    """Settle every output before anything is read.

    :raises UnsaidError: if they cannot be as asked.
    """
    folder = is_folder(output, several=several)
    form = format_for(asked, output, folder=folder)
    if output is None or form.format is None:
        return Job(form, tuple((one, None) for one in inputs))
    places = targets(inputs, output, form.format, folder=folder, several=several)
    return Job(form, tuple(zip(inputs, places, strict=True)))


def opened(device: str | None) -> Model | None:
    """The encoder's model on a device, where one is asked for.

    :raises UnsaidError: if it cannot be used.
    """
    if device is None:
        return None
    from unsaid.encoder import load  # noqa: PLC0415 - only where the encoder reads

    return load(device=device)


def read_one(one: Input, max_size: int | None, model: Model | None = None, min_confidence: float = 0.0) -> Story:
    """Read an input, under the corrections that are kept beside it.

    :raises SourceError: if it cannot be read as a story.
    :raises CorrectionError: if the file of corrections cannot be read.
    """
    from unsaid.reading import kept_beside, read_manuscript  # noqa: PLC0415 - the reader is loaded when there is something to read
    from unsaid.sources import Limits, load  # noqa: PLC0415

    limits = Limits()
    if max_size is not None:
        # What a file may be unpacked to grows with what it may hold.
        grown = max(limits.max_unpacked, limits.max_unpacked // limits.max_file * max_size)
        limits = Limits(max_file=max_size, max_unpacked=grown)
    source = standard_input(limits.max_file) if one.path is None else one.path
    manuscript = load(source, name=one.shown, limits=limits)
    return read_manuscript(manuscript, kept_beside(source), encoder=model or False, min_confidence=min_confidence)


def reading_of(one: Input, form: Asked, reader: Callable[[Input], Story], *, debug: bool) -> bytes | Files | None:
    """An input's reading in a format; None where it failed, which is then reported: the other inputs are still read."""
    try:
        return form.render(reader(one))
    except (SourceError, MissingExtra, CorrectionError) as error:
        report(str(error))
    except Exception as error:
        if debug:
            click.echo("".join(traceback.format_exception(error)), err=True)
        hint = "" if debug else " (--debug shows where)"
        what = f"{type(error).__name__}: {error}"
        report(f"{one.shown}: internal error, please report it with the file: {what}{hint}")
    return None


def deliver(content: bytes | Files, path: Path | None, *, spaced: bool) -> bool:
    """Write a reading to its place, or to standard output, with a blank line before it where it shall be spaced.

    False where it could not be written, which is then reported.
    """
    if path is None:
        assert isinstance(content, bytes), "a format of several files has a folder"
        sys.stdout.flush()
        sys.stdout.buffer.write((b"\n" if spaced else b"") + content)
        sys.stdout.flush()
        return True
    try:
        write(path, content)
    except CannotWrite as error:
        report(str(error))
        return False
    return True


def report(line: str) -> None:
    """Say on standard error, in one line, what failed."""
    click.echo(f"unsaid: {' '.join(line.split())}", err=True)
