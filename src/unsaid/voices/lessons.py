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
# Set on twelve novels of PDNC (`python -m benchmarks replay`): higher odds win more lines and lose as many.
TAKES_PART = 3.0
FADES = 6.0
REACH = 12
# For whoever a description was shown to mean, in the same conversation.
DESCRIBED = 4.0
# A cue of more characters than this is a clause, in which the name may be that of somebody else.
_LONGEST_CUE = 40


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


def _part_taken(favours: dict[int, defaultdict[str, float]], span: range, i: int, who: str) -> None:
    for j in range(max(span.start, i - REACH), min(span.stop, i + REACH + 1)):
        favours[j][who] += TAKES_PART * math.exp(-abs(j - i) / FADES)


def _described(talk: Talk, favours: dict[int, defaultdict[str, float]], span: range, i: int, who: str) -> None:
    """One description is one person throughout a conversation."""
    subject = _subject(talk, i)
    if subject is None or subject.kind != "nominal":
        return
    for j in span:
        other = _subject(talk, j)
        if other is not None and other.kind == "nominal" and _words(talk, other) == _words(talk, subject):
            favours[j][who] = max(favours[j][who], DESCRIBED)


def _meant(talk: Talk, fixed: Mapping[int, str]) -> dict[int, dict[str, str]]:
    """By turn, whoever is meant in place of the one that a cue was taken to mean: what the nearest given line shows."""
    shown: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for i in sorted(fixed):
        key = _key(talk, i)
        if key is not None:
            shown[key].append((i, fixed[i]))
    telling = {key: seen for key, seen in shown.items() if any(who != key[0] for _, who in seen)}
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    nameless = {key[0]: seen for key, seen in telling.items() if key[0] not in talk.field.named}
    for j, table in enumerate(talk.tables if telling else ()):
        key = _key(talk, j)
        if key is not None and key in telling:
            found[j][key[0]] = _nearest(telling[key], j)
        for who in nameless.keys() & table.keys():
            found[j].setdefault(who, _nearest(nameless[who], j))
    return {j: {a: b for a, b in pairs.items() if a != b} for j, pairs in found.items()}


def _key(talk: Talk, i: int) -> tuple[str, str] | None:
    """Whom a turn's cue was taken to mean, and by which words; None where these words may mean anybody."""
    subject = _subject(talk, i)
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


def _subject(talk: Talk, i: int) -> Subject | None:
    cue = talk.sights[i].cue
    return cue.subject if cue else None


def _words(talk: Talk, subject: Subject) -> str:
    return talk.field.text[subject.start : subject.end].lower()
