"""Build the examples and their gold from the marked stories: ``python -m examples.build``.

The same marked story always gives the same bytes. Text stories get gold with offsets; pages and books get gold with
the quoted text in order, since their text is only known once they have been read
(:func:`benchmarks.gold.locate` finds the offsets).
"""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import msgspec

from benchmarks.gold import Marked, cast_lists, parse, span_of, utterances

HERE = Path(__file__).parent
ENDINGS = {"text": ".txt", "ao3": ".html", "ffn": ".html", "epub": ".epub"}
_OF_THE_BUILD = {"title", "form", "wrap", "cast", "preface", "author"}
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


class Block(msgspec.Struct, frozen=True):
    """A paragraph of a page or book; ``kind`` is "p", "chapter", "notes", "endnotes" or "break"."""

    kind: str
    html: str


def main() -> None:
    """Write every example and its gold beside the marked stories."""
    for source in sorted((HERE / "marked").glob("*.txt")):
        for name, content in build(source).items():
            (HERE / name).write_bytes(content)


def build(source: Path) -> dict[str, bytes]:
    """The files that one marked story gives: name and content of the story and of its gold."""
    marked = parse(source.read_text(encoding="utf-8"))
    form = marked.facts.get("form", "text")
    name = source.stem + ENDINGS[form]
    if form == "text":
        marked = _wrapped(marked)
        content = marked.text.encode("utf-8")
    else:
        content = RENDERERS[form](marked.facts, _blocks(marked))
    gold = gold_of(marked, name)
    return {
        name: content,
        source.stem + ".gold.json": (json.dumps(gold, indent=1, ensure_ascii=False) + "\n").encode("utf-8"),
    }


def gold_of(marked: Marked, name: str) -> dict[str, Any]:
    """The gold of a marked story, in the form of the gold files."""
    facts = {key: value for key, value in marked.facts.items() if key not in _OF_THE_BUILD}
    lists = utterances(marked)
    if marked.facts.get("form", "text") != "text":
        lists = _by_ordinal(lists)
    optional = [span_of(entry) for entry in lists["optional"]]
    return {"file": name, **lists, "optional": optional, **cast_lists(marked.facts["cast"]), **facts}


def _by_ordinal(lists: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Gold without offsets: emphasis marks dropped, and an ordinal that says in which order the passages stand."""
    order = sorted(entry["start"] for entries in lists.values() for entry in entries)
    rank = {start: i for i, start in enumerate(order)}
    return {
        name: [
            {
                **{key: value for key, value in entry.items() if key not in ("start", "end")},
                "ordinal": rank[entry["start"]],
                "text": entry["text"].replace("*", ""),
            }
            for entry in entries
        ]
        for name, entries in lists.items()
    }


def _wrapped(marked: Marked) -> Marked:
    """Break the lines of a story as a printed page would; a blank becomes a line end, so that no offset moves."""
    width = marked.facts.get("wrap")
    if not width:
        return marked
    lines = [
        "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
        for line in marked.text.split("\n")
    ]
    text = "\n".join(lines)
    if len(text) != len(marked.text):
        raise ValueError("wrapping moved an offset: two blanks in a row, or one at a line's end")
    return Marked(text, marked.passages, marked.facts)


def _blocks(marked: Marked) -> list[Block]:
    blocks = []
    for paragraph in marked.text.strip().split("\n\n"):
        directive, _, rest = paragraph.partition(" ")
        if directive.startswith("@"):
            blocks.append(Block(directive[1:], _inline(rest)))
        else:
            blocks.append(Block("p", _inline(paragraph)))
    return blocks


def _inline(text: str) -> str:
    """HTML of a line: ``**bold**`` and ``*italic*``."""
    html = escape(text, quote=False)
    for mark, tag in (("**", "strong"), ("*", "em")):
        pieces = html.split(mark)
        html = (
            "".join(piece + (f"<{tag}>" if i % 2 == 0 else f"</{tag}>") for i, piece in enumerate(pieces[:-1]))
            + pieces[-1]
        )
    return html


def _paragraphs(blocks: list[Block], kind: str) -> str:
    return "\n".join(f"<p>{block.html}</p>" for block in blocks if block.kind == kind)


def _body(blocks: list[Block], rule: str) -> str:
    lines = [
        rule if block.kind == "break" else f"<p>{block.html}</p>" for block in blocks if block.kind in ("p", "break")
    ]
    return "\n".join(lines)


def _ao3(facts: dict[str, Any], blocks: list[Block]) -> bytes:
    """A page in the form of the Archive of Our Own's work download."""
    preface = facts["preface"]
    tags = "\n".join(
        f"<dt>{label}:</dt>\n<dd>"
        + ", ".join(f'<a href="{preface["posted"]}/tags">{escape(v)}</a>' for v in values)
        + "</dd>"
        for label, values in preface["tags"]
    )
    return _filled(
        "ao3.html",
        title=escape(facts["title"]),
        author=escape(preface["author"]),
        posted=preface["posted"],
        tags=tags,
        stats=preface["stats"],
        summary=escape(preface["summary"]),
        notes=_paragraphs(blocks, "notes"),
        chapter=next(block.html for block in blocks if block.kind == "chapter"),
        body=_body(blocks, "<hr />"),
        endnotes=_paragraphs(blocks, "endnotes"),
    ).encode("utf-8")


def _ffn(facts: dict[str, Any], blocks: list[Block]) -> bytes:
    """A page in the form of FanFiction.net's, as a browser saves it: menus, author's notes inside the story's text."""
    preface = facts["preface"]
    options = "".join(
        f"<option value={i}{' selected' if i == 1 else ''}>{escape(chapter)}"
        for i, chapter in enumerate(preface["chapters"], 1)
    )
    story = "\n".join(
        [_paragraphs(blocks, "notes"), _body(blocks, "<hr size=1 noshade>"), _paragraphs(blocks, "endnotes")]
    )
    return _filled(
        "ffn.html",
        title=escape(facts["title"]),
        author=escape(preface["author"]),
        summary=escape(preface["summary"]),
        meta=escape(preface["meta"]),
        options=options,
        story=story,
    ).encode("utf-8")


def _epub(facts: dict[str, Any], blocks: list[Block]) -> bytes:
    """An EPUB 3 book with a title page and one document for each chapter; no date in it is today's."""
    chapters: list[tuple[str, list[Block]]] = []
    for block in blocks:
        if block.kind == "chapter":
            chapters.append((block.html, []))
        else:
            chapters[-1][1].append(block)
    title, author = escape(facts["title"]), escape(facts["author"])
    pages = {"title.xhtml": _filled("page.xhtml", title=title, body=f"<h1>{title}</h1>\n<p>by {author}</p>")}
    for i, (heading, inside) in enumerate(chapters, 1):
        pages[f"chapter{i}.xhtml"] = _filled(
            "page.xhtml", title=heading, body=f"<h2>{heading}</h2>\n{_body(inside, '<hr/>')}"
        )
    links = "".join(f'<li><a href="chapter{i}.xhtml">{heading}</a></li>' for i, (heading, _) in enumerate(chapters, 1))
    nav = _filled("page.xhtml", title="Contents", body=f'<nav epub:type="toc"><ol>{links}</ol></nav>')
    items = "".join(f'<item id="{p[:-6]}" href="{p}" media-type="application/xhtml+xml"/>' for p in pages)
    spine = "".join(f'<itemref idref="{p[:-6]}"/>' for p in pages)
    return _zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": _filled("container.xml"),
            "OEBPS/content.opf": _filled("content.opf", title=title, author=author, items=items, spine=spine),
            "OEBPS/nav.xhtml": nav,
            **{f"OEBPS/{page}": content for page, content in pages.items()},
        }
    )


def _zipped(files: dict[str, str]) -> bytes:
    """A zip archive whose bytes depend on its content alone; entries are stored, since compressors differ."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.create_system = 3  # else it says on which system it was made
            archive.writestr(info, content.encode("utf-8"))
    return buffer.getvalue()


def _filled(page: str, **values: str) -> str:
    """A page of ``pages/`` with its ``${fields}`` filled in."""
    return Template((HERE / "pages" / page).read_text(encoding="utf-8")).substitute(values)


RENDERERS = {"ao3": _ao3, "ffn": _ffn, "epub": _epub}


if __name__ == "__main__":
    main()
