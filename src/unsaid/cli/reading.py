"""The options of commands that have processes read: how many, and how long one text may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def in_processes(what: str) -> Callable[[F], F]:
    """``--workers`` and ``--timeout``; ``what`` is what they read one of."""
    workers = click.option(
        "--workers", type=click.IntRange(1), help="Processes that read at once (one for each core if not given)."
    )
    timeout = click.option(
        "--timeout", type=click.FloatRange(1), default=600.0, help=f"Seconds that one {what} may take (600)."
    )
    return lambda command: workers(timeout(command))
