"""The layer that the narration room returns before anyone speaks: who tells the story, stretch by stretch."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from unsaid.story import Person, Tense


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of story told by one narrator in one person and tense; stretches cover the story in order.

    :ivar narrator: a character id where the narrator is a character (homodiegetic), else None; of a story told to
        "you", who that is.
    :ivar reason: where the boundary before it comes from: "start", "chapter", "break", "narrator shift".
    """

    start: int
    end: int
    person: Person
    tense: Tense
    narrator: str | None
    reason: str

    @property
    def is_own(self) -> bool:
        """Whether somebody in the story tells it of themselves, or it is told to them of themselves."""
        return self.person == "first" or (self.person == "second" and self.narrator is not None)


class Telling(msgspec.Struct, frozen=True):
    """How the story is told: its stretches, sorted by start."""

    stretches: tuple[Stretch, ...]

    def narrator_at(self, offset: int) -> str | None:
        """The narrator's character id at ``offset``, or None."""
        stretch = self.at(offset)
        return stretch.narrator if stretch is not None else None

    def at(self, offset: int) -> Stretch | None:
        """The stretch that holds ``offset``, or None."""
        index = bisect_right(self.stretches, offset, key=lambda s: s.start) - 1
        return self.stretches[index] if index >= 0 and offset < self.stretches[index].end else None
