"""Who stands beside whom: someone who is named in the sentences of "the old gentleman" is not he.

A narrator calls someone now by name and now by a description, but seldom both in one sentence. So the share of a
description's sentences in which somebody is named, of all those that have the name near, says how likely it is not
theirs: of "the old gentleman" in *Oliver Twist* that is 0.4 for Oliver and 0.07 for Mr. Brownlow.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from unsaid.people import ages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from unsaid.people.names import Name
    from unsaid.people.nominals import Nominal
    from unsaid.prose import Prose

_NEAR = 8
"""Sentences within which a name is near."""
# A handful of sentences shows little: so many are added that have the name near, so many that have it beside.
_PRIOR_NEAR, _PRIOR_BESIDE = 8.0, 0.8
_NONE, _ALL = 0.12, 0.4
"""Up to this share it may well be the one named there; from this share on it is nearly always someone else."""
_LEFT = 0.1
_NOWHERE: frozenset[int] = frozenset()


class Company:
    """How often each named person stands beside each description."""

    def __init__(self, prose: Prose, names: Sequence[Name], of: Sequence[int], nominals: Sequence[Nominal]) -> None:
        quoted = prose.tokens.quoted
        named: defaultdict[int, set[int]] = defaultdict(set)
        for name, who in zip(names, of, strict=True):
            if not quoted[name.first]:
                named[who].add(prose.sentence_at(name.start))
        places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for nominal in nominals:
            if nominal.determination == "definite" and not nominal.noun.plural and not quoted[nominal.first]:
                places[ages.called(nominal.head, nominal.modifiers)].add(prose.sentence_at(nominal.start))
        self.named, self.places = named, places
        self.known: dict[tuple[int, tuple[str, str]], float] = {}

    def allows(self, who: int, called: tuple[str, str]) -> float:
        """What the sentences of a description leave of somebody as the one it means: 1 all, less the likelier not."""
        held = self.known.get((who, called))
        if held is None:
            held = self.known[who, called] = self._weigh(
                self.named.get(who, _NOWHERE), self.places.get(called, _NOWHERE)
            )
        return held

    @staticmethod
    def _weigh(at: AbstractSet[int], places: AbstractSet[int]) -> float:
        beside = len(places & at)
        if len(at) < len(places):  # the shorter way round, so that time is linear in a story of many people
            near = len({p for a in at for p in range(a - _NEAR, a + _NEAR + 1)} & places)
        else:
            near = sum(not at.isdisjoint(range(place - _NEAR, place + _NEAR + 1)) for place in places)
        share = (beside + _PRIOR_BESIDE) / (near + _PRIOR_NEAR)
        return min(1.0, max(_LEFT, (_ALL - share) / (_ALL - _NONE)))
