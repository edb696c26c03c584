"""What a reading keeps of the encoder's signals beside people: places and the like, and what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.story import Entity, Happening

if TYPE_CHECKING:
    from unsaid.encoder.layer import Signals

RULE = "encoder"


def entities(signals: Signals | None) -> tuple[Entity, ...]:
    """Every mention of what is no person; mentions that take one another up share an id, numbered as they come.

    A mention takes up the likeliest earlier one of its own category, where that is likelier than none.
    """
    seen = signals.sightings if signals else ()
    found: list[Entity] = []
    ids: dict[int, str] = {}
    count = 0
    for i, sighting in enumerate(seen):
        if sighting.category == "PER":
            continue
        best = next((link.to for link in sighting.links if link.to is None or link.to in ids), None)
        if best is not None and seen[best].category == sighting.category:
            ids[i] = ids[best]
        else:
            count += 1
            ids[i] = f"e{count}"
        found.append(
            Entity(
                start=sighting.start,
                end=sighting.end,
                kind=sighting.kind,
                category=sighting.category,
                entity=ids[i],
                confidence=round(sighting.chance, 3),
                rule=RULE,
            )
        )
    return tuple(found)


def happenings(signals: Signals | None) -> tuple[Happening, ...]:
    """Every word that tells of an event."""
    return tuple(Happening(e.start, e.end, round(e.chance, 3), RULE) for e in (signals.events if signals else ()))
