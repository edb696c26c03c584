"""``unsaid open``: stories in the browser, to be looked at and set right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from unsaid.cli import FAILED
from unsaid.errors import MissingExtra, UnsaidError
from unsaid.inputs import gather

if TYPE_CHECKING:
    from pathlib import Path


@click.command("open")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="The port to serve on; any free one if not given."
)
@click.option("--no-browser", is_flag=True, help="Print the address, and leave the browser alone.")
@click.option("--library", "place", metavar="PATH", help="The library to open; the user's own if not given.")
def open_(files: tuple[str, ...], port: int, no_browser: bool, place: str | None) -> int:
    """Open stories in the browser: whose line is whose, and corrections that are kept beside the story. Without a file,
    open the library: every story in it, found by its words and by what happens in it.

    The pages are served on this machine alone, to whoever has the address that is printed. Ends with Ctrl-C.
    """
    from unsaid.cli.commands import report  # noqa: PLC0415 - commands.py adds this command

    if files and place is not None:
        report("--library goes without files; add them to it with `unsaid library add`")
        return FAILED
    inputs, complaints = gather(files)
    for complaint in complaints:
        report(complaint)
    paths: list[Path] = [one.path for one in inputs if one.path is not None]
    if files and not paths:
        if not complaints:
            report("standard input cannot be opened: corrections are kept beside a file; name one")
        return FAILED
    try:
        library = None if files else _library(place)
    except UnsaidError as error:
        report(str(error))
        return FAILED
    try:
        from unsaid.web import serve  # noqa: PLC0415 - only where something is served
    except ModuleNotFoundError as error:
        report(str(MissingExtra("open", "web", error.name or "")))
        return FAILED
    try:
        serve(paths, port=port, browse=not no_browser, say=click.echo, library=library)
    except OSError as error:
        report(f"port {port}: {error.strerror or error}; name another with --port, or none for any that is free")
        return FAILED
    return FAILED if complaints else 0


def _library(place: str | None) -> Path:
    """The file of the library to open.

    :raises LibraryError: if it cannot be opened; :raises MissingExtra: without what libraries need.
    """
    from unsaid.library import Library  # noqa: PLC0415 - DuckDB is loaded when a library is opened

    with Library.open(place) as library:
        return library.path
