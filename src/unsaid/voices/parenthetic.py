"""Cues that stand amid the words they report, where no mark parts the two: "I should go, she thought."."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.narration.lexicon import FIRST, THIRD, word_list
from unsaid.voices.echoes import is_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.prose import Sentence
    from unsaid.voices.field import Field

PRESENT = frozenset(
    "there'd there's is are isn't aren't can can't must don't it's that's he's she's will do let's does doesn't has "
    "hasn't they're you're won't".split()
)
# What a narrator who tells of the past says of himself only in what he thought then.
_OF_ME_NOW = frozenset("i'm i'll we're we'll gonna".split())
_AUXILIARY_PAST = frozenset("was were had did wasn't weren't hadn't didn't".split())
_BEFORE = frozenset({",", "?", "!", "…", "..."})
_BEHIND = _BEFORE | {".", ";"}
_FROM, _TO = 4, 6  # tokens before a verb and behind it that its clause may have


def parenthesis(field: Field, sentence: Sentence, verb: int) -> tuple[int, int] | None:
    """The tokens of ", she thought," around a verb: from the comma before to the mark behind, both marks outside."""
    words = field.tokens.words
    first = verb
    while first > sentence.first and words[first - 1] not in _BEFORE:
        first -= 1
        if verb - first > _FROM:
            return None
    last = verb + 1
    while last < sentence.last and words[last] not in _BEHIND:
        last += 1
        if last - verb > _TO:
            return None
    return first, last


def own_words(field: Field, tokens: range) -> bool:
    """Whether the words before a cue are those of whom it tells: first person or "you" and no past tense of a third."""
    lower = tuple(word.replace("’", "'") for word in field.tokens.lower[tokens.start : tokens.stop])
    if any(field.tokens.quoted[t] for t in tokens) or len(lower) < 2:
        return False
    said = field.text[field.tokens.starts[tokens.start] : field.tokens.ends[tokens.stop - 1]]
    if is_order(said) and not _told(lower):
        return True  # "Look at his shoes, I thought."
    narrator = field.telling.narrator_at(field.tokens.starts[tokens.start])
    first = any(word in FIRST for word in lower)
    stretch = field.telling.at(field.tokens.starts[tokens.start])
    then = stretch is not None and stretch.tense == "past"
    present = any(word in PRESENT or (then and word in _OF_ME_NOW) for word in lower)
    present = present and not any(word in _AUXILIARY_PAST for word in lower)
    if (first and narrator is None) or present:
        return True
    # "Thirty years and one boat, he thought.": no verb of the narration's own.
    return not _told(lower) and not any(word in THIRD or word in FIRST for word in lower)


def _told(lower: Sequence[str]) -> bool:
    """Whether words hold a past tense, as the narration's own would."""
    past = word_list("past")
    return any(word in past or (word.endswith("ed") and len(word) > 4) for word in lower)
