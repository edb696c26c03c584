"""Where a reading goes: which form, which file, and how it is written so that nobody ever sees half of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from unsaid.errors import NoFormatFor, UnsaidError
from unsaid.formats.registry import ENDINGS_FOR_PEOPLE, Format, for_path, named
from unsaid.inputs import ENDINGS

if TYPE_CHECKING:
    from unsaid.formats.registry import Files
    from unsaid.inputs import Input
    from unsaid.story import Story


def unless_dash(_context: object, _option: object, output: str | None) -> str | None:
    """``-o -`` is standard output, as everywhere else; a file of that name is ``./-``."""
    return None if output == "-" else output


to_place = click.option(
    "-o",
    "--output",
    metavar="PATH",
    callback=unless_dash,
    help="Write to a file, whose ending picks the format, or into a folder.",
)
"""Where readings go, for every command that writes them."""


class OutputError(UnsaidError):
    """An output that cannot be as it was asked for: one line that says what and why."""


class Asked(msgspec.Struct, frozen=True):
    """What readings are written as.

    :ivar format: the format; None for the summary, which is shown where nothing else is asked for.
    """

    format: Format | None

    @property
    def spaced(self) -> bool:
        """Whether a blank line parts one reading from the next on standard output."""
        return self.format is None or self.format.spaced

    def render(self, story: Story) -> bytes | Files:
        """A story in this format."""
        if self.format is not None:
            return self.format.render(story)
        from unsaid.formats.summary import summary  # noqa: PLC0415 - loaded when it is asked for

        return summary(story, bold=_bold if sys.stdout.isatty() else str).encode("utf-8", "backslashreplace")


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"


def format_for(asked: str | None, output: str | None, *, folder: bool) -> Asked:
    """The format that was asked for; else the one that goes with the output's ending, JSON in a folder, or a summary.

    :raises NoSuchFormat: if there is no format of that name.
    :raises NoFormatFor: if an output file's ending goes with none.
    :raises OutputError: if a format of several files is to go to standard output.
    """
    if asked is not None:
        form = named(asked)
        if form.folder and output is None:
            raise OutputError(f"{asked} is several files; name a folder for them with -o")
        return Asked(form)
    if output is None:
        return Asked(None)
    if folder:
        return Asked(named("json"))
    found = for_path(output)
    if found is None:
        raise NoFormatFor(output, ENDINGS_FOR_PEOPLE)
    return Asked(found)


def is_folder(output: str | None, *, several: bool) -> bool:
    """Whether an output is meant as a folder: it is one, it ends in a slash, or it shall take several readings.

    :raises OutputError: if several readings were to go into one file.
    """
    if output is None:
        return False
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)):
        return True
    if several and (path.exists() or for_path(path) is not None):
        raise OutputError(f"{output}: one file cannot hold several readings; name a folder")
    return several


def targets(inputs: list[Input], output: str, form: Format, *, folder: bool, several: bool) -> list[Path]:
    """The file, or the folder for a format of several files, that each input's reading is written to.

    :raises OutputError: if two of them would be one, or one would take an input's place.
    """
    below = several if form.folder else folder
    paths = [_below(Path(output), one, form) if below else Path(output) for one in inputs]
    taken: dict[str, Input] = {}
    given = {os.path.realpath(one.path): one for one in inputs if one.path is not None}
    for one, path in zip(inputs, paths, strict=True):
        real = os.path.realpath(path)
        if real in given:
            raise OutputError(f"{path}: this is a story to be read ({given[real].shown}); write somewhere else")
        if real in taken:
            raise OutputError(f"{path}: both {taken[real].shown} and {one.shown} would be written to it")
        taken[real] = one
    return paths


def _below(folder: Path, one: Input, form: Format) -> Path:
    name = one.place.name.removesuffix(".gz")
    stem, dot, ending = name.rpartition(".")
    bare = stem if stem and dot + ending.lower() in ENDINGS else name
    return folder / one.place.with_name(bare if form.folder else bare + (form.endings or (f".{form.name}",))[0])
