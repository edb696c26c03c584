"""Whose view each part of a story follows, before anybody is known to think its thoughts (Genette's focalizer)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from unsaid.narration.lexicon import word_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.story import Utterance
    from unsaid.voices.field import Field

CUED = 3.0
"""A thought that a cue gives to somebody weighs as much as so many verbs of perceiving and feeling."""
MENTIONED = 0.15
"""... and every other mention in the narration so much: a scene tells most of the one whom it follows."""
LEAST, SHARE = 2.0, 0.6
"""One view is followed where so much speaks for one person, and this share of all that speaks for anybody."""
_LIGHT = frozenset("had could would did only just never always suddenly almost still was were is".split())


class Viewpoints:
    """Looks up whose view a passage follows: one for each part between two breaks of the page.

    :ivar weights: for each part, what speaks for each one's being followed there.
    """

    def __init__(self, field: Field, thoughts: Sequence[Utterance]) -> None:
        paragraphs = field.prose.paragraphs
        begins = [
            i for i, p in enumerate(paragraphs) if i == 0 or p.after_break or p.chapter != paragraphs[i - 1].chapter
        ]
        self._starts = [paragraphs[i].start for i in begins]
        self.weights: list[dict[str, float]] = [{} for _ in begins]
        for i, mention in enumerate(field.cast.mentions):
            if mention.character is not None and not field.is_quoted(i):
                felt = 1.0 if _feels(field, i) else MENTIONED
                _add(self.weights[self.part(mention.start)], mention.character, felt)
        for thought in thoughts:
            if thought.speaker is not None:
                _add(self.weights[self.part(thought.start)], thought.speaker, CUED)
        self._who = [_leading(found, field.groups) for found in self.weights]

    def at(self, offset: int) -> str | None:
        """Whose view the part of the story at an offset follows, if it is one person's."""
        return self._who[self.part(offset)] if self._who else None

    def part(self, offset: int) -> int:
        """The number of the part of the story at an offset."""
        return max(0, bisect_right(self._starts, offset) - 1)


def _feels(field: Field, mention: int) -> bool:
    """Whether a verb of thinking, feeling or perceiving stands right behind a mention."""
    tokens, after = field.tokens, field.mention_last[mention]
    step = after + 1 if after < len(tokens) and tokens.lower[after] in _LIGHT else after
    return step < len(tokens) and not tokens.quoted[step] and tokens.lower[step] in word_list("mental")


def _add(weights: dict[str, float], who: str, weight: float) -> None:
    weights[who] = weights.get(who, 0.0) + weight


def _leading(weights: dict[str, float], groups: frozenset[str]) -> str | None:
    held = {who: weight for who, weight in weights.items() if who not in groups}
    who, weight = max(held.items(), key=lambda item: (item[1], item[0]), default=("", 0.0))
    return who if weight >= LEAST and weight >= SHARE * sum(held.values()) else None
