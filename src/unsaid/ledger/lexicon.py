"""The room's word data: patterns of speech acts and of what is left unsaid, and the valence of words."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from importlib.resources import files

import msgspec

_MACROS = {
    "<v>": r"(?:(?:oh|ah|o|well|yes|no|but|and|so|now|look|listen|please|right|dear|my \w+|"
    r"[a-z'-]+(?: [a-z'-]+){0,2}) ,? ?, |(?:oh|ah|well|yes|no|no ,|yes ,|look|but|and|so) )?",
    "<adv>": r"(?:(?:do|did|always|still|also|just|hereby|never|ever|now|already|all|quite|can|will|once|even|so|"
    r"[a-z]+ly) ){0,2}",
    "<any3>": r"(?:\S+ ){0,3}",
    "<obj>": r"(?:you|him|her|them|me|us|it|thee|ye|everyone|everybody|mother|father|mum|mom|dad|papa|mama|mamma)",
}


class Pattern(msgspec.Struct, frozen=True):
    """How an act may be worded.

    :ivar order: its line: among patterns of one confidence the first decides.
    :ivar kind: the kind of entry; :ivar takes_away: what it finds is no such entry after all.
    :ivar rule: how entries that it makes name it.
    """

    order: int
    kind: str
    takes_away: bool
    rule: str
    confidence: float
    expression: re.Pattern[str]
    anchored: bool

    def holds(self, text: str) -> bool:
        """Whether a text is worded so; what can only stand at its beginning is looked for nowhere else."""
        return (self.expression.match(text) if self.anchored else self.expression.search(text)) is not None


def is_anchored(worded: str) -> bool:
    """Whether an expression can only be found at the beginning of a text: each of its alternatives begins with "^"."""
    depth = 0
    starts = [worded[:1]]
    for at, letter in enumerate(worded):
        if worded[at - 1 : at] == "\\":
            continue
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            starts.append(worded[at + 1 : at + 2])
    return set(starts) == {"^"}


@cache
def patterns(name: str) -> dict[str, tuple[Pattern, ...]]:
    """The patterns of ``lexica/NAME.txt`` by the cue word that has to stand in the sentence."""
    by_cue: dict[str, list[Pattern]] = defaultdict(list)
    for order, line in enumerate(lines_of(name)):
        kind, cues, confidence, worded = (column.strip() for column in line.split(" ; ", 3))
        for macro, meaning in _MACROS.items():
            worded = worded.replace(macro, meaning)
        bare = kind.removeprefix("-")
        found = Pattern(
            order,
            bare,
            bare != kind,
            f"{bare}: {cues.split()[0]}",
            float(confidence),
            re.compile(worded),
            is_anchored(worded),
        )
        for cue in dict.fromkeys(cues.split()):
            by_cue[cue].append(found)
    return {cue: tuple(found) for cue, found in by_cue.items()}


@cache
def worded(name: str, key: str) -> re.Pattern[str]:
    """One expression, for text in lower case, for all patterns of ``lexica/NAME.txt`` that stand under a key."""
    rows = (line.split(" ; ", 1) for line in lines_of(name))
    return re.compile("|".join(worded for under, worded in rows if under == key))


def small(text: str) -> str:
    """A passage in lower case, with the same offsets; as it is where a letter would become two."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text


def lines_of(name: str) -> list[str]:
    """The lines of ``lexica/NAME.txt`` that are neither empty nor comments."""
    text = (files(__package__) / "lexica" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def valences() -> dict[str, float]:
    """The valence of each word of VADER's lexicon, from -4 to 4 (Hutto and Gilbert 2014)."""
    return {word: float(value) for word, value in (line.split("\t") for line in lines_of("valence"))}
