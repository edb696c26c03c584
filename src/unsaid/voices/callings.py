"""Whom each description means in the cues of the rest of a story, as far as a first reading tells.

"The eminently practical gentleman" is one man in every chapter, and "the lad" seldom two people in one novel.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import ages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unsaid.people import Cast

_NEAR = 5000
"""Uses within so many characters of one another hang on the same readings around them, and do not vouch for each
other."""
_MOST = 50  # uses on either side that are looked at, so that time is linear in a story that calls one man "the man"
_HOLDERS = frozenset("his her my their our its your".split())
_OF = frozenset("of in with".split())
_GROWN = frozenset("man gentleman woman lady".split())


class Description(msgspec.Struct, frozen=True):
    """What somebody is described by.

    :ivar words: in lower case; ``head`` the noun.
    :ivar held: it says whose ("her brother"), so that it means somebody else wherever it stands.
    :ivar age: the age that it tells; ``grown``: nobody calls a child so.
    """

    words: str
    head: str
    held: bool
    age: ages.Age | None
    grown: bool


def describe(said: str) -> Description:
    """What the words of a description say."""
    words = said.lower().split()
    at = next((i for i, word in enumerate(words) if i and word in _OF), len(words)) - 1
    before = words[:at]
    age = ages.of_noun(words[at], before)
    grown = age in ("grown", "old") or (words[at] in _GROWN and "young" not in before)
    return Description(" ".join(words), words[at], words[0] in _HOLDERS, age, grown)


class Uses(msgspec.Struct, frozen=True):
    """Where the cues of a story use one description, and whom it means there; "" where that is nobody with a name."""

    at: tuple[int, ...]
    whom: tuple[str, ...]


class Callings(msgspec.Struct, frozen=True):
    """The uses of each description, by its words."""

    uses: dict[str, Uses] = {}

    def shares(self, described: Description, at: int) -> dict[str, float]:
        """What share of the uses of a description elsewhere in the story means each person, from 0 to 1."""
        uses = self.uses.get(described.words)
        if uses is None:
            return {}
        low, high = bisect_left(uses.at, at - _NEAR), bisect_right(uses.at, at + _NEAR)
        counts = Counter(uses.whom[max(0, low - _MOST) : low] + uses.whom[high : high + _MOST])
        total = counts.total() + 1
        return {who: count / total for who, count in counts.items() if who}


def callings(text: str, cast: Cast, described: Mapping[int, str | None]) -> Callings:
    """The uses of each description in the cues of a story.

    :param described: whom the description that starts at an offset means, as far as a first reading tells.
    """
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for mention in cast.mentions:
        if mention.kind == "nominal" and mention.start in described:
            words = describe(text[mention.start : mention.end]).words
            found[words].append((mention.start, described[mention.start] or ""))
    return Callings({words: Uses(*zip(*uses, strict=True)) for words, uses in found.items()})
