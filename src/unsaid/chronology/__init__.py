"""Chronology: when everything happens, as far as the text says, and where what it says cannot be."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from unsaid.chronology.almanac import calendar_clashes, moon_clashes, season_clashes, weekday_clashes
from unsaid.chronology.claims import Claim, Claims
from unsaid.chronology.expressions import expressions
from unsaid.chronology.iterative import iterative
from unsaid.chronology.layer import Chronology, Clash, Timex
from unsaid.chronology.network import Solution, solve
from unsaid.chronology.segments import Course, course
from unsaid.chronology.words import length
from unsaid.people import Certain
from unsaid.story import Event, TimeExpression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Scene
    from unsaid.voices.layer import Voices

__all__ = ["Chronology", "Clash", "Timex", "date", "expressions"]


def date(prose: Prose, cast: Cast, scenes: Sequence[Scene], voices: Voices) -> Chronology:
    """Find the time expressions, tie them to scenes and events, and bound everything; day 0 is the first scene."""
    if not prose.paragraphs:
        return Chronology()
    times = expressions(prose.tokens)
    way = course(prose, times)
    claims = Claims(prose, way, times, Certain(prose, cast))
    claims.collect(scenes, voices)
    every = [*_ties(way), *claims.made]
    solved = solve(claims.count, [c.constraint for c in every])
    events, ids = _events(prose, scenes, way, claims, solved)
    return Chronology(
        times=tuple(_expressions(times, scenes, claims.made, ids)),
        events=events,
        clashes=(
            *_clashes(prose, every, solved),
            *calendar_clashes(prose, times),
            *weekday_clashes(prose, times, way),
            *season_clashes(prose, times),
            *moon_clashes(prose, times, way),
        ),
    )


def _ties(way: Course) -> Iterator[Claim]:
    """What ties the segments, as claims."""
    for tie, said in zip(way.ties, way.said, strict=True):
        yield Claim(tie, said.start if said else 0, said.end if said else 0, time=said)


def _events(
    prose: Prose, scenes: Sequence[Scene], way: Course, claims: Claims, solved: Solution
) -> tuple[tuple[Event, ...], dict[int, str]]:
    """Scenes and dated events with their bounds, in the order of the text; and the id of each event's node."""
    starts = [s.start for s in scenes]

    def scene_at(offset: int) -> str | None:
        index = bisect_right(starts, offset) - 1
        return scenes[index].id if index >= 0 else None

    rows: list[tuple[int, int, str, int, str | None]] = []
    habits = list(iterative(prose, claims.times))
    often = {}
    for scene in scenes:
        node = way.at(prose.paragraph_at(scene.start))
        rows.append((scene.start, scene.end, "scene", node, scene.id))
    for habit in habits:
        inside = next((s for s in scenes if s.start == habit.start and s.end <= habit.end), None)
        if inside is None:
            rows.append(
                (habit.start, habit.end, "habit", way.at(prose.paragraph_at(habit.start)), scene_at(habit.start))
            )
        often[habit.start, "habit" if inside is None else "scene"] = habit.value
    dated = {c.node for c in claims.made if c.time is not None or c.rule == "T102"}
    for node, happening in claims.events.items():
        if node in dated:
            rows.append((happening.start, happening.end, happening.kind, node, scene_at(happening.start)))
    events, ids = [], {}
    for number, (start, end, what, node, scene_id) in enumerate(sorted(rows, key=lambda r: (r[0], -r[1])), start=1):
        said = what if what in {"scene", "habit"} else f"{what}: {' '.join(prose.text[start:end].split())}"
        bounds = solved.earliest[node], solved.latest[node]
        event = Event(f"e{number}", said, start, end, scene_id, *bounds, often=often.get((start, what)))
        events.append(event)
        if what not in {"scene", "habit"}:
            ids[node] = event.id
    return tuple(events), ids


def _expressions(
    times: Sequence[Timex], scenes: Sequence[Scene], made: Sequence[Claim], ids: dict[int, str]
) -> Iterator[TimeExpression]:
    """Each expression with what it dates: an event, or else the scene that it stands in."""
    of = {c.time.start: ids.get(c.node) for c in made if c.time is not None and c.node is not None}
    starts = [s.start for s in scenes]
    for start, time in _with_weekday(times):
        index = bisect_right(starts, start) - 1
        scene = scenes[index].id if index >= 0 else None
        yield TimeExpression(start, time.end, time.type, time.value, of.get(time.start) or scene)


def _with_weekday(times: Sequence[Timex]) -> Iterator[tuple[int, Timex]]:
    """The expressions with their starts; a weekday and the date right behind it ("Monday, the 3rd of June") are one."""
    day: Timex | None = None
    for time in (*times, None):
        joined = day is not None and time is not None and time.first - day.last <= 1 and _is_day(time)
        if day is not None and not joined:
            yield day.start, day
        if time is not None and time.type == "DATE" and time.value.startswith("XXXX-WXX"):
            day = time
            continue
        if time is not None:
            yield (day.start if joined and day is not None else time.start), time
        day = None


def _is_day(time: Timex) -> bool:
    parts = time.value.split("-")
    return time.type == "DATE" and len(parts) == 3 and all(part.isdecimal() for part in parts[1:])


def _clashes(prose: Prose, every: Sequence[Claim], solved: Solution) -> Iterator[Clash]:
    for circle in solved.clashes:
        said = [every[i] for i in circle if every[i].constraint.said and every[i].end]
        if not said:
            continue
        rules = {c.rule for c in said}
        rule = "T102" if "T102" in rules else "T106" if "T106" in rules else "T101"
        spans = tuple(dict.fromkeys((c.start, c.end) for c in sorted(said, key=lambda c: -c.start)))
        if len(spans) < 2:
            continue
        quotes = "; ".join(_said(prose, c) for c in sorted(said, key=lambda c: c.start))
        yield Clash(rule, _MESSAGES[rule], f"they cannot all hold: {quotes}", spans)


_MESSAGES = {
    "T101": "this does not fit the time that is said elsewhere",
    "T102": "this age does not fit what is said elsewhere",
    "T106": "this is told to have happened, and elsewhere to be still to come",
}


def _said(prose: Prose, claim: Claim) -> str:
    """A claim in words: the passage, and between what it puts how much time."""
    c = claim.constraint
    passage = " ".join(prose.text[claim.start : claim.end].split())
    return f"“{passage}” ({length(c.low, c.high)})"
