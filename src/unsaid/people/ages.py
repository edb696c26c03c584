"""Who is a child, who is grown, who is old: so that "the old gentleman" is no boy, and "the boy" nobody's uncle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from unsaid.people.kin import ELDERS, plain

if TYPE_CHECKING:
    from collections.abc import Collection

Age = Literal["young", "grown", "old"]

_CHILDREN = frozenset(
    "boy girl child kid lad lass lassie laddie baby infant toddler schoolboy schoolgirl youngster".split()
)
_OLD = frozenset({"old", "elderly", "aged"})
_SAID = frozenset({"old", "young", "elderly"})
_MARRIED = frozenset({"mrs", "madame"})
_GRANDPARENTS = frozenset({"grandfather", "grandmother"})


def of_titles(titles: Collection[str]) -> Age | None:
    """The age that titles give: "Aunt", "Grandma", "Mrs.".

    "Mr." gives none: many a Mr. X is "the boy" to his elders.
    """
    plainly = {plain(title) for title in titles}
    if plainly & _GRANDPARENTS:
        return "old"
    return "grown" if plainly & (ELDERS | _MARRIED) else None


def of_noun(head: str, modifiers: Collection[str]) -> Age | None:
    """The age that a description gives: "the old man", "her uncle", "the boy"."""
    kind = plain(head)
    if kind in _GRANDPARENTS or (_OLD & set(modifiers) and head not in _CHILDREN):
        return "old"
    if kind in ELDERS:
        return "grown"
    return "young" if head in _CHILDREN else None


def called(head: str, modifiers: Collection[str]) -> tuple[str, str]:
    """What tells one description from another: the noun, and "old" or "young" where that is said."""
    return head, next((m for m in modifiers if m in _SAID), "")


def clash(one: Age | None, other: Age | None) -> bool:
    """Whether two ages cannot be one person's in one story."""
    return {one, other} in ({"young", "grown"}, {"young", "old"})
