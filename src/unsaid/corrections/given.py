"""The layer that corrections are to the rooms: constraints, each on its span of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.corrections.anchors import locate
from unsaid.corrections.model import (
    Anchor,
    Correction,
    Meant,
    Merge,
    Narrator,
    Newcomer,
    NoUtterance,
    Rename,
    Retype,
    Speaker,
    Split,
    Unfit,
    UtteranceKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Place = tuple[int, int]
Places = dict[Anchor, Place | None]

GONE = "its passage is no longer in the text, or stands there twice alike"


class Told(msgspec.Struct, frozen=True):
    """Who tells a stretch: the one that holds ``at``, or the whole story where that is None."""

    correction: Narrator
    at: Place | None


class Typed(msgspec.Struct, frozen=True):
    """A passage, and what it is; None where it is no utterance."""

    start: int
    end: int
    to: UtteranceKind | None


class Owned(msgspec.Struct, frozen=True):
    """A passage, and the id of the character who says, thinks or writes what stands in it."""

    start: int
    end: int
    who: str


class Spoken(msgspec.Struct, frozen=True):
    """Who speaks, thinks or writes the line in a passage, by name."""

    correction: Speaker
    start: int
    end: int


class Silenced(msgspec.Struct, frozen=True):
    """A rule that is right about a passage that is to stay; about the whole story where ``at`` is None."""

    correction: Meant
    at: Place | None


class Given(msgspec.Struct, frozen=True):
    """All that is given before a story is read. Of two that say the same thing differently the later one holds.

    :ivar people: what is said of characters and narrators, in the order in which it was said: one builds on another.
    :ivar lines: what passages are, sorted; ``spoken`` whose, sorted; ``silenced`` which findings are meant.
    :ivar unfit: corrections whose passage is not there.
    """

    people: tuple[Merge | Split | Newcomer | Rename | Told, ...] = ()
    lines: tuple[Typed, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    unfit: tuple[Unfit, ...] = ()

    def owned(self, whom: Callable[[str], str | None]) -> tuple[Owned, ...]:
        """The lines whose speakers are known, as ids; those of someone who is nobody are left out.

        :param whom: the id of the character that a name means.
        """
        found = ((g.start, g.end, whom(g.correction.speaker)) for g in self.spoken)
        return tuple(Owned(start, end, who) for start, end, who in found if who is not None)


def resolve(text: str, corrections: Sequence[Correction], places: Places | None = None) -> Given:
    """Find the passages of corrections in a text.

    :param places: where anchors were found before in the same text; what is found now is added to it.
    """
    places = places if places is not None else {}
    people: list[Merge | Split | Newcomer | Rename | Told] = []
    lines: dict[Place, Typed] = {}
    spoken: dict[Place, Spoken] = {}
    silenced: list[Silenced] = []
    unfit: list[Unfit] = []
    for correction in corrections:
        anchor = anchor_of(correction)
        if anchor and anchor not in places:
            places[anchor] = locate(text, anchor)
        place = places[anchor] if anchor else None
        if anchor and place is None:
            unfit.append(Unfit(correction, GONE))
        elif isinstance(correction, Speaker) and place:
            spoken[place] = Spoken(correction, *place)
        elif isinstance(correction, Retype | NoUtterance) and place:
            lines[place] = Typed(*place, correction.to if isinstance(correction, Retype) else None)
        elif isinstance(correction, Narrator):
            people.append(Told(correction, place))
        elif isinstance(correction, Meant):
            silenced.append(Silenced(correction, place))
        elif isinstance(correction, Merge | Split | Newcomer | Rename):
            people.append(correction)
    return Given(
        tuple(people),
        tuple(sorted(lines.values(), key=lambda g: (g.start, g.end))),
        tuple(sorted(spoken.values(), key=lambda g: (g.start, g.end))),
        tuple(silenced),
        tuple(unfit),
    )


def anchor_of(correction: Correction) -> Anchor | None:
    """The passage that a correction points at, if it points at one."""
    if isinstance(correction, Speaker | Retype | NoUtterance):
        return correction.line
    return correction.at if isinstance(correction, Narrator | Meant) else None
