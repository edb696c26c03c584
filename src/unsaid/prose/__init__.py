"""Prose: a manuscript's story as tokens, sentences, paragraphs, chapters, gaps and quotations."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.prose import layout, quotations, sentences, slanted, tokens, unmarked
from unsaid.prose.concordances import Concordance, concordance
from unsaid.prose.labels import Label, label_of, labels, often_labelled
from unsaid.prose.layer import Paragraph, Prose, Quotation, Sentence, Spoken, Tokens, covers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.sources import Manuscript

__all__ = [
    "Concordance",
    "Label",
    "Paragraph",
    "Prose",
    "Quotation",
    "Sentence",
    "Spoken",
    "Tokens",
    "compose",
    "concordance",
    "covers",
    "label_of",
    "labels",
    "listened",
    "often_labelled",
]


def compose(manuscript: Manuscript) -> Prose:
    """Read a manuscript's story as prose; its matter takes no part."""
    text = manuscript.text
    found = layout.blocks(manuscript)
    gaps, breaks = layout.gaps_and_breaks(text, found)
    spans = [(b.start, b.end) for b in found]
    quoted = quotations.find(text, spans)
    bare = unmarked.lacks_marks(text, spans, quoted)
    quoted = unmarked.find(text, spans) if bare else slanted.find(text, spans, manuscript.emphasis, quoted)
    layer = tokens.build(list(tokens.tokenise(text, spans)), quoted)
    chapters = layout.chapters(manuscript, found)
    breaks |= _after_marks(manuscript, found)
    paragraphs = tuple(
        Paragraph(
            start=b.start,
            end=b.end,
            first=bisect_left(layer.starts, b.start),
            last=bisect_left(layer.starts, b.end),
            chapter=bisect_right(chapters, b.start, key=lambda c: c.start) - 1,
            after_break=i in breaks,
            after_gap=i in gaps,
        )
        for i, b in enumerate(found)
    )
    return Prose(
        text=text,
        tokens=layer,
        sentences=tuple(_sentences(text, layer, paragraphs)),
        paragraphs=paragraphs,
        quotations=quoted,
        chapters=chapters,
        gaps=tuple(gaps[i] for i in sorted(gaps)),
        emphasis=manuscript.emphasis,
        bare=bare,
    )


def listened(composed: Prose, spoken: Spoken) -> Prose:
    """A story without quotation marks, its speech found once more by what is known of each word."""
    found = unmarked.find(composed.text, [(p.start, p.end) for p in composed.paragraphs], spoken)
    quoted = tokens.quoted(composed.tokens.starts, found)
    layer = msgspec.structs.replace(composed.tokens, quoted=quoted)
    return msgspec.structs.replace(composed, tokens=layer, quotations=found)


def _after_marks(manuscript: Manuscript, found: Sequence[layout.Block]) -> set[int]:
    """Indices of the blocks that follow a break mark or heading."""
    starts = [b.start for b in found]
    return {bisect_left(starts, m.end) for m in manuscript.matter if layout.is_break(m)}


def _sentences(text: str, layer: Tokens, paragraphs: Sequence[Paragraph]) -> Iterator[Sentence]:
    for i, paragraph in enumerate(paragraphs):
        for start, end in sentences.split(text, paragraph.start, paragraph.end):
            yield Sentence(start, end, bisect_left(layer.starts, start), bisect_left(layer.starts, end), i)
