"""What was decided before, and from what: it is not decided again from the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Memory(msgspec.Struct):
    """What each decision came to last, by what was decided and where, beside all that it hung on."""

    held: dict[tuple[str, int], tuple[object, Any]] = {}

    def recall(self, what: str, begin: int, seen: object, decide: Callable[[], T]) -> T:
        """What was decided from the same, or is decided now.

        :param what: the kind of decision, and ``begin`` the code point at which what it is about begins.
        :param seen: all that the decision hangs on.
        """
        held = self.held.get((what, begin))
        if held is None or held[0] != seen:
            held = self.held[what, begin] = (seen, decide())
        found: T = held[1]
        return found

    def grounds(self, what: str, begin: int) -> object:
        """Stands for an earlier decision in what a later one hangs on; equal to nothing where there was none."""
        return self.held.get((what, begin), object())
