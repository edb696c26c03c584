"""Where a reading goes: which form, which file, and how it is written so that nobody ever sees half of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unsaid.cli.inputs import ENDINGS
from unsaid.story import Story

if TYPE_CHECKING:
    from unsaid.cli.inputs import Input


class OutputError(Exception):
    """An output that cannot be as it was asked for: one line that says what and why."""


class Form(msgspec.Struct, frozen=True):
    """A form that a story is written in.

    :ivar ending: what the file's name ends in, inside an output folder.
    :ivar spaced: whether a blank line parts one reading from the next in one stream.
    :ivar render: from the story to the text, which ends in a line break.
    """

    ending: str
    spaced: bool
    render: Callable[[Story], str]


def _json(story: Story) -> str:
    return story.to_json() + "\n"


def _script(story: Story) -> str:
    from unsaid.formats import script  # noqa: PLC0415 - a form is loaded when it is asked for

    return script(story)


def _summary(story: Story) -> str:
    from unsaid.formats import summary  # noqa: PLC0415

    return summary(story, bold=_bold if sys.stdout.isatty() else str)


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"


FORMS = {
    "json": Form(".unsaid.json", False, _json),
    "script": Form(".script.txt", True, _script),
}
"""The forms that files are written in, by the option that asks for them."""
SUMMARY = Form("", True, _summary)
"""What is shown where nothing else is asked for."""

_BY_ENDING = {".json": FORMS["json"], ".txt": FORMS["script"]}


def form_for(asked: str | None, output: str | None, *, folder: bool) -> Form:
    """The form that was asked for; else the one that goes with the output's ending, JSON in a folder, or a summary.

    :raises OutputError: if an output file's ending goes with no form.
    """
    if asked is not None:
        return FORMS[asked]
    if output is None:
        return SUMMARY
    if folder:
        return FORMS["json"]
    form = _BY_ENDING.get(Path(output).suffix.lower())
    if form is None:
        raise OutputError(f"{output}: no form goes with this ending; end it in .json, .txt (script) or / (a folder)")
    return form


def is_folder(output: str | None, *, several: bool) -> bool:
    """Whether an output is meant as a folder: it is one, it ends in a slash, or it shall take several readings.

    :raises OutputError: if several readings were to go into one file.
    """
    if output is None:
        return False
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)):
        return True
    if several and (path.exists() or path.suffix.lower() in _BY_ENDING):
        raise OutputError(f"{output}: one file cannot hold several readings; name a folder")
    return several


def targets(inputs: list[Input], output: str, form: Form, *, folder: bool) -> list[Path]:
    """The file that each input's reading is written to.

    :raises OutputError: if two of them would be one file, or one would take an input's place.
    """
    paths = [_below(Path(output), one, form) if folder else Path(output) for one in inputs]
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


def _below(folder: Path, one: Input, form: Form) -> Path:
    name = one.place.name.removesuffix(".gz")
    stem, dot, ending = name.rpartition(".")
    bare = stem if stem and dot + ending.lower() in ENDINGS else name
    return folder / one.place.with_name(bare + form.ending)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all: beside its place, flushed to the disk, then moved there.

    :raises OutputError: if it cannot be written; what stood there before still stands.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a device or a pipe: there is nothing to move into its place
        else:
            _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from error


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".unsaid-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _give_mode(Path(beside), path)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _give_mode(beside: Path, path: Path) -> None:
    """A new file gets the permissions any new file has; one that takes an old one's place gets the old one's."""
    if path.exists():
        shutil.copymode(path, beside)
    else:
        mask = os.umask(0)
        os.umask(mask)
        beside.chmod(0o666 & ~mask)
