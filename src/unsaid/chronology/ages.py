"""How old people are said to be, now and not once: "she was nineteen", "Tom, aged forty", "Tom, now forty,"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.chronology.calendar import YEAR
from unsaid.chronology.numbers import number
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.people import Certain
    from unsaid.prose import Prose

_ROUGH = frozenset("about nearly almost around perhaps maybe some over under past only hardly barely scarcely".split())
_OTHER_TIME = frozenset(
    "when while until till since before after if by once though would could might may must will shall should seemed "
    "appeared perhaps like as suppose thought ago not n't never wasn't isn't then than whether or going".split()
)
_IS = frozenset({"was", "is"})
_SAYING = frozenset({"was", "is", "aged", "turned"})
_BESIDE = frozenset({",", "at"})
_TOLD_BY = _SAYING | _BESIDE
_OLD = "-year-old"
_NOW = frozenset({"now", "just"})
_CLOSED = frozenset({",", ".", ";", ")"})
CLOCK = 12
"""At so much, or less, is an hour."""
_CLOSES = frozenset("and that this now then last next in on when but".split())
_AROUND = 5  # tokens on either side that may say that another time is meant
ROUGH = 0.2
"""A hedged age is off by up to this share; one that is told as a round number, too."""


class Age(msgspec.Struct, frozen=True):
    """An age as it is stated: whose, the fewest and the most days since the birth, and the passage."""

    who: str
    low: float
    high: float
    token: int
    start: int
    end: int


def ages(prose: Prose, certain: Certain) -> Iterator[Age]:
    """Every age that is stated of the moment it is told in; what somebody was when, or might be, is left out."""
    tokens = prose.tokens
    words = concordance(tokens)
    for i in words.of({*_TOLD_BY, *(word for word in words.lower if word.endswith(_OLD))}):
        word = tokens.lower[i]
        said = _said(prose, i) if word in _SAYING else _beside(prose, i, word)
        if said is None:
            continue
        years, holder, first, last = said
        who = _mostly(certain, tokens.ends[holder])
        if who is not None and _is_now(prose, i):
            yield _age(prose, who, years, tokens.starts[first], tokens.ends[last])


def _said(prose: Prose, i: int) -> tuple[float, int, int, int] | None:
    """The age behind a verb, the last token of whose it is, and the passage's first and last: "Tom was nineteen"."""
    lower = prose.tokens.lower
    found = _predicate(prose, i) if lower[i] in _IS else _number_at(lower, i + 1)
    holder = _holder(lower, i)
    return (found[0], holder, holder, found[1]) if found is not None and holder >= 0 else None


def _beside(prose: Prose, i: int, word: str) -> tuple[float, int, int, int] | None:
    """The age beside a name: "Tom, now thirty,", "At nineteen, Tom …", "the nineteen-year-old Tom"."""
    tokens = prose.tokens
    last = len(tokens) - 1
    if word == "," and 0 < i < last - 2 and tokens.words[i - 1][0].isupper():
        found = _number_at(tokens.lower, i + 1 + (tokens.lower[i + 1] in _NOW))
        closed = found is not None and found[1] < last and tokens.lower[found[1] + 1] in _CLOSED
        return (found[0], i - 1, i - 1, found[1]) if found is not None and closed else None
    if word == "at" and i < last - 3:
        found = _number_at(tokens.lower, i + 1)
        fits = found is not None and found[0] > CLOCK and found[1] < last - 1 and tokens.lower[found[1] + 1] == ","
        return (found[0], found[1] + 2, i, found[1] + 2) if found is not None and fits else None
    if word.endswith(_OLD) and i < last and tokens.words[i + 1][0].isupper():
        years = number([word.removesuffix(_OLD)])
        return (years, i + 1, i, i + 1) if years is not None else None
    return None


def _predicate(prose: Prose, i: int) -> tuple[float, int] | None:
    """The age behind "was", and its last token: "nineteen.", "about forty years old", "ten that spring"."""
    lower = prose.tokens.lower
    at = i + 1
    while at < len(lower) and lower[at] in _ROUGH | {"just", "now", "quite"}:
        at += 1
    if lower[at : at + 1] in {("a",), ("an",)} and "of" in lower[at + 2 : at + 5]:
        at = lower.index("of", at + 2) + 1
    found = _number_at(lower, at)
    if found is None:
        return None
    after = lower[found[1] + 1 : found[1] + 4]
    if not after or not after[0][0].isalnum() or after[0] in _CLOSES:
        return found
    aged = after[0] in {"years", "year"} and after[1:2] in {("old",), ("of",)}
    return (found[0], found[1] + 2) if aged else None


def _number_at(lower: Sequence[str], at: int) -> tuple[float, int] | None:
    """The age written at a token, and its last token: "nineteen", "thirty-one", "three and twenty"."""
    if at >= len(lower):
        return None
    years, last = number([lower[at]]), at
    if years is not None and years < 10 and lower[at + 1 : at + 2] == ("and",) and at + 2 < len(lower):
        tens = number([lower[at + 2]])
        if tens is not None and tens % 10 == 0 and tens >= 20:
            years, last = years + tens, at + 2
    return (years, last) if years is not None and 2 < years <= 110 else None


def _holder(lower: Sequence[str], i: int) -> int:
    """The token in front of a verb and of what may stand before it: "had just", ", who"."""
    at = i - 1
    while at >= 0 and i - at < 4 and lower[at] in {"had", "has", "just", "who", ","}:
        at -= 1
    return at


def _mostly(certain: Certain, end: int) -> str | None:
    mention = certain.by_end.get(end)
    return certain.mostly(mention) if mention is not None else None


def _age(prose: Prose, who: str, years: float, start: int, end: int) -> Age:
    token = prose.tokens.within(start, end).start
    rough = not _ROUGH.isdisjoint(prose.tokens.lower[max(0, token - 2) : token + 6]) or years % 10 == 0
    low, high = (years * (1 - ROUGH), years * (1 + ROUGH) + 1) if rough else (years - 0.5, years + 1.5)
    return Age(who, low * YEAR, high * YEAR, token, start, end)


def _is_now(prose: Prose, token: int) -> bool:
    sentence = prose.sentences[prose.sentence_at(prose.tokens.starts[token])]
    first, last = max(sentence.first, token - _AROUND), min(sentence.last, token + _AROUND - 1)
    return _OTHER_TIME.isdisjoint(prose.tokens.lower[first:last])
