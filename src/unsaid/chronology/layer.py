"""The layer that the chronology room returns: time expressions, events with their bounds, and what cannot be."""

from __future__ import annotations

from typing import Literal

import msgspec

from unsaid.story import Event, TimeExpression

Relation = Literal["ago", "later", "since", "for", "old", "hence"]
"""How a duration ties two times: before now, after what was told, up to now from an event or not, an age, ahead."""


class Timex(msgspec.Struct, frozen=True, kw_only=True):
    """A time expression with what the network needs of it.

    :ivar first: its first token, and ``last`` the one behind it.
    :ivar low: the fewest days that it spans, ``high`` the most; None where it is no duration.
    :ivar relation: how it ties two times, where its words say so.
    """

    start: int
    end: int
    first: int
    last: int
    type: Literal["DATE", "TIME", "DURATION", "SET"]
    value: str
    low: float | None = None
    high: float | None = None
    relation: Relation | None = None


class Clash(msgspec.Struct, frozen=True):
    """Statements that cannot all hold: the rule they fall under, what to say, and the passages in a circle."""

    rule: str
    message: str
    why: str
    spans: tuple[tuple[int, int], ...]


class Chronology(msgspec.Struct, frozen=True):
    """Everything that the story says of time; all sorted by start."""

    times: tuple[TimeExpression, ...] = ()
    events: tuple[Event, ...] = ()
    clashes: tuple[Clash, ...] = ()
