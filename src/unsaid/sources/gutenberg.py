"""Project Gutenberg's header and licence, transcriber's notes and illustration marks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unsaid.story import Matter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.sources.lines import Line

HEADER_LINES = 400
"""How far down the header's end is looked for; the longest headers (the "small print" of the 1990s) have about 300."""

_START = re.compile(r"\*{3}\s*START OF (?:THE|THIS) PROJECT GUTENBERG|\*END\*?\s*THE SMALL PRINT", re.IGNORECASE)
_END = re.compile(
    r"\*{3}\s*END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the |this )?Project Gutenberg(?:'s|’s)?\b", re.IGNORECASE
)
_MENTION = re.compile(r"Project Gutenberg", re.IGNORECASE)
_FIELD = re.compile(r"(Title|Author|Language|Release Date|Posting Date|Translator)\s*:\s*(.+)$")
_FIRST = re.compile(
    r"(?:The )?Project Gutenberg(?:'s|’s)? (?:E-?Book|Etext) of (?P<title>.+?)(?:,? by (?P<author>.+))?$", re.I
)
_PRODUCED = re.compile(
    r"(?:Produced|Prepared|Transcribed|E-?text (?:prepared|produced|scanned)|This e-?text was|HTML version|Scanned|"
    r"\[?(?:Transcriber|Editor)['’]?s?['’]? Notes?\b|\[Redactor)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[\[({*_\s]{0,4}(?:Transcriber|Redactor|Proofreader)(?:['’]?s?['’]?)? ?(?:Notes?|Comments?)\b", re.IGNORECASE
)
_FIELDS = {
    "Title": "title",
    "Author": "author",
    "Language": "language",
    "Release Date": "published",
    "Posting Date": "updated",
    "Translator": "translator",
}

Found = tuple[list[Matter], list[tuple[str, str]], range]
"""Matter, header fields ``(field, value)``, and the lines that are left between header and licence."""


def find_licence(lines: list[Line]) -> Found:
    """What Project Gutenberg has set before and after the text."""
    matter: list[Matter] = []
    fields: list[tuple[str, str]] = []
    first, last = 0, len(lines)
    start = next((i for i, line in enumerate(lines[:HEADER_LINES]) if _START.search(line.head)), None)
    if start is None and lines and _MENTION.search(lines[0].head):
        start = 0  # a text whose header was cut down to its first line
    if start is not None:
        first = _after_credits(lines, start + 1)
        matter.append(Matter(lines[0].start, lines[first - 1].end, "boilerplate", "licence"))
        fields = _header_fields(lines[:first])
    for i in range(len(lines) - 1, max(first, len(lines) - 1000) - 1, -1):
        if lines[i].head.startswith(("*", "E", "e")) and _END.search(lines[i].head):
            last = i
    if last < len(lines):
        matter.append(Matter(lines[last].start, lines[-1].end, "boilerplate", "licence"))
    return matter, fields, range(first, last)


def _after_credits(lines: list[Line], at: int) -> int:
    """Past "Produced by …" and a transcriber's note that stand under the header."""
    while at < len(lines) and _PRODUCED.match(lines[at].head):
        at += 1
        while at < len(lines) and lines[at].gap == 0:
            at += 1
    return min(at, len(lines))


def _header_fields(lines: list[Line]) -> list[tuple[str, str]]:
    fields = []
    for i, line in enumerate(lines):
        found = _FIELD.match(line.head)
        if found:
            value = found.group(2)
            if found.group(1) == "Title":  # a long title goes on in indented lines
                for more in lines[i + 1 : i + 4]:
                    if more.gap or ":" in more.head[:20]:
                        break
                    value += " " + more.head
            fields.append((_FIELDS[found.group(1)], re.sub(r"\s*\[.*$", "", value)))
    named = _FIRST.search(lines[0].head) if lines else None
    if named and not any(field == "title" for field, _ in fields):
        fields += [(k, v.rstrip(" .*")) for k, v in named.groupdict().items() if v]
    return fields


_ILLUSTRATION = re.compile(
    r"\[(?:Illustration|Frontispiece|Picture|Image|Cover|Blank Page|Footnotes?|Pg|Page|Sidenote)\b[^\[\]]{0,2000}\]",
    re.I,
)


def find_marks(text: str) -> Iterator[Matter]:
    """ "[Illustration: …]", "[Footnote …]", "[Pg 12]": what a transcriber sets in brackets into the text."""
    if "[" not in text:
        return
    for found in _ILLUSTRATION.finditer(text):
        yield Matter(
            found.start(), found.end(), "boilerplate", found.group()[1:].split(":")[0].split()[0].strip("]").lower()
        )


def find_transcriber_notes(lines: list[Line], paragraphs: list[range]) -> Iterator[Matter]:
    """Paragraphs that begin "Transcriber's Note", with the next where the first is only the label."""
    for at, paragraph in enumerate(paragraphs):
        line = lines[paragraph.start]
        if "ote" in line.head[:40] and _NOTE.match(line.head):
            end = paragraph.stop
            if line.size < 30 and len(paragraph) == 1 and at + 1 < len(paragraphs):
                end = paragraphs[at + 1].stop
            yield Matter(line.start, lines[end - 1].end, "boilerplate", "transcriber's note")
