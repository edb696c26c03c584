"""Quantities: number words, and how wide a vague one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1000}
_WORDS = {**_SMALL, **_TENS, **_SCALES}
_MOST = 10_000

VAGUE = {
    "couple": (2.0, 3.0),
    "few": (2.0, 6.0),
    "several": (3.0, 10.0),
    "some": (2.0, 12.0),
    "many": (4.0, 80.0),
    "": (1.5, 80.0),
}
"""How many a vague quantifier may stand for; the empty one is a bare plural ("years ago").

Dictionaries and surveys of usage agree on two or three for "a couple" and put "a few" below "several"; they disagree on
how far each reaches, so that the widest reading is taken.
"""
SPREAD = 0.2
"""A stated "N units ago" is off by this share on average (Hripcsak et al. 2009, JAMIA 16(2), on medical records) ..."""
LEAST_SPREAD = 0.5
"""... and by half a unit at least: small numbers are rounder than they look (same source)."""
ROUND_SPREAD = 0.3
"""Ten, twenty, fifty, a hundred are rounder still."""
EXACT_SPREAD = 0.01

HEDGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys("nearly almost nearing under".split(), (0.85, 1.0)),
    **dict.fromkeys("over beyond".split(), (1.0, 1.5)),
    **dict.fromkeys("about around roughly approximately some perhaps maybe".split(), (0.75, 1.25)),
    **dict.fromkeys("barely scarcely hardly".split(), (0.8, 1.1)),
    **dict.fromkeys("exactly precisely".split(), (1 - EXACT_SPREAD, 1 + EXACT_SPREAD)),
}
"""Factors for the hedge before a number. People hold few kinds of hedges apart: near, above, below and exact (Ferson et
al. 2015, *International Journal of Approximate Reasoning*)."""


class Quantity(msgspec.Struct, frozen=True):
    """How many: the least, the most, and the number as it is written (None where it is vague)."""

    low: float
    high: float
    number: float | None

    def hedged(self, hedge: str) -> Quantity:
        """The quantity with a hedge before it; a vague one stays as wide as it is."""
        if self.number is None or hedge not in HEDGES:
            return self
        low, high = HEDGES[hedge]
        return Quantity(self.number * low, self.number * high, self.number)


def number(words: Sequence[str]) -> float | None:
    """The number that words write, up to ten thousand: "twenty-three", "a hundred and five", "18".

    >>> number(["two", "hundred", "and", "six"]), number(["a", "few"])
    (206.0, None)
    """
    total = current = 0
    parts = [part for word in words for part in word.split("-") if part not in {"a", "an", "and"}]
    if not parts:
        return 1.0 if words and words[-1] in {"a", "an"} else None
    for part in parts:
        if part.isdecimal() and part.isascii() and len(part) <= 5:
            current += int(part)
        elif part in _SCALES:
            current = max(1, current) * _SCALES[part]
            if part == "thousand":
                total, current = total + current, 0
        elif part in _WORDS:
            current += _WORDS[part]
        else:
            return None
    return float(total + current) if total + current <= _MOST else None


def is_number_word(word: str) -> bool:
    """Whether a word is a number, or a part of one."""
    return (word.isdecimal() and word.isascii()) or all(part in _WORDS for part in word.split("-"))


def counted(value: float) -> Quantity:
    """A plain number with the width that it has in ordinary use."""
    spread = max(LEAST_SPREAD, (ROUND_SPREAD if value >= 10 and value % 10 == 0 else SPREAD) * value)
    return Quantity(max(0.0, value - spread), value + spread, value)


def vague(word: str) -> Quantity:
    """A quantity that names no number."""
    low, high = VAGUE[word]
    return Quantity(low, high, None)
