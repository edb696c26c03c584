"""What a name says of its bearer's gender, and what the pronouns that follow it do."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from unsaid.people import lexicon

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.people.forms import Form
    from unsaid.people.names import Name
    from unsaid.prose import Prose

HE = frozenset({"he", "him", "his", "himself", "he'd", "he'll", "he's"})
SHE = frozenset({"she", "her", "hers", "herself", "she'd", "she'll", "she's"})
# A pronoun this many tokens behind a name, no other name between, is taken to mean it.
_REACH = 25
# Someone who is only talked of is rather not the one whom the next pronoun means.
_ABOUT = frozenset("about of from".split())
# Russian patronymics, in the spellings of a hundred years of translators.
_SON = re.compile(r"\w{2}(?:[oe]v[iy]t?ch|yi?t?ch|\witch|[kmt]ich)$")
_SON_FOR_SURE = re.compile(r"\w{2}(?:[oe]v|y)[iy]?t?ch$")
_DAUGHTER = re.compile(r"\w{2}(?:[oe]vna|[iy]i?t?chna)$")


def leaning(names: Sequence[Name], prose: Prose) -> dict[Form, tuple[int, int]]:
    """For each form of a name, how often "he" and how often "she" is the first pronoun that follows close.

    Only names and pronouns outside quotations count: in dialogue a pronoun is rather someone else's.
    """
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    votes: defaultdict[Form, list[int]] = defaultdict(lambda: [0, 0])
    ends = [*(n.first for n in names[1:]), len(lower)][: len(names)]
    paragraphs = prose.paragraphs
    at = 0
    for name, stop in zip(names, ends, strict=True):
        while at + 1 < len(paragraphs) and paragraphs[at + 1].first <= name.first:
            at += 1
        if quoted[name.first] or (name.first and lower[name.first - 1] in _ABOUT):
            continue
        for i in range(name.last, min(stop, name.last + _REACH, paragraphs[at].last)):
            word = lower[i]
            if quoted[i]:
                break
            if word in HE or word in SHE:
                votes[name.form][word in SHE] += 1
                break
    return {form: (he, she) for form, (he, she) in votes.items()}


def told_by_names(names: Mapping[str, int]) -> lexicon.Gender | None:
    """The gender that somebody's names give by themselves, the most used first; no pronoun near them counts."""
    for name, _ in sorted(names.items(), key=lambda item: -item[1]):
        words = [word.strip(".,").lower() for word in name.split()]
        title = lexicon.title_of(words[0])
        titled = title in lexicon.titles() and len(words) > 1
        parts = tuple(words[1:] if titled else words)
        found = gender_of((title if titled else "", parts, False)) if parts[0] else None
        if found is not None:
            return found
    return None


def gender_of(form: Form) -> lexicon.Gender | None:
    """The gender that a title, a father's name behind the first one ("Nikita Petrovitch") or a first name gives."""
    title = lexicon.titles().get(form[0])
    if title is not None and title.gender:
        return title.gender
    if form[2]:
        noun = lexicon.person_nouns().get(form[1][-1]) or lexicon.person_nouns().get(form[1][0])
        return noun.gender if noun else None
    if form[0] and len(form[1]) == 1 and title is not None and title.sort != "kin":
        return None
    if len(form[1]) == 1 and form[1][0] in lexicon.titles():
        return lexicon.titles()[form[1][0]].gender
    first = lexicon.first_names().get(form[1][0])
    son = _SON_FOR_SURE if first == "f" else _SON  # "Nikita Petrovitch", but "Martha Potapitch"
    for part in form[1][1:]:
        if _DAUGHTER.search(part):
            return "f"
        if son.search(part):
            return "m"
    return first
