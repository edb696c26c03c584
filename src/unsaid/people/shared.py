"""A name that several share: whom each mention of it means."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from unsaid.people.forms import DWARFED, OFTEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.forms import Book, Draft, Form
    from unsaid.people.names import Name

BACK = 60
"""How far back, in names, a shared name looks for the person last called by a name that only that one has."""
_CLOSE = 4
# Whoever is called in full again at least half as often as the bare name follows is kept in full: of the fifteen novels
# looked at one has such a man (13 to 17), and beside him one who never is (0 to 9).
_KEPT = 2


def kept_in_full(book: Book, names: Sequence[Name], form: Form) -> frozenset[int]:
    """Of those who share a first name the ones whom the narrator goes on calling in full, by id.

    "Charles Hayter", said again and again with no bare "Charles" between, says that the bare one is the other Charles,
    who is called so as soon as he has been named.
    """
    sharers = {id(d) for d in book.links[form] if _own(book, d) >= OFTEN}
    if len(sharers) < 2:
        return frozenset()
    uses: list[tuple[int, int]] = []  # where, and whose in full; 0 for the bare name
    for i, name in enumerate(names):
        (whose, *others) = map(id, book.links[name.form])
        if name.form == form or (not others and whose in sharers and form[1][0] in name.parts):
            uses.append((i, 0 if name.form == form else whose))
    again: Counter[int] = Counter()
    bare: Counter[int] = Counter()
    for (i, whose), (j, following) in pairwise(uses):
        if whose and j - i <= BACK and following in (0, whose):
            (again if following else bare)[whose] += 1
    kept = {d for d in sharers if again[d] >= OFTEN and again[d] * _KEPT >= bare[d]}
    called_so = {d for d in sharers - kept if bare[d] >= OFTEN and again[d] * DWARFED < bare[d]}
    return frozenset(kept) if called_so else frozenset()


def _own(book: Book, draft: Draft) -> int:
    """How often somebody is called by names that nobody else has."""
    return sum(book.count[form] for form in draft.forms if len(book.links[form]) == 1)


class Shared:
    """A form that several share.

    :param in_full: those of them, by id, who are seldom meant by it.
    """

    def __init__(self, book: Book, drafts: list[Draft], in_full: frozenset[int]) -> None:
        drafts = [d for d in drafts if id(d) not in in_full]
        self._weights = {id(d): _own(book, d) for d in drafts}
        self._main = max(drafts, key=lambda d: self._weights[id(d)])

    def nearest(self, own: Sequence[tuple[int, Draft]], i: int) -> Draft:
        """The one last called by a form of their own in the mentions before ``i``; failing that, the most named."""
        most = self._weights[id(self._main)]
        for at, draft in reversed(own):
            weight = self._weights.get(id(draft))
            # Someone hardly ever named otherwise is meant only right after they have been.
            if weight is not None and (weight * DWARFED > most or i - at <= _CLOSE):
                return draft
        return self._main
