"""What all open stories share: they are read one after the other, and only so many are held in memory at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unsaid.web.shelf import Work

MOST = 5_000_000
"""Characters of the stories that are held at once: about eight novels, and half a gigabyte (0.08 MB for 1,000)."""


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
