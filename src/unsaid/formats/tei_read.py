"""A story back from the TEI that :mod:`unsaid.formats.tei` writes: the layers that TEI keeps, exact to the character.

What the elements hold (matter, emphasis, chapters, scenes, people, mentions, lines with their cues, letters that fill
whole paragraphs) is read from them; the rest from the header's ``xenoData``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import msgspec
from lxml import etree

from unsaid.errors import NotAStory
from unsaid.formats.tei import NAMES, TEI
from unsaid.formats.tei_rest import completed
from unsaid.soundness import sound
from unsaid.story import (
    Chapter,
    Character,
    Cue,
    Emphasis,
    Matter,
    Mention,
    Metadata,
    Relation,
    Scene,
    Source,
    Story,
    Trait,
    Utterance,
    Writing,
)

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_KINDS = {tag: kind for kind, tag in NAMES.items() if tag == "persName"}


class Spanned(msgspec.Struct, frozen=True):
    """An element of the text and the stretch that it holds."""

    tag: str
    start: int
    end: int
    element: Any

    def get(self, name: str) -> str | None:
        """An attribute, or None."""
        value: str | None = self.element.get(_ID if name == "id" else name)
        return value

    def ana(self, family: str) -> str | None:
        """The category of a family that ``ana`` points at."""
        marks = (self.get("ana") or "").split()
        return next((m.removeprefix(f"#{family}-") for m in marks if m.startswith(f"#{family}-")), None)


def from_tei(data: bytes) -> Story:
    """The story that :func:`unsaid.formats.tei.tei` wrote.

    :raises NotAStory: if it is no well-formed XML, no TEI with a body, holds what the contract does not know, or
        points at nobody.
    """
    # Without huge_tree no stretch of text over 10 MB is read, and the header of a very long novel holds one.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise NotAStory(f"no well-formed XML: {error}") from error
    body = root.find(f".//{{{TEI}}}text/{{{TEI}}}body")
    if root.tag != f"{{{TEI}}}TEI" or body is None:
        raise NotAStory(f"no TEI document with a body: the root is {etree.QName(root).localname}")
    rest = _find(root, "teiHeader", "xenoData")
    try:
        return sound(msgspec.convert(completed(msgspec.to_builtins(_layers(root, body)), rest), Story))
    except (msgspec.ValidationError, ValueError, OverflowError) as error:  # the latter two: an attribute is no number
        raise NotAStory(str(error)) from error


def _layers(root: etree._Element, body: etree._Element) -> dict[str, object]:
    """What the elements hold, by layer.

    :raises ValueError, OverflowError: if an attribute that should hold a number does not.
    """
    text, spans = _spans(body)
    by_tag: defaultdict[str, list[Spanned]] = defaultdict(list)
    spans = _joined(spans)
    for span in spans:
        by_tag[span.tag].append(span)
    links = [(link.get("type"), *(link.get("target") or "").split()) for link in root.iterfind(f".//{{{TEI}}}link")]
    return {
        "source": _source(root, text),
        "text": text,
        "metadata": Metadata(title=_title(root), author=_find(root, "titleStmt", "author")),
        "matter": [Matter(s.start, s.end, s.get("type") or "note") for s in by_tag["note"]],  # type: ignore[arg-type]
        "emphasis": [Emphasis(s.start, s.end, s.get("rend") or "italic") for s in by_tag["hi"]],  # type: ignore[arg-type]
        "chapters": _chapters(by_tag["div"], max((p.end for p in by_tag["p"]), default=len(text))),
        "scenes": _scenes(by_tag["milestone"], links, len(text.rstrip())),
        "characters": _characters(root, by_tag),
        "mentions": _mentions(spans),
        "utterances": _utterances(by_tag),
        "writings": [_writing(s, links) for s in by_tag["floatingText"]],
    }


def _spans(body: etree._Element) -> tuple[str, list[Spanned]]:
    """The text of the body, and every element in it with its stretch, in the order in which they begin."""
    pieces: list[str] = []
    begun: list[int] = []
    found: list[tuple[int, Spanned]] = []
    at = order = 0

    def add(words: str | None) -> None:
        nonlocal at
        if words:
            pieces.append(words)
            at += len(words)

    opened: list[int] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            begun.append(at)
            opened.append(order)
            order += 1
            point = element.get("n", "") if element.tag == f"{{{TEI}}}g" else ""
            add(chr(int(point[2:], 16)) if point.startswith("U+") else element.text)
        else:
            tag = etree.QName(element).localname
            found.append((opened.pop(), Spanned(tag, begun.pop(), at, element)))
            if element is not body:
                add(element.tail)
    return "".join(pieces), [span for _, span in sorted(found, key=lambda pair: pair[0])]


def _joined(spans: list[Spanned]) -> list[Spanned]:
    """The spans with the pieces of one mention, cue or emphasis made one again; the pieces of lines are left apart."""
    heads: dict[str, int] = {}
    found: list[Spanned] = []
    for span in spans:
        own, before = span.get("id"), _id(span.get("prev"))
        if span.tag == "said" or (own is None and before is None):
            found.append(span)
        elif before in heads:
            at = heads[str(own)] = heads[before]
            found[at] = msgspec.structs.replace(found[at], end=span.end)
        else:
            heads[str(own)] = len(found)
            found.append(span)
    return found


def _find(root: etree._Element, *path: str) -> str | None:
    element = root.find(".//" + "/".join(f"{{{TEI}}}{tag}" for tag in path))
    return None if element is None else element.text


def _source(root: etree._Element, text: str) -> Source:
    name = _find(root, "sourceDesc", "bibl", "title") or "story.xml"
    digest = _find(root, "sourceDesc", "bibl", "idno") or ""
    return Source(name, "application/tei+xml", "utf-8", digest, len(text.split()))


def _title(root: etree._Element) -> str | None:
    title = _find(root, "titleStmt", "title")
    return None if title == _find(root, "sourceDesc", "bibl", "title") else title


def _ids(marks: str | None) -> tuple[str, ...]:
    return tuple(mark.removeprefix("#") for mark in (marks or "").split())


def _id(marks: str | None) -> str | None:
    return next(iter(_ids(marks)), None)


def _chapters(divisions: list[Spanned], length: int) -> list[Chapter]:
    found = [d for d in divisions if d.get("type") == "chapter"]
    starts = [min(c.start + _lead(c), c.end) for c in found]
    ends = [*starts[1:], length][: len(starts)]
    return [Chapter(c.get("id") or "", s, e, c.get("n")) for c, s, e in zip(found, starts, ends, strict=True)]


def _lead(division: Spanned) -> int:
    """The white space that a division holds before its first paragraph or note."""
    return len(division.element.text or "")


def _scenes(milestones: list[Spanned], links: list[tuple[Any, ...]], length: int) -> list[Scene]:
    found = [m for m in milestones if m.get("unit") == "scene"]
    ends = [*(m.start for m in found[1:]), length][: len(found)]
    of: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, *target in links:
        if len(target) == 2:
            of[str(kind), target[0].removeprefix("#")].append(target[1].removeprefix("#"))
    scenes = []
    for mark, end in zip(found, ends, strict=True):
        own = mark.get("id") or ""
        narrator, focalizer = (next(iter(of[kind, own]), None) for kind in ("narrator", "focalizer"))
        person, tense = mark.ana("person") or "third", mark.ana("tense") or "past"
        present = tuple(of["present", own])
        scenes.append(
            Scene(own, mark.start, end, None, person, tense, narrator, focalizer, present, mark.get("n"))  # type: ignore[arg-type]
        )
    return scenes


def _characters(root: etree._Element, by_tag: dict[str, list[Spanned]]) -> list[Character]:
    uses = Counter(_id(s.get("ref")) for tag in set(NAMES.values()) for s in by_tag[tag])
    relations: defaultdict[str, list[Relation]] = defaultdict(list)
    for r in root.iterfind(f".//{{{TEI}}}relation"):
        who, to = _id(r.get("active")), _id(r.get("passive"))
        if who and to:
            relations[who].append(Relation((r.get("name") or "").replace("-", " "), to))
    found = []
    for person in root.iterfind(f".//{{{TEI}}}listPerson/*"):
        if etree.QName(person).localname not in ("person", "personGrp"):
            continue
        own = person.get(_ID) or ""
        names = {n.text or "": int(n.get("n") or 0) for n in person.iterfind(f"{{{TEI}}}persName")}
        pronouns = person.find(f"{{{TEI}}}persPronouns")
        found.append(
            Character(
                own,
                next(iter(names), own),
                {name: count for name, count in names.items() if count},
                None if pronouns is None else pronouns.get("value"),
                "group" if etree.QName(person).localname == "personGrp" else "person",
                uses[own],
                tuple(relations[own]),
                tuple(_trait(t) for t in person.iterfind(f"{{{TEI}}}trait")),
            )
        )
    return found


def _trait(trait: etree._Element) -> Trait:
    place = (trait.get("source") or "").removeprefix("#string-range(body,").removesuffix(")").split(",")
    start, length = (int(n) for n in place) if len(place) == 2 else (0, 0)
    value = trait.find(f"{{{TEI}}}desc")
    return Trait(trait.get("type") or "", "" if value is None else value.text or "", start, start + length)


def _mentions(spans: list[Spanned]) -> list[Mention]:
    found = []
    for span in spans:
        kind = "name" if span.tag == "persName" else span.get("type") if span.tag == "rs" else None
        if kind is not None:
            found.append(Mention(span.start, span.end, kind, _id(span.get("ref"))))  # type: ignore[arg-type]
    return found


def _utterances(by_tag: dict[str, list[Spanned]]) -> list[Utterance]:
    heads: dict[str, str] = {}
    pieces: defaultdict[str, list[Spanned]] = defaultdict(list)
    for said in by_tag["said"]:
        own = said.get("id") or ""
        heads[own] = heads.get(_id(said.get("prev")) or "", own)
        pieces[heads[own]].append(said)
    cues = {_id(s.get("corresp")): Cue(s.start, s.end) for s in by_tag["seg"] if s.get("type") == "cue"}
    found = []
    for own, group in pieces.items():
        parts: dict[str, tuple[int, int]] = {}
        for piece in group:
            number = piece.get("n") or "1"
            parts[number] = (parts.get(number, (piece.start, 0))[0], piece.end)
        head, spans = group[0], tuple(parts.values())
        sure = head.element.find(f"{{{TEI}}}certainty")
        heard = head.ana("heard")
        found.append(
            Utterance(
                own,
                spans[0][0],
                spans[-1][1],
                spans,
                head.ana("kind") or ("speech" if head.get("aloud") != "false" else "thought"),  # type: ignore[arg-type]
                head.ana("mode") or "direct",  # type: ignore[arg-type]
                _id(head.get("who")),
                _ids(head.get("toWhom")),
                cues.get(own),
                head.ana("evidence"),  # type: ignore[arg-type]
                None if heard is None else heard == "yes",
                float(sure.get("degree") or 0) if sure is not None else 0.0,
            )
        )
    return found


def _writing(span: Spanned, links: list[tuple[Any, ...]]) -> Writing:
    own, status = span.get("id") or "", span.get("subtype") or "unknown"
    people = {link[0]: _id(link[2]) for link in links if len(link) == 3 and link[1] == f"#{own}"}
    sender, recipient = people.get("sender"), people.get("recipient")
    return Writing(own, span.start, span.end, span.get("type") or "", sender, recipient, status)  # type: ignore[arg-type]
