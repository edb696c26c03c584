"""A story told to "you", who is somebody in it: there "you" is what "I" is in a first-person story.

All that is known of how a narrator speaks, thinks and is called holds of such a "you" as well. So the rooms behind are
given the words of the narration with "I" in place of "you"; what stands on the page stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.profile import profiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.prose import Prose

RATE = 0.04
"""A story is told in the second person from this share of "you" in its narration on ...

Of 132 modern stories and fifteen novels, none of them so told, the most has 0.018, but for one in letters (0.055, with
as many "I"); a page of fan fiction written to try it, 0.14.
"""
ENOUGH = 5
"""... if there are so many at all."""
OUTWEIGHS = 3
"""... where that is so many times as many as "I" and "me", and at least half as many as "he" and "she"."""

_AS_FIRST = {
    "you": "i", "you're": "i'm", "you'd": "i'd", "you've": "i've", "you'll": "i'll", "your": "my", "yours": "mine",
    "yourself": "myself",
}  # fmt: skip
_GOVERNS = frozenset(
    "to at on in of for with by from into upon over under about after before behind beside towards toward against than "
    "near like without past around through between among and".split()
)
# What stands behind "you" where it is an object: "he looks at you and", "gives you the cup".
_BEHIND_OBJECT = frozenset(
    "and or but in on at to with from like as for up down off away back over again out through into a an the his her "
    "my that this".split()
)


def as_first(prose: Prose) -> Prose:
    """The prose of a story told in the second person, with "i" for "you" among its words; any other as it is."""
    if not _is_second(prose):
        return prose
    lower = list(prose.tokens.lower)
    for t, word in enumerate(prose.tokens.lower):
        if word in _AS_FIRST and not prose.tokens.quoted[t]:
            lower[t] = "me" if word == "you" and _is_object(prose.tokens.lower, t) else _AS_FIRST[word]
    return msgspec.structs.replace(prose, tokens=msgspec.structs.replace(prose.tokens, lower=tuple(lower)), to_you=True)


def _is_second(prose: Prose) -> bool:
    every = profiles(prose)
    words, second, first, third = (sum(getattr(p, f) for p in every) for f in ("words", "second", "first", "third"))
    least: float = max(ENOUGH, RATE * words, OUTWEIGHS * first, third / 2)
    return bool(second >= least)


def _is_object(lower: Sequence[str], t: int) -> bool:
    """Whether "you" is told of as an object: "he looks at you."."""
    before = lower[t - 1] if t else "."
    behind = lower[t + 1] if t + 1 < len(lower) else "."
    opens = not before[0].isalnum() or before == "and"
    return (before in _GOVERNS and before != "and") or (
        not opens and (not behind[0].isalnum() or behind in _BEHIND_OBJECT)
    )
