"""HTML pages: the AO3 work download, a saved AO3 or FanFiction.net page, FanFicFare's output, and any other page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from unsaid.sources import fields
from unsaid.sources.blocks import Block, Draft, Kind
from unsaid.sources.markup import (
    SKIP,
    Element,
    Role,
    classes,
    emphasis_classes,
    parse_html,
    read_blocks,
    text_of,
)
from unsaid.story import Metadata

if TYPE_CHECKING:
    from unsaid.sources.text import Decoded

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)


def read_html(data: bytes, decoded: Decoded, name: str) -> Draft:
    """Read a page. Its declared charset is used where the bytes are not UTF-8.

    :raises SourceError: if it cannot be parsed at all.
    """
    page, encoding = _decode(data, decoded)
    tree = parse_html(page, name)
    draft = (
        read_archive_download(tree)
        or _read_archive_page(tree)
        or _read_fanfiction_net(tree)
        or _read_fanficfare(tree)
        or _read_page(tree)
    )
    return Draft(blocks=draft.blocks, metadata=draft.metadata, preface_known=draft.preface_known, encoding=encoding)


def _decode(data: bytes, decoded: Decoded) -> tuple[str, str]:
    declared = _CHARSET.search(data[:4096])
    if declared and not decoded.encoding.startswith("utf"):
        encoding = declared.group(1).decode("ascii").lower()
        encoding = "cp1252" if encoding in ("iso-8859-1", "latin1", "ascii", "us-ascii") else encoding
        try:
            return data.decode(encoding), encoding
        except (LookupError, UnicodeDecodeError):
            return decoded.text, decoded.encoding
    return decoded.text, decoded.encoding


def find(tree: Element, path: str) -> Element | None:
    """The first element at an XPath, or None."""
    found = tree.xpath(path)
    return found[0] if found else None


def has_class(name: str) -> str:
    """An XPath test for a class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def with_fields(blocks: list[Block], metadata: Metadata | None = None) -> Metadata:
    """The metadata that the blocks' matter says."""
    pairs = [(b.field, b.value) for b in blocks if b.field and b.value and b.matter not in ("heading", "boilerplate")]
    stats = [p for b in blocks if b.field == "stats" and b.value for p in _stats(b.value)]
    return fields.enrich(metadata or Metadata(), [*((f, v) for f, v in pairs if f != "stats"), *stats])


def _stats(value: str) -> list[tuple[str, str]]:
    """AO3's "Published: 2020-01-01 Completed: 2020-02-01 Words: 1,234 Chapters: 2/2"."""
    found = dict(re.findall(r"(Published|Completed|Updated|Words|Chapters):\s*([\d,/?-]+)", value))
    pairs = [(fields.field_of(label) or label.lower(), text) for label, text in found.items()]
    chapters = found.get("Chapters", "").split("/")
    if len(chapters) == 2:
        pairs.append(("status", "Complete" if chapters[0] == chapters[1] else "In progress"))
    return pairs


# --- Archive of Our Own -------------------------------------------------------------------------------------------

_LABELS = {
    "summary": Role("summary", "summary"),
    "chapter summary": Role("summary", "chapter summary"),
    "notes": Role("note", "notes"),
    "chapter notes": Role("note", "notes"),
    "chapter end notes": Role("note", "notes"),
    "end notes": Role("note", "notes"),
}


class ArchiveRoles:
    """What the elements of AO3's work download are (otwarchive, app/views/downloads), in HTML and EPUB."""

    def __init__(self) -> None:
        self.label: Role | None = None

    def __call__(self, element: Element, tag: str, inherited: Role | None) -> Role | None:
        """A role by id and class; a block quotation is what the paragraph before it says ("Summary", "Notes")."""
        names = classes(element)
        if "message" in names or "endnote-link" in names or "toc-heading" in names:
            return Role("title" if tag == "h2" and text_of(element) not in ("Preface", "Afterword") else "boilerplate")
        if "tags" in names and tag == "dl":
            return Role("header", labelled=True)
        if "byline" in names:
            return Role("byline", "author")
        if tag == "h1":
            return Role("title", "title")
        if tag == "p" and (label := _LABELS.get(text_of(element).lower().rstrip(":"))) and self._in_meta(element):
            self.label = label
            return Role(label.matter)
        if tag == "blockquote" and "userstuff" in names and self._in_meta(element):
            return self.label or Role("note", "notes")
        if tag in ("ul", "dl") and self._in_meta(element):
            return Role("boilerplate")  # "Inspired by …", translations
        return inherited

    def _in_meta(self, element: Element) -> bool:
        parent = element.getparent()
        if parent is None:
            return False
        return "meta" in classes(parent) or re.fullmatch(r"endnotes\d*", parent.get("id") or "") is not None


def is_archive_download(tree: Element) -> bool:
    """Whether a page is AO3's download or a part of one (in its EPUB, each part is a page of its own)."""
    parts = "//*[@id='preface' or @id='afterword']"
    return (
        find(tree, f"{parts}//*[{has_class('message')} or {has_class('tags')} or {has_class('toc-heading')}]")
        is not None
    )


def read_archive_download(tree: Element) -> Draft | None:
    """AO3's HTML download, or None where the page is none."""
    if not is_archive_download(tree):
        return None
    blocks = read_blocks(tree, ArchiveRoles(), _styles(tree))
    address = find(tree, "//*[@id='preface']//a[contains(@href, '/works/')]/@href")
    metadata = Metadata(source_url=str(address) if address is not None else None, publisher="Archive of Our Own")
    return Draft(blocks=tuple(blocks), metadata=with_fields(blocks, metadata), preface_known=True)


class _ArchivePageRoles:
    """What the elements of a work's page on AO3 are."""

    def __call__(self, element: Element, tag: str, inherited: Role | None) -> Role | None:
        names = classes(element)
        if names & {"landmark", "actions", "navigation", "jump", "associations", "kudos"}:
            return SKIP
        if "summary" in names and "module" in names:
            return Role("summary", "summary")
        if "notes" in names and "module" in names:
            return Role("note", "notes")
        if tag in ("h2", "h3") and "byline" in names:
            return Role("byline", "author")
        if tag == "h2" and "title" in names:
            return Role("title", "title")
        if tag == "h3" and "heading" in names and inherited is not None and inherited.matter:
            return Role(inherited.matter)
        return inherited


def _read_archive_page(tree: Element) -> Draft | None:
    skin = find(tree, "//*[@id='workskin']")
    if skin is None:
        return None
    header = find(tree, f"//dl[{has_class('work')} and {has_class('meta')}]")
    blocks = _definitions(header) if header is not None else []
    blocks += read_blocks(skin, _ArchivePageRoles(), _styles(tree))
    metadata = with_fields(blocks, Metadata(publisher="Archive of Our Own"))
    return Draft(blocks=tuple(blocks), metadata=metadata, preface_known=True)


def _definitions(header: Element) -> list[Block]:
    """A <dl> as header fields, a line for each label with its tags; statistics are a list of their own in it."""
    found: list[Block] = []
    for label in header.iter("dt"):
        value = label.getnext()
        if value is None or value.tag != "dd" or value.find(".//dl") is not None:
            continue
        items = [text_of(item) for item in value.iter("li")] or [text_of(value)]
        named = text_of(label).rstrip(": ")
        field = fields.field_of(named) or named.lower()
        text = ", ".join(item for item in items if item)
        found.append(Block(f"{named}: {text}", (), fields.matter_kind(field), field, text or None))
    return found


# --- FanFiction.net -----------------------------------------------------------------------------------------------


def _read_fanfiction_net(tree: Element) -> Draft | None:
    """A saved page of FanFiction.net: #profile_top holds the header, #storytext the chapter."""
    story = find(tree, "//*[@id='storytext' or @id='storytextp' or @id='storycontent']")
    top = find(tree, "//*[@id='profile_top']")
    if story is None or top is None:
        return None
    title = text_of(find(top, f".//b[{has_class('xcontrast_txt')}]"))
    author = text_of(find(top, ".//a[starts-with(@href, '/u/') or contains(@href, 'fanfiction.net/u/')]"))
    summary = text_of(find(top, f".//div[{has_class('xcontrast_txt')}]"))
    line = text_of(find(top, f".//span[{has_class('xgray')}]"))
    parts: list[tuple[str, str, str]] = [
        ("title", "title", title), ("author", f"By: {author}", author), ("summary", summary, summary),
    ]  # fmt: skip
    blocks = [
        Block(title if field == "title" else shown, (), fields.matter_kind(field), field, value)
        for field, shown, value in parts
        if value
    ]
    pairs = fields.archive_line(line) or []
    if line:
        blocks.append(Block(line, (), "header", "rating", dict(pairs).get("rating")))
    chapter = text_of(find(tree, "//select[@id='chap_select']/option[@selected]"))
    if chapter:
        blocks.append(Block(chapter, (), "heading", "chapter", chapter))
    blocks += read_blocks(story, None, _styles(tree))
    places = [text_of(a) for a in tree.xpath("//*[@id='pre_story_links']//a")]
    metadata = Metadata(publisher="FanFiction.net", fandoms=tuple(p for p in places[1:] if p))
    metadata = fields.enrich(metadata, pairs)
    return Draft(blocks=tuple(blocks), metadata=with_fields(blocks, metadata), preface_known=True)


# --- FanFicFare ---------------------------------------------------------------------------------------------------


def title_page(blocks: list[Block]) -> list[Block]:
    """FanFicFare's title page: "Title by Author", then a line for each field."""
    found: list[Block] = []
    for n, block in enumerate(blocks):
        if n == 0:
            found += _title_and_author(block.text)
            continue
        for line in block.text.split("\n"):
            label, colon, value = line.partition(":")
            field = (fields.field_of(label) or label.strip().lower()) if colon and len(label) < 40 else None
            field = "fandoms" if field == "categories" else field  # so FanFicFare calls them
            if field is None and found and found[-1].field in ("summary", "disclaimer"):
                last = found[-1]  # a summary of several paragraphs
                value = fields.tidy(f"{last.value or ''} {line}")
                found[-1] = Block(f"{last.text}\n{line}", (), last.matter, last.field, value)
            elif line.strip():
                kind = fields.matter_kind(field) if field else "header"
                found.append(Block(line.strip(), (), kind, field, fields.tidy(value) if field else None))
    return found


def _title_and_author(text: str) -> list[Block]:
    title, by, author = text.rpartition(" by ")
    if not by:
        return [Block(text, (), "title", "title", fields.tidy(text))]
    return [
        Block(title, (), "title", "title", fields.tidy(title)),
        Block(f"by {author}", (), "byline", "author", fields.tidy(author)),
    ]


def _read_fanficfare(tree: Element) -> Draft | None:
    """FanFicFare's HTML output: <h1>, a table of fields, perhaps a table of contents, <a name="section0001">."""
    table = find(tree, f"//h1/following-sibling::table[{has_class('full')}]")
    heading = find(tree, "//h1[a]")
    if table is None or heading is None or find(tree, "//a[starts-with(@name, 'section')]") is None:
        return None
    head = title_page([*read_blocks(heading), *read_blocks(table)])
    body = tree.find("body")
    blocks = read_blocks(body if body is not None else tree, _FanFicFareRoles(), _styles(tree))
    address = find(heading, "./a/@href")
    metadata = Metadata(source_url=str(address) if address is not None else None)
    everything = [*head, *blocks]
    return Draft(blocks=tuple(everything), metadata=with_fields(everything, metadata), preface_known=True)


class _FanFicFareRoles:
    """The header is read apart; the table of contents is boilerplate."""

    def __call__(self, element: Element, tag: str, inherited: Role | None) -> Role | None:
        if tag == "h1" or (tag == "table" and "full" in classes(element)):
            return SKIP
        if tag == "h2" and text_of(element) == "Table of Contents":
            return Role("boilerplate", "contents")
        before = element.getprevious()
        if tag == "p" and before is not None and before.get("name") == "TOCTOP":
            return Role("boilerplate", "contents")
        return inherited


# --- any other page -----------------------------------------------------------------------------------------------

LEAST_SHARE = 0.5
"""An <article> or <main> is the page's text if it holds at least this share of it."""


class _PageRoles:
    """What surrounds the text of a web page: navigation, forms, lists of links."""

    def __call__(self, element: Element, tag: str, inherited: Role | None) -> Role | None:
        if tag in ("nav", "aside", "footer", "form") or element.get("role") in ("navigation", "banner", "contentinfo"):
            return SKIP
        if tag in ("ul", "ol", "table") and _is_links(element):
            return SKIP
        return inherited


def _is_links(element: Element) -> bool:
    links = element.xpath("count(.//a[@href])")
    if links < 3:
        return False
    linked = sum(len(text_of(a)) for a in element.iterfind(".//a"))
    return linked > 0.6 * len(text_of(element))


def _read_page(tree: Element) -> Draft:
    body = tree.find("body")
    root = _main(body if body is not None else tree)
    blocks = read_blocks(root, _PageRoles(), _styles(tree))
    named = text_of(find(tree, "//head/title"))
    metadata = Metadata(
        author=_meta(tree, "author"),
        language=str(tree.get("lang") or "") or None,
        summary=_meta(tree, "description") if _meta(tree, "generator") is None else None,
    )
    blocks = _with_title(blocks, named)
    return Draft(blocks=tuple(blocks), metadata=with_fields(blocks, metadata))


def _meta(tree: Element, name: str) -> str | None:
    value = find(tree, f"//meta[translate(@name, 'ADEGHINOPRSTU', 'adeghinoprstu')='{name}']/@content")
    return " ".join(str(value).split()) or None if value is not None else None


def _main(body: Element) -> Element:
    whole = len(text_of(body))
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = body.xpath(path)
        if len(found) == 1 and len(text_of(found[0])) >= LEAST_SHARE * whole:
            return cast("Element", found[0])
    return body


def _with_title(blocks: list[Block], named: str) -> list[Block]:
    """The first heading is the title if it stands above all text, and is no chapter's or is the page's own title."""
    for at, block in enumerate(blocks):
        if block.matter == "heading":
            chapter = re.match(r"(?:chapter|part|prologue|epilogue|book)\b", block.text, re.IGNORECASE)
            later = any(b.matter == "heading" for b in blocks[at + 1 :])
            if chapter is None and (later or block.text.lower() in named.lower() or at == 0):
                title = Block(block.text, (), "title", "title", fields.tidy(block.text))
                return [*blocks[:at], title, *blocks[at + 1 :]]
            break
        if at > 2 or len(block.text) > 200:
            break
    return blocks


def _styles(tree: Element) -> dict[str, frozenset[Kind]]:
    return emphasis_classes("\n".join(s.text or "" for s in tree.iter("style")))
