"""``unsaid cast``: the roles of a story for an audiobook in several voices, and the script that the voices read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unsaid.cli import FAILED
from unsaid.cli.output import unless_dash
from unsaid.cli.sizes import size
from unsaid.errors import UnsaidError
from unsaid.inputs import gather

if TYPE_CHECKING:
    from unsaid.formats.cast import Role

SCRIPTS = {"ssml": "ssml", "voice-tags": "voice_tags", "segments": "segments_json"}
"""The forms of a cast script, with the function of formats/cast.py that writes each."""


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--format", "form", type=click.Choice(sorted(SCRIPTS)), help="A script for the voices, not the roles.")
@click.option("--voices", metavar="PATH", help="A voices file (TOML): which voice reads which role.")
@click.option("-o", "--output", metavar="PATH", callback=unless_dash, help="Write to a file.")
@click.option("--max-size", type=size, metavar="SIZE", help="Read a file up to this size (50MB if not given).")
@click.option("--encoder", is_flag=True, help="Read with the small neural model, too: it knows more of who speaks.")
def cast(file: str, form: str | None, voices: str | None, output: str | None, **said: Any) -> int:
    """List the roles of a story, with their lines, sex and age as the text tells; or write the voices' script."""
    from unsaid.cli.commands import deliver, opened, read_one, report  # noqa: PLC0415 - commands.py adds this command
    from unsaid.formats import cast as casting  # noqa: PLC0415

    inputs, complaints = gather((file,))
    if complaints or len(inputs) != 1:
        report(complaints[0] if complaints else f"{file}: a folder; a cast is one story's")
        return FAILED
    try:
        known = None if voices is None else casting.load_voices(voices)
        story = read_one(inputs[0], said["max_size"], opened("cpu" if said["encoder"] else None))
        if form is None:
            written = listing(casting.roles(story), casting.assign(story, known) if known else None)
        else:
            written = getattr(casting, SCRIPTS[form])(story, known)
    except UnsaidError as error:
        report(str(error))
        return FAILED
    content = written.encode("utf-8", "backslashreplace") if isinstance(written, str) else written
    return 0 if deliver(content, None if output is None else Path(output), spaced=False) else FAILED


def listing(roles: tuple[Role, ...], voices: dict[str, str] | None) -> str:
    """The roles as a table for people, with their voices where a file gives them."""
    rows = [["role", "lines", "words", "sex", "age", *(["voice"] if voices else [])]]
    for role in roles:
        row = [role.name, str(role.lines), str(role.words), role.sex or "?", role.age or "?"]
        rows.append([*row, voices[role.id]] if voices else row)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [c.rjust(w) if i in (1, 2) else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"
