"""The ledger as one asks it: a tuple of entries with a few questions that readers have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from unsaid.story import Bond, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.story import EntryKind, Story

KEPT_IN = frozenset({"thought", "never"})
"""Voices that nobody else hears."""

UNANSWERED = frozenset({"open", "unreturned"})
"""Statuses of an entry that has no second pair part, or not the one that it asks for."""


class Ledger(tuple[Entry, ...]):
    """The entries of a story in the order of the text; every selection is a ledger again."""

    story: Story

    def __new__(cls, entries: Iterable[Entry], story: Story) -> Ledger:
        """A ledger of some of a story's entries."""
        made = super().__new__(cls, entries)
        made.story = story
        return made

    def open(self) -> Ledger:
        """Entries that nothing in the story answers, keeps, breaks or returns."""
        return self._where(entry for entry in self if entry.status in UNANSWERED)

    def unsaid(self) -> Ledger:
        """Entries that were only thought, never voiced, or not heard by the one they are meant for."""
        return self._where(entry for entry in self if entry.voice in KEPT_IN or entry.heard is False)

    def of(self, *kinds: EntryKind) -> Ledger:
        """Entries of these kinds."""
        return self._where(entry for entry in self if entry.kind in kinds)

    def between(self, one: str, other: str) -> Ledger:
        """Entries from one of the two to the other.

        :raises NoSuchCharacter: if one of the names is nobody's.
        """
        pair = {self.story.character(one).id, self.story.character(other).id}
        return self._where(entry for entry in self if {entry.from_, entry.to} == pair)

    def _where(self, entries: Iterable[Entry]) -> Ledger:
        return Ledger(entries, self.story)


def bond_between(story: Story, one: str, other: str) -> Bond:
    """The bond of two characters by id, turned so that ``a`` is ``one``; one without an arc where nothing moves it."""
    for bond in story.bonds:
        if (bond.a, bond.b) == (one, other):
            return bond
        if (bond.b, bond.a) == (one, other):
            turned = (structs.replace(point, from_a=point.from_b, from_b=point.from_a) for point in bond.arc)
            return Bond(one, other, tuple(turned))
    return Bond(one, other, ())
