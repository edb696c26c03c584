"""Misspelt names: a rare name that is a slip away from a frequent one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from unsaid.people import lexicon

if TYPE_CHECKING:
    from collections import Counter

RARE = 2
"""A name that is used more often than this is no slip."""
# A name must be this many times as frequent as another to be what the other was meant to be.
_TIMES = 4
# ... or, if both are long and one letter apart, this many times.
_TWICE = 2
# Two slips are believed only in a name this long; in one no longer than the lesser bound, none,
# but letters that changed places or are doubled; in one shorter than the least, none at all.
_LONG, _SHORT, _LEAST = 7, 4, 3


def misspellings(counts: Counter[str]) -> dict[str, str]:
    """Map each rare name that is a slip of a frequent one to that one.

    Names are compared only with names of the same first or the same last two letters, so that the work grows with
    the number of names and not with its square.
    """
    buckets: defaultdict[str, list[str]] = defaultdict(list)
    for word, count in counts.items():
        if count >= (_TWICE if len(word) >= _LONG else _TIMES):
            for key in _keys(word):
                buckets[key].append(word)
    found = {}
    for word, count in counts.items():
        if count > RARE or len(word) < _LEAST or word in lexicon.common_words():
            continue
        named = word in lexicon.first_names()
        near = [
            (OSA.distance(word, other, score_cutoff=2), -counts[other], other)
            for other in {o for key in _keys(word) for o in buckets[key]}
            if other != word
            and abs(len(other) - len(word)) <= 2
            and counts[other] >= (_TIMES if named else _TWICE) * count
            and (not named or _is_variant(word, other))
        ]
        best = min(near, default=None)
        if best is None:
            continue
        distance, _, meant = best
        if counts[meant] < _TIMES * count and (distance > 1 or min(len(word), len(meant)) < _LONG):
            continue
        if distance <= _slips(min(len(word), len(meant))) or _is_slip_of_the_hand(word, meant):
            found[word] = meant
    return found


def _is_variant(word: str, other: str) -> bool:
    """Whether a name is another one spelt otherwise: "Damian" is Damien, but Louisa not Louise."""
    alike = word[0] == other[0] and word[-1] == other[-1]
    return alike and min(len(word), len(other)) >= _LONG - 1 and OSA.distance(word, other) == 1


def _is_slip_of_the_hand(word: str, meant: str) -> bool:
    """Whether two letters changed places, or a letter is written twice or once: believed in short names, too."""
    if len(word) == len(meant):
        return sorted(word) == sorted(meant) and OSA.distance(word, meant) == 1
    return len(word) >= _SHORT and _single(word) == _single(meant)


def _single(word: str) -> str:
    return "".join(letter for letter, before in zip(word, " " + word, strict=False) if letter != before)


def _keys(word: str) -> tuple[str, str]:
    return "^" + word[:1], word[-2:] + "$"


def _slips(length: int) -> int:
    return 2 if length >= _LONG else 1 if length > _SHORT else 0
