"""Nominals that the text itself ties to a name: "Mr. Bumble, the beadle", "his brother, Sota", "her sister Jane"."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.characters import Naming
    from unsaid.people.names import Name
    from unsaid.people.nominals import Nominal
    from unsaid.prose import Prose

_ENDS = frozenset(".,;:!?)—–") | {"--", "who", "whose", "of", "to", "was", "had", "has", "is", "'s"}
_COPULAS = frozenset({"is", "was"})
# A role is someone's where this share of what ties it to names ties it to theirs.
_DOMINANT = 0.7
# One tie vouches for so many uses: a story with many servants ties one of them now and then.
_OFTEN_UNTIED = 30


def ties(prose: Prose, names: Sequence[Name], nominals: Sequence[Nominal]) -> dict[int, int]:
    """Map the index of each tied nominal to the index of the name that it is tied to."""
    lower = prose.tokens.lower
    begin = {n.first: i for i, n in enumerate(names)}
    finish = {n.last: i for i, n in enumerate(names)}
    found: dict[int, int] = {}
    for k, nominal in enumerate(nominals):
        if nominal.determination == "bare" or nominal.noun.plural:
            continue
        after = lower[nominal.last] if nominal.last < len(lower) else "."
        before = lower[nominal.first - 1] if nominal.first else "."
        tied = _tied(lower, nominal, before, after, begin, finish)
        if tied is not None:
            found[k] = tied
    return found


def _tied(
    lower: Sequence[str], nominal: Nominal, before: str, after: str, begin: dict[int, int], finish: dict[int, int]
) -> int | None:
    if nominal.last in begin and nominal.determination != "indefinite":
        return begin[nominal.last]  # "her sister Jane"
    if after == "," and nominal.last + 1 in begin and _closed(lower, begin, nominal.last + 1):
        return begin[nominal.last + 1]  # "the beadle, Mr. Bumble,"
    telling = nominal.noun.sort != "person" or nominal.determination == "indefinite"
    if before == "," and nominal.first - 1 in finish and after in _ENDS and telling:
        return finish[nominal.first - 1]  # "Mr. Bumble, the beadle,"
    said = nominal.noun.sort in ("kin", "role") or nominal.determination == "indefinite"
    if before in _COPULAS and nominal.first - 1 in finish and said:
        return finish[nominal.first - 1]  # "Sota is my brother"
    if before in _COPULAS and nominal.first - 1 - 1 in finish and nominal.noun.sort in ("kin", "role"):
        return finish[nominal.first - 2]
    return None


def _closed(lower: Sequence[str], begin: dict[int, int], at: int) -> bool:
    """Whether the name after the comma ends an apposition and is no next item of a list or next clause's subject."""
    for i in range(at + 1, min(at + 6, len(lower))):
        if lower[i] in _ENDS:
            return lower[i] in (",", ".", ";", "who", "!", "?", ")")
        if lower[i] == "and" or i in begin:
            return False
    return False


def roles(nominals: Sequence[Nominal], tied: dict[int, int], naming: Naming) -> dict[str, int]:
    """Map each role noun that belongs to one person of the story ("beadle") to that person."""
    votes: defaultdict[str, Counter[int]] = defaultdict(Counter)
    uses = Counter(n.head for n in nominals if n.determination == "definite")
    for k, name in tied.items():
        nominal = nominals[k]
        who = naming.of[name]
        agrees = None in (nominal.noun.gender, naming.people[who].gender) or (
            nominal.noun.gender == naming.people[who].gender
        )
        if nominal.noun.sort in ("role", "animal") and nominal.determination == "definite" and agrees:
            votes[nominal.head][who] += 1
    best = {head: count.most_common(1)[0] for head, count in votes.items()}
    return {
        head: who
        for head, (who, n) in best.items()
        if n >= _DOMINANT * votes[head].total() and n * _OFTEN_UNTIED >= uses[head]
    }
