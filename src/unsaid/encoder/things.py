"""What a reading keeps of the encoder's signals: people, places and the like, and what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.story import Entity, Happening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.encoder.layer import Sighting, Signals
    from unsaid.story import Mention

RULE = "encoder"


def entities(signals: Signals | None, text: str, mentions: Sequence[Mention]) -> tuple[Entity, ...]:
    """Every mention that the encoder sees; those of one share an id.

    A mention of somebody whom the rules know bears that character's id: in the samples of LitBank the rules say better
    than the links do whom a name or pronoun means. Any other takes up the likeliest earlier one of its own category,
    where that is likelier than none, or begins an id of its own, numbered as they come.

    :param mentions: people, as the rules have found them in ``text``.
    """
    seen = signals.sightings if signals else ()
    known = {bare(text, m.start, m.end): m.character for m in mentions if m.character is not None}
    found: list[Entity] = []
    count = 0
    for sighting in seen:
        whom = known.get(bare(text, sighting.start, sighting.end)) if sighting.category == "PER" else None
        before = None if whom else _taken_up(sighting, seen)
        if whom is None and before is None:
            count += 1
        found.append(
            Entity(
                start=sighting.start,
                end=sighting.end,
                kind=sighting.kind,
                category=sighting.category,
                entity=whom or (f"e{count}" if before is None else found[before].entity),
                confidence=round(sighting.chance, 3),
                rule=RULE,
            )
        )
    return tuple(found)


def _taken_up(sighting: Sighting, seen: Sequence[Sighting]) -> int | None:
    """The likeliest earlier mention of the same category that one takes up; none, if that is likelier."""
    links = (link.to for link in sighting.links)
    return next((to for to in links if to is None or seen[to].category == sighting.category), None)


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without marks at its ends: what is "Mrs." to one is "Mrs" to another."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def happenings(signals: Signals | None) -> tuple[Happening, ...]:
    """Every word that tells of an event."""
    return tuple(Happening(e.start, e.end, round(e.chance, 3), RULE) for e in (signals.events if signals else ()))
