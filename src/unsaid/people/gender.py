"""What pronouns show about the gender of those they follow."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.forms import Form
    from unsaid.people.names import Name
    from unsaid.prose import Prose

HE = frozenset({"he", "him", "his", "himself", "he'd", "he'll", "he's"})
SHE = frozenset({"she", "her", "hers", "herself", "she'd", "she'll", "she's"})
# A pronoun this many tokens behind a name, no other name between, is taken to mean it.
_REACH = 25
# Someone who is only talked of is rather not the one whom the next pronoun means.
_ABOUT = frozenset("about of from".split())


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
                votes[name.title, name.parts, name.article][word in SHE] += 1
                break
    return {form: (he, she) for form, (he, she) in votes.items()}
