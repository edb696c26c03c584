"""What a formatted source (HTML, EPUB, DOCX, Markdown) is read into before it is text: blocks in reading order."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

import msgspec

from unsaid.sources.text import clean
from unsaid.story import Emphasis, Matter, MatterKind, Metadata, Repair


class Block(msgspec.Struct, frozen=True):
    """A paragraph, heading or break. ``matter`` is what the format knows it to be, None where it may be story.

    :ivar text: its text; a line break where the format has one.
    :ivar emphasis: ``(start, end, kind)`` within ``text``.
    """

    text: str
    emphasis: tuple[tuple[int, int, Literal["italic", "bold"]], ...] = ()
    matter: MatterKind | None = None
    field: str | None = None
    value: str | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A formatted source taken apart: its blocks and what the format says about the work.

    :ivar preface_known: the format tells the header from the story, so that none must be guessed.
    :ivar encoding: the encoding of the file's text, None where it holds several parts.
    """

    blocks: tuple[Block, ...]
    metadata: Metadata = Metadata()
    preface_known: bool = False
    encoding: str | None = None


Settled = tuple[str, tuple[Emphasis, ...], tuple[Matter, ...], tuple[Repair, ...]]


def settle(draft: Draft) -> Settled:
    """Join a draft's blocks, one blank line between, and repair the text; all spans are in the repaired text."""
    pieces: list[str] = []
    emphasis: list[Emphasis] = []
    matter: list[Matter] = []
    at = 0
    for block in draft.blocks:
        if pieces:
            pieces.append("\n\n")
            at += 2
        pieces.append(block.text)
        emphasis += (Emphasis(at + a, at + b, kind) for a, b, kind in block.emphasis)
        if block.matter is not None:
            matter.append(Matter(at, at + len(block.text), block.matter, block.field, block.value))
        at += len(block.text)
    cleaned = clean("".join(pieces))
    shift = _Shift(cleaned.origins)
    return (
        cleaned.text,
        tuple(Emphasis(s, e, x.kind) for x in emphasis if (s := shift(x.start)) < (e := shift(x.end))),
        tuple(_trimmed(cleaned.text, shift(m.start), shift(m.end), m) for m in matter),
        cleaned.repairs,
    )


def _trimmed(text: str, start: int, end: int, matter: Matter) -> Matter:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Matter(start, end, matter.kind, matter.field, matter.value)


class _Shift:
    """From offsets before the repairs to offsets after; what was taken away falls on the place where it stood."""

    def __init__(self, origins: tuple[tuple[int, int], ...]) -> None:
        self.new = [new for new, _ in origins]
        self.old = [old for _, old in origins]

    def __call__(self, offset: int) -> int:
        i = bisect_right(self.old, offset) - 1
        new = self.new[i] + offset - self.old[i]
        return min(new, self.new[i + 1]) if i + 1 < len(self.new) else new


Kind = Literal["italic", "bold"]


class Paragraphs:
    """Collects running text into blocks: white space is folded, emphasis kept, empty paragraphs left out."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._begin()

    def _begin(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self._spans: dict[Kind, list[tuple[int, int]]] = {"italic": [], "bold": []}
        self._space = True  # nothing or white space stands before: more white space is folded into it

    @property
    def empty(self) -> bool:
        """Whether nothing but white space stands in the open paragraph."""
        return not "".join(self._pieces).strip()

    def add(self, text: str, kinds: frozenset[Kind] = frozenset(), *, keep: bool = False) -> None:
        """Add running text, set in ``kinds``; ``keep`` keeps its line ends (preformatted text)."""
        for n, line in enumerate(text.split("\n") if keep else [text]):
            if n:
                self.line_break()
            self._add_line(line, kinds)

    def _add_line(self, text: str, kinds: frozenset[Kind]) -> None:
        words = text.split()  # a no-break space is white space, too
        if text[:1].isspace():
            self._add_space()
        if not words:
            return
        folded = " ".join(words)
        self._push(folded)
        for kind in kinds:
            self._mark(self._size - len(folded), self._size, kind)
        self._space = False
        if text[-1].isspace():
            self._add_space()

    def _add_space(self) -> None:
        if not self._space:
            self._push(" ")
            self._space = True

    def _push(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text)

    def _mark(self, start: int, end: int, kind: Kind) -> None:
        """Emphasis grows over white space that parts two runs of one kind."""
        spans = self._spans[kind]
        if spans and start - spans[-1][1] <= 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))

    def line_break(self) -> None:
        """A line break inside the paragraph."""
        if self._pieces and self._pieces[-1] == " ":
            self._pieces.pop()
            self._size -= 1
        self._push("\n")
        self._space = True

    def close(self, matter: MatterKind | None = None, field: str | None = None, value: str | None = None) -> None:
        """End the paragraph. Two line breaks running part it: that is how pages without <p> set paragraphs."""
        text, spans = "".join(self._pieces), self._spans
        self._begin()
        at = 0
        cursor: dict[Kind, int] = {"italic": 0, "bold": 0}
        for part in text.split("\n\n") if matter is None else [text]:
            bare = part.strip()
            if bare:
                start = at + len(part) - len(part.lstrip())
                inside = sorted(
                    s for kind in cursor for s in _inside(spans[kind], cursor, kind, start, start + len(bare))
                )
                self.blocks.append(Block(bare, tuple(inside), matter, field, value))
            at += len(part) + 2

    def rule(self) -> None:
        """A horizontal rule or page break: a scene break."""
        self.close()
        self.blocks.append(Block("***", (), "break"))


def _inside(
    spans: list[tuple[int, int]], cursor: dict[Kind, int], kind: Kind, start: int, end: int
) -> list[tuple[int, int, Kind]]:
    """The spans of a kind in ``start:end``, counted from ``start``; the cursor moves on, so the walk is linear."""
    found = []
    while cursor[kind] < len(spans) and spans[cursor[kind]][1] <= start:
        cursor[kind] += 1
    i = cursor[kind]
    while i < len(spans) and spans[i][0] < end:
        found.append((max(spans[i][0], start) - start, min(spans[i][1], end) - start, kind))
        i += 1
    cursor[kind] = max(cursor[kind], i - 1)
    return found
