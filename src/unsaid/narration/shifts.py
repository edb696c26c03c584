"""Two first-person narrators who take turns without any mark: where the text must have changed hands.

A narrator does not name themselves. So if the narration names Ben and never Ann up to some paragraph, and Ann and
never Ben from there on, Ann may have told the first part and Ben the second. That alone would also fit one narrator
who knew Ben first and Ann later; something must tell the two apart: somebody says "Ann" to the first "I" or "Ben"
to the second, the one that "I" love changes from *him* to *her*, or an elder brother's tale turns into a younger one's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.clues import SPOKEN_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration.clues import Clue
    from unsaid.people import Cast
    from unsaid.prose import Prose

NEEDED = 3
"""So many grounds of different kinds are needed, one of them a telling one."""
MAIN_SHARE = 0.6
"""The two are the story's main persons: this share of all names in it is theirs."""
MAX_PEOPLE = 5
"""Only pairs of the so many most named characters are tried."""

_FEELING = frozenset("love loved miss missed kiss kissed need needed adore adored want wanted marry married".split())
_ELDER = frozenset("older elder big oldest eldest".split())
_YOUNGER = frozenset("younger little baby youngest kid".split())
_SIBLING = frozenset("brother sister sibling twin".split())
_KIN = {
    **dict.fromkeys("father dad mother mom mum mama papa".split(), "child"),
    **dict.fromkeys("son daughter child".split(), "parent"),
    "husband": "wife",
    "wife": "husband",
}


class Shift(msgspec.Struct, frozen=True):
    """From ``paragraph`` on ``after`` tells the story, and ``before`` up to it."""

    paragraph: int
    before: str
    after: str


def unmarked_shift(prose: Prose, cast: Cast, told: Sequence[int], clues: Sequence[Clue]) -> Shift | None:
    """The best supported change of narrator among the paragraphs ``told`` in the first person, or None."""
    named: dict[str, list[int]] = defaultdict(list)
    called: dict[str, list[int]] = defaultdict(list)
    inside = frozenset(told)
    for clue in clues:
        if clue.paragraph in inside and clue.weight == SPOKEN_OF:
            named[clue.character].append(clue.paragraph)
        elif clue.paragraph in inside and clue.weight > 0:
            called[clue.character].append(clue.paragraph)
    people = {c.id: c.pronouns for c in cast.characters if c.kind == "person"}
    total = Counter({who: len(named[who]) + len(called[who]) for who in {*named, *called} if who in people})
    top = [who for who, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:MAX_PEOPLE]]
    signs = _signs(prose, told)
    best: tuple[int, Shift] | None = None
    for before in top:
        for after in top:
            if before == after or not named[before] or not named[after]:
                continue
            low, high = max(named[after]), min(named[before])
            if low >= high or (total[before] + total[after]) < MAIN_SHARE * total.total():
                continue
            at, marked = _boundary(prose, told, low, high)
            grounds, telling = _grounds(at, (called[before], called[after]), signs)
            grounds += marked + (len(named[before]) > 1) + (len(named[after]) > 1)
            if telling and grounds >= NEEDED and (best is None or grounds > best[0]):
                best = grounds, Shift(at, before, after)
    return best[1] if best else None


def _grounds(at: int, called: tuple[Sequence[int], Sequence[int]], signs: _Signs) -> tuple[int, bool]:
    """How many grounds speak for a shift at a paragraph, and whether one of them is a telling one."""
    told_before = any(p < at for p in called[0]) and not any(p >= at for p in called[0])
    told_after = any(p >= at for p in called[1]) and not any(p < at for p in called[1])
    loves = _turns(signs.loved, at)
    ages = _turns(signs.rank, at)
    kin = _reciprocal(signs.kin, at)
    telling = told_before or told_after or loves or ages or kin
    return told_before + told_after + 2 * loves + 2 * ages + 2 * kin, telling


class _Signs(msgspec.Struct, frozen=True):
    """Paragraph and value of each sign: whom "I" love (he, she), my elder or younger sibling, my kin."""

    loved: tuple[tuple[int, str], ...]
    rank: tuple[tuple[int, str], ...]
    kin: tuple[tuple[int, str], ...]


def _signs(prose: Prose, told: Sequence[int]) -> _Signs:
    loved: list[tuple[int, str]] = []
    rank: list[tuple[int, str]] = []
    kin: list[tuple[int, str]] = []
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    for paragraph in told:
        span = prose.paragraphs[paragraph]
        for index in range(span.first, span.last - 1):
            if quoted[index]:
                continue
            word, following = lower[index], lower[index + 1]
            if word in _FEELING and following in {"him", "her"}:
                loved.append((paragraph, following))
            elif word in _ELDER | _YOUNGER and following in _SIBLING and index and lower[index - 1] == "my":
                rank.append((paragraph, "elder" if word in _ELDER else "younger"))
            elif word == "my" and following in _KIN:
                kin.append((paragraph, following))
    return _Signs(tuple(loved), tuple(rank), tuple(kin))


def _turns(values: Sequence[tuple[int, str]], at: int) -> bool:
    """Whether all values before a paragraph are alike, all from it on are alike, and the two differ."""
    before, after = {v for p, v in values if p < at}, {v for p, v in values if p >= at}
    return len(before) == 1 and len(after) == 1 and before != after


def _reciprocal(values: Sequence[tuple[int, str]], at: int) -> bool:
    """ "My son" only before a paragraph and "my father" only from it on, or the like."""
    before, after = {_KIN[v] for p, v in values if p < at}, {_KIN[v] for p, v in values if p >= at}
    return len(before) == 1 and len(after) == 1 and (before | after) in ({"child", "parent"}, {"husband", "wife"})


def _boundary(prose: Prose, told: Sequence[int], low: int, high: int) -> tuple[int, bool]:
    """The likeliest paragraph in ``(low, high]`` to begin the new narrator's part, and whether the page marks it."""

    def mark(paragraph: int) -> int:
        span = prose.paragraphs[paragraph]
        between = prose.text[prose.paragraphs[paragraph - 1].end : span.start]
        return 3 * span.after_break + 2 * span.after_gap + (between.count("\n") > 2)

    inner = [p for p in told if low < p <= high]
    best = max(inner, key=lambda p: (mark(p), p), default=high)
    return best, mark(best) > 0
