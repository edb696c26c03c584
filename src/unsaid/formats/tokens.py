"""A read story as tokens and sentences again, for the formats that go word by word."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.prose import compose
from unsaid.sources.manuscript import Manuscript
from unsaid.story import MentionKind

if TYPE_CHECKING:
    from unsaid.prose import Prose, Tokens
    from unsaid.story import Story


class Word(msgspec.Struct, frozen=True):
    """A mention in tokens: ``first`` and ``last`` are indices, ``last`` inclusive as CoNLL and BookNLP have it."""

    first: int
    last: int
    kind: MentionKind
    character: str | None


def prose_of(story: Story) -> Prose:
    """The prose that the story was read from; its matter holds no tokens, and its words are as written."""
    prose = compose(Manuscript.of(story))
    tokens = prose.tokens
    words = tuple(story.text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True))
    return msgspec.structs.replace(prose, tokens=msgspec.structs.replace(tokens, words=words))


def mentions_in(story: Story, tokens: Tokens) -> list[Word]:
    """The story's mentions in tokens, by where they begin and the longer one first; those in matter are left out."""
    found = []
    for mention in story.mentions:
        span = covering(tokens, mention.start, mention.end)
        if span:
            found.append(Word(span.start, span.stop - 1, mention.kind, mention.character))
    return sorted(found, key=lambda w: (w.first, -w.last))


def covering(tokens: Tokens, start: int, end: int) -> range:
    """The indices of the tokens that a span touches."""
    return range(bisect_right(tokens.ends, start), bisect_left(tokens.starts, end))
