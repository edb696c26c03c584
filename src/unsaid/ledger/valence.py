"""How good or bad the words of a passage are, with VADER's lexicon and its rules for negation and degree."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from unsaid.ledger.lexicon import valences

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEGATION = -0.74
"""What a negation within three words makes of a valence (Hutto and Gilbert 2014)."""
_BOOST = 0.293
"""What a word of degree adds to the one behind it (the same)."""
_ALPHA = 15.0
"""What the sum is normalised with (the same)."""
_WINDOW = 3
_NEGATIONS = frozenset(
    "not never no none nobody nothing neither nor without hardly scarcely cannot can't won't don't didn't couldn't "
    "wouldn't shouldn't isn't wasn't aren't weren't haven't hasn't hadn't doesn't "
    "ain't n't dont didnt cant wont".split()
)
_DEGREES = frozenset(
    "very really so too extremely terribly awfully deeply completely utterly absolutely entirely truly most more much "
    "particularly especially totally incredibly dreadfully".split()
)
_NEUTRAL = frozenset("like well please no yes sorry dear god kind pretty grave just matter matters miss".split())
"""Words whose valence in VADER, made on messages of the 2010s, is not theirs in fiction."""


@cache
def _weights() -> dict[str, float]:
    return {word: value for word, value in valences().items() if value and word not in _NEUTRAL}


def valence(words: Sequence[str]) -> float:
    """The valence of words in lower case, from -1 to 1; 0 where none of them has any."""
    table = _weights()
    total = 0.0
    for at in [at for at, word in enumerate(words) if word in table]:
        value = table[words[at]]
        before = words[max(0, at - _WINDOW) : at]
        if before and before[-1] in _DEGREES:
            value += math.copysign(_BOOST, value)
        if any(word in _NEGATIONS for word in before):
            value *= _NEGATION
        total += value
    return total / math.sqrt(total * total + _ALPHA) if total else 0.0
