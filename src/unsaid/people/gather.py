"""Mentions and characters, as far as the text around them tells: names, nominals, third-person pronouns."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import (
    adjacent,
    appositions,
    characters,
    gender,
    lexicon,
    names,
    nominals,
    pronouns,
    roles,
    traits,
    usage,
    walk,
)
from unsaid.people.characters import Naming
from unsaid.people.layer import UNHEARD, Cast, Overheard
from unsaid.people.names import Name
from unsaid.people.nominals import Nominal
from unsaid.people.pronouns import Pronoun
from unsaid.story import Character, Mention, Relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.walk import Resolution
    from unsaid.prose import Prose
    from unsaid.story import MentionKind, Metadata

Item = Name | Nominal | Pronoun

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SPACE = re.compile(r"\s+")


class Spotted(msgspec.Struct, frozen=True):
    """Every mention of a story, and who is named there, before it is known whom nominals and pronouns mean.

    :ivar items: the mentions by their first token.
    :ivar tied: by index of a nominal, the name that it stands by; ``borne`` the roles that are one person's.
    """

    items: tuple[Item, ...]
    naming: Naming
    tied: dict[int, int]
    borne: dict[str, int]


def gather(prose: Prose, metadata: Metadata) -> Cast:
    """Find who is in the story and where each is mentioned.

    "I", "you" and "we" stay open until it is known who speaks; :func:`unsaid.people.settle` settles them.
    """
    return resolve(prose, spot(prose, metadata))


def spot(prose: Prose, metadata: Metadata) -> Spotted:
    """Find every mention of somebody, and who is named."""
    habits = usage.survey(prose, _told(metadata))
    named = adjacent.part(names.find(prose, habits), prose)
    naming = characters.group(named, prose, gender.leaning(named, prose))
    nominal = nominals.find(prose, named)
    tied = appositions.ties(prose, named, nominal)
    borne = roles.titled(naming)
    borne.update(roles.bearers(prose, named, nominal, naming))
    borne.update(appositions.roles(nominal, tied, naming))
    items: list[Item] = [*pronouns.find(prose), *named, *nominal]
    # At one token the pronoun comes first: "his" must be known before "his brother" is.
    items.sort(key=lambda item: item.first)
    return Spotted(tuple(items), naming, tied, borne)


def resolve(prose: Prose, spotted: Spotted, overheard: Overheard = UNHEARD) -> Cast:
    """Find whom each mention means.

    :param overheard: who speaks, as far as a first reading tells.
    """
    naming = spotted.naming
    found = walk.walk(prose, naming, spotted.items, (spotted.tied, spotted.borne), overheard)
    return _cast(prose, spotted.items, found)


def _told(metadata: Metadata) -> frozenset[str]:
    """The words of the names that the file's header gives, and what stands for the reader's own."""
    said = (*metadata.characters, *metadata.relationships)
    words = frozenset(w.lower() for name in said for w in _WORD.findall(name) if w[0].isupper() and len(w) > 1)
    return words | lexicon.PLACEHOLDERS


def _cast(prose: Prose, items: Sequence[Item], found: Resolution) -> Cast:
    seen: Counter[int] = Counter(found.of)
    forms: defaultdict[int, Counter[str]] = defaultdict(Counter)
    order: dict[int, int] = {}
    for item, who in zip(items, found.of, strict=True):
        if who < 0:
            continue
        person = found.people[who]
        if not (person.named or person.acts or seen[who] > 1):
            continue
        order.setdefault(who, item.start)
        if (isinstance(item, Name) and not _is_shared_title(prose, item)) or (
            isinstance(item, Nominal) and not person.named
        ):
            forms[who][_form(prose, item)] += 1
    ids = {who: f"c{n}" for n, who in enumerate(sorted(order, key=lambda w: (order[w], w)), 1)}
    mentions = [
        Mention(item.start, item.end, _kind(item), ids.get(who)) for item, who in zip(items, found.of, strict=True)
    ]
    mentions.sort(key=lambda m: (m.start, -m.end))
    called = {who: _call(forms[who]) for who in order}
    relations = _relations(found, ids)
    people = [
        Character(
            id=ids[who],
            name=_full_call(found, who, called),
            names=dict(forms[who].most_common()),
            pronouns=_pronoun(found, who),
            kind="group" if found.people[who].group else "person",
            mentions=seen[who],
            relations=relations.get(who, ()),
        )
        for who in sorted(order, key=lambda w: (-seen[w], order[w]))
    ]
    return Cast(tuple(traits.add(prose, people, mentions)), tuple(mentions))


def _is_shared_title(prose: Prose, item: Name) -> bool:
    """ "Mr." in "Mr. and Mrs. Smith": the mention is no form of the name."""
    return bool(item.title) and lexicon.title_of(prose.tokens.lower[item.last - 1]) == item.title


def _kind(item: Item) -> MentionKind:
    return "name" if isinstance(item, Name) else "nominal" if isinstance(item, Nominal) else "pronoun"


def _form(prose: Prose, item: Name | Nominal) -> str:
    """The words of a name or nominal, as they stand inside a sentence."""
    form = _SPACE.sub(" ", prose.text[item.start : item.end])
    if item.article if isinstance(item, Name) else item.determination != "bare":
        form = form[0].lower() + form[1:]
    if form.isupper() and len(form) > 2 and not any(map(str.isdigit, form)):
        form = form.title()
    return form


def _call(forms: Counter[str]) -> str:
    """What to call someone: the form used most, the longer of two used alike."""
    return max(forms, key=lambda f: (forms[f], len(f), f), default="")


def _full_call(found: Resolution, who: int, called: dict[int, str]) -> str:
    """ "his brother" is called "Oliver's brother"."""
    label = found.people[who].label
    if label:
        _, holder, head = label.split("\0")
        of = called.get(int(holder))
        if of and found.people[int(holder)].named:
            return f"{of}'s {head}"
    return called[who]


def _pronoun(found: Resolution, who: int) -> str | None:
    person = found.people[who]
    if person.group:
        return "they"
    return {"m": "he", "f": "she", None: None}[person.gender]


def _relations(found: Resolution, ids: dict[int, str]) -> dict[int, tuple[Relation, ...]]:
    relations: defaultdict[int, dict[tuple[str, str], Relation]] = defaultdict(dict)
    for kin in found.kinships:
        if kin.one in ids and kin.other in ids and kin.one != kin.other:
            key = (kin.kind, ids[kin.other])
            relations[kin.one].setdefault(key, Relation(kin.kind, ids[kin.other], kin.start, kin.end))
    return {who: tuple(known.values()) for who, known in relations.items()}
