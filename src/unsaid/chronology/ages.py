"""How old people are said to be, now and not once: "she was nineteen", "Tom, aged forty", "his tenth birthday"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.chronology.calendar import YEAR
from unsaid.chronology.numbers import number
from unsaid.people import stated_traits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.people import Certain
    from unsaid.prose import Prose

_ROUGH = frozenset("about nearly almost around perhaps maybe some over under past only hardly barely scarcely".split())
_OTHER_TIME = frozenset(
    "when while until till since before after if by once though would could might may must will shall should seemed "
    "appeared perhaps like as suppose thought ago not n't never wasn't isn't then than whether or going".split()
)
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
    for trait, holder in stated_traits(tokens):
        if trait.trait != "age":
            continue
        token = tokens.within(trait.start, trait.end).start
        who = _mostly(certain, holder)
        if who is not None and _is_now(prose, token):
            yield _age(prose, who, float(trait.value), trait.start, trait.end)
    for i, word in enumerate(tokens.lower):
        if word in {"aged", "turned"} and 1 < i < len(tokens) - 1:
            years = number([tokens.lower[i + 1]])
            at = i - 1 - (tokens.lower[i - 1] in {",", "had", "just"})
            who = _mostly(certain, tokens.ends[at]) if years is not None else None
            if who is not None and years is not None and 2 < years <= 110 and _is_now(prose, i):
                yield _age(prose, who, years, tokens.starts[at], tokens.ends[i + 1])


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
    first, last = max(sentence.first, token - _AROUND), min(sentence.last, token + _AROUND + 2)
    return _OTHER_TIME.isdisjoint(prose.tokens.lower[first:last])
