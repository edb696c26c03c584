"""The layer that the encoder's room returns: what one pass over the prose says of it."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

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


class Sighting(msgspec.Struct, frozen=True):
    """A mention as the encoder sees it: a span of the text, what is mentioned and how, and how sure that is.

    :ivar links: what it may take up, the likeliest first; the chances left out are small.
    """

    start: int
    end: int
    category: Category
    kind: MentionKind
    chance: float
    links: tuple[Link, ...] = ()


class Event(msgspec.Struct, frozen=True):
    """A word that tells of something that really happens in the story (Sims, Park and Bamman 2019), and how sure."""

    start: int
    end: int
    chance: float


class Signals(msgspec.Struct, frozen=True):
    """What the encoder says of a story: mentions by start (an outer before an inner one), events by start.

    :ivar model: the digest of the model that says so.
    """

    model: str
    sightings: tuple[Sighting, ...]
    events: tuple[Event, ...]
