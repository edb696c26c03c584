"""Two first-person narrators who take turns without any mark: where the text changes hands.

A narrator does not name themselves. If parts of the narration name Ben and never Ann, and others Ann and never Ben,
Ann may tell the former and Ben the latter. That alone would also fit one narrator who knew Ben first and Ann later;
something must tell the two apart: somebody says "Ann" to the first "I" or "Ben" to the second, the first has a husband
and the second a wife, the one that "I" love is *him* here and *her* there, an elder brother's tale turns into a
younger one's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.clues import SPOKEN_OF, SPOKEN_OF_AS, TALKED_OF
from unsaid.narration.grounds import NAMED, PRONOUN_BESIDE, Case, grounds, leanings
from unsaid.narration.signs import Signs, read_signs
from unsaid.people.gender import told_by_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration.clues import Clue
    from unsaid.narration.profile import Profile
    from unsaid.people import Cast
    from unsaid.prose import Prose

NEEDED = 3
"""So many grounds are needed, one of them a telling one."""
MAIN_SHARE = 0.4
"""The two are the story's main persons: this share of all names in it is theirs."""
MAX_PEOPLE = 4
"""Only pairs of the so many most named characters are tried."""
SWITCH, SWITCH_AT_BREAK = 1.0, 0.5
"""What a change of narrator costs at a paragraph, in the weights below; less where the page marks it."""
PAID = 2
GROUND = 0.5
"""What a ground weighs where two pairs fit equally well."""
AGAINST_CAST = 2.0
"""What it costs to try one of the two as a man whom the cast knows for a woman, or the other way round."""
LIKELY = 2.0
"""One of the two is the narrator whom the whole text speaks for most, if so much speaks for them."""


_SEX = {"m": "he", "f": "she"}


class Pair(msgspec.Struct, frozen=True):
    """Which of two narrators tells each paragraph that is in the first person, and how well that fits."""

    voice: dict[int, str]
    fit: float


def taking_turns(
    prose: Prose, cast: Cast, told: Sequence[int], clues: Sequence[Clue], shape: Sequence[Profile], sole: str | None
) -> dict[int, str] | None:
    """The narrator of each paragraph in ``told``, if two take turns without a mark; None if one narrator will do.

    :param sole: whom the text is told by if one tells it all: one of the two.
    """
    named: dict[str, Counter[int]] = defaultdict(Counter)
    called: dict[str, Counter[int]] = defaultdict(Counter)
    talked: dict[str, Counter[int]] = defaultdict(Counter)
    inside = frozenset(told)
    for clue in clues:
        if clue.paragraph in inside and clue.weight == TALKED_OF:
            talked[clue.character][clue.paragraph] += 1
        elif clue.paragraph in inside and (clue.weight == SPOKEN_OF or clue.weight > 0):
            (called if clue.weight > 0 else named)[clue.character][clue.paragraph] += 1
    pronouns = {c.id: c.pronouns for c in cast.characters if c.kind == "person"}
    titled = {c.id: _SEX.get(told_by_names(c.names) or "") for c in cast.characters}
    total = Counter({who: named[who].total() + called[who].total() for who in {*named, *called} if who in pronouns})
    top = [who for who, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:MAX_PEOPLE]]
    signs = read_signs(prose, cast, told)
    likeliest = _likeliest(clues, inside) or sole
    best: Pair | None = None
    for pair in combinations(top, 2):
        one, other = pair
        if (likeliest or one) not in pair or total[one] + total[other] < MAIN_SHARE * total.total():
            continue
        known = pronouns[one], pronouns[other]
        two = [(found[one], found[other]) for found in (named, called, talked)]
        for sexes in _sexes(*known, signs):
            if any(titled[who] not in {None, sex} for who, sex in zip(pair, sexes, strict=True)):
                continue  # no story has Mr. Hill for a wife
            case = Case(pair, two[0], two[1], two[2], signs, sexes, sexes == known)
            leaning = leanings(case, told, shape)
            turns = _turns(prose, told, leaning, shape)
            against = sum(k is not None and k != sex for k, sex in zip(known, sexes, strict=True))
            bearing = grounds(case, turns)
            fit = _fit(turns, leaning) + GROUND * bearing - AGAINST_CAST * against
            if bearing >= NEEDED and fit > (best.fit if best is not None else 0):
                best = Pair({p: one if first else other for p, first in turns.items()}, fit)
    return best.voice if best else None


def _fit(turns: dict[int, bool], leaning: dict[int, float]) -> float:
    """How much better two narrators agree with the paragraphs than either alone, each change paid for ``PAID`` times.

    The way through the text pays once; that it is told by two at all must be likelier yet.
    """
    order = list(turns.values())
    changes = sum(one != other for one, other in pairwise(order))
    shared = sum(leaning[p] if first else -leaning[p] for p, first in turns.items())
    return shared - abs(sum(leaning.values())) - PAID * SWITCH * changes


def _sexes(one: str | None, other: str | None, signs: Signs) -> list[tuple[str | None, str | None]]:
    """The genders to reckon with: those that are known, or either way round where a spouse shows that they differ."""
    differ = signs.spouse or (None in {one, other} and (signs.loved or signs.sex))
    if differ and (one == other or None in {one, other}):
        return [("he", "she"), ("she", "he")]
    return [(one, other)]


def _likeliest(clues: Sequence[Clue], told: frozenset[int]) -> str | None:
    """The one that all clues together speak for most, among those that anything speaks for."""
    weight: dict[str, float] = defaultdict(float)
    support: dict[str, float] = defaultdict(float)
    for clue in clues:
        if clue.paragraph in told:
            weight[clue.character] += SPOKEN_OF_AS if clue.weight == TALKED_OF else clue.weight
            support[clue.character] += max(0.0, clue.weight)
    supported = [who for who, weighs in support.items() if weighs > 0]
    best = max(supported, key=lambda who: (weight[who], who), default=None)
    return best if best is not None and support[best] >= LIKELY else None


def _turns(prose: Prose, told: Sequence[int], leaning: dict[int, float], shape: Sequence[Profile]) -> dict[int, bool]:
    """The cheapest way to share the paragraphs out: True for the first of the two (Viterbi over two states)."""
    score = [leaning[told[0]], -leaning[told[0]]]
    back: list[tuple[int, int]] = []
    for paragraph in told[1:]:
        cost = SWITCH_AT_BREAK if _mark(prose, paragraph) else SWITCH
        row = (0 if score[0] >= score[1] - cost else 1, 1 if score[1] >= score[0] - cost else 0)
        score = [
            max(score[0], score[1] - cost) + leaning[paragraph],
            max(score[1], score[0] - cost) - leaning[paragraph],
        ]
        back.append(row)
    state = 0 if score[0] >= score[1] else 1
    path = [state]
    for row in reversed(back):
        state = row[state]
        path.append(state)
    path.reverse()
    return _settled(prose, told, [state == 0 for state in path], leaning, shape)


def _settled(
    prose: Prose, told: Sequence[int], path: list[bool], leaning: dict[int, float], shape: Sequence[Profile]
) -> dict[int, bool]:
    """Move each change to the likeliest paragraph between the last sign of the old narrator and the first of the new.

    A mark on the page is best; else the first paragraph of plain narration that says "I", and the one that names the
    other narrator if there is such a one: nobody takes over with an answer in mid-conversation.
    """
    settled = list(path)
    for order in range(1, len(path)):
        if path[order] == path[order - 1]:
            continue
        low, high = order - 1, order
        while (
            low > 0
            and path[low - 1] == path[order - 1]
            and not _speaks_for(leaning[told[low]], path[order - 1], shape[told[low]])
        ):
            low -= 1
        while (
            high + 1 < len(path)
            and path[high + 1] == path[order]
            and not _speaks_for(leaning[told[high]], path[order], shape[told[high]])
        ):
            high += 1
        between = range(low + 1, high + 1)
        marked = [o for o in between if _mark(prose, told[o])]
        plain = [o for o in between if shape[told[o]].first and not shape[told[o]].quoted]
        outright = [o for o in plain if abs(leaning[told[o]]) >= NAMED]
        start = (marked or outright or plain or [order])[0]
        for o in between:
            settled[o] = path[order] if o >= start else path[order - 1]
    return dict(zip(told, settled, strict=True))


def _speaks_for(leaning: float, first: bool, profile: Profile) -> bool:
    """Whether a paragraph is a sign of one narrator; beside speech a lone pronoun is none."""
    floor = PRONOUN_BESIDE if profile.quoted else 0.0
    return leaning > floor if first else leaning < -floor


def _mark(prose: Prose, paragraph: int) -> bool:
    """Whether the page itself sets a paragraph off from the one before: a break, a gap, blank lines."""
    span = prose.paragraphs[paragraph]
    if span.after_break or span.after_gap or paragraph == 0:
        return True
    return prose.text.count("\n", prose.paragraphs[paragraph - 1].end, span.start) > 2
