"""A progress bar on a terminal, and nothing in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


def tracked(items: Sequence[T], *, watched: bool) -> Iterator[T]:
    """The items, with a bar on standard error that counts them.

    :param watched: False where the readings themselves appear on the terminal: they show how far it has come.
    """
    if not watched or len(items) < 2 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console  # noqa: PLC0415 - only a run that shows a bar waits for it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Standard output is not the bar's: what goes there may be a file.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        yield from bar.track(items, description="reading")
