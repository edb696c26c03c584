"""Word documents by python-docx: paragraphs with their styles, runs with their emphasis, core properties."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from unsaid.errors import SourceError, first_line
from unsaid.sources.blocks import Block, Draft, Kind, Paragraphs
from unsaid.sources.fields import tidy
from unsaid.sources.html import with_fields
from unsaid.sources.markup import as_heading, join_headings
from unsaid.story import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.sources.archive import Archive

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DECLARES = re.compile(rb"<\s*!\s*(?:DOCTYPE|ENTITY)|<\x00!\x00[DE]|\x00<\x00!\x00[DE]", re.IGNORECASE)
PROGRAMS = frozenset(("python-docx", "microsoft office user", "un-named", "unknown", "user"))
"""What programs write into the author's property; no author's name."""


def read_docx(archive: Archive, data: bytes) -> Draft:
    """Read a Word document whose archive was checked.

    :raises SourceError: if it is broken, or declares XML entities (no Word document does).
    """
    for path in archive.names:
        if path.endswith((".xml", ".rels")) and _DECLARES.search(archive.read(path)):
            raise SourceError(archive.name, "a hostile file: it declares XML entities that unfold without bound")
    document = _open(archive, data)
    styles = _Styles(document)
    paragraphs = Paragraphs()
    for element in _paragraphs(document.element.body):
        _read_paragraph(element, styles, paragraphs)
    blocks = join_headings(paragraphs.blocks)
    return Draft(blocks=tuple(blocks), metadata=with_fields(blocks, _properties(document)))


def _open(archive: Archive, data: bytes) -> Any:
    import docx  # noqa: PLC0415 - loaded only for Word documents
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    try:
        document = docx.Document(io.BytesIO(data))
        _ = document.element.body, document.styles
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, TypeError, IndexError, OSError) as error:
        why = first_line(error, 100)
        raise SourceError(archive.name, f"a broken Word document: {why}") from error
    if document.element.body is None:
        raise SourceError(archive.name, "a broken Word document: it has no body")
    return document


def _paragraphs(body: Any) -> Iterator[Any]:
    """Every paragraph in reading order, those in tables and text boxes' alternatives once."""
    for element in body.iter(f"{_W}p"):
        parent = element.getparent()
        if parent is None or parent.tag != f"{_W}txbxContent":
            yield element


class _Styles:
    """The emphasis and the role of styles by their id, each looked up once, through the styles they are based on."""

    def __init__(self, document: Any) -> None:
        self._elements = {s.get(f"{_W}styleId"): s for s in document.styles.element.iterfind(f"{_W}style")}
        self._kinds: dict[str | None, frozenset[Kind]] = {None: frozenset()}

    def name(self, style: str | None) -> str:
        """A style's name in lower case: "heading 1", "title"."""
        element = self._elements.get(style)
        named = element.find(f"{_W}name") if element is not None else None
        return str(named.get(f"{_W}val") or "").lower() if named is not None else ""

    def kinds(self, style: str | None) -> frozenset[Kind]:
        """What a style sets text in, by itself or by a style that it is based on."""
        chain: list[Any] = []
        at, seen = style, set[str | None]()
        while at not in self._kinds and at not in seen and (element := self._elements.get(at)) is not None:
            seen.add(at)
            chain.append((at, element))
            based = element.find(f"{_W}basedOn")
            at = based.get(f"{_W}val") if based is not None else None
        kinds = self._kinds.get(at, frozenset())
        for key, element in reversed(chain):
            kinds = _apply(kinds, element.find(f"{_W}rPr"))
            self._kinds[key] = kinds
        return kinds


def _apply(kinds: frozenset[Kind], properties: Any) -> frozenset[Kind]:
    """Run properties over what is inherited: each of w:i and w:b switches on, or off with val="0"."""
    if properties is None:
        return kinds
    switches: tuple[tuple[str, Kind], ...] = (("i", "italic"), ("b", "bold"))
    for tag, kind in switches:
        switch = properties.find(f"{_W}{tag}")
        if switch is not None:
            on = (switch.get(f"{_W}val") or "1") not in ("0", "false", "off", "none")
            kinds = kinds | {kind} if on else kinds - {kind}
    return kinds


def _read_paragraph(element: Any, styles: _Styles, into: Paragraphs) -> None:
    named = element.find(f"{_W}pPr/{_W}pStyle")
    style = named.get(f"{_W}val") if named is not None else None
    name = styles.name(style)
    marked = re.match(r"(title|subtitle|heading \d)", name)
    base = frozenset[Kind]() if marked else styles.kinds(style)
    before = element.find(f"{_W}pPr/{_W}pageBreakBefore")
    if before is not None and before.get(f"{_W}val") not in ("0", "false"):
        into.rule()
    for node in element.iter(f"{_W}r"):
        _read_run(node, base, styles, into)
    start = len(into.blocks)
    into.close()
    if marked:
        into.blocks[start:] = [_marked(block, marked.group(1)) for block in into.blocks[start:]]


def _read_run(run: Any, base: frozenset[Kind], styles: _Styles, into: Paragraphs) -> None:
    properties = run.find(f"{_W}rPr")
    style = properties.find(f"{_W}rStyle") if properties is not None else None
    kinds = base | (styles.kinds(style.get(f"{_W}val")) if style is not None else frozenset())
    kinds = _apply(kinds, properties)
    for node in run:
        if node.tag == f"{_W}t":
            into.add(node.text or "", kinds)
        elif node.tag == f"{_W}tab":
            into.add(" ", kinds)
        elif node.tag == f"{_W}noBreakHyphen":
            into.add("-", kinds)
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            if node.get(f"{_W}type") == "page":
                into.rule()
            else:
                into.line_break()


def _marked(block: Block, style: str) -> Block:
    if style == "title":
        return Block(block.text, (), "title", "title", tidy(block.text))
    if style == "subtitle":
        byline = re.match(r"(?:written\s+)?by[:\s]\s*(.+)$", block.text, re.IGNORECASE)
        if byline:
            return Block(block.text, (), "byline", "author", tidy(byline.group(1)))
        return Block(block.text, (), "title", None, tidy(block.text))
    return as_heading(block)


def _properties(document: Any) -> Metadata:
    """The core properties, as far as they can be trusted: templates leave programs' names as authors."""
    try:
        core = document.core_properties
        author, title = (core.author or "").strip(), (core.title or "").strip()
        language, subject = (core.language or "").strip(), (core.subject or "").strip()
    except (ValueError, KeyError, AttributeError):
        return Metadata()
    if title.lower() in ("", "word document", "untitled") or title.lower().startswith("microsoft word"):
        title = ""
    return Metadata(
        title=title or None,
        author=author if author.lower() not in PROGRAMS and author else None,
        language=language or None,
        summary=subject or None,
    )
