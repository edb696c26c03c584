"""Two characters that are one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.people.layer import Cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unsaid.story import Character, Mention


def join(cast: Cast, joined: Mapping[str, str]) -> Cast:
    """The cast with characters folded into others.

    :param joined: the id that goes, and the id that stays; none that stays may go itself.
    """

    def now(who: str | None) -> str | None:
        return joined.get(who, who) if who else who

    def moved(mention: Mention) -> Mention:
        who = now(mention.character)
        return mention if who == mention.character else msgspec.structs.replace(mention, character=who)

    folded: dict[str, Character] = {}
    for character in cast.characters:
        who = joined.get(character.id, character.id)
        folded[who] = _merged(folded[who], character, who) if who in folded else character
    people = [
        msgspec.structs.replace(
            c,
            id=who,
            relations=tuple(msgspec.structs.replace(r, to=joined.get(r.to, r.to)) for r in c.relations),
        )
        for who, c in folded.items()
    ]
    people.sort(key=lambda c: -c.mentions)
    return Cast(tuple(people), tuple(moved(m) for m in cast.mentions))


def _merged(one: Character, other: Character, keep: str) -> Character:
    """Both characters as one; the name is that of the id that stays, which the narrative uses."""
    kept = one if one.id == keep else other
    names = Counter(one.names) + Counter(other.names)
    return msgspec.structs.replace(
        kept,
        names=dict(names.most_common()),
        pronouns=one.pronouns or other.pronouns,
        mentions=one.mentions + other.mentions,
        relations=(*one.relations, *other.relations),
        traits=tuple(sorted((*one.traits, *other.traits), key=lambda t: t.start)),
    )
