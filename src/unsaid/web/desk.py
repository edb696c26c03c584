"""What all open stories share: they are read one after the other, and only so many are held in memory at once."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.web.shelf import Work

MOST = 5_000_000
"""Characters of the stories that are held at once: about eight novels, and half a gigabyte (0.08 MB for 1,000)."""


QUIET = 0.5
"""Seconds behind the last answer from which on something may be done that nobody waits for."""


class Desk:
    """The stories that are in use. Those that were not asked for longest are put away to make room for others.

    :ivar turn: lets stories be read one after the other.
    """

    def __init__(self, most: int | None = None) -> None:
        """Hold stories.

        :param most: characters of all of them together; one is held however long it is. By default :data:`MOST`.
        """
        self.turn = threading.Semaphore(1)
        self._most = MOST if most is None else most
        self._held: dict[Work, int] = {}
        self._lock = threading.Lock()
        self._asked = threading.Condition()
        self._serving, self._last = 0, 0.0

    def use(self, work: Work, size: int) -> None:
        """Somebody has asked for a story of so many characters: it is the last to be put away again."""
        with self._lock:
            self._held.pop(work, None)
            self._held[work] = size
            over = sum(self._held.values()) - self._most
            for other, held in list(self._held.items())[:-1] if over > 0 else ():
                if over > 0 and other.put_away():
                    over -= held
                    del self._held[other]

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Somebody waits for an answer meanwhile."""
        with self._asked:
            self._serving += 1
        try:
            yield
        finally:
            with self._asked:
                self._serving -= 1
                self._last = time.monotonic()
                self._asked.notify_all()

    def rest(self) -> None:
        """Wait until nobody has been waiting for an answer for :data:`QUIET`: two threads share one processor."""
        with self._asked:
            while self._serving or self._left() > 0:
                self._asked.wait(None if self._serving else self._left())

    def _left(self) -> float:
        return self._last + QUIET - time.monotonic()
