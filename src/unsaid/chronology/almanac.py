"""What a calendar knows: weekdays and dates that do not go together, seasons and months, phases of the moon."""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

import msgspec

from unsaid.chronology import calendar
from unsaid.chronology.layer import Clash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.chronology.layer import Timex
    from unsaid.chronology.segments import Course
    from unsaid.prose import Prose

NEAR_DATES = 45
"""Dated weekdays without a year are held against one another within so many days: beyond, the year may change."""
MOON_SLACK = 2.5
"""The moon looks full, and is not seen, for about five days."""
_APART = 3  # tokens between a weekday and the date that it belongs to
_ITS = frozenset({"it", "it's", "this", "today", "that"})
_SAID = frozenset({"was", "is", "were"})
_NAMES = [name.capitalize() for name in calendar.WEEKDAYS]
_NEXT_DAY = frozenset({"day", "morning", "evening", "afternoon", "night"})
_GOES_ON = frozenset(("the", how, part) for how in ("next", "following") for part in ("day", "morning"))
_DATING = frozenset({"on", "by"})
_PART_OF = frozenset({"week", "next", "last", "after", "before"})
_UNTOLD = frozenset(
    "would will shall should could may might must if every each until till last next before since "
    "planned meant hoped expected going".split()
)
"""Words of a sentence that does not tell what happened on the day that it names."""
_LINKS = frozenset({"a", "was", "is", "it", "would", "be", "will", ",", "being", "--", "—", "and", "'s", "which"})


class _Dated(msgspec.Struct, frozen=True):
    """A weekday with its date: month and day, and the year where it is given."""

    weekday: int
    month: int
    day: int
    year: int | None
    start: int
    end: int


class _Today(msgspec.Struct, frozen=True):
    """A passage that says what day of the week it is, ``ahead`` days before that day.

    :ivar place: the paragraph where somebody says so; -1 in narration. What people say of the day may be disputed.
    """

    weekday: int
    ahead: int
    segment: int
    place: int
    start: int
    end: int


def calendar_clashes(prose: Prose, times: Sequence[Timex]) -> Iterator[Clash]:
    """T103, dates: a weekday that its date never had in that year, and two dated weekdays that no one year has."""
    before: _Dated | None = None
    for here in _dated(prose, times):
        text = " ".join(prose.text[here.start : here.end].split())
        if here.year is not None:
            possible = calendar.weekdays_of(here.year, here.month, here.day)
            if possible and here.weekday not in possible:
                true = " or ".join(_NAMES[day - 1] for day in sorted(possible))
                why = f"the calendar has {true} for this date"
                yield Clash("T103", f"{text} was no {_NAMES[here.weekday - 1]}", why, ((here.start, here.end),))
        elif before is not None and before.year is None and before.weekday and (here.month, here.day) != (2, 29):
            yield from _against(prose, before, here, text)
        before = here


def _against(prose: Prose, before: _Dated, here: _Dated, text: str) -> Iterator[Clash]:
    if (before.month, before.day) == (2, 29):
        return
    days = calendar.days_between((before.month, before.day), (here.month, here.day))
    leap = before.month <= 2 < here.month
    fitting = {(before.weekday - 1 + days + extra) % 7 + 1 for extra in ((0, 1) if leap else (0,))}
    if days <= NEAR_DATES and here.weekday not in fitting:
        earlier = " ".join(prose.text[before.start : before.end].split())
        due = _NAMES[min(fitting) - 1]
        why = f"{days} days after {earlier} comes a {due}"
        yield Clash("T103", f"{text} does not fit {earlier}", why, ((here.start, here.end), (before.start, before.end)))


def _dated(prose: Prose, times: Sequence[Timex]) -> Iterator[_Dated]:
    """Weekdays that stand beside their date, as one: "Tuesday, the 14th of March"."""
    for one, other in pairwise(times):
        pair = (one, other) if one.value.startswith("XXXX-WXX") else (other, one)
        weekday, date = pair
        if other.first - one.last > _APART or not weekday.value.startswith("XXXX-WXX") or weekday.type != "DATE":
            continue
        between = prose.tokens.lower[one.last : other.first]
        parts = date.value.split("-")
        if (
            len(parts) == 3
            and "WXX" not in date.value
            and all(not w[0].isalpha() or w in {"the", "of"} for w in between)
        ):
            year = None if parts[0] == "XXXX" else int(parts[0])
            number = int(weekday.value[-1])
            if parts[1].isdecimal() and parts[2].isdecimal() and _exists(int(parts[1]), int(parts[2])):
                yield _Dated(number, int(parts[1]), int(parts[2]), year, one.start, other.end)


def _exists(month: int, day: int) -> bool:
    return bool(calendar.weekdays_of(2000, month, day))


def weekday_clashes(prose: Prose, times: Sequence[Timex], way: Course) -> Iterator[Clash]:
    """T103, weekdays: what day it is, was or will be, said in two ways of one moment or of two days in a row."""
    latest: dict[int, _Today] = {}
    for here in _todays(prose, times, way):
        before = latest.get(here.place)
        if before is not None:
            steps = _steps(way, before, here)
            due = None if steps is None else (before.weekday - before.ahead + steps + here.ahead - 1) % 7 + 1
            if due is not None and due != here.weekday:
                texts = [" ".join(prose.text[t.start : t.end].split()) for t in (here, before)]
                yield Clash(
                    "T103",
                    f"“{texts[0]}” does not fit “{texts[1]}”",
                    f"counting on from the one, the other would be a {_NAMES[due - 1]}",
                    ((here.start, here.end), (before.start, before.end)),
                )
        latest[here.place] = here


def _steps(way: Course, before: _Today, here: _Today) -> int | None:
    """How many days the story says lie between two passages; None where it does not say exactly."""
    steps = 0
    for segment in way.segments[before.segment : here.segment + 1]:
        moved = segment.moved
        if moved is None and segment.paragraph > way.segments[before.segment].paragraph:
            return None
        if moved is None or not before.start < moved.start <= here.start:
            continue
        if moved.relation != "later" or moved.value not in {"P1D", "TMO", "TEV", "TAF", "TNI"}:
            return None
        steps += 1
    return steps


def _todays(prose: Prose, times: Sequence[Timex], way: Course) -> Iterator[_Today]:
    lower = prose.tokens.lower
    for time in times:
        if not time.value.startswith("XXXX-WXX") or time.type != "DATE":
            continue
        ahead = _ahead(lower, time.first) or _dating(prose, time)
        spoken = bool(prose.tokens.quoted[time.first])
        # What somebody says it was is another day than the one that they say it in.
        if ahead is not None and not (spoken and "was" in lower[ahead[1] : time.first]):
            steps, first = ahead
            segment = way.at(prose.paragraph_at(time.start))
            if steps and lower[first] == "the":
                steps = 0 if way.segments[segment].moved is not None and _moves_here(way, segment, first) else steps
            place = prose.paragraph_at(time.start) if spoken else -1
            yield _Today(int(time.value[-1]), steps, segment, place, prose.tokens.starts[first], time.end)


def _dating(prose: Prose, time: Timex) -> tuple[int, int] | None:
    """What "on Tuesday" says of the day, where the sentence behind goes on from it: "The next day was a Thursday"."""
    at = prose.sentence_at(time.start)
    here, after = prose.sentences[at], prose.sentences[min(len(prose.sentences) - 1, at + 1)]
    lower = prose.tokens.lower
    if prose.tokens.quoted[time.first] or lower[after.first : after.first + 3] not in _GOES_ON or time.first < 1:
        return None
    first = _on(lower, time.first, (here.first, here.last))
    return (0, first) if first is not None else None


def _on(lower: Sequence[str], at: int, sentence: tuple[int, int]) -> int | None:
    """The token that begins "on Tuesday", "by Tuesday", in a sentence that tells what happened then; else None."""
    first = at - 2 if lower[at - 1] == "the" else at - 1
    told = lower[first] in _DATING and sentence[0] <= first and lower[at + 1] not in _PART_OF
    return first if told and _UNTOLD.isdisjoint(lower[sentence[0] : sentence[1]]) else None


def _moves_here(way: Course, segment: int, first: int) -> bool:
    moved = way.segments[segment].moved
    return moved is not None and moved.first == first


def _ahead(lower: Sequence[str], at: int) -> tuple[int, int] | None:
    """How many days before the weekday a passage speaks, and its first token; None where it says no such thing.

    "It was a Tuesday" speaks of the day itself, "tomorrow was Tuesday" of the one before.
    """
    j = at - 1
    while j >= 0 and at - j <= 5 and lower[j] in _LINKS and lower[j] not in {"it"}:
        j -= 1
    if j < 0:
        return None
    said = not _SAID.isdisjoint(lower[j + 1 : at]) or lower[j] in {"it's", "that's"}
    if lower[j] in {"tomorrow", "yesterday"} and (said or at - j <= 2):
        return (1 if lower[j] == "tomorrow" else -1), j
    if lower[j] in _NEXT_DAY and j > 1 and lower[j - 1] in {"next", "following"} and (said or at - j <= 3):
        return 1, j - 2 if lower[j - 2] == "the" else j - 1
    if said and (lower[j] in _ITS or (lower[j] == "day" and j and lower[j - 1] in {"that", "this", "the"})):
        return 0, j
    return None


def season_clashes(prose: Prose, times: Sequence[Timex]) -> Iterator[Clash]:
    """T104: a season and a month, in one sentence of narration, that do not go together on either side of the earth."""
    for one, other in pairwise(times):
        season, date = (one, other) if one.value[-2:] in calendar.SEASON_MONTHS else (other, one)
        code, parts = season.value[-2:], date.value.split("-")
        if code not in calendar.SEASON_MONTHS or len(parts) < 2 or not parts[1].isdecimal():
            continue
        apart = prose.tokens.lower[one.last : other.first]
        if len(apart) > 4 or not {"and", "or", "to", "till", "until", "from", "since", ";", "."}.isdisjoint(apart):
            continue
        month = int(parts[1])
        southern = {(m + 5) % 12 + 1 for m in calendar.SEASON_MONTHS[code]}
        texts = [" ".join(prose.text[t.start : t.end].split()) for t in (season, date)]
        if month not in calendar.SEASON_MONTHS[code] | southern:
            yield _season(texts, one, other)


def _season(texts: list[str], one: Timex, other: Timex) -> Clash:
    why = "neither half of the earth has that season in that month"
    return Clash(
        "T104", f"{texts[0]} and {texts[1]} do not go together", why, ((other.start, other.end), (one.start, one.end))
    )


def moon_clashes(prose: Prose, times: Sequence[Timex], way: Course) -> Iterator[Clash]:
    """T105: phases of the moon that the days between them do not allow."""
    seen = [t for t in times if t.value.endswith(" moon") and not prose.tokens.quoted[t.first]]
    for one, other in pairwise(seen):
        days = _apart(way, way.at(prose.paragraph_at(one.start)), way.at(prose.paragraph_at(other.start)))
        if days is None:
            continue
        half = 0.0 if one.value == other.value else calendar.SYNODIC_MONTH / 2
        low, high = days
        months = max(0, ceil((low - MOON_SLACK - half) / calendar.SYNODIC_MONTH))
        due = half + months * calendar.SYNODIC_MONTH
        if due > high + MOON_SLACK:
            yield Clash(
                "T105",
                f"the {other.value} comes too soon after the {one.value}",
                f"{low:.0f} to {high:.0f} days lie between them; from {one.value} to {other.value} it takes {due:.0f}",
                ((other.start, other.end), (one.start, one.end)),
            )


def _apart(way: Course, one: int, other: int) -> tuple[float, float] | None:
    """The fewest and the most days between two segments, where the story counts them all."""
    low = high = 0.0
    for segment in way.segments[one + 1 : other + 1]:
        moved = segment.moved
        if moved is None or moved.relation == "ago" or moved.low is None or moved.high is None:
            return None
        low, high = low + moved.low, high + moved.high
    return low, high
