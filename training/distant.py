"""Novels whose lines nobody has marked, as training sees novels: their own cues say who speaks, and are then taken out.

Distant supervision (Mintz et al. 2009, "Distant supervision for relation extraction without labeled data"): where a cue
names the speaker the rules are right in 98 of 100 lines. Such a novel is read by the rules; then some of its cues are
taken out of the text, or say "he" and "she", and the rules read it again as if it had been written so. What the first
reading was sure of is gold for the second.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from training.dialogues import Novel, covered, longest, names_of
from unsaid import sources
from unsaid.encoder.words import words_of
from unsaid.reading import Settings, straight, walk
from unsaid.voices.attribution import Talk, chances_of
from unsaid.voices.ear import dialogue_of
from unsaid.voices.evidence import rule_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.reading import Reading
    from unsaid.story import Character

PREFIX = "book-"
"""Their names begin so."""
SURE = 0.9
"""From this chance on the rules' speaker is taken for gold."""
BLOCK, SHARES = 40, (0.1, 0.9)
"""So many turns in a row lose the same share of their cues, drawn between these two: some talk is told line by line,
some hardly at all."""
OUT = 0.6
"""Share of the cues that are taken out whole, where they can be; the others keep a pronoun."""
_MARKS = " \n\r\t,.;:—-"
_TOLD = frozenset(("cue-name", "cue-first"))
_SLACK = 3  # code points that a line may begin before its turn: marks


class Edit(msgspec.Struct, frozen=True):
    """A span of a text, and what stands there instead."""

    start: int
    end: int
    instead: str


class _Taught(msgspec.Struct, frozen=True):
    """What a first reading knows: each turn's speaker, where it is sure, and whether a cue tells of them."""

    talk: Talk
    speakers: tuple[str | None, ...]
    told: tuple[bool, ...]


def load(name: str, data: bytes, *, seed: int = 7) -> Novel:
    """Read a novel, take cues out of it, and read it again.

    :param name: what it is called, which decides what is taken out, with ``seed``.
    :param data: its text, as a file holds it.
    """
    chance = random.Random(f"{seed} {name}")
    first = _read(data)
    taught = _taught(first.lines.talk)
    made: list[Edit] = []
    lost: set[int] = set()
    for i in _drawn(taught, chance):
        edit = _edit(taught.talk, i, chance)
        if edit is not None and (not made or edit.start >= made[-1].end):
            made.append(edit)
            lost.add(i)
    second = _read(edited(first.story.text, made).encode("utf-8"))
    talk, field = second.lines.talk, second.lines.field
    asked = dialogue_of(talk, chances_of(talk, {}))
    same = _carried(taught.talk.field.cast.characters, field.cast.characters)
    right, ruled = [], []
    for k, table in zip(_before(taught.talk, talk, made), asked.chances, strict=True):
        who = taught.speakers[k] if k is not None else None
        right.append(tuple(c for c in table if who is not None and same.get(c) == who))
        ruled.append(k is not None and (k in lost or not taught.told[k]))
    words = words_of(field.prose)
    said = covered((part for turn in talk.turns for part in turn.parts), len(field.text))
    return Novel(
        name=PREFIX + name,
        words=words,
        dialogue=asked,
        right=tuple(right),
        heard=((),) * len(right),
        spoken=bytes(said[start] for start in words.starts),
        names=names_of(field.cast.characters),
        ruled=tuple(ruled),
    )


def _read(data: bytes) -> Reading:
    return walk(sources.load(data), (), straight, Settings(), lines_only=True)


def _taught(talk: Talk) -> _Taught:
    speakers: list[str | None] = []
    told = []
    for sight, table in zip(talk.sights, chances_of(talk, {}), strict=True):
        best = max(table, key=table.__getitem__, default=None)
        sure = best is not None and table[best] >= SURE and best in talk.field.named
        speakers.append(best if sure else None)
        told.append(best is not None and rule_of(sight, best) in _TOLD)
    return _Taught(talk, tuple(speakers), tuple(told))


def _drawn(taught: _Taught, chance: random.Random) -> list[int]:
    """The turns whose cues are to be lost."""
    drawn, share = [], 0.0
    for i, who in enumerate(taught.speakers):
        if i % BLOCK == 0:
            share = chance.uniform(*SHARES)
        if chance.random() < share and who is not None:
            drawn.append(i)
    return drawn


def _edit(talk: Talk, i: int, chance: random.Random) -> Edit | None:
    """What takes the name out of a turn's cue, or the whole cue; None where that cannot be done."""
    cue = talk.sights[i].cue
    if cue is None or cue.subject is None or cue.subject.kind != "name" or cue.addressee is not None:
        return None
    if chance.random() < OUT:
        out = _taken_out(talk, i, cue.start, cue.end)
        if out is not None:
            return out
    pronoun = talk.field.pronouns.get(cue.subject.character or "")
    if pronoun not in ("he", "she"):
        return None
    opens = cue.subject.start == cue.start and talk.field.text[: cue.start].rstrip(" ")[-1:] in ("", "\n", ".")
    return Edit(cue.subject.start, cue.subject.end, pronoun.title() if opens else pronoun)


def _taken_out(talk: Talk, i: int, start: int, end: int) -> Edit | None:
    """What takes a cue out that follows words of its turn and is all there is up to the next ones, or to the stop."""
    text, parts = talk.field.text, talk.turns[i].parts
    low = max((stop for _, stop in parts if stop <= start), default=None)
    high = min((begin for begin, _ in parts if begin >= end), default=None)
    if low is None:
        return None
    behind = high if high is not None else _stop(text, end)
    if behind is None or text[low:behind].strip(_MARKS) != text[start:end].strip(_MARKS):
        return None
    if high is not None:  # "Yes," said Ann, "I know."
        return Edit(low - 1, high + 1, " ")
    first, stop = (low - 2, ".") if text[low - 2] == "," else (low - 1, "")
    after = talk.turns[i + 1].start if i + 1 < len(talk.turns) else len(text)
    if not text[behind:after].strip(" "):  # two quotations side by side would be two people's
        return Edit(first, after + 1, stop + " ")
    return Edit(first, behind, stop + text[low - 1])


def _stop(text: str, at: int) -> int | None:
    """The offset behind the full stop at an offset, commas left out of account."""
    while at < len(text) and text[at] in ",;:":
        at += 1
    return at + 1 if text[at : at + 1] == "." else None


def edited(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits made, which stand in order and do not overlap."""
    ends = [0, *(edit.end for edit in edits)]
    kept = [text[end : edit.start] + edit.instead for end, edit in zip(ends, edits, strict=False)]
    return "".join(kept) + text[ends[-1] :]


def _before(first: Talk, second: Talk, edits: Sequence[Edit]) -> list[int | None]:
    """For each turn of the second reading the turn of the first that it was."""
    moved = [0, *accumulate(len(edit.instead) - (edit.end - edit.start) for edit in edits)]
    ends = [edit.end for edit in edits]
    spans = [tuple(at + moved[bisect_right(ends, at)] for at in longest(turn)) for turn in first.turns]
    begins = [begin for begin, _ in spans]
    found: list[int | None] = []
    for turn in second.turns:
        start, end = longest(turn)
        k = bisect_right(begins, start + _SLACK) - 1
        shared = min(end, spans[k][1]) - max(start, spans[k][0]) if k >= 0 else 0
        found.append(k if 2 * shared > end - start else None)
    return found


def _carried(first: Sequence[Character], second: Sequence[Character]) -> dict[str, str]:
    """Which of the first reading's people each of the second's is: the one who shares most uses of names."""
    bearers: dict[str, Counter[str]] = {}
    for character in first:
        for name, count in character.names.items():
            bearers.setdefault(name, Counter())[character.id] += count
    found = {}
    for character in second:
        votes: Counter[str] = Counter()
        for name, count in character.names.items():
            votes.update({who: min(count, held) for who, held in bearers.get(name, Counter()).items()})
        if votes:
            found[character.id] = votes.most_common(1)[0][0]
    return found
