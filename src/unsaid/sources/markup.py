"""An HTML or XHTML tree -> blocks: one walk, whatever page it is; a page's own roles are told by who calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from lxml import etree

from unsaid.errors import SourceError
from unsaid.sources.blocks import Block, Kind, Paragraphs
from unsaid.sources.breaks import is_break
from unsaid.sources.fields import field_of, matter_kind, tidy
from unsaid.sources.headings import read_heading
from unsaid.sources.lines import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unsaid.story import MatterKind

Element: TypeAlias = etree._Element

SKIPPED = frozenset(
    "script style head noscript template svg math iframe object embed applet button select option textarea input "
    "audio video canvas map title meta link".split()
)
BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu nav ol p pre section summary table tbody tfoot "
    "thead tr ul".split()
)
HEADINGS = frozenset(("h1", "h2", "h3"))
ITALIC = frozenset(("em", "i", "cite", "dfn", "var"))
BOLD = frozenset(("strong", "b"))

_NO_KINDS: frozenset[Kind] = frozenset()


class Role(NamedTuple):
    """What an element and what is in it is: matter of a kind, or (``skip``) nothing to read.

    ``labelled`` matter names its field itself ("Rating: Teen").
    """

    matter: MatterKind | None = None
    field: str | None = None
    skip: bool = False
    labelled: bool = False


SKIP = Role(skip=True)


class Roles(Protocol):
    """Tells what the elements of a known page are."""

    def __call__(self, element: Element, tag: str, inherited: Role | None) -> Role | None:
        """The role of ``element``; ``inherited`` is its parent's, and what is returned where it changes nothing."""


def classes(element: Element) -> frozenset[str]:
    """An element's classes; the number that calibre appends to one ("userstuff2") is left out."""
    return frozenset(re.sub(r"\d+$", "", c) for c in (element.get("class") or "").split())


def text_of(element: Element | None) -> str:
    """An element's text, white space folded; "" for None."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def parse_html(page: str, name: str) -> Element:
    """Parse an HTML page, however broken; only a page without any element is refused.

    libxml2 drops what is nested deeper than 256 elements. Such a page is parsed again without the tags that nest, so
    that its text is kept.

    :raises SourceError: if there is nothing in it.
    """
    page = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff]", "", page).encode("utf-8", "replace").decode("utf-8")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    tree = _parse(page, parser, name)
    if any("depth" in str(entry.message).lower() for entry in parser.error_log):
        flat = re.sub(r"</?(?!(?:p|br|hr|h[1-6])\b)[a-zA-Z][^<>]{0,2000}>", " ", page)
        tree = _parse(f"<html><body>{flat}</body></html>", etree.HTMLParser(encoding="utf-8", no_network=True), name)
    return tree


def _parse(page: str, parser: etree.HTMLParser, name: str) -> Element:
    try:
        tree = etree.fromstring(page.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(name, f"a page that cannot be parsed: {str(error).splitlines()[0]}") from error
    if tree is None:
        raise SourceError(name, "a page without any content")
    return tree


_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,5000})\}")


def emphasis_classes(css: str) -> dict[str, frozenset[Kind]]:
    """The classes that a style sheet sets in italics or bold, as e-book tools do instead of <i> and <b>."""
    found: dict[str, frozenset[Kind]] = {}
    for selectors, body in _RULE.findall(css):
        kinds = style_kinds(body)
        if kinds:
            for selector in selectors.split(","):
                single = re.fullmatch(r"\s*(?:span|em|i|b|strong|p|div)?\.([\w-]+)\s*", selector)
                if single:
                    found[single.group(1)] = found.get(single.group(1), _NO_KINDS) | kinds
    return found


def style_kinds(style: str) -> frozenset[Kind]:
    """What a style sets: italics, bold, both or none."""
    low = style.lower().replace(" ", "")
    kinds: set[Kind] = set()
    if "font-style:italic" in low or "font-style:oblique" in low:
        kinds.add("italic")
    if re.search(r"font-weight:(?:bold|[6-9]00)", low):
        kinds.add("bold")
    return frozenset(kinds)


class _Frame(NamedTuple):
    kinds: frozenset[Kind]
    role: Role | None
    keep: bool


def read_blocks(
    root: Element, roles: Roles | None = None, styles: Mapping[str, frozenset[Kind]] | None = None
) -> list[Block]:
    """Read everything under ``root`` into blocks, in reading order; not recursive, so depth does not matter."""
    walk = _Walk(roles, styles or {})
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            if event == "end" and element is not root:
                walk.text(element.tail)
        elif event == "start":
            walk.start(element)
        else:
            walk.end(element)
            if element is not root:
                walk.text(element.tail)
    walk.paragraphs.close()
    return join_headings(walk.paragraphs.blocks)


def local(element: Element) -> str:
    """An element's name without its namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].lower()


class _Walk:
    """The state of the walk: the open elements' frames, and the paragraphs so far."""

    def __init__(self, roles: Roles | None, styles: Mapping[str, frozenset[Kind]]) -> None:
        self.roles, self.styles = roles, styles
        self.frames: list[_Frame] = [_Frame(_NO_KINDS, None, False)]
        self.paragraphs = Paragraphs()

    def text(self, text: str | None) -> None:
        """Text inside the innermost open element."""
        frame = self.frames[-1]
        if text and not (frame.role and frame.role.skip):
            self.paragraphs.add(text, frame.kinds, keep=frame.keep)

    def start(self, element: Element) -> None:
        """An element opens: its frame is pushed, and a block ends the paragraph before it."""
        tag, parent = local(element), self.frames[-1]
        role = parent.role
        if tag in SKIPPED:
            role = SKIP
        elif self.roles is not None and not (role and role.skip):
            role = self.roles(element, tag, role)
        if not (role and role.skip):
            self._open(tag, parent.role)
        kinds = parent.kinds | self._kinds(element, tag)
        if tag in HEADINGS:
            kinds = _NO_KINDS  # a heading is bold by nature
        self.frames.append(_Frame(kinds, role, parent.keep or tag == "pre"))
        self.text(element.text)

    def _open(self, tag: str, role: Role | None) -> None:
        if tag in ("dd", "td", "th"):
            if not self.paragraphs.empty:
                self.paragraphs.add(" ")  # with its label in one line
        elif tag in BLOCKS:
            self._close(role, "")
        elif tag == "br":
            self.paragraphs.line_break()
        elif tag == "hr":
            self._close(role, "")
            self.paragraphs.rule()

    def _kinds(self, element: Element, tag: str) -> frozenset[Kind]:
        kinds: frozenset[Kind] = _NO_KINDS
        if tag in ITALIC:
            kinds = frozenset(("italic",))
        elif tag in BOLD:
            kinds = frozenset(("bold",))
        if style := element.get("style"):
            kinds |= style_kinds(style)
        if self.styles and (names := element.get("class")):
            for name in names.split():
                kinds |= self.styles.get(name, _NO_KINDS)
        return kinds

    def end(self, element: Element) -> None:
        """An element closes: a block ends its paragraph as what its role says."""
        frame, tag = self.frames.pop(), local(element)
        if frame.role and frame.role.skip:
            return
        if tag in BLOCKS and tag != "dt":
            self._close(frame.role, tag)

    def _close(self, role: Role | None, tag: str) -> None:
        before = len(self.paragraphs.blocks)
        if role is not None and role.matter is not None:
            self.paragraphs.close(role.matter, role.field)
            self.paragraphs.blocks[before:] = map(
                _labelled if role.labelled else _valued, self.paragraphs.blocks[before:]
            )
            return
        self.paragraphs.close()
        if tag in HEADINGS:
            self.paragraphs.blocks[before:] = [as_heading(b) for b in self.paragraphs.blocks[before:]]


def _valued(block: Block) -> Block:
    return Block(block.text, block.emphasis, block.matter, block.field, tidy(block.text) or None)


def _labelled(block: Block) -> Block:
    """ "Rating: Teen" as a header field."""
    label, colon, value = block.text.partition(":")
    if not colon:
        return _valued(block)
    field = field_of(label) or " ".join(label.split()).lower()
    return Block(block.text, block.emphasis, matter_kind(field), field, tidy(value))


def as_heading(block: Block) -> Block:
    """A block that its format calls a heading, as one; a scene break that is set as a heading stays a break."""
    if is_break(block.text):
        return block
    found = read_heading(Line(0, len(block.text), block.text, 1))
    return Block(block.text, (), "heading", (found.unit if found else "") or "chapter", tidy(block.text))


def join_headings(blocks: Iterable[Block]) -> list[Block]:
    """Join "Chapter 1" and the heading with its title under it into one heading of two lines."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if block.matter == "heading" and last is not None and last.matter == "heading":
            first = read_heading(Line(0, len(last.text), last.text, 1))
            second = read_heading(Line(0, len(block.text), block.text, 1))
            if first is not None and not first.title and second is None and "\n" not in last.text:
                text = f"{last.text}\n{block.text}"
                joined[-1] = Block(text, (), "heading", last.field, tidy(text))
                continue
        joined.append(block)
    return joined
