"""Markdown: rendered by markdown-it to HTML, and read as a page; a YAML header's fields are header fields."""

from __future__ import annotations

import re
from html import escape

from unsaid.sources import fields
from unsaid.sources.blocks import Block, Draft
from unsaid.sources.comments import COMMENT
from unsaid.sources.html import with_fields
from unsaid.sources.markup import parse_html, read_blocks
from unsaid.story import Metadata

LONGEST_PARAGRAPH = 20_000
"""Paragraphs longer than this are not searched for inline marks: delimiters that are never closed cost the parser
quadratic time there."""

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(?P<fields>(?:[^\n]*\n){0,100}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")


def read_markdown(text: str, name: str) -> Draft:
    """Read a Markdown text (CommonMark).

    :raises SourceError: if nothing is left of it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    header: list[Block] = []
    front = _FRONT_MATTER.match(text)
    if front:
        header = _front_matter(front.group("fields"))
        text = text[front.end() :]
    blocks = [*header, *_titled(_read_body(text, name))]
    return Draft(blocks=tuple(blocks), metadata=with_fields(blocks, Metadata()), preface_known=False)


def _front_matter(lines: str) -> list[Block]:
    """A YAML header, one field in a line; lists in brackets or in lines of their own."""
    pairs: list[list[str]] = []
    for line in lines.split("\n"):
        found = re.match(r"([A-Za-z][\w -]{0,30}):\s*(.*)$", line)
        if found:
            pairs.append([found.group(1), found.group(2).strip().strip("[]\"'")])
        elif pairs and line.strip():
            more = line.strip().removeprefix("- ").strip("\"'")
            pairs[-1][1] = f"{pairs[-1][1]}, {more}" if pairs[-1][1].strip(">|- ") else more
    blocks = []
    for label, value in pairs:
        field = fields.field_of(label) or label.lower()
        blocks.append(Block(f"{label}: {value}", (), fields.matter_kind(field), field, fields.tidy(value) or None))
    return blocks


def _read_body(text: str, name: str) -> list[Block]:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - loaded only for Markdown

    renderer = MarkdownIt("commonmark", {"breaks": False})
    pieces = []
    text = COMMENT.sub(lambda comment: escape(comment[0]), text)
    for part in re.split(r"\n[ \t]*\n", text):
        if len(part) > LONGEST_PARAGRAPH:
            pieces.append(re.sub(r"([\\`*_{}\[\]<>#&!])", r"\\\1", part))
        else:
            pieces.append(part)
    rendered = renderer.render("\n\n".join(pieces))
    if not rendered.strip():
        return []
    return read_blocks(parse_html(f"<html><body>{rendered}</body></html>", name))


def _titled(blocks: list[Block]) -> list[Block]:
    """The first heading, above all text, is the title unless it is a chapter's or the only kind of heading there is."""
    if not blocks or blocks[0].matter != "heading":
        return blocks
    chapter = re.match(r"(?:chapter|part|prologue|epilogue|book|\d|[ivxlc]+\.)\b", blocks[0].text, re.IGNORECASE)
    if chapter:
        return blocks
    return [Block(blocks[0].text, (), "title", "title", fields.tidy(blocks[0].text)), *blocks[1:]]
