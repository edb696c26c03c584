"""The layer that the sources room returns: a cleaned text with its matter, before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.story import Emphasis, Matter, Metadata, Repair, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.story import Story


class Manuscript(msgspec.Struct, frozen=True, kw_only=True):
    """A file's text, cleaned and taken apart into story and matter.

    :ivar text: the canonical text: the story with its matter, repaired, LF line ends.
    :ivar matter: spans that are not story, sorted, not overlapping; everything else in ``text`` is story.
    :ivar emphasis: italic and bold spans, sorted.
    :ivar repairs: every place where ``text`` differs from the decoded file, line ends apart.
    :ivar origins: sorted ``(offset in text, offset in the decoded source)`` pairs; between two pairs the offsets
        advance together. Empty where the source has no plain text (HTML, EPUB, DOCX).
    """

    source: Source
    text: str
    matter: tuple[Matter, ...] = ()
    metadata: Metadata = Metadata()
    emphasis: tuple[Emphasis, ...] = ()
    repairs: tuple[Repair, ...] = ()
    origins: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, story: Story) -> Manuscript:
        """The manuscript that a story was read from; where it came from in its file is no longer known."""
        return cls(
            source=story.source,
            text=story.text,
            matter=story.matter,
            metadata=story.metadata,
            emphasis=story.emphasis,
            repairs=story.repairs,
        )

    def story_spans(self) -> tuple[tuple[int, int], ...]:
        """The spans of ``text`` that are story: the complement of ``matter``, empty spans left out."""
        return tuple(story_spans(len(self.text), ((matter.start, matter.end) for matter in self.matter)))


def story_spans(length: int, matter: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of a text of this length is story, and not the matter around it; ``matter`` comes in order."""
    spans, at = [], 0
    for start, end in matter:
        if start > at:
            spans.append((at, start))
        at = max(at, end)
    return [*spans, (at, length)] if at < length else spans
