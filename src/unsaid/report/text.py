"""The story's text as HTML: every line in its speaker's colour, with speaker and addressee in the margin.

A paragraph is cut wherever a line, emphasis or a passage that something links to begins or ends; each piece becomes one
element, so what overlaps in the text never has to be nested. Everything of the story's own is escaped.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup, escape

from unsaid.formats.lines import lines_of
from unsaid.formats.tokens import prose_of
from unsaid.story import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from unsaid.report.people import Faces
    from unsaid.story import Emphasis, Matter, Story

UNSURE = 0.6
"""A speaker less likely than this is marked as a guess."""

_BLANKS = re.compile(r"\s+")
_WORD_FOR = {"thought": "thinks", "writing": "writes"}
_CUT = frozenset(("paragraph", "letter"))  # blocks that are cut where something is linked to


class Block(msgspec.Struct, frozen=True):
    """A stretch of the text as the page shows it: a paragraph, a heading, a break or folded matter.

    :ivar kind: "paragraph", "heading", "break", "matter" or "gap".
    :ivar html: its content, escaped; ``id`` its anchor, if it has one; ``label`` what a fold is called.
    """

    kind: str
    html: Markup
    id: str | None = None
    label: str = ""


class _Piece(msgspec.Struct, frozen=True):
    start: int
    end: int
    line: Utterance | None
    opens: bool


def anchor(offset: int) -> str:
    """The id of the passage that begins at an offset."""
    return f"o{offset}"


_KNOWN = {
    "explicit": "A name beside the line says so",
    "anaphoric": "A pronoun or a noun beside the line says so",
    "implicit": "Only the conversation says so",
}


def known(line: Utterance) -> str:
    """How it is known whose a line is, in words."""
    if line.rule == "corrected":
        return "You have said so."
    if line.speaker is None:
        return f"Not known: {line.reason}." if line.reason else "Not known."
    said = _KNOWN.get(line.evidence or "", "The text says so")
    return f"{said} ({line.rule}): such lines are right {line.confidence:.0%} of the time."


def paragraphs_of(story: Story) -> tuple[tuple[int, int], ...]:
    """The spans of a story's paragraphs."""
    return tuple((p.start, p.end) for p in prose_of(story).paragraphs)


def blocks(
    story: Story,
    faces: Faces,
    linked: Iterable[int] = (),
    *,
    paragraphs: Sequence[tuple[int, int]] | None = None,
    within: tuple[int, int] | None = None,
    notes: Mapping[int, str] | None = None,
) -> Iterator[Block]:
    """The text in blocks, in order.

    :param linked: offsets of passages that are linked to; each becomes an anchor.
    :param paragraphs: the paragraphs' spans, where they are known already.
    :param within: the stretch to show, where it is not the whole text.
    :param notes: what is noted at which offset; with it every piece of a line also says which line and whose it is, as
        the reader in the browser needs.
    """
    low, high = within or (0, len(story.text) + 1)
    goals = sorted({at for at in (*linked, *(notes or ())) if low <= at < high})
    setter = _Setter(story, faces, goals, notes)
    matter = sorted((m for m in story.matter if low <= m.start < high), key=lambda m: (m.start, m.end))
    things = [(m.start, m.end, setter.matter(m)) for m in matter]
    spans = paragraphs_of(story) if paragraphs is None else paragraphs
    things += [(start, end, setter.paragraph(start, end)) for start, end in spans if low <= start < high]
    things += [(g.start, g.start, Block("gap", escape(g.reason))) for g in story.gaps if low <= g.start < high]
    things.sort(key=lambda t: t[0])
    return _with_stray(things, goals)


def _with_stray(things: Sequence[tuple[int, int, Block]], goals: Sequence[int]) -> Iterator[Block]:
    """The blocks, with anchors for what is linked to between them: the block behind takes it, or the last of all."""
    at = 0
    for n, (start, end, block) in enumerate(things):
        last = n == len(things) - 1
        stray = []
        while at < len(goals) and (goals[at] < end or last):
            inside = goals[at] >= start and goals[at] < end and block.kind in _CUT
            if not inside and block.id != anchor(goals[at]):
                stray.append(goals[at])
            at += 1
        marks = Markup("").join(Markup('<a id="{}"></a>').format(anchor(goal)) for goal in stray)
        yield msgspec.structs.replace(block, html=marks + block.html) if stray else block


class _Setter:
    """Sets paragraphs, with every line, emphasis and anchor looked up by offset."""

    def __init__(
        self, story: Story, faces: Faces, linked: Sequence[int], notes: Mapping[int, str] | None = None
    ) -> None:
        self.story, self.faces, self.linked, self.notes = story, faces, linked, notes
        self.goals = frozenset(linked)
        parts = [(start, end, line) for line in lines_of(story) for start, end in line.parts]
        self.parts = sorted(parts, key=lambda p: (p[0], -p[1]))
        self.starts = [start for start, _, _ in self.parts]
        self.longest = max((end - start for start, end, _ in self.parts), default=0)
        self.emphasis: Sequence[Emphasis] = sorted(story.emphasis, key=lambda e: e.start)
        self.emphasis_ends = [e.end for e in self.emphasis]
        self.letters = [(w.start, w.end, w.id) for w in story.writings]

    def matter(self, matter: Matter) -> Block:
        """Headings and breaks as what they are; other matter behind a fold."""
        words = self._plain(matter.start, matter.end)
        kind = {"heading": "heading", "title": "heading", "break": "break"}.get(matter.kind, "matter")
        return Block(
            kind, words, anchor(matter.start), f"{matter.kind}: {matter.field}" if matter.field else matter.kind
        )

    def paragraph(self, start: int, end: int) -> Block:
        """One paragraph, cut where anything begins or ends."""
        html = Markup("").join(self._set(piece) for piece in self._pieces(start, end))
        letter = next((w for a, b, w in self.letters if a <= start and end <= b), None)
        opens = next((w for a, _, w in self.letters if start <= a < end), None)
        return Block("letter" if letter else "paragraph", html, opens)

    def _pieces(self, start: int, end: int) -> Iterator[_Piece]:
        near = self.parts[bisect_left(self.starts, start - self.longest) : bisect_left(self.starts, end)]
        inside = [p for p in near if p[1] > start]
        cuts = {start, end}
        cuts.update(max(start, a) for a, _, _ in inside)
        cuts.update(min(end, b) for _, b, _ in inside)
        for e in self.emphasis[bisect_right(self.emphasis_ends, start) :]:
            if e.start >= end:
                break
            cuts.update((max(start, e.start), min(end, e.end)))
        cuts.update(self.linked[bisect_left(self.linked, start) : bisect_left(self.linked, end)])
        ordered = sorted(cuts)
        for a, b in itertools.pairwise(ordered):
            over = [p for p in inside if p[0] <= a and b <= p[1]]
            held = min(over, key=lambda p: p[1] - p[0]) if over else None
            yield _Piece(a, b, held[2] if held else None, held is not None and held[0] == a)

    def _set(self, piece: _Piece) -> Markup:
        words = self._emphasised(piece)
        named = f' id="{anchor(piece.start)}"' if piece.start in self.goals else ""
        noted = self._noted(piece.start) if named else ""
        if piece.line is None:
            return Markup(f"{noted}<span{named}>{words}</span>") if named else words
        line = piece.line
        first = piece.opens and line.parts[0][0] == piece.start
        lead = (Markup(f'<a id="{anchor(piece.start)}"></a>') if named else "") if first else ""
        mark = f' id="{line.id}"' if first else named
        who = self.faces.style(line.speaker)
        note = self._margin(line) if first else ""
        whose = "" if self.notes is None else f' data-line="{line.id}" data-who="{escape(line.speaker or "")}"'
        return Markup(f'{note}{noted}{lead}<span class="{line.kind} {who}"{mark}{whose}>{words}</span>')

    def _noted(self, at: int) -> Markup:
        """What is noted here, for the outer margin."""
        note = self.notes.get(at) if self.notes else None
        return Markup('<small class="note" tabindex="-1">{}</small> ').format(note) if note else Markup("")

    def _margin(self, line: Utterance) -> Markup:
        """Who speaks to whom; "thinks" and "writes" in words; a guess with its chance."""
        who = escape(self.faces.name(line.speaker))
        does = _WORD_FOR.get(line.kind, "")
        to = ", ".join(str(escape(self.faces.name(a))) for a in line.addressees)
        rest = " ".join(part for part in (does, to and f"to {to}") if part)
        guess = line.speaker is not None and line.confidence < UNSURE
        doubt = f' <b title="how sure this is">{line.confidence:.0%}</b>' if guess else ""
        why = f' title="{escape(line.reason)}"' if line.reason else ""
        face = self.faces.style(line.speaker)
        if self.notes is not None:
            near = " ".join(dict.fromkeys(a for a in (line.speaker, *line.addressees) if a))
            why += f' data-of="{line.id}" data-at="{line.start}-{line.end}" data-sure="{line.confidence:.2f}"'
            why += f' data-near="{escape(near)}" data-why="{escape(known(line))}"'
        return Markup(f'<small class="m {face}"{why}>{who}{doubt}{f" <i>{rest}</i>" if rest else ""}</small> ')

    def _emphasised(self, piece: _Piece) -> Markup:
        words = self._plain(piece.start, piece.end)
        at = bisect_right(self.emphasis_ends, piece.start)
        if at < len(self.emphasis) and self.emphasis[at].start <= piece.start:
            tag = "em" if self.emphasis[at].kind == "italic" else "strong"
            return Markup(f"<{tag}>{words}</{tag}>")
        return words

    def _plain(self, start: int, end: int) -> Markup:
        """The story's own words: escaped, and with hard wraps undone."""
        return escape(_BLANKS.sub(" ", self.story.text[start:end]))
