"""The block at the top of a text: title, byline, header fields, summary, dedication, notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from unsaid.sources import fields as header_fields
from unsaid.sources.breaks import is_break
from unsaid.sources.headings import read_heading, title_like
from unsaid.sources.notes import DISCLAIMER, is_label
from unsaid.story import Matter

if TYPE_CHECKING:
    from unsaid.sources.lines import Line

HEADER_LINES = 400
"""The longest header block, in lines; a longer one is no header but a list."""

LOOK_AHEAD = 10
"""How many lines after a possible title are looked through for a byline, field or heading that proves it."""

_FIELD = re.compile(
    r"[*_~\[({<#>\-\s]{0,6}(?P<label>[A-Za-z][A-Za-z'’/&. -]{0,28}?)(?:\s?\([^)]{0,20}\))?[*_\s]{0,4}"
    r"(?P<sep>[:：]|\s[-–—=]\s|[-–—=](?=\s)|[-–—](?=\S))[*_\s:]{0,4}(?P<value>.*)$",
    re.DOTALL,
)
_BYLINE = re.compile(
    r"[*_~\-–—(\s]{0,4}(?:a\s+(?:\w+\s+){0,2}(?:story|fic|fanfic|fanfiction|novel|romance|tale)\s+)?(?:written\s+)?by"
    r"(?:\s*[:\-–]\s*|\s+)(?P<who>\S.{0,79}?)[)*_~\-–—\s]{0,4}$",
    re.IGNORECASE,
)
_TITLE_BY = re.compile(r"(?P<title>\S.{0,90}?),?\s+(?:[Bb]y|BY)[:\s]\s*(?P<who>[\w\"'].{0,60})$")
_FORMAT = re.compile(
    r"[\W_]{0,6}(?:an?\s+)?(?:one[\s-]?shot|two[\s-]?shot|drabble|oneshot|song\s?-?fic|complete|completed|wip|ficlet|vignette|short\s+story)[\W_]{0,6}",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[\W_]{0,3}(?:(?:19|18|17|20)\d\d)[\W_]{0,3}")
_RATED = re.compile(r"\W{0,3}Rated:?\s+(?P<value>[A-Z]{1,2}\+?(?:-?\d\d)?)\W{0,2}$")
_DEDICATION = re.compile(r"(?:(?:dedicated\s+)?to|for)\s+\S.{2,150}$", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"[.!?…][\"'”’)]*$|[,;:]$")
_PRONOUN = re.compile(r"(?:i|he|she|it|they|we|you|there|this|that|when|if|as|so|but|and)\b", re.IGNORECASE)


_DASHED = frozenset(
    ("title", "rating", "genres", "summary", "dedication", "fandoms", "relationships", "characters", "warnings",
     "disclaimer", "notes")
)  # fmt: skip
"""Fields whose label may be parted from its value by a dash; after other words a dash is a sentence's."""


class Field(msgspec.Struct, frozen=True):
    """A header field in a line: its span (label and value) and what it says."""

    name: str
    value: str
    start: int
    end: int


class Top(msgspec.Struct, frozen=True):
    """What stands at the top: matter, header fields for the metadata, the first line after it, the title."""

    matter: tuple[Matter, ...]
    fields: tuple[tuple[str, str], ...]
    end: int
    title: str | None


def read_fields(text: str, line: Line, *, strict: bool = True) -> list[Field]:
    """The header fields in a line, several where they are set apart by "|" or " - "; none where it is no such line.

    :param strict: take only known labels; else any short label with a colon, kept under its own name.
    """
    if line.head[:1] in "\"“«‘'":
        return []
    archived = header_fields.archive_line(text[line.start : line.end][:2000])
    if archived is not None:
        first, *rest = archived
        return [Field(*first, line.start, line.end), *(Field(k, v, line.end, line.end) for k, v in rest)]
    rated = _RATED.match(line.head)
    if rated:
        return [Field("rating", rated.group("value"), line.start, line.end)]
    found: list[Field] = []
    for start, end in _segments(line):
        field = _read_field(text, start, end, strict=strict)
        if field is not None:
            found.append(field)
        elif not found:
            return []
        else:  # a part without a label belongs to the value before it
            last = found[-1]
            value = text[last.start : end].partition(":")[2].strip() or last.value
            found[-1] = Field(last.name, value, last.start, end)
    return found


def _segments(line: Line) -> list[tuple[int, int]]:
    """A line cut at "|", "•" or " - " where a known label and a colon follow."""
    cuts = [
        m
        for m in re.finditer(r"\s*[|•~]\s*|\s+[-–—]\s+|;\s+", line.head)
        if (label := re.match(r"[*_]{0,2}([A-Za-z][A-Za-z' ]{1,24})[*_]{0,2}:", line.head[m.end() :]))
        and header_fields.field_of(label.group(1))
    ]
    starts = [0, *(m.end() for m in cuts)]
    ends = [*(m.start() for m in cuts), line.size]
    return [(line.start + a, line.start + b) for a, b in zip(starts, ends, strict=True) if b > a]


def _read_field(text: str, start: int, end: int, *, strict: bool) -> Field | None:
    found = _FIELD.match(text[start : min(end, start + 400)])
    if found is None:
        return None
    label, sep = found.group("label"), found.group("sep").strip()
    name = header_fields.field_of(label)
    value = text[start + found.start("value") : end]
    if name is None and re.fullmatch(r"a\s?/\s?n|an|author['’]?s?['’]?\s?notes?", label.strip(), re.IGNORECASE):
        name = "notes"
    if name is None and not strict and sep in ":：" and len(label.split()) <= 3 and label[0].isupper():
        name = label.strip().lower()
    if name is None or (sep not in (":", "：") and (label[0].islower() or name not in _DASHED)):
        return None
    if name == "dedication" and label.strip().lower() == "for" and sep != ":":
        return None
    if name == "title" and label.lower() == "story" and len(value) > 100:
        return None
    return Field(name, value, start, end)


def read_top(text: str, lines: list[Line], first: int, last: int, title: str | None = None) -> Top:
    """Read the header block that begins in line ``first``; ``title`` where it is known already."""
    reader = _Reader(text, lines, first, min(last, first + HEADER_LINES))
    reader.title = title
    reader.walk()
    return Top(tuple(reader.matter), tuple(reader.fields), reader.at, reader.title)


class _Reader:
    """The walk down the header block: a cursor ``at`` over the lines, and what was found so far."""

    def __init__(self, text: str, lines: list[Line], first: int, last: int) -> None:
        self.text, self.lines, self.at, self.last = text, lines, first, last
        self.first = first
        self.matter: list[Matter] = []
        self.fields: list[tuple[str, str]] = []
        self.title: str | None = None
        self.author = False
        self.open = True  # a title without a label may still come: nothing stands above but rules and disclaimers

    def walk(self) -> None:
        """Take lines as long as they are header."""
        while self.at < self.last and (self._field() or self._small() or self._title() or self._after_title()):
            pass

    def _take(self, kind: str, field: str | None, value: str, count: int = 1) -> bool:
        first, last = self.lines[self.at], self.lines[self.at + count - 1]
        self.matter.append(Matter(first.start, last.end, kind, field, header_fields.tidy(value)))  # type: ignore[arg-type]
        if field is not None:
            self.fields.append((field, value))
        if field == "author":
            self.author = True
        self.open = self.open and kind == "header"
        self.at += count
        return True

    def _paragraph_end(self, at: int) -> int:
        """The line after the paragraph that line ``at`` is in; a header field or byline ends it too."""
        end = at + 1
        while end < self.last and self.lines[end].gap == 0 and not self._proof(end):
            end += 1
        return end

    def _proof(self, at: int) -> str | None:
        """What a line is that is met only in a header, or None."""
        line = self.lines[at]
        if read_fields(self.text, line):
            return "field"
        if line.size <= 100 and _BYLINE.match(line.head) and not _SENTENCE.search(line.head):
            return "byline"
        if line.size <= 40 and _FORMAT.fullmatch(line.head):
            return "format"
        if is_label(line.head) or DISCLAIMER.match(line.head):
            return "note"
        return None

    def _field(self) -> bool:
        line = self.lines[self.at]
        if is_label(line.head):
            return False  # its extent is the notes' business
        near = bool(self.fields) and (line.gap == 0 or self._next_is_field())
        found = read_fields(self.text, line, strict=not near or line.size > 150)
        if not found:
            return False
        if found[0].name == "notes":
            return False
        end = self._paragraph_end(self.at)
        for field in found:
            stop, value = field.end, field.value
            if field is found[-1] and field.start != field.end:
                end, stop, value = self._value(field, end)
            if field.start < stop:
                kind = header_fields.matter_kind(field.name)
                self.matter.append(Matter(field.start, stop, kind, field.name, header_fields.tidy(value)))
            self.fields.append((field.name, value))
            if field.name == "title" and self.title is None:
                self.title = header_fields.tidy(value)
            self.author = self.author or field.name == "author"
        self.at = end
        return True

    def _value(self, field: Field, end: int) -> tuple[int, int, str]:
        """A value that goes on in the lines after it, or stands in the paragraph under its label."""
        long = field.name in ("summary", "disclaimer", "dedication", "warnings", "tags")
        stop = self.at + 1
        while stop < end and self._goes_on(stop - 1, long=long):
            stop += 1
        alone = not field.value.strip() and stop == self.at + 1 and stop < self.last
        if alone and self._proof(stop) is None and self.lines[stop].gap <= 1:
            stop = self._paragraph_end(stop) if long or self.lines[stop].size <= 120 else stop
        last = self.lines[stop - 1]
        value = self.text[field.end - len(field.value) : max(field.end, last.end)]
        return stop, max(field.end, last.end), value

    def _goes_on(self, at: int, *, long: bool) -> bool:
        """Whether a value goes on after line ``at``: the line is as long as a wrapped one, or breaks off."""
        line = self.lines[at]
        return line.size >= 60 or (long and not re.search(r"[.!?…][\"”’)]*$", line.head))

    def _next_is_field(self) -> bool:
        return self.at + 1 < self.last and bool(read_fields(self.text, self.lines[self.at + 1]))

    def _small(self) -> bool:
        """Bylines, formats, years, disclaimers."""
        line = self.lines[self.at]
        head = line.head
        begun = bool(self.matter) or self.title is not None
        byline = _BYLINE.match(head) if line.size <= 100 else None
        if byline and not _SENTENCE.search(head.rstrip(".")) and not self.author and (begun or self._next_proves(1)):
            return self._take("byline", "author", byline.group("who"))
        if begun and head.lower().rstrip(":") in ("by", "written by") and self.at + 1 < self.last:
            return self._take("byline", "author", self.lines[self.at + 1].head, 2)
        if begun and line.size <= 40 and _FORMAT.fullmatch(head):
            return self._take("header", "format", head.strip(" *_~-()[]"))
        if begun and _YEAR.fullmatch(head):
            return self._take("header", "published", re.sub(r"\D", "", head))
        if DISCLAIMER.match(head) and line.size < 1500 and '"' not in head:
            count = self._paragraph_end(self.at) - self.at
            return self._take("header", "disclaimer", self._block(count), count)
        if begun and is_break(head) and self._next_proves(3):
            self.at += 1
            return True
        return False

    def _block(self, count: int) -> str:
        return self.text[self.lines[self.at].start : self.lines[self.at + count - 1].end]

    def _next_proves(self, reach: int) -> bool:
        stop = min(self.last, self.at + 1 + reach)
        return any(self._proof(i) in ("field", "byline", "format") for i in range(self.at + 1, stop))

    def _title(self) -> bool:
        """A title without a label, with the lines that stand between it and the byline, field or heading under it."""
        if self.title is not None or not self.open:
            return False
        line = self.lines[self.at]
        both = _TITLE_BY.match(line.head) if line.size <= 120 else None
        if (
            both
            and title_like(both.group("title"))
            and not _SENTENCE.search(line.head)
            and title_like(both.group("who")[:1])
        ):
            self.title = header_fields.tidy(both.group("title"))
            self.fields.append(("title", self.title))
            self.matter.append(Matter(line.start, line.start + both.end("title"), "title", "title", self.title))
            start = line.start + both.end("title")
            while self.text[start] in ", \t":
                start += 1
            self.matter.append(Matter(start, line.end, "byline", "author", both.group("who")))
            self.fields.append(("author", both.group("who")))
            self.author = True
            self.at += 1
            return True
        count = self._title_lines()
        if count == 0:
            return False
        self.title = header_fields.tidy(line.head)
        self._take("title", "title", self.title)
        for _ in range(count - 1):
            self._take("title", None, self.lines[self.at].head)
        return True

    def _title_lines(self) -> int:
        lines, at = self.lines, self.at
        if not self._short(at) or read_heading(lines[at]) is not None:
            return 0
        for reach in range(1, LOOK_AHEAD):
            i = at + reach
            if i >= self.last:
                break
            proof = self._proof(i)
            if proof in ("byline",) or lines[i].head.lower().rstrip(":") == "by":
                return reach if all(self._short(k) for k in range(at, i)) else 0
            if proof is not None:
                return 1
            heading = read_heading(lines[i])
            if heading is not None and not heading.bare:
                return 1 if title_like(lines[at].head) or lines[at].size < 40 else 0
            if not self._short(i):
                break
        return 1 if self._bare_title() else 0

    def _short(self, at: int) -> bool:
        line = self.lines[at]
        if line.size > 90 or line.head[0] in '"“«' or len(line.head.split()) > 14:
            return False
        return not _SENTENCE.search(line.head) or title_like(line.head)

    def _bare_title(self) -> bool:
        """A first line that nothing but its shape makes a title; a sentence of story must never pass."""
        line, after = self.lines[self.at], self.at + 1
        if after >= self.last or self.lines[after].gap == 0 or line.size > 70:
            return False
        if re.search(r"[.,;:…!?][\"”’')]*$|[\"“”]", line.head) or line.head[0] in "'‘-–—(":
            return False
        words = line.head.split()
        if title_like(line.head):
            return len(words) <= 12
        return len(words) <= 5 and not _PRONOUN.match(line.head)

    def _after_title(self) -> bool:
        """What has meaning only after a title: the title again, a bare pen name, a subtitle, a blurb, a dedication."""
        line = self.lines[self.at]
        if self.title is None:
            return False
        if line.size < 200 and _bare(line.head) == _bare(self.title):
            return self._take("title", None, line.head)
        if self._pen_name():
            return self._take("byline", "author", line.head)
        if self.author and self._blurb():
            return self._take(
                "summary",
                "summary",
                self._block(self._paragraph_end(self.at) - self.at),
                self._paragraph_end(self.at) - self.at,
            )
        count = self._paragraph_end(self.at) - self.at
        if self.author and count <= 4 and self._dedication(count):
            return self._take("dedication", "dedication", self._block(count), count)
        return False

    def _dedication(self, count: int) -> bool:
        """ "To my sister" between the byline and the first chapter."""
        after, block = self.at + count, self._block(count)
        if after >= self.last or '"' in block or len(block) > 160 or read_heading(self.lines[self.at]) is not None:
            return False
        apart = self.lines[after].gap > 1 or read_heading(self.lines[after]) is not None
        return apart and bool(_DEDICATION.match(block))

    def _pen_name(self) -> bool:
        """A short line between the title and the fields of the header; nothing else stands there without a label."""
        line = self.lines[self.at]
        if self.author or line.size > 40 or len(line.head.split()) > 3 or _SENTENCE.search(line.head):
            return False
        if line.head[0] in '"“(' or read_heading(line) is not None:
            return False
        return self._next_proves(3) and not self._coming("byline")

    def _coming(self, what: str) -> bool:
        return any(
            self._proof(i) == what or any(f.name == "author" for f in read_fields(self.text, self.lines[i]))
            for i in range(self.at + 1, min(self.last, self.at + LOOK_AHEAD))
        )

    def _blurb(self) -> bool:
        """FanFiction.net's page as text: a summary without a label between the byline and the line "Rated: …"."""
        after = self._paragraph_end(self.at)
        return after < self.last and header_fields.archive_line(self.lines[after].head) is not None


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
