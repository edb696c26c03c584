"""Spans of days in words."""

from __future__ import annotations

from math import inf

from unsaid.chronology.calendar import MONTH, YEAR


def length(low: float, high: float) -> str:
    """How long something takes: "4.2 to 5 years", "at least 2 days".

    >>> length(1552.3, 1826.2), length(2, float("inf"))
    ('4.2 to 5 years', 'at least 2 days')
    """
    unit, days = max(
        (u for u in (("days", 1.0), ("months", MONTH), ("years", YEAR)) if _fits(u[1], low, high)), key=lambda u: u[1]
    )
    if high == inf:
        return f"at least {_count(low / days)} {unit}" if low > 0 else "before it"
    return f"{_count(low / days)} to {_count(high / days)} {unit}"


def _fits(days: float, low: float, high: float) -> bool:
    return days == 1.0 or (low if high == inf else high) >= 2 * days


def _count(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
