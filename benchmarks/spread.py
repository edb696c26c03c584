"""Measuring many books side by side."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def side_by_side(function: Callable[..., T], *arguments: Iterable[Any], jobs: int) -> list[T]:
    """``map`` in ``jobs`` processes, or in this one where there is but one; results in the order of what goes in."""
    if jobs == 1:
        return list(map(function, *arguments))
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(function, *arguments))
