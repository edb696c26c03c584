"""Roles that the narrative gives to one named person all along: "the beadle" is Mr. Bumble wherever he stands.

A narrator calls someone now by name and now by role, but rarely by both in one sentence; whoever else is there stands
beside the role in many sentences. So the bearer is named in the stretches where the role is, and in few of its
sentences.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from unsaid.people import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.characters import Naming
    from unsaid.people.names import Name
    from unsaid.people.nominals import Nominal
    from unsaid.prose import Prose

# A role is looked into that stands in this many sentences of narrative: less shows nothing.
_PLACES = 12
# Role and bearer are on stage in the same stretches, of so many sentences …
_STRETCH = 25
# … to this Jaccard index at least, and share no more than this part of the role's own sentences.
_OVERLAP, _SAME = 0.4, 0.1
# The next who could be meant must lie behind by this much.
_MARGIN = 0.08
_PLAIN = frozenset("young old poor good dear little worthy".split())


def bearers(prose: Prose, names: Sequence[Name], nominals: Sequence[Nominal], naming: Naming) -> dict[str, int]:
    """Map each role noun that one named person bears to that person's index in ``naming.people``."""
    quoted = prose.tokens.quoted
    named: defaultdict[int, set[int]] = defaultdict(set)
    for name, who in zip(names, naming.of, strict=True):
        if not quoted[name.first]:
            named[who].add(prose.sentence_at(name.start))
    places: defaultdict[str, set[int]] = defaultdict(set)
    gender = {}
    for nominal in nominals:
        role = nominal.noun.sort == "role" and nominal.determination == "definite" and not nominal.noun.plural
        if role and not quoted[nominal.first] and not set(nominal.modifiers) - _PLAIN:
            places[nominal.head].add(prose.sentence_at(nominal.start))
            gender[nominal.head] = nominal.noun.gender
    found = {}
    for head, sentences in places.items():
        if len(sentences) >= _PLACES:
            fits = {i for i, p in enumerate(naming.people) if not p.group and gender[head] in (p.gender, None)}
            bearer = _bearer(sentences, named, fits)
            if bearer is not None:
                found[head] = bearer
    return found


def titled(naming: Naming) -> dict[str, int]:
    """Map each role noun that the story writes like a name ("the Duke") to the index of whom it names."""
    nouns = lexicon.person_nouns()
    found: dict[str, int] = {}
    for who, person in enumerate(naming.people):
        for _, parts, article in person.forms:
            noun = nouns.get(parts[-1])
            if article and len(parts) == 1 and noun is not None and noun.sort == "role":
                found.setdefault(parts[0], who)
    return found


def _bearer(places: set[int], named: dict[int, set[int]], fits: set[int]) -> int | None:
    """The one who is named in the stretches where the role is, and not in its sentences."""
    stretches = {at // _STRETCH for at in places}
    likely = []
    for who in fits:
        at = named[who]
        if at and len(places & at) <= _SAME * len(places):
            around = {k // _STRETCH for k in at}
            likely.append((len(stretches & around) / len(stretches | around), -who))
    likely.sort(reverse=True)
    if not likely or likely[0][0] < _OVERLAP:
        return None
    if len(likely) > 1 and likely[1][0] > likely[0][0] - _MARGIN:
        return None
    return -likely[0][1]
