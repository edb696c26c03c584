"""The calendar's words: units, weekdays, months, seasons, feasts, parts of the day, phases of the moon."""

from __future__ import annotations

import datetime

DAY, YEAR, MONTH = 1.0, 365.2425, 30.437
SYNODIC_MONTH = 29.53
"""Days from one full moon to the next, on average."""

UNITS: dict[str, tuple[str, float]] = {
    form: (code, days)
    for names, code, days in (
        ("second seconds", "TS", DAY / 86400),
        ("minute minutes", "TM", DAY / 1440),
        ("hour hours", "TH", DAY / 24),
        ("day days night nights", "D", DAY),
        ("week weeks", "W", 7 * DAY),
        ("fortnight fortnights", "2W", 14 * DAY),
        ("month months", "M", MONTH),
        ("year years twelvemonth", "Y", YEAR),
        ("decade decades", "DE", 10 * YEAR),
        ("century centuries", "CE", 100 * YEAR),
    )
    for form in names.split()
}
"""Units of time: the letter of an ISO 8601 duration (after T for what is less than a day), and the days in it."""
YEARLY = frozenset("summers winters springs autumns christmases".split())
"""What comes once a year and is counted for it: "four summers ago"."""

WEEKDAYS = {
    name: number
    for number, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split(), start=1)
}
MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
        "november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
SEASONS = {"spring": "SP", "summer": "SU", "autumn": "FA", "winter": "WI", "springtime": "SP", "midwinter": "WI"}
SEASON_MONTHS = {"SP": {2, 3, 4, 5, 6}, "SU": {5, 6, 7, 8, 9}, "FA": {8, 9, 10, 11, 12}, "WI": {11, 12, 1, 2, 3}}
"""The months that a season may be said of in the north; each reaches a month into the next, as people use them."""
FEASTS = {
    ("christmas", "eve"): "XXXX-12-24",
    ("christmas", "day"): "XXXX-12-25",
    ("christmas",): "XXXX-12-25",
    ("boxing", "day"): "XXXX-12-26",
    ("new", "year's", "eve"): "XXXX-12-31",
    ("new", "year's", "day"): "XXXX-01-01",
    ("new", "year"): "XXXX-01-01",
    ("new", "year's"): "XXXX-01-01",
    ("twelfth", "night"): "XXXX-01-05",
    ("candlemas",): "XXXX-02-02",
    ("valentine's", "day"): "XXXX-02-14",
    ("lady", "day"): "XXXX-03-25",
    ("easter",): "XXXX-SP",
    ("whitsun",): "XXXX-SP",
    ("whitsuntide",): "XXXX-SP",
    ("may", "day"): "XXXX-05-01",
    ("midsummer",): "XXXX-06-24",
    ("midsummer", "eve"): "XXXX-06-23",
    ("lammas",): "XXXX-08-01",
    ("michaelmas",): "XXXX-09-29",
    ("halloween",): "XXXX-10-31",
    ("all", "hallows"): "XXXX-11-01",
    ("martinmas",): "XXXX-11-11",
    ("thanksgiving",): "XXXX-11",
}
"""Feasts by their words; movable ones have the season they fall into."""
PARTS = {
    "morning": "TMO",
    "forenoon": "TMO",
    "afternoon": "TAF",
    "evening": "TEV",
    "night": "TNI",
    "midnight": "T24:00",
    "noon": "T12:00",
    "midday": "T12:00",
    "dawn": "TMO",
    "daybreak": "TMO",
    "dusk": "TEV",
    "twilight": "TEV",
    "sunrise": "TMO",
    "sunset": "TEV",
}
"""Parts of the day, with TIMEX3's values."""
DEICTIC = {
    "today": "PRESENT_REF",
    "tonight": "PRESENT_REF",
    "now": "PRESENT_REF",
    "nowadays": "PRESENT_REF",
    "yesterday": "PAST_REF",
    "tomorrow": "FUTURE_REF",
}
_CHANGE = 1752  # England changed calendars in September
_JULIAN_LAG = {17: 11, 18: 12}  # days, by century


def weekdays_of(year: int, month: int, day: int) -> frozenset[int]:
    """The weekdays (1 is Monday) that a date fell on, in the calendars that fiction before 1900 may be written in.

    Empty for a date that there is none of.
    """
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return frozenset()
    found = {date.isoweekday()} if year >= _CHANGE else set()
    if year < 1900:
        lag = _JULIAN_LAG.get(year // 100, 10)
        found.add((date + datetime.timedelta(days=lag)).isoweekday())
    return frozenset(found)


def days_between(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Days from one (month, day) to the next time that the other comes, in a year without a leap day."""
    first, second = (datetime.date(2001, *(month_day)) for month_day in (one, other))
    return (second - first).days % 365
