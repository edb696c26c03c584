"""EPUB 2 and 3: metadata from the package, text in the order of the spine, matter from AO3's and FanFicFare's pages."""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from unsaid.errors import SourceError
from unsaid.sources import fields
from unsaid.sources.blocks import Block, Draft, Kind
from unsaid.sources.html import ArchiveRoles, is_archive_download, title_page, with_fields
from unsaid.sources.markup import Element, classes, emphasis_classes, local, parse_html, read_blocks, text_of
from unsaid.sources.text import decode
from unsaid.story import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unsaid.sources.archive import Archive

FONT_OBFUSCATION = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
"""Algorithms in encryption.xml that only scramble fonts (EPUB 3.3, 4.3; Adobe's older one): the text is not locked."""

_ENTITY = re.compile(r"<!ENTITY\s+(?:%\s+)?\S{1,200}\s+(?P<value>\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_FRONT = re.compile(
    r"\b(?:cover|title-?page|titlepage|toc|toc_page|title_page|log_page|nav|copyright(?:-page)?|contents|colophon|"
    r"halftitle(?:page)?|imprint|loi|lot|index|about(?:[-_]the)?[-_]?author|also[-_]?by)\b",
    re.IGNORECASE,
)


class Package(msgspec.Struct, frozen=True):
    """What the OPF package says: metadata, and the spine's pages ``(path, properties of nav or guide)`` in order."""

    metadata: Metadata
    pages: tuple[tuple[str, str], ...]
    sheets: tuple[str, ...]


def read_epub(archive: Archive) -> Draft:
    """Read an EPUB.

    :raises SourceError: if it is protected by DRM, broken or hostile.
    """
    _refuse_drm(archive)
    package = _package(archive)
    styles: dict[str, frozenset[Kind]] = {}
    for sheet in package.sheets:
        styles |= emphasis_classes(decode(archive.read(sheet)).text)
    blocks: list[Block] = []
    known = False
    roles = ArchiveRoles()  # one for the whole book: a label and what it labels may stand in two pages
    archived = False
    for path, what in package.pages:
        page = parse_page(archive.read(path), archive.name)
        archived = archived or is_archive_download(page)
        read, preface = _read_page(page, what, roles if archived else None, styles)
        known = known or preface
        blocks += read
    if not blocks:
        raise SourceError(archive.name, "an EPUB without any text")
    metadata = with_fields(blocks, package.metadata)
    return Draft(blocks=tuple(blocks), metadata=metadata, preface_known=known or archived)


def _refuse_drm(archive: Archive) -> None:
    """Text that is encrypted cannot be read; fonts that are scrambled do not matter (EPUB OCF 3.3, 4.2.6.3.2)."""
    for path, what in (("META-INF/rights.xml", "Adobe or Apple"), ("META-INF/license.lcpl", "Readium LCP")):
        if archive.holds(path) and archive.holds("META-INF/encryption.xml") and _encrypted(archive):
            raise SourceError(archive.name, f"protected by DRM ({what}); only its owner's reader can open it")
    if archive.holds("META-INF/encryption.xml") and _encrypted(archive):
        raise SourceError(archive.name, "protected by DRM; only its owner's reader can open it")


def _encrypted(archive: Archive) -> bool:
    tree = _parse_xml(archive.read("META-INF/encryption.xml"), archive.name)
    methods = [
        str(m) for m in tree.xpath("//*[local-name()='EncryptedData']/*[local-name()='EncryptionMethod']/@Algorithm")
    ]
    return any(method not in FONT_OBFUSCATION for method in methods)


def _text_of_xml(data: bytes, name: str) -> str:
    """XML as text without its declaration; entities that unfold are refused before anything is parsed.

    :raises SourceError: if an entity is made of other entities or comes from outside.
    """
    text = decode(data).text.lstrip("\ufeff")
    if "<!ENTITY" in text.upper():
        for entity in _ENTITY.finditer(text):
            value = entity.group("value")
            if re.search(r"[&%](?!#)[\w.-]+;", value) or value.upper() in ("SYSTEM", "PUBLIC"):
                raise SourceError(name, "a hostile file: it declares XML entities that unfold without bound")
    text = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
    return re.sub(r"&([A-Za-z]\w{1,30};)", _character, _DECLARATION.sub("", text, count=1))


def _character(entity: re.Match[str]) -> str:
    """HTML's named characters, which XHTML without its DTD does not know; XML's own five stay."""
    named = entity.group(1)
    if named in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return entity.group()
    return html5.get(named, entity.group())


def _parse_xml(data: bytes, name: str) -> Element:
    text = _text_of_xml(data, name)
    try:
        return etree.fromstring(text.encode("utf-8"), _xml_parser(recover=False))
    except (etree.LxmlError, ValueError):
        pass
    try:
        tree = etree.fromstring(text.encode("utf-8"), _xml_parser(recover=True))
    except (etree.LxmlError, ValueError) as error:
        raise SourceError(name, f"a broken EPUB: {(str(error).splitlines() or ['XML'])[0]}") from error
    if tree is None:
        raise SourceError(name, "a broken EPUB: a part of it is no XML")
    return tree


def _xml_parser(*, recover: bool) -> etree.XMLParser:
    """Hardened: no entity is put in, nothing is fetched, libxml2's bounds on depth and size hold."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip


def parse_page(data: bytes, name: str) -> Element:
    """A page of the book: XHTML where it is well-formed, else as a browser would take it."""
    text = _text_of_xml(data, name)
    try:
        tree = etree.fromstring(text.encode("utf-8"), _xml_parser(recover=False))
    except (etree.LxmlError, ValueError):
        tree = None
    if tree is None:
        return parse_html(text, name) if text.strip() else etree.Element("html")
    for element in tree.iter():  # pages are read by their local names, as in HTML
        if isinstance(element.tag, str) and "}" in element.tag:
            element.tag = element.tag.rpartition("}")[2]
    return tree


def _package(archive: Archive) -> Package:
    opf_path = _opf_path(archive)
    opf = _parse_xml(archive.read(opf_path), archive.name)
    items: dict[str, tuple[str, str, str]] = {}
    for item in opf.xpath("//*[local-name()='manifest']/*[local-name()='item']"):
        href = item.get("href")
        if href and not re.match(r"[a-z]+:", href):
            path = archive.resolve(opf_path, href)
            items[item.get("id") or ""] = (path, item.get("media-type") or "", item.get("properties") or "")
    guide: dict[str, str] = {}
    for reference in opf.xpath("//*[local-name()='guide']/*[local-name()='reference']"):
        guide.setdefault(archive.resolve(opf_path, reference.get("href") or ""), reference.get("type") or "")
    pages = []
    for itemref in opf.xpath("//*[local-name()='spine']/*[local-name()='itemref']"):
        path, _, properties = items.get(itemref.get("idref") or "", ("", "", ""))
        if path and archive.holds(path) and not path.lower().endswith((".svg", ".jpg", ".png")):
            kind = guide.get(path, "")
            pages.append((path, f"{properties} {'' if kind in ('text', 'start') else kind}"))
    if not pages:
        raise SourceError(archive.name, "a broken EPUB: its spine names no page that is there")
    sheets = tuple(p for p, media, _ in items.values() if media == "text/css" and archive.holds(p))
    return Package(_metadata(opf), tuple(dict(pages).items()), sheets)


def read_package_metadata(data: bytes, name: str) -> Metadata:
    """What a package file (OPF) says of a book; calibre keeps one beside each.

    :raises SourceError: if it is broken or hostile.
    """
    return _metadata(_parse_xml(data, name))


def _opf_path(archive: Archive) -> str:
    if archive.holds("META-INF/container.xml"):
        tree = _parse_xml(archive.read("META-INF/container.xml"), archive.name)
        for path in tree.xpath("//*[local-name()='rootfile']/@full-path"):
            found = archive.resolve("", str(path))
            if archive.holds(found):
                return found
    for path in archive.names:
        if path.lower().endswith(".opf"):
            return path
    raise SourceError(archive.name, "a broken EPUB: it has no package file")


def _metadata(opf: Element) -> Metadata:
    values: dict[str, list[str]] = {}
    for element in opf.xpath("//*[local-name()='metadata']//*"):
        if isinstance(element.tag, str) and (text := text_of(element)):
            if local(element) == "creator" and _role(element, opf) not in ("aut", ""):
                continue
            values.setdefault(local(element), []).append(text)
    first = {key: found[0] for key, found in values.items()}
    summary = first.get("description")
    if summary and "<" in summary:
        summary = re.sub(r"\s+", " ", re.sub(r"<[^<>]{0,500}>", " ", summary)).strip()
    series = opf.xpath("//*[local-name()='meta'][@name='calibre:series']/@content")
    urls = [v for key in ("source", "identifier") for v in values.get(key, []) if v.startswith("http")]
    dates = opf.xpath("//*[local-name()='date'][@*[local-name()='event']='publication']/text()")
    return Metadata(
        title=first.get("title"),
        author=", ".join(dict.fromkeys(values.get("creator", []))) or None,
        summary=summary or None,
        tags=tuple(dict.fromkeys(values.get("subject", []))),
        language=first.get("language"),
        published=str(dates[0]) if dates else first.get("date"),
        publisher=first.get("publisher"),
        series=str(series[0]) if series else None,
        source_url=urls[0] if urls else None,
    )


def _role(element: Element, opf: Element) -> str:
    """A creator's role: EPUB 2 has it on the element, EPUB 3 in a <meta refines> of its own."""
    for key, value in element.attrib.items():
        if str(key).endswith("role"):
            return str(value)
    refining = opf.xpath("//*[local-name()='meta'][@property='role'][@refines=$id]/text()", id=f"#{element.get('id')}")
    return str(refining[0]) if refining else ""


def _read_page(
    page: Element, what: str, roles: ArchiveRoles | None, styles: Mapping[str, frozenset[Kind]]
) -> tuple[list[Block], bool]:
    """A page's blocks, and whether it is a title page that tells the header."""
    body = next((e for e in page.iter() if isinstance(e.tag, str) and local(e) == "body"), page)
    kind = " ".join([what, *classes(body), *_types(body)])
    blocks = read_blocks(body, roles, styles)
    if "fff_titlepage" in kind:
        return title_page(blocks), True
    if "fff_tocpage" in kind or "fff_logpage" in kind or "nav" in what.split() or _is_front(kind, body):
        return _boilerplate(blocks, "title page" if "title" in kind or "cover" in kind else "contents"), False
    return blocks, False


def _types(body: Element) -> Iterable[str]:
    """The epub:type of a page: its body's, or that of the only section in it."""
    inner = [e for e in body if isinstance(e.tag, str)]
    for element in [body, *(inner if len(inner) == 1 else [])]:
        yield from (str(v) for k, v in element.attrib.items() if str(k).endswith("type"))


def _is_front(kind: str, body: Element) -> bool:
    """A page that is named as front matter, and is no longer than such a page is."""
    return bool(_FRONT.search(kind)) and len(text_of(body)) < 20_000


def _boilerplate(blocks: list[Block], field: str) -> list[Block]:
    return [Block(b.text, b.emphasis, "boilerplate", field, fields.tidy(b.text)[:200] or None) for b in blocks]
