"""Thoughts inside a paragraph of narration that nothing marks: their italics are lost.

Amid a story told of others in the past, a sentence that says "I", or tells somebody what to do now, is nobody's
narration: "They were both very good about it. I used to know what you had for lunch. He wrote KITCHEN on the lid."
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.narration.lexicon import FIRST, SECOND, THIRD
from unsaid.voices.bare import is_told, speaks_now
from unsaid.voices.cued import thought_of
from unsaid.voices.echoes import is_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.narration import Profile
    from unsaid.prose import Sentence
    from unsaid.story import Utterance
    from unsaid.voices.field import Field

INSIDE = "thought: inside a paragraph"
SENTENCE_WORDS = 30
"""A sentence of such a thought is no longer than this many words."""
OFTEN = 5_000
"""One in so many words at least: in edited novels, where next to none has lost its italics, an author says "I" so
seldom (27 times in the fifteen novels looked at), and a letter set without marks."""
_OWN = FIRST - {"mine"}  # "the galleries of a mine"


def inside(field: Field, shape: Sequence[Profile], taken: Sequence[tuple[int, int]]) -> Iterator[Utterance]:
    """Runs of sentences that are somebody's own words, in paragraphs that tell of others.

    :param taken: spans that are read already, sorted; nothing is found in paragraphs that hold one, unless it is a word
        or two in capitals that narration quotes from a label.
    """
    held = {field.prose.paragraph_at(start) for start, end in taken if not field.text[start:end].isupper()}
    by_paragraph: dict[int, list[Sentence]] = {}
    for sentence in field.prose.sentences:
        stretch = field.telling.at(sentence.start)
        if stretch is not None and stretch.person == "third" and sentence.paragraph not in held:
            by_paragraph.setdefault(sentence.paragraph, []).append(sentence)
    found = [
        thought
        for paragraph, sentences in by_paragraph.items()
        if shape[paragraph].third and len(sentences) > 1
        for thought in _runs(field, sentences)
    ]
    if len(found) * OFTEN >= sum(profile.words for profile in shape):
        yield from found


def _runs(field: Field, sentences: Sequence[Sentence]) -> Iterator[Utterance]:
    """Neighbouring sentences with one among them that is surely somebody's own, the others at least not told."""
    at = 0
    while at < len(sentences):
        last = at
        while last < len(sentences) and _may_be(field, sentences[last]):
            last += 1
        run = sentences[at:last]
        if run and any(_is_own(field, s) for s in run) and len(run) < len(sentences):
            yield thought_of(((run[0].start, run[-1].end),), INSIDE, 0.6)
        at = last + 1


def _may_be(field: Field, sentence: Sentence) -> bool:
    """Whether a sentence can be part of a thought: short, nowhere quoted, and telling nothing in the past of others."""
    tokens = range(sentence.first, sentence.last)
    if not tokens or len(tokens) > SENTENCE_WORDS or any(field.tokens.quoted[t] for t in tokens):
        return False
    lower = field.tokens.lower[sentence.first : sentence.last]
    if any(word in _OWN for word in lower):
        return True
    return not is_told(lower) and (speaks_now(lower) or is_order(field.text[sentence.start : sentence.end]))


def _is_own(field: Field, sentence: Sentence) -> bool:
    """Whether a sentence says "I", or tells a "you" what to do."""
    lower = field.tokens.lower[sentence.first : sentence.last]
    if any(word in _OWN for word in lower):
        return True
    ordered = is_order(field.text[sentence.start : sentence.end]) and not is_told(lower)
    return ordered and (any(word in SECOND for word in lower) or not any(word in THIRD for word in lower))
