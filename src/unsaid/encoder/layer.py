"""The layer that the encoder's room returns: what one pass over the prose says of it."""

from __future__ import annotations

from typing import Literal, Protocol, get_args

import msgspec

from unsaid.prose import Spoken
from unsaid.story import MentionKind

Category = Literal["PER", "FAC", "LOC", "GPE", "ORG", "VEH"]
"""LitBank's (and ACE 2005's): people, facilities, locations, geo-political entities, organisations, vehicles."""
CATEGORIES: tuple[Category, ...] = get_args(Category)
KINDS: tuple[MentionKind, ...] = get_args(MentionKind)
LABELS = tuple((category, kind) for category in CATEGORIES for kind in KINDS)
"""What a mention can be; the heads number their classes so, 0 being no mention."""


class Link(msgspec.Struct, frozen=True):
    """One earlier mention that a mention may take up: its index (None: it takes up none), and how likely."""

    to: int | None
    chance: float


class Second(msgspec.Struct, frozen=True):
    """What a span is next likeliest to be (no mention at all, where category and kind are None), and how likely."""

    category: Category | None
    kind: MentionKind | None
    chance: float


class Sighting(msgspec.Struct, frozen=True):
    """A mention as the encoder sees it: a span of the text, what is mentioned and how, and how sure that is.

    :ivar links: what it may take up, the likeliest first; the chances left out are small.
    :ivar second: what it would be otherwise.
    """

    start: int
    end: int
    category: Category
    kind: MentionKind
    chance: float
    links: tuple[Link, ...] = ()
    second: Second = Second(None, None, 0.0)


class Event(msgspec.Struct, frozen=True):
    """A word that tells of something that really happens in the story (Sims, Park and Bamman 2019), and how sure."""

    start: int
    end: int
    chance: float


class Named(msgspec.Struct, frozen=True):
    """A mention of somebody: code points ``start`` to ``end``, what it is, who is meant, and whether it is quoted."""

    start: int
    end: int
    kind: MentionKind
    who: str
    quoted: bool


class Dialogue(msgspec.Struct, frozen=True):
    """A story's turns as the rules leave them.

    :ivar turns: code point spans, in order; a cue that interrupts a turn lies inside it.
    :ivar rules: what weighed most for each turn's likeliest speaker.
    :ivar chances: each turn's candidates, and how likely the rules hold them.
    :ivar told: whom the rules have each turn spoken to.
    :ivar conversations: the number of each turn's conversation.
    :ivar mentions: of people who are known, by start.
    :ivar cues: who is said to speak each turn, or to act beside it: the span of these words; None where nobody is.
    """

    turns: tuple[tuple[int, int], ...]
    rules: tuple[str, ...]
    chances: tuple[dict[str, float], ...]
    told: tuple[tuple[str, ...], ...]
    conversations: tuple[int, ...]
    mentions: tuple[Named, ...]
    cues: tuple[tuple[int, int] | None, ...]


class Said(msgspec.Struct, frozen=True):
    """What the encoder says of a dialogue: for each turn a table by who may speak it.

    :ivar alone: log-scores of the speaker by the encoder alone.
    :ivar speakers: the chance that each speaks it, by the encoder and the rules.
    """

    alone: tuple[dict[str, float], ...]
    speakers: tuple[dict[str, float], ...]


class Listener(Protocol):
    """Who has read a story and can be asked about its dialogue, once its lines are known."""

    def hear(self, dialogue: Dialogue) -> Said:
        """What the encoder says of the story's dialogue."""


class Signals(msgspec.Struct, frozen=True):
    """What the encoder says of a story: mentions by start (an outer before an inner one), events by start.

    :ivar model: the digest of the model that says so.
    :ivar listener: who can be asked about the story's dialogue, once its lines are known; None where the model has no
        heads for that.
    :ivar spoken: which words are spoken, where the story has no marks that show it.
    """

    model: str
    sightings: tuple[Sighting, ...]
    events: tuple[Event, ...]
    listener: Listener | None = None
    spoken: Spoken | None = None
