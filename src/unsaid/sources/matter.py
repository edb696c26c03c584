"""Matter: what stands around the story, found in the text of any source and never read as story."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from unsaid.sources import breaks, fields, gutenberg, notes
from unsaid.sources.comments import find_comments
from unsaid.sources.headers import read_fields, read_top
from unsaid.sources.headings import Heading, read_heading, title_like, title_lines
from unsaid.sources.lines import lay_out
from unsaid.story import Matter, Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def find_matter(
    text: str, *, known: Sequence[Matter] = (), metadata: Metadata | None = None, preface_known: bool = False
) -> tuple[tuple[Matter, ...], Metadata]:
    """Find a text's matter and read its header fields.

    :param known: matter that the file's format tells; it wins over everything that is guessed here.
    :param metadata: what the file's format says about the work; header fields only add to it.
    :param preface_known: the format tells where the header is, so none is looked for.
    """
    finder = _Finder(text, known, metadata.title if metadata else None)
    finder.comments()
    finder.licence()
    if not preface_known:
        finder.top()
    finder.marks()
    finder.contents_and_headings()
    finder.notes()
    finder.breaks()
    finder.page_breaks()
    found = _resolve([*known], finder.found)
    return found, fields.enrich(metadata or Metadata(), finder.fields)


class _Finder:
    """The walk over a text's lines; each rule takes lines that no rule before it has taken."""

    def __init__(self, text: str, known: Sequence[Matter], title: str | None) -> None:
        self.layout = lay_out(text)
        self.text, self.lines, self.paragraphs = text, self.layout.lines, self.layout.paragraphs
        self.taken = bytearray(len(self.lines))
        self.found: list[Matter] = []
        self.fields: list[tuple[str, str]] = []
        self.body = range(len(self.lines))
        self.title = title
        self.units: set[str] = set()
        self._mark(known)

    def _mark(self, matter: Iterable[Matter]) -> None:
        """Mark every line that matter touches."""
        for m in matter:
            probe = bisect_right(self.lines, m.start, key=lambda line: line.end)
            while probe < len(self.lines) and self.lines[probe].start < m.end:
                self.taken[probe] = 1
                probe += 1

    def _add(self, matter: Sequence[Matter]) -> None:
        self.found += matter
        self._mark(matter)

    def _free(self) -> Iterable[int]:
        return (i for i in self.body if not self.taken[i])

    def _free_from(self, at: int) -> int:
        """The first line from one on that no matter touches."""
        while at < self.body.stop and self.taken[at]:
            at += 1
        return at

    def comments(self) -> None:
        """What is said to Unsaid, and to no reader."""
        self._add(list(find_comments(self.text)))

    def licence(self) -> None:
        """Project Gutenberg's header and licence bound everything else."""
        matter, pairs, self.body = gutenberg.find_licence(self.lines)
        self._add(matter)
        self.fields += pairs

    def top(self) -> None:
        """The header block, again after an author's note that stands in it."""
        at = free = self._free_from(self.body.start)
        while at < self.body.stop:
            top = read_top(self.text, self.lines, at, self.body.stop, self.title)
            self._add(top.matter)
            self.fields += top.fields
            self.title = self.title or top.title
            at = top.end
            if at >= self.body.stop or not self._header_note(at, begun=bool(self.found)):
                break
            at = free = self._free_from(free)
        self._repeated_title(at)

    def _header_note(self, at: int, *, begun: bool) -> bool:
        """ "Notes: …" or "A/N: …" in the header block."""
        line = self.lines[at]
        labelled = notes.is_label(line.head)
        listed = [f for f in read_fields(self.text, line) if f.name == "notes"] if begun else []
        if not labelled and not listed:
            return False
        paragraph = self.layout.paragraph_of(at)
        end = notes.note_end(self.layout, paragraph, len(self.paragraphs), self._stops)
        first, last = self.lines[at], self.lines[self.paragraphs[end - 1].stop - 1]
        value = re.sub(
            r"^[\W_]*(?:notes?|a\s?/\s?n|an|author\S*\s+notes?)[\W_]*",
            "",
            self.text[first.start : last.end],
            flags=re.IGNORECASE,
        )
        self._add([Matter(first.start, last.end, "note", "notes", fields.tidy(value))])
        self.fields.append(("notes", value))
        return True

    def _repeated_title(self, at: int) -> None:
        if at < self.body.stop and self.title and _bare(self.lines[at].head) == _bare(self.title):
            line = self.lines[at]
            self._add([Matter(line.start, line.end, "title", None, fields.tidy(line.head))])

    def _stops(self, paragraph: int) -> bool:
        """Whether a note cannot go on into this paragraph."""
        first = self.paragraphs[paragraph].start
        line = self.lines[first]
        if self.taken[first] or first >= self.body.stop or breaks.is_break(line.head) or breaks.named_break(line.head):
            return True
        if self.title and line.size < 200 and _bare(line.head) == _bare(self.title):
            return True
        heading = read_heading(line)
        if heading is not None and not heading.bare:
            return True
        return notes.is_label(line.head) or bool(read_fields(self.text, line))

    def marks(self) -> None:
        """What stands in brackets inside the text, and transcriber's notes."""
        self._add(sorted(gutenberg.find_marks(self.text), key=lambda m: m.start))
        self._add(sorted(notes.find_bracketed(self.text), key=lambda m: m.start))
        self._add(list(gutenberg.find_transcriber_notes(self.lines, self.paragraphs)))

    def contents_and_headings(self) -> None:
        """Chapter headings; those of a table of contents are boilerplate."""
        candidates: dict[int, Heading] = {}
        for i in self._free():
            heading = read_heading(self.lines[i])
            if heading is not None and self._stands_alone(i, heading, under_heading=i - 1 in candidates):
                candidates[i] = heading
        bare = _in_sequence([(i, h) for i, h in candidates.items() if h.bare])
        candidates = {i: h for i, h in candidates.items() if not h.bare or i in bare}
        self.units = {h.unit for h in candidates.values() if h.unit}
        listed = self._contents(candidates)
        for i, heading in candidates.items():
            if not self.taken[i] and i not in listed:
                self._heading(i, heading)

    def _stands_alone(self, at: int, heading: Heading, *, under_heading: bool) -> bool:
        """A blank line (or a heading, in a list of them) before, and after it a blank line or its title."""
        line = self.lines[at]
        before = at == self.body.start or line.gap > 0 or under_heading or self.taken[at - 1]
        before = before or breaks.is_break(self.lines[at - 1].head)
        last = at + 1 >= len(self.lines)
        after = last or self.lines[at + 1].gap > 0
        if len(self.paragraphs) == len(self.lines):  # lines are paragraphs: blank lines tell nothing
            before = after = not heading.bare or (not heading.title)
        if heading.bare:
            return bool(before and after)
        return bool(before) and (
            after or title_lines(self.lines, at) > 0 or read_heading(self.lines[at + 1]) is not None
        )

    def _contents(self, candidates: dict[int, Heading]) -> set[int]:
        """Headings that follow one another without prose are a table of contents, with its label."""
        listed: set[int] = set()
        run: list[int] = []
        order = sorted(candidates)
        label = next((i for i in self._free() if i < 400 and _CONTENTS.fullmatch(self.lines[i].head)), None)
        for i, following in zip(order, [*order[1:], None][: len(order)], strict=True):
            run.append(i)
            if following is not None and following - i <= 3 and self._only_titles(i + 1, following):
                continue
            units = [(candidates[k].unit, candidates[k].number) for k in run]
            again = [n for n in range(1, len(run)) if units[n] == units[0]]
            if again:  # where the list's first heading stands again, the story begins
                run, units = run[: again[-1]], units[: again[-1]]
            longest = max((sum(u == unit for u, _ in units) for unit in {u for u, _ in units}), default=0)
            if longest >= 3 or (label is not None and 0 < run[0] - label <= 2 and len(run) > 1):
                listed.update(run)
            run = []
        if label is not None:
            self._contents_block(label, listed, candidates)
        elif listed:
            self._list(min(listed), max(listed))
        return listed

    def _only_titles(self, first: int, last: int) -> bool:
        return all(
            self.lines[k].size < 100 and not self.lines[k].head.endswith((".", '"', "”")) for k in range(first, last)
        )

    def _contents_block(self, label: int, listed: set[int], candidates: dict[int, Heading]) -> None:
        """From the label to the last listed heading; without headings, the short lines under the label."""
        after = [i for i in listed if i > label]
        if after:
            self._list(label, max(after))
            return
        end = label
        while end + 1 < self.body.stop and self.lines[end + 1].size < 100 and end + 1 not in candidates:
            if self.lines[end + 1].gap > max(2, self.layout.gap) and end > label:
                break
            if self.lines[end + 1].head.endswith(('"', "”")):
                break
            end += 1
        self._list(label, end)

    def _list(self, first: int, last: int) -> None:
        self._add([Matter(self.lines[first].start, self.lines[last].end, "boilerplate", "contents")])

    def _heading(self, at: int, heading: Heading) -> None:
        more = title_lines(self.lines, at) if not heading.title or self._title_goes_on(at) else 0
        last = at + more
        if any(self.taken[k] for k in range(at, last + 1)):
            last = at
        self._title_above(at)
        start, end = self.lines[at].start, self.lines[last].end
        value = fields.tidy(self.text[start:end])
        unit = heading.unit or ("chapter" if heading.title or not self.units else "section")
        self._add([Matter(start, end, "heading", unit, value)])

    def _title_above(self, at: int) -> None:
        """A part's title that stands without its number over its first chapter, after the mark that ends the last."""
        above = at - 1
        if above <= self.body.start or self.taken[above] or self.lines[above].gap == 0 or self.lines[above].size > 80:
            return
        before, head = self.lines[above - 1].head, self.lines[above].head
        ended = self.taken[above - 1] or breaks.is_end(before) or breaks.is_break(before)
        if ended and title_like(head) and not re.search(r"[\"“”?!]|[^.]\.\.", head) and not breaks.is_end(head):
            line = self.lines[above]
            self._add([Matter(line.start, line.end, "heading", "part", fields.tidy(head))])

    def _title_goes_on(self, at: int) -> bool:
        return at + 1 < len(self.lines) and self.lines[at + 1].gap == 0

    def notes(self) -> None:
        """Author's notes and disclaimers inside and after the story; after it, a note runs to the end."""
        for at, paragraph in enumerate(self.paragraphs):
            first = paragraph.start
            if self.taken[first] or first not in self.body:
                continue
            line = self.lines[first]
            if notes.is_label(line.head):
                end = notes.note_end(self.layout, at, self._last_paragraph(), self._stops)
                self._note(paragraph.start, self.paragraphs[max(at, end - 1)].stop - 1)
            elif line.head[0] in "DdsS*_(I[" and notes.DISCLAIMER.match(line.head) and self._after_matter(first):
                last = self.lines[paragraph.stop - 1]
                self._add(
                    [
                        Matter(
                            line.start, last.end, "header", "disclaimer", fields.tidy(self.text[line.start : last.end])
                        )
                    ]
                )
        self._closing_notes()

    def _after_matter(self, line: int) -> bool:
        return line == self.body.start or bool(self.taken[line - 1])

    def _last_paragraph(self) -> int:
        return self.layout.paragraph_of(self.body.stop - 1) + 1 if self.body else 0

    def _note(self, first: int, last: int) -> None:
        start, end = self.lines[first].start, self.lines[last].end
        value = fields.tidy(self.text[start:end])
        self._add([Matter(start, end, "note", "notes", value)])
        self.fields.append(("notes", value))

    def _closing_notes(self) -> None:
        """Notes without a label at the end: what follows a last "THE END", and paragraphs that speak to readers."""
        last = self._last_paragraph()
        first = max(0, last - notes.MOST_CLOSING)
        start = last
        for at in range(last - 1, first, -1):
            line = self.lines[self.paragraphs[at].start]
            if self.taken[self.paragraphs[at].start]:
                break
            body = self.layout.body(at)
            if notes.certainly_note(body):
                start = at
            elif not (notes.speaks_of_itself(body) or notes.may_sign(body)) or breaks.is_end(line.head):
                break
        if start < last:
            self._note(self.paragraphs[start].start, self.paragraphs[last - 1].stop - 1)

    def breaks(self) -> None:
        """Scene breaks, marks of viewpoint, and "THE END"."""
        found = []
        for i in self._free():
            line = self.lines[i]
            if line.size > 120:
                continue
            if breaks.is_break(line.head):
                found.append(Matter(line.start, line.end, "break", None, None))
            elif line.size <= 60 and (named := breaks.named_break(line.head)) and (line.gap or not self.layout.gap):
                found.append(Matter(line.start, line.end, "break", *named))
            elif line.size <= 60 and line.gap and breaks.is_end(line.head):
                found.append(Matter(line.start, line.end, "boilerplate", "end", line.head))
        self._add(found)

    def page_breaks(self) -> None:
        """A form feed between lines is a break; its span is the character itself."""
        at = self.text.find("\f")
        found = []
        while at >= 0:
            found.append(Matter(at, at + 1, "break", "page", None))
            at = self.text.find("\f", at + 1)
        self._add(found)


_CONTENTS = re.compile(
    r"[\W_]*(?:(?:table\s+of\s+)?contents|index\s+of\s+chapters|list\s+of\s+chapters)[\W_]*", re.IGNORECASE
)


def _in_sequence(bare: list[tuple[int, Heading]]) -> set[int]:
    """Of headings that are only a number, those that count up from 1 (again after a part's heading).

    Numbers with a title count on their own, so that chapters may hold numbered sections; three of them in a row need
    not begin with 1.
    """
    titled = [(i, h) for i, h in bare if h.title]
    alone = [(i, h) for i, h in bare if not h.title]
    return _runs(alone, least=2) | _runs(titled, least=2) | _runs(titled, least=3, first=None)


def _runs(bare: list[tuple[int, Heading]], *, least: int, first: int | None = 1) -> set[int]:
    """The lines in runs of ``least`` or more numbers that count up, from ``first`` or (None) from any number."""
    kept: set[int] = set()
    run: list[int] = []
    expected: int | None = None
    for i, heading in bare:
        if heading.number is None:
            continue
        if run and heading.number == expected:
            run.append(i)
        elif heading.number == first or first is None:
            kept.update(run if len(run) >= least else ())
            run = [i]
        else:
            continue
        expected = heading.number + 1
    kept.update(run if len(run) >= least else ())
    return kept


def _resolve(known: list[Matter], found: list[Matter]) -> tuple[Matter, ...]:
    """Sort, and let nothing overlap: what is known before what is found, the earlier and longer first."""
    ranked = [(m.start, 0, -m.end, m) for m in known] + [(m.start, 1, -m.end, m) for m in found]
    kept: list[Matter] = []
    for _, rank, _, matter in sorted(ranked, key=lambda r: r[:3]):
        if kept and matter.start < kept[-1].end:
            continue
        if matter.end > matter.start or rank == 0:
            kept.append(matter)
    return tuple(kept)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
