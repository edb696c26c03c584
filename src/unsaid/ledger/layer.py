"""The layer that the ledger room returns: what passes, or fails to pass, between the people of a story."""

from __future__ import annotations

import msgspec

from unsaid.story import Bond, Entry, Mask, Parting


class Account(msgspec.Struct, frozen=True):
    """Entries, masks, partings and bonds; each sorted by where it stands, bonds by how much passes between the two."""

    entries: tuple[Entry, ...] = ()
    masks: tuple[Mask, ...] = ()
    partings: tuple[Parting, ...] = ()
    bonds: tuple[Bond, ...] = ()
