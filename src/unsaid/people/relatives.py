"""Relations whom the narrative names elsewhere: "Lucy's mother" is Mrs. Hall, though no sentence says so.

A narrator calls someone now by name and now by what they are to somebody, but seldom both in one sentence; whoever
else is there stands beside the relation in many. So of all who could be the relation it is the one who is named around
it, and not with it. (For roles, "the beadle", see :mod:`unsaid.people.roles`.)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.people.kin import plain
from unsaid.people.names import Name
from unsaid.people.nominals import Nominal
from unsaid.people.pronouns import Pronoun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.people.characters import Naming
    from unsaid.people.memory import Someone
    from unsaid.prose import Prose

# A relation is looked into that the narrative mentions so often: less shows nothing.
_FEWEST = 3
# Sentences within which a name is near.
_NEAR = 15
# So much as this many names nearby does one in the very sentence speak against its bearer.
_BESIDE = 3.0
_SURNAME = 0.15
"""What it adds to somebody's share that they have the surname of the one whose relation is sought."""


# So often at least does such a story say "Mom", and its mothers that are somebody's are at most so many times as many.
_AT_HOME, _AS_OFTEN = 3, 2
_ABOVE = {"father": "grandfather", "mother": "grandmother"}
# A story of which "I" tell so large a share of all that pronouns tell of is a narrator's: their "Mum" is nobody else's.
_NARRATED = 0.3


class Bound(msgspec.Struct, frozen=True):
    """How sure it must be: the least share of the mentions that have the name near, and by how much it must lead."""

    least: float
    lead: float


_ELDERS = frozenset("father mother grandfather grandmother uncle aunt".split())
_SPOUSES = frozenset("husband wife".split())
# An elder is called by a title, and there is one of each; of brothers, cousins and sons there may be several.
_ELDER, _SPOUSE, _OTHER = Bound(0.45, 0.2), Bound(0.6, 0.3), Bound(0.7, 0.3)
_UNMARRIED = frozenset({"miss", "mademoiselle", "master"})


def identify(
    prose: Prose,
    naming: Naming,
    people: Sequence[Someone],
    items: Sequence[Name | Nominal | Pronoun],
    of: Sequence[int],
) -> dict[int, int]:
    """Map each relation without a name to the one who has it, where the narrative shows who that is.

    :param of: who each item means, as an index in ``people``.
    """
    named: defaultdict[int, set[int]] = defaultdict(set)
    held: defaultdict[int, set[int]] = defaultdict(set)
    for item, who in zip(items, of, strict=True):
        if who < 0 or prose.tokens.quoted[item.first]:
            continue
        if isinstance(item, Name):
            named[prose.sentence_at(item.start)].add(who)
        elif isinstance(item, Nominal) and people[who].label:
            held[who].add(prose.sentence_at(item.start))
    found = {}
    for who, places in held.items():
        if len(places) >= _FEWEST:
            bearer = _bearer(who, _shares(places, named), people, naming)
            if bearer is not None:
                found[who] = bearer
    return found


def household(
    prose: Prose,
    people: Sequence[Someone],
    kin: Mapping[tuple[int, str], int],
    items: Sequence[Name | Nominal | Pronoun],
    of: Sequence[int],
) -> dict[int, int]:
    """Map the relations of a story's children to whom it calls "Mom", "Dad" and "Gran" without saying whose they are.

    Who tells a story from within a family says "Mom" and "her mother" of one woman; the mother of "Dad" is "Gran".

    :param kin: the relations by whose they are (below zero: whoever's view the story takes) and what they are.
    """
    own = {kind: who for (holder, kind), who in kin.items() if holder < 0}
    if not own or _is_narrated(prose, items):
        return {}
    at: defaultdict[int, set[int]] = defaultdict(set)
    often: Counter[int] = Counter()
    for item, who in zip(items, of, strict=True):
        if who >= 0 and not isinstance(item, Pronoun) and not prose.tokens.quoted[item.first]:
            at[who].add(prose.sentence_at(item.start))
            often[who] += 1
    elders = set(own.values())
    meant: defaultdict[int, set[int]] = defaultdict(set)
    for (holder, kind), who in kin.items():
        whose = own.get(_ABOVE.get(kind, "") if holder in elders else kind, -1)
        if holder >= 0 <= whose and not people[who].named and who not in elders and at[whose].isdisjoint(at[who]):
            meant[whose].add(who)
    return {
        who: whose
        for whose, called in meant.items()
        if often[whose] >= _AT_HOME and sum(often[who] for who in called) <= _AS_OFTEN * often[whose]
        for who in called
    }


def _is_narrated(prose: Prose, items: Sequence[Name | Nominal | Pronoun]) -> bool:
    told = [item.kind.of for item in items if isinstance(item, Pronoun) and not prose.tokens.quoted[item.first]]
    return told.count("I") > _NARRATED * len(told)


def _shares(places: set[int], named: dict[int, set[int]]) -> dict[int, float]:
    """In how many of the places somebody is named nearby, less those where they are named beside the relation."""
    near: Counter[int] = Counter()
    beside: Counter[int] = Counter()
    for place in places:
        beside.update(named.get(place, ()))
        near.update({who for at in range(place - _NEAR, place + _NEAR) for who in named.get(at, ())})
    return {who: (n - _BESIDE * beside[who]) / len(places) for who, n in near.items()}


def _bearer(who: int, shares: dict[int, float], people: Sequence[Someone], naming: Naming) -> int | None:
    """The one who is named around a relation and not in its sentences, if there is one."""
    _, holder, head = people[who].label.split("\0")
    kind = plain(head)
    bound = _ELDER if kind in _ELDERS else _SPOUSE if kind in _SPOUSES else _OTHER
    likely = []
    for other, share in shares.items():
        if other != int(holder) and _could_be(people[who], people[other], kind, naming, other):
            kindred = people[other].surname and people[other].surname == people[int(holder)].surname
            likely.append((share + (_SURNAME if kindred else 0.0), -other))
    likely.sort(reverse=True)
    if likely and kind in _ELDERS and not _is_titled(naming, -likely[0][1]):
        bound = _OTHER  # "his father" is Ron, where nobody else is about
    if not likely or likely[0][0] < bound.least:
        return None
    if len(likely) > 1 and likely[0][0] - likely[1][0] < bound.lead:
        return None
    return -likely[0][1]


def _could_be(relation: Someone, other: Someone, kind: str, naming: Naming, who: int) -> bool:
    if other.group or (None not in (relation.gender, other.gender) and relation.gender != other.gender):
        return False
    return not {form[0] for form in naming.people[who].forms} & _UNMARRIED or kind not in _ELDERS


def _is_titled(naming: Naming, who: int) -> bool:
    return bool({form[0] for form in naming.people[who].forms} & lexicon.titles().keys() - _UNMARRIED)
