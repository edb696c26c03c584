"""The ledger: what passes, or fails to pass, between the people of a story, and how far each thing got out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.ledger.bonds import bonds
from unsaid.ledger.entries import enter
from unsaid.ledger.ground import Ground
from unsaid.ledger.layer import Account
from unsaid.ledger.masks import masks
from unsaid.ledger.partings import partings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Scene
    from unsaid.voices import Voices

__all__ = ["Account", "account"]


def account(prose: Prose, cast: Cast, scenes: Sequence[Scene], voices: Voices) -> Account:
    """Keep account of a story: entries with their answers, masks, partings and bonds."""
    ground = Ground(prose, cast, scenes, voices)
    worn = masks(ground)
    entries = enter(ground, worn)
    return Account(entries, worn, partings(ground, entries), bonds(ground))
