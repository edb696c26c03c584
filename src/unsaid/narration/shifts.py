"""Two first-person narrators who take turns without any mark: where the text changes hands.

A narrator does not name themselves. If parts of the narration name Ben and never Ann, and others Ann and never Ben,
Ann may tell the former and Ben the latter. That alone would also fit one narrator who knew Ben first and Ann later;
something must tell the two apart: somebody says "Ann" to the first "I" or "Ben" to the second, the first has a husband
and the second a wife, the one that "I" love is *him* here and *her* there, an elder brother's tale turns into a
younger one's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.clues import SPOKEN_OF, SPOKEN_OF_AS, TALKED_OF
from unsaid.narration.signs import Signs, read_signs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
SWITCH, SWITCH_AT_BREAK = 1.1, 0.5
"""What a change of narrator costs at a paragraph, in the weights below; less where the page marks it."""
NAMED, ADDRESSED, SPOUSE = 2.0, 1.0, 1.5
"""Weights: the other is named in the narration; "I" am addressed by name; "my wife"."""
TALKED_TO = 0.7
"""Weight of one of the two named by somebody else in conversation: it is the other who is told of them."""
SEX = 0.6
"""Weight of what shows the sex of "I": "sir", "my skirt"."""
PRONOUN, PRONOUN_BESIDE = 0.4, 0.2
"""Weight of only *he* or only *she* in a paragraph; less beside speech, where it may be whoever asks the way."""
PART = 0.05
"""Each of the two tells at least this share of the paragraphs."""
LIKELY = 2.0
"""One of the two is the narrator whom the whole text speaks for most, if so much speaks for them."""


class Pair(msgspec.Struct, frozen=True):
    """Which of two narrators tells each paragraph that is in the first person, and on how many grounds."""

    voice: dict[int, str]
    grounds: int
    fit: float


def taking_turns(
    prose: Prose, cast: Cast, told: Sequence[int], clues: Sequence[Clue], shape: Sequence[Profile]
) -> dict[int, str] | None:
    """The narrator of each paragraph in ``told``, if two take turns without a mark; None if one narrator will do."""
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
    total = Counter({who: named[who].total() + called[who].total() for who in {*named, *called} if who in pronouns})
    top = [who for who, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))[:MAX_PEOPLE]]
    signs = read_signs(prose, cast, told)
    likeliest = _likeliest(clues, inside)
    best: Pair | None = None
    for order, one in enumerate(top):
        for other in top[order + 1 :]:
            if likeliest is not None and likeliest not in {one, other}:
                continue
            if total[one] + total[other] < MAIN_SHARE * total.total():
                continue
            for sexes in _sexes(pronouns[one], pronouns[other], signs):
                leaning = _leaning((named[one], named[other]), (called[one], called[other]), told)
                for p in told:
                    leaning[p] += TALKED_TO * ((talked[other][p] > 0) - (talked[one][p] > 0))
                _add_gender(leaning, sexes, signs, shape, frozenset((one, other)))
                turns = _turns(prose, told, leaning, shape)
                grounds = _grounds(
                    turns,
                    (named[one], named[other]),
                    (called[one], called[other]),
                    signs,
                    sexes,
                    sexes == (pronouns[one], pronouns[other]),
                )
                fit = _fit(turns, leaning)
                if grounds >= NEEDED and (best is None or (grounds, fit) > (best.grounds, best.fit)):
                    best = Pair({p: one if first else other for p, first in turns.items()}, grounds, fit)
    return best.voice if best else None


def _fit(turns: dict[int, bool], leaning: dict[int, float]) -> float:
    """How well a sharing out agrees with what the paragraphs lean to, its changes paid for twice: few are likelier."""
    order = list(turns.values())
    changes = sum(one != other for one, other in pairwise(order))
    return sum(leaning[p] if first else -leaning[p] for p, first in turns.items()) - 2 * SWITCH * changes


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


def _leaning(
    named: tuple[Counter[int], Counter[int]], called: tuple[Counter[int], Counter[int]], told: Sequence[int]
) -> dict[int, float]:
    """By paragraph, how much speaks for the first of the two (above 0) or the other (below 0)."""
    return {p: NAMED * (named[1][p] - named[0][p]) + ADDRESSED * (called[0][p] - called[1][p]) for p in told}


def _add_gender(
    leaning: dict[int, float],
    sexes: tuple[str | None, str | None],
    signs: Signs,
    shape: Sequence[Profile],
    pair: frozenset[str],
) -> None:
    """Where the two differ in gender: whose husband or wife "I" speak of, and which pronoun a paragraph has alone."""
    if sexes not in {("he", "she"), ("she", "he")}:
        return
    for paragraph in leaning:
        # What is said of a woman, by one of the two, is said by the man.
        spoken_of = {sex for sex, who in signs.others.get(paragraph, ()) if who is None or who in pair}
        toward_he = ("she" in spoken_of) - ("he" in spoken_of)
        weight = (PRONOUN_BESIDE if shape[paragraph].quoted else PRONOUN) * toward_he
        if paragraph in signs.sex:
            weight += SEX if signs.sex[paragraph] == "he" else -SEX
        if paragraph in signs.spouse:
            weight += SPOUSE if signs.spouse[paragraph] == "wife" else -SPOUSE
        leaning[paragraph] += weight if sexes[0] == "he" else -weight


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

    A mark on the page is best; else the first paragraph of plain narration that says "I": nobody takes over with an
    answer in mid-conversation.
    """
    settled = list(path)
    for order in range(1, len(path)):
        if path[order] == path[order - 1]:
            continue
        low, high = order - 1, order
        while low > 0 and path[low - 1] == path[order - 1] and not _speaks_for(leaning[told[low]], path[order - 1]):
            low -= 1
        while (
            high + 1 < len(path) and path[high + 1] == path[order] and not _speaks_for(leaning[told[high]], path[order])
        ):
            high += 1
        between = range(low + 1, high + 1)
        marked = [o for o in between if _mark(prose, told[o])]
        plain = [o for o in between if shape[told[o]].first and not shape[told[o]].quoted]
        start = (marked or plain or [order])[0]
        for o in between:
            settled[o] = path[order] if o >= start else path[order - 1]
    return dict(zip(told, settled, strict=True))


def _speaks_for(leaning: float, first: bool) -> bool:
    return leaning > 0 if first else leaning < 0


def _mark(prose: Prose, paragraph: int) -> bool:
    """Whether the page itself sets a paragraph off from the one before: a break, a gap, blank lines."""
    span = prose.paragraphs[paragraph]
    if span.after_break or span.after_gap or paragraph == 0:
        return True
    return prose.text.count("\n", prose.paragraphs[paragraph - 1].end, span.start) > 2


def _grounds(
    turns: dict[int, bool],
    named: tuple[Counter[int], Counter[int]],
    called: tuple[Counter[int], Counter[int]],
    signs: Signs,
    sexes: tuple[str | None, str | None],
    known: bool,
) -> int:
    """How many grounds bear the sharing out; 0 if the two do not tell of each other, or nothing telling is there."""
    first = {p for p, is_first in turns.items() if is_first}
    second = turns.keys() - first
    differ = sexes in {("he", "she"), ("she", "he")}
    tells = [_count(named[1], first), _count(named[0], second)]
    own = [_count(named[0], first), _count(named[1], second)]
    if differ and _fits(signs.spouse, first, second, sexes):
        tells = [tells[0] + _spoken_of_as(signs, first), tells[1] + _spoken_of_as(signs, second)]
    if not first or not second or min(len(first), len(second)) < PART * len(turns) or min(tells) == 0 or max(own) > 0:
        return 0
    addressed = [
        _count(called[0], first) > 0 and _count(called[0], second) == 0,
        _count(called[1], second) > 0 and _count(called[1], first) == 0,
    ]
    apart = sum(_apart(values, first, second) for values in (signs.loved, signs.rank, signs.spouse))
    # One "my wife" is telling only where it is known who of the two is a man: else either sharing out would fit it.
    both = len(set(signs.spouse.values())) == 2
    married = differ and (both or (known and bool(signs.spouse))) and _fits(signs.spouse, first, second, sexes)
    # Whom only the other narrator's part calls by name is somebody that "I" speak to, and less likely an "I".
    spoken_to = [
        _count(called[0], second) > 0 and _count(called[0], first) == 0,
        _count(called[1], first) > 0 and _count(called[1], second) == 0,
    ]
    telling = sum(addressed) + 2 * apart + married - 2 * sum(spoken_to)
    return telling + sum(count > 1 for count in tells) + (min(tells) > 0) if telling > 0 else 0


def _spoken_of_as(signs: Signs, paragraphs: set[int]) -> int:
    """In how many paragraphs "I" speak of a husband or wife."""
    return sum(p in signs.spouse for p in paragraphs)


def _count(counter: Counter[int], paragraphs: set[int]) -> int:
    return sum(count for paragraph, count in counter.items() if paragraph in paragraphs)


def _apart(values: Mapping[int, str], first: set[int], second: set[int]) -> bool:
    """Whether all values in one narrator's parts are alike, all in the other's are alike, and the two differ."""
    one, other = {values[p] for p in values if p in first}, {values[p] for p in values if p in second}
    return len(one) == 1 and len(other) == 1 and one != other


def _fits(spouse: Mapping[int, str], first: set[int], second: set[int], sexes: tuple[str | None, str | None]) -> bool:
    """Whether only the man has a wife and only the woman a husband."""
    husbands, wives = (first, second) if sexes[0] == "she" else (second, first)
    return all(p in (wives if who == "wife" else husbands) for p, who in spouse.items())
