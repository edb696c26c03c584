"""What lines whose speakers are given teach about the others.

A given speaker takes part: the turns around are theirs more likely than before, and they are a candidate there even if
the narrative never brought them in. A cue that was read as somebody else's ("said the stranger", and it is Monks) shows
who is meant by it, here and wherever the same words mean the same one.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.voices.evidence import is_generic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.voices.attribution import Talk
    from unsaid.voices.field import Subject

# Log-odds for a given speaker in the turns around, the distance in turns over which it fades to a third, and its reach.
# Set on twelve novels of PDNC (`python -m benchmarks replay`): higher odds win more lines and lose as many. Lower since
# whoever speaks around is likelier anyway.
TAKES_PART = 2.5
FADES = 15.0
REACH = 30
# For whoever a description was shown to mean, in the same conversation.
DESCRIBED = 4.0
# A cue of more characters than this is a clause, in which the name may be that of somebody else.
_LONGEST_CUE = 40
# The share of all mentions of someone by name.
_NEARLY_ALL = 0.6


class Lesson(msgspec.Struct, frozen=True):
    """What is taught about one turn.

    :ivar instead: whoever is meant in place of somebody; ``favours`` log-odds by candidate.
    """

    instead: dict[str, str] = {}
    favours: dict[str, float] = {}


def learn(talk: Talk, fixed: Mapping[int, str]) -> dict[int, Lesson]:
    """The lessons of given speakers, by turn.

    :param fixed: speakers by index of the turn; there is no lesson about these turns.
    """
    favours: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for span in talk.conversations if fixed else ():
        given = [i for i in span if i in fixed]
        for i in given:
            _part_taken(favours, span, i, fixed[i])
            _described(talk, favours, span, i, fixed[i])
    instead = _meant(talk, fixed)
    turns = (favours.keys() | instead.keys()) - fixed.keys()
    return {j: Lesson(instead.get(j, {}), dict(favours.get(j, {}))) for j in turns}


def learn_also(
    talk: Talk, known: Mapping[int, str | Lesson], around: range, i: int, who: str
) -> dict[int, str | Lesson]:
    """What is known of the turns around, and what these would learn if somebody were known to speak turn ``i``."""
    favours: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    _part_taken(favours, around, i, who)
    _described(talk, favours, around, i, who)
    result = dict(known)
    for j, new in favours.items():
        held = result.get(j, Lesson())
        if isinstance(held, Lesson):
            result[j] = Lesson(
                held.instead, {c: new[c] + held.favours.get(c, 0.0) for c in new.keys() | held.favours.keys()}
            )
    return result


def _part_taken(favours: dict[int, defaultdict[str, float]], span: range, i: int, who: str) -> None:
    for j in range(max(span.start, i - REACH), min(span.stop, i + REACH + 1)):
        favours[j][who] += TAKES_PART * math.exp(-abs(j - i) / FADES)


def _described(talk: Talk, favours: dict[int, defaultdict[str, float]], span: range, i: int, who: str) -> None:
    """One description is one person throughout a conversation."""
    subject = talk.sights[i].subject
    if subject is None or subject.kind != "nominal":
        return
    for j in span:
        other = talk.sights[j].subject
        if other is not None and other.kind == "nominal" and _words(talk, other) == _words(talk, subject):
            favours[j][who] = max(favours[j][who], DESCRIBED)


def _meant(talk: Talk, fixed: Mapping[int, str]) -> dict[int, dict[str, str]]:
    """By turn, whoever is meant in place of the one that a cue was taken to mean: what the nearest given line shows."""
    shown: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for i in sorted(fixed):
        key = _key(talk, i)
        if key is not None and _may_be_called(talk, fixed[i], *key):
            shown[key].append((i, fixed[i]))
    telling = {key: seen for key, seen in shown.items() if any(who != key[0] for _, who in seen)}
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    confirmed = frozenset(fixed.values())
    others = {key[0]: seen for key, seen in telling.items() if _is_nobody_else(talk, *key, confirmed)}
    for j, table in enumerate(talk.tables if telling else ()):
        key = _key(talk, j)
        if key is not None and key in telling:
            found[j][key[0]] = _nearest(telling[key], j)
        for who in others.keys() & table.keys():
            found[j].setdefault(who, _nearest(others[who], j))
    return {j: {a: b for a, b in pairs.items() if a != b} for j, pairs in found.items()}


def _may_be_called(talk: Talk, who: str, taken: str, words: str) -> bool:
    """May someone be called by the words of a cue that were taken to mean another?

    "Ann" may be Ann Hill, "the Captain" anybody. Where the words are only somebody else's name, they mean that one, and
    this one line was misread.
    """
    if who == taken or taken not in talk.field.named or who not in talk.field.named or words.startswith("the "):
        return True
    called = {part for name in talk.field.by_id[who].names for part in name.lower().split()}
    return not called.isdisjoint(words.split())


def _is_nobody_else(talk: Talk, who: str, words: str, confirmed: frozenset[str]) -> bool:
    """Are the words, which were shown to mean another, all that the story calls someone, or nearly?

    Then everything that was taken to be theirs is that other's.
    """
    if who not in talk.field.named:
        return True
    names = talk.field.by_id[who].names
    so_called = sum(count for name, count in names.items() if name.lower() == words)
    return who not in confirmed and so_called >= _NEARLY_ALL * sum(names.values())


def _key(talk: Talk, i: int) -> tuple[str, str] | None:
    """Whom a turn's cue was taken to mean, and by which words; None where these words may mean anybody."""
    subject = talk.sights[i].subject
    cue = talk.sights[i].cue
    if subject is None or cue is None or subject.character is None or subject.kind not in ("name", "nominal"):
        return None
    words = _words(talk, subject)
    if cue.end - cue.start > _LONGEST_CUE or (subject.kind == "nominal" and is_generic(words)):
        return None
    return subject.character, words


def _nearest(seen: Sequence[tuple[int, str]], j: int) -> str:
    at = bisect_left(seen, (j, ""))
    return min(seen[max(0, at - 1) : at + 1], key=lambda one: abs(one[0] - j))[1]


def _words(talk: Talk, subject: Subject) -> str:
    return talk.field.text[subject.start : subject.end].lower()
