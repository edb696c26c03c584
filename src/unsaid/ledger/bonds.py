"""Bonds: how two people stand to each other, scene by scene and in each direction, by what they say, think and do."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.ledger.valence import valence
from unsaid.prose import concordance
from unsaid.story import ArcPoint, Bond

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.ledger.ground import Ground

_LEAST = 3
"""Passages between two people below which the story does not show how they stand to each other."""
_MOVED = 0.25
"""A passage of at least this valence is named as one that moved a bond."""
_SPANS = 4
_ABOUT_THEM, _TO_THEM = 1.0, 0.4
"""What a sentence counts that speaks of the two of them, and one that is only said by one to the other."""
_SHRINK = 1.5
"""How much neutral weight each scene begins with, so that one word does not decide it."""
_SECOND = frozenset("you your yours you're you've you'll you'd thee thy us we our".split())
_APART = frozenset({".", "!", "?", ";", '"', "“", "”"})


class _Touch(msgspec.Struct, frozen=True):
    """A passage in which one person shows how they stand to another."""

    by: str
    to: str
    scene: int
    value: float
    weight: float
    start: int
    end: int


def bonds(ground: Ground) -> tuple[Bond, ...]:
    """The bonds of all pairs between whom enough passes, most first."""
    touches: dict[tuple[str, str], list[_Touch]] = defaultdict(list)
    for touch in (*_said(ground), *_done(ground)):
        if touch.by != touch.to and touch.by not in ground.groups and touch.to not in ground.groups:
            touches[min(touch.by, touch.to), max(touch.by, touch.to)].append(touch)
    pairs = sorted(
        (pair for pair, found in touches.items() if len(found) >= _LEAST), key=lambda p: (-len(touches[p]), p)
    )
    return tuple(bond for pair in pairs if (bond := _bond(ground, pair, touches[pair])).arc)


def _bond(ground: Ground, pair: tuple[str, str], touches: list[_Touch]) -> Bond:
    by_scene: dict[int, list[_Touch]] = defaultdict(list)
    for touch in touches:
        by_scene[touch.scene].append(touch)
    arc = []
    for scene in sorted(by_scene):
        here = by_scene[scene]
        moved = sorted((t for t in here if abs(t.value) >= _MOVED), key=lambda t: (-abs(t.value) * t.weight, t.start))
        if scene < 0 or not moved:
            continue
        spans = tuple(sorted((t.start, t.end) for t in moved[:_SPANS]))
        arc.append(ArcPoint(ground.scenes[scene].id, _mean(here, pair[0]), _mean(here, pair[1]), spans))
    return Bond(*pair, tuple(arc))


def _mean(touches: list[_Touch], by: str) -> float | None:
    """How one stands to the other in a scene, from -1 to 1; None where they show nothing."""
    theirs = [t for t in touches if t.by == by]
    if not any(t.value for t in theirs):
        return None
    weight = sum(t.weight * abs(t.value) for t in theirs)
    mean = math.fsum(t.weight * t.value for t in theirs) / (weight + _SHRINK * _MOVED)
    return round(max(-1.0, min(1.0, mean)), 3)


def _said(ground: Ground) -> Iterator[_Touch]:
    """What one says, writes or thinks to another."""
    lower = ground.tokens.lower
    for line in ground.lines:
        if line.speaker is None or len(line.addressees) != 1:
            continue
        scene = ground.scene_index(line.start)
        for start, end in line.parts:
            span = ground.tokens.within(start, end)
            words = [word for word in lower[span.start : span.stop] if word[0].isalpha()]
            value = valence(words)
            weight = _ABOUT_THEM if _SECOND & set(words) else _TO_THEM
            yield _Touch(line.speaker, line.addressees[0], scene, value, weight, start, end)


_NOT_DOERS = frozenset({"him", "her", "them", "me", "us", "his", "their", "my", "our"})


def _done(ground: Ground) -> Iterator[_Touch]:
    """What one does to another in the narration: two mentions in one sentence, and the words from one to the other."""
    lower, inside = ground.tokens.lower, ground.inside
    known = Counter(line.speaker for line in ground.lines)
    ends = [sentence.last for sentence in ground.prose.sentences]
    first: tuple[int, str] | None = None
    until = 0  # the end of the sentence in which the first one stands
    for token in sorted({*ground.starting, *concordance(ground.tokens).of(_APART)}):
        mention = ground.starting.get(token)
        if inside[token] or lower[token] in _APART or mention is None:
            first = None
            continue
        who = mention.character
        if who is None or not known[who]:
            continue
        if first is not None and (token >= until or inside.find(1, first[0], token) >= 0):
            first = None
        if first is not None and who != first[1]:
            value = valence(lower[first[0] : token])
            if value:
                start = ground.tokens.starts[first[0] - 1]
                yield _Touch(first[1], who, ground.scene_index(start), value, _ABOUT_THEM, start, mention.end)
            first = None
        if lower[token] not in _NOT_DOERS:
            first = (ground.tokens.within(mention.start, mention.end).stop, who)
            until = ends[bisect_right(ends, token)]
