"""``unsaid open``: stories in the browser, to be looked at and set right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from unsaid.cli import FAILED
from unsaid.errors import MissingExtra
from unsaid.inputs import gather

if TYPE_CHECKING:
    from pathlib import Path


@click.command("open")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="The port to serve on; any free one if not given."
)
@click.option("--no-browser", is_flag=True, help="Print the address, and leave the browser alone.")
def open_(files: tuple[str, ...], port: int, no_browser: bool) -> int:
    """Open stories in the browser: whose line is whose, and corrections that are kept beside the story.

    The pages are served on this machine alone, to whoever has the address that is printed. Ends with Ctrl-C.
    """
    from unsaid.cli.commands import report  # noqa: PLC0415 - commands.py adds this command

    inputs, complaints = gather(files)
    for complaint in complaints:
        report(complaint)
    paths: list[Path] = [one.path for one in inputs if one.path is not None]
    if not paths:
        if not complaints:
            report("standard input cannot be opened: corrections are kept beside a file; name one")
        return FAILED
    try:
        from unsaid.web import serve  # noqa: PLC0415 - only where something is served
    except ModuleNotFoundError as error:
        report(str(MissingExtra("open", "web", error.name or "")))
        return FAILED
    try:
        serve(paths, port=port, browse=not no_browser, say=click.echo)
    except OSError as error:
        report(f"port {port}: {error.strerror or error}; name another with --port, or none for any that is free")
        return FAILED
    return FAILED if complaints else 0
