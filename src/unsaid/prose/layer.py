"""The layer that the prose room returns: tokens, sentences, paragraphs, chapters, gaps and quotations."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.story import Chapter, Emphasis, Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

QuoteMark = Literal["double", "single", "low", "angle", "dash", "label", "italic", "none"]


class Tokens(msgspec.Struct, frozen=True, weakref=True):
    """The story's tokens as parallel tuples, in the order of the text (matter holds no tokens).

    A token is a word (with inner apostrophes and hyphens: "don't", "half-brother"; a possessive "'s" is a token of
    its own), a number, or one punctuation mark or run of the same mark ("...", "--"). Contractions are one token.

    :ivar starts: code point offset of each token's start.
    :ivar ends: code point offset of each token's end, exclusive.
    :ivar words: ``text[start:end]``, curly apostrophes made straight.
    :ivar lower: ``words`` in lower case.
    :ivar quoted: 1 where the token lies inside a quotation (its marks included), else 0.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[str, ...]
    lower: tuple[str, ...]
    quoted: bytes

    def __len__(self) -> int:
        return len(self.starts)

    def within(self, start: int, end: int) -> range:
        """The indices of the tokens that lie inside ``text[start:end]``."""
        return range(bisect_left(self.starts, start), bisect_right(self.ends, end))


class Sentence(msgspec.Struct, frozen=True):
    """A sentence. It never crosses a paragraph. Quoted and unquoted text are not in one sentence's way:

    ``"I know," she said.`` is one sentence, ``"I know." She left.`` two. ``first`` and ``last`` are token indices,
    half-open.
    """

    start: int
    end: int
    first: int
    last: int
    paragraph: int


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph: no matter, no white space at either end. ``first`` and ``last`` are token indices, half-open.

    :ivar chapter: index into :attr:`Prose.chapters`, or None before the first.
    :ivar after_break: a scene break or chapter heading stands between this paragraph and the one before.
    :ivar after_gap: lines seem to be missing before this paragraph.
    """

    start: int
    end: int
    first: int
    last: int
    chapter: int | None = None
    after_break: bool = False
    after_gap: bool = False


class Quotation(msgspec.Struct, frozen=True):
    """A stretch in quotation marks (or after a dialogue dash), marks included: typography, not yet an utterance.

    :ivar paragraph: index of the paragraph it stands in (a quotation never crosses a paragraph).
    :ivar mark: what kind of mark opens it; "label": a name and a colon, as in a script ("Ann: Come in.");
        "italic": italics with a cue of speech behind them; "none": the story has no marks, and what is spoken was found
        by its words.
    :ivar closed: False where no closing mark was found and the end is a guess (the paragraph's end).
    :ivar continues: it goes on with the quotation before it, which its paragraph left open by convention.
    :ivar nested: quotations inside it, as spans, marks included.
    """

    start: int
    end: int
    paragraph: int
    mark: QuoteMark
    closed: bool = True
    continues: bool = False
    nested: tuple[tuple[int, int], ...] = ()


class Spoken(msgspec.Struct, frozen=True):
    """What is known of the words of a story without quotation marks: where each starts, and the log-odds that it is
    spoken."""

    starts: tuple[int, ...]
    odds: tuple[float, ...]


class Prose(msgspec.Struct, frozen=True, kw_only=True, weakref=True):
    """A manuscript's story as prose. All tuples are sorted by their start.

    :ivar bare: it has no quotation marks, though people speak in it: what is spoken was found by its words.
    :ivar to_you: it is told to a "you" who is somebody in it: in ``tokens.lower`` that is "i", outside quotations.
    """

    text: str
    tokens: Tokens
    sentences: tuple[Sentence, ...]
    paragraphs: tuple[Paragraph, ...]
    quotations: tuple[Quotation, ...]
    chapters: tuple[Chapter, ...]
    gaps: tuple[Gap, ...]
    emphasis: tuple[Emphasis, ...]
    bare: bool = False
    to_you: bool = False

    def paragraph_at(self, offset: int) -> int:
        """Index of the last paragraph that starts at or before ``offset``; -1 if there is none."""
        return bisect_right(self.paragraphs, offset, key=lambda p: p.start) - 1

    def sentence_at(self, offset: int) -> int:
        """Index of the last sentence that starts at or before ``offset``; -1 if there is none."""
        return bisect_right(self.sentences, offset, key=lambda s: s.start) - 1


def covers(spans: Sequence[tuple[int, int]], offset: int) -> bool:
    """Whether one of the spans, which are sorted and apart, holds the code point at an offset."""
    index = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return index >= 0 and offset < spans[index][1]
