"""``unsaid convert``: a reading that was kept, in another format, without reading the story again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from unsaid.cli import FAILED
from unsaid.cli.output import Asked, format_for, is_folder, targets, to_place
from unsaid.errors import UnsaidError
from unsaid.formats.registry import FORMATS, for_path, load
from unsaid.inputs import Input

if TYPE_CHECKING:
    from unsaid.formats.registry import Files

READ_BACK = ", ".join(form.name for form in FORMATS if form.reader)


@click.command()
@click.argument("readings", nargs=-1, required=True, metavar="READING...")
@click.option("--from", "kept", metavar="NAME", help=f"The format of the readings, where no ending tells: {READ_BACK}.")
@click.option("--format", "asked", metavar="NAME", help="The format to write, as `unsaid formats` lists them.")
@to_place
def convert(readings: tuple[str, ...], kept: str | None, asked: str | None, output: str | None) -> int:
    """Write readings that were kept (JSON, TEI, Parquet) in another format.

    The story is not read again. A reading that is damaged, or newer than this program, is one line on
    standard error, and the rest are converted; the exit status is then 2.
    """
    from unsaid.cli.commands import deliver, report  # noqa: PLC0415 - commands.py adds this command

    inputs = [Input(Path(name), Path(Path(name).name)) for name in dict.fromkeys(readings)]
    try:
        form, places = _plan(inputs, asked, output)
    except UnsaidError as error:
        report(str(error))
        return FAILED
    failed = 0
    for one, path in zip(inputs, places, strict=True):
        content = _converted(one, kept, form)
        if isinstance(content, UnsaidError):
            report(f"{one.shown}: {content}" if one.shown not in str(content) else str(content))
            failed += 1
        else:
            failed += not deliver(content, path, spaced=form.spaced and one is not inputs[0])
    return FAILED if failed else 0


def _plan(inputs: list[Input], asked: str | None, output: str | None) -> tuple[Asked, list[Path | None]]:
    """The format to write, and where each reading goes (None: to standard output).

    :raises UnsaidError: if it cannot be as asked.
    """
    several = len(inputs) > 1
    folder = is_folder(output, several=several)
    form = format_for(asked, output, folder=folder)
    if output is None or form.format is None:
        return form, [None] * len(inputs)
    bare = [Input(one.path, _without_ending(one.place)) for one in inputs]
    return form, list(targets(bare, output, form.format, folder=folder, several=several))


def _without_ending(name: Path) -> Path:
    """A reading's name without the ending that says its format: "tale.unsaid.json" goes to "tale.tei.xml"."""
    form = for_path(name)
    ends = sorted((end for end in form.endings if name.name.lower().endswith(end)), key=len) if form else []
    return name.with_name(name.name[: -len(ends[-1])] or name.name) if ends else name


def _converted(one: Input, kept: str | None, form: Asked) -> bytes | Files | UnsaidError:
    """A reading in the format, or what is wrong with it."""
    assert one.path is not None, "a reading is a file or a folder"
    try:
        if kept is None and one.path.is_dir():
            kept = "parquet"
        return form.render(load(one.path, format=kept))
    except UnsaidError as error:
        return error
