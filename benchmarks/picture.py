"""The README's picture: what a terminal shows of a real run, as SVG."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

from benchmarks import corpus

if TYPE_CHECKING:
    from pathlib import Path

WIDTH = 92  # columns: as wide as a README shows without shrinking


def draw(commands: list[list[str]], target: Path, *, rows: int) -> None:
    """Run commands (``unsaid …``) as on a terminal and draw what they show, ``rows`` of each at most."""
    from rich.console import Console  # noqa: PLC0415 - only the picture needs it
    from rich.text import Text  # noqa: PLC0415

    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    for command in commands:
        shown = shown_on_a_terminal(command).splitlines()
        console.print(Text.from_ansi(f"\x1b[32m$\x1b[0m \x1b[1m{shlex.join(command)}\x1b[0m"))
        console.print(Text.from_ansi("\n".join(shown[:rows])), soft_wrap=False)
        if len(shown) > rows:
            console.print("…")
        console.print()
    # A fixed id keeps the picture the same where what it shows is the same.
    target.write_text(console.export_svg(title="unsaid", unique_id="unsaid"), encoding="utf-8")


def shown_on_a_terminal(command: list[str]) -> str:
    """What a command of ours writes when its output is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=theirs, cwd=corpus.ROOT)
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # on Linux, this is how the other end's closing shows
            break
        if not piece:
            break
        pieces.append(piece)
    process.wait()
    os.close(ours)
    return b"".join(pieces).decode("utf-8").replace("\r\n", "\n")
