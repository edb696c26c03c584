"""The command line: ``unsaid read``, ``unsaid schema``.

This is the one place that prints and exits. Every failure is one line on standard error that begins with ``unsaid:``.
Exit status: 0 where all went well, 2 where anything failed, 130 when interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

FAILED = 2
INTERRUPTED = 130  # 128 + SIGINT, as a shell has it
CLOSED = 141  # 128 + SIGPIPE, as a shell has it


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        _write_utf8(stream)
    try:
        status = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has had enough (`| head`). What is still buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = CLOSED
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"unsaid: cannot write: {error.strerror}", file=sys.stderr)  # noqa: T201 - the command line's own line
        status = FAILED
    sys.exit(status)


def _run() -> int:
    import click  # noqa: PLC0415 - inside, so that an interrupt while it loads is quiet too

    from unsaid.cli.commands import unsaid  # noqa: PLC0415

    try:
        # click's own main() would take a closed pipe and an interrupt for itself.
        with unsaid.make_context("unsaid", sys.argv[1:]) as context:
            return unsaid.invoke(context) or 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        message = " ".join(error.format_message().split()).rstrip(".")
        click.echo(f"unsaid: {message}; see `unsaid --help`", err=True)
        return FAILED


def _write_utf8(stream: TextIO) -> None:
    """Output is UTF-8 whatever the terminal's setting says; a file name that is not is shown with escapes."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
