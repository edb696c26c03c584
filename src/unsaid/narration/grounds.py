"""What bears it out that two narrators take turns: what each paragraph leans to, and how many grounds there are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.signs import Signs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.narration.profile import Profile

NAMED, ADDRESSED, SPOUSE = 2.0, 1.0, 1.5
"""Weights: the other is named in the narration; "I" am addressed by name; "my wife"."""
TALKED_TO = 0.7
"""Weight of one of the two named by somebody else in conversation: it is the other who is told of them."""
SEX = 0.6
"""Weight of what shows the sex of "I": "sir", "my skirt"."""
PRONOUN, PRONOUN_BESIDE = 0.4, 0.2
"""Weight of only *he* or only *she* in a paragraph; less beside speech, where it may be whoever asks the way."""
CALLED_OFTEN = 2
"""Where nothing but calls tells two narrators apart, each is called so often in their own parts."""
PART = 0.05
"""Each of the two tells at least this share of the paragraphs."""
ELSEWHERE = 0.5
"""... and so much of it where the pronoun is read as somebody else: "a man" may be the other, seen from afar."""
MANY, AT_LENGTH = 4, 1.75
"""From so many pronouns in a paragraph on it is so many times as likely that the other one of the two is meant."""
LOVED = 0.5
"""Weight of "I" loving or kissing *him* or *her*."""

Two = tuple[Counter[int], Counter[int]]
"""How often by paragraph something is found of the first of two, and of the second."""


class Case(msgspec.Struct, frozen=True):
    """Two who may be narrators by turns, and what the paragraphs tell of them.

    :ivar pair: the ids of the first and the second.
    :ivar named: the narration names them; ``called``: somebody calls them in a quotation; ``talked``: somebody names
        them in a quotation without calling them.
    :ivar sexes: "he" or "she" of either, or None; ``known`` where the cast says so, and it is not merely tried.
    """

    pair: tuple[str, str]
    named: Two
    called: Two
    talked: Two
    signs: Signs
    sexes: tuple[str | None, str | None]
    known: bool

    @property
    def differ(self) -> bool:
        """Whether one of the two is a man and the other a woman."""
        return set(self.sexes) == {"he", "she"}


def leanings(case: Case, told: Sequence[int], shape: Sequence[Profile]) -> dict[int, float]:
    """By paragraph, how much speaks for the first of the two (above 0) or the other (below 0)."""
    named, called, talked = case.named, case.called, case.talked
    leaning = {
        p: NAMED * (named[1][p] - named[0][p])
        + ADDRESSED * (called[0][p] - called[1][p])
        + TALKED_TO * ((talked[1][p] > 0) - (talked[0][p] > 0))
        for p in told
    }
    if case.differ:
        _add_gender(leaning, case, shape)
    return leaning


def _add_gender(leaning: dict[int, float], case: Case, shape: Sequence[Profile]) -> None:
    """Whose husband or wife "I" speak of, whom "I" love, and which pronoun a paragraph has alone."""
    for paragraph in leaning:
        # What is said of a woman, by one of the two, is said by the man.
        others = case.signs.others.get(paragraph, frozenset())
        spoken_of = {sex for sex, _ in others}
        toward_he = ("she" in spoken_of) - ("he" in spoken_of)
        weight = (PRONOUN_BESIDE if shape[paragraph].quoted else PRONOUN) * toward_he
        if not any(who is None or who in case.pair for _, who in others):
            weight *= ELSEWHERE
        if max(shape[paragraph].he, shape[paragraph].she) >= MANY:
            weight *= AT_LENGTH
        if paragraph in case.signs.loved:
            weight += LOVED if case.signs.loved[paragraph] == "her" else -LOVED
        if paragraph in case.signs.sex:
            weight += SEX if case.signs.sex[paragraph] == "he" else -SEX
        if paragraph in case.signs.spouse:
            weight += SPOUSE if case.signs.spouse[paragraph] == "wife" else -SPOUSE
        leaning[paragraph] += weight if case.sexes[0] == "he" else -weight


def grounds(case: Case, turns: dict[int, bool]) -> int:
    """How many grounds bear the sharing out; 0 if the two do not tell of each other, or nothing telling is there."""
    first = {p for p, is_first in turns.items() if is_first}
    second = turns.keys() - first
    tells = [_count(case.named[1], first), _count(case.named[0], second)]
    own = [_count(case.named[0], first), _count(case.named[1], second)]
    if case.differ and _fits(case.signs.spouse, first, second, case.sexes):
        tells = [tells[0] + _spoken_of_as(case.signs, first), tells[1] + _spoken_of_as(case.signs, second)]
    if not first or not second or min(len(first), len(second)) < PART * len(turns) or min(tells) == 0 or max(own) > 0:
        return 0
    addressed = [
        _count(case.called[0], first) > 0 and _count(case.called[0], second) == 0,
        _count(case.called[1], second) > 0 and _count(case.called[1], first) == 0,
    ]
    apart = sum(_apart(values, first, second) for values in (case.signs.loved, case.signs.rank, case.signs.spouse))
    # One "my wife" is telling only where it is known who of the two is a man: else either sharing out would fit it.
    both = len(set(case.signs.spouse.values())) == 2
    married = (
        case.differ
        and (both or (case.known and bool(case.signs.spouse)))
        and _fits(case.signs.spouse, first, second, case.sexes)
    )
    # Whom only the other narrator's part calls by name is somebody that "I" speak to, and less likely an "I".
    spoken_to = [
        _count(case.called[0], second) > 0 and _count(case.called[0], first) == 0,
        _count(case.called[1], first) > 0 and _count(case.called[1], second) == 0,
    ]
    told_of_themselves = [_count(case.talked[0], first) > 0, _count(case.talked[1], second) > 0]
    # A name that is called once shows little: "I" may well have been within hearing of somebody else.
    often = min(_count(case.called[0], first), _count(case.called[1], second)) >= CALLED_OFTEN
    if not (apart or married or often or case.signs.spouse):
        return 0
    telling = sum(addressed) + 2 * apart + married - 2 * sum(spoken_to) - sum(told_of_themselves)
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
