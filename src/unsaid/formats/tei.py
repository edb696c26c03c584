"""A story as TEI P5: the text to the character, with who says what to whom, mentions, matter and people marked in it.

Elements that would cross are split, the shorter one at the edge of the longer; the pieces are joined by ``next`` and
``prev``, and ``n`` counts the parts of an utterance. White space between paragraphs stands between their elements. What
XML 1.0 cannot hold (control characters) stands as a ``g`` that names the code point.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from unsaid.formats.lines import one_line
from unsaid.formats.tei_rest import rest_of
from unsaid.formats.tokens import prose_of
from unsaid.formats.trees import Node, nested
from unsaid.formats.xml import ILLEGAL, clean, identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.story import Chapter, Character, Mention, Scene, Story, Utterance, Writing

TEI = "http://www.tei-c.org/ns/1.0"
"""TEI's namespace; the elements used are those of P5 4.12.0 (https://tei-c.org/guidelines/p5/)."""
_ID = "{http://www.w3.org/XML/1998/namespace}id"
TAXONOMY = {
    "kind": ("speech", "thought", "writing"),
    "mode": ("direct", "free-direct", "indirect", "free-indirect", "report"),
    "evidence": ("explicit", "anaphoric", "implicit"),
    "heard": ("yes", "no"),
    "person": ("first", "second", "third"),
    "tense": ("past", "present"),
}
"""What ``ana`` points at: the category ``kind-speech`` and so on, declared in the header."""
NAMES = {"name": "persName", "nominal": "rs", "pronoun": "rs"}
SEX = {"he": "M", "she": "F"}


class Block(msgspec.Struct, frozen=True):
    """A paragraph, or a stretch of matter, of the text."""

    start: int
    end: int
    tag: str
    kind: str = ""


def tei(story: Story) -> bytes:
    """Write the story as one TEI document."""
    root = etree.Element(f"{{{TEI}}}TEI", nsmap={None: TEI})
    _header(root, story)
    _stand_off(root, story)
    text = _sub(root, "text")
    body = _sub(text, "body")
    _Body(story, body).write()
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _sub(parent: etree._Element, tag: str, words: str | None = None, **attributes: str | None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{TEI}}}{tag}")
    for name, value in attributes.items():
        if value:
            element.set(_ID if name == "id" else name, clean(value))
    if words is not None:
        element.text = clean(words)
    return element


def _to(*ids: str | None) -> str:
    return " ".join(f"#{identifier(i)}" for i in ids if i)


# --- the header -------------------------------------------------------------------------------------------------------


def _header(root: etree._Element, story: Story) -> None:
    header = _sub(root, "teiHeader")
    file = _sub(header, "fileDesc")
    titles = _sub(file, "titleStmt")
    _sub(titles, "title", story.metadata.title or story.source.name)
    if story.metadata.author:
        _sub(titles, "author", story.metadata.author)
    _sub(_sub(file, "publicationStmt"), "p", "A reading of the text by Unsaid.")
    source = _sub(_sub(file, "sourceDesc"), "bibl")
    _sub(source, "title", story.source.name)
    _sub(source, "idno", story.source.sha256, type="sha256")
    classes = _sub(_sub(header, "encodingDesc"), "classDecl")
    for family, members in TAXONOMY.items():
        taxonomy = _sub(classes, "taxonomy", id=family)
        for member in members:
            _sub(_sub(taxonomy, "category", id=f"{family}-{member}"), "catDesc", member)
    if story.characters:
        people = _sub(_sub(_sub(header, "profileDesc"), "particDesc"), "listPerson")
        for character in story.characters:
            _person(people, character)
        relations = [(c.id, r) for c in story.characters for r in c.relations]
        if relations:
            listed = _sub(people, "listRelation")
            for who, relation in relations:
                _sub(
                    listed, "relation", name="-".join(relation.kind.split()), active=_to(who), passive=_to(relation.to)
                )
    _sub(header, "xenoData", rest_of(story), type="unsaid")


def _person(people: etree._Element, character: Character) -> None:
    if character.kind == "group":
        person = _sub(people, "personGrp", id=identifier(character.id))
    else:
        person = _sub(people, "person", id=identifier(character.id), sex=SEX.get(character.pronouns or ""))
    # The first is what to call them by, also where it stands nowhere in the text; ``n`` counts its uses.
    names = {character.name: character.names.get(character.name, 0), **character.names}
    for name, uses in names.items():
        _sub(person, "persName", name, n=str(uses))
    if character.pronouns:
        _sub(person, "persPronouns", value=character.pronouns)
    for trait in character.traits:
        place = f"#string-range(body,{trait.start},{trait.end - trait.start})"
        _sub(_sub(person, "trait", type=trait.trait, source=place), "desc", trait.value)


def _stand_off(root: etree._Element, story: Story) -> None:
    """Who tells, whose perception is followed and who is present, by scene; who writes to whom; the events in time."""
    links, letters = [], []
    for scene in story.scenes:
        links += [("narrator", scene.id, scene.narrator)] if scene.narrator else []
        links += [("focalizer", scene.id, scene.focalizer)] if scene.focalizer else []
        links += [("present", scene.id, who) for who in scene.present]
    for writing in _letters(story, blocks(story)).values():
        letters += [("sender", writing.id, writing.sender)] if writing.sender else []
        letters += [("recipient", writing.id, writing.recipient)] if writing.recipient else []
    if not links and not letters and not story.chronology:
        return
    beside = _sub(root, "standOff")
    for name, pairs in (("scenes", links), ("letters", letters)):
        if pairs:
            group = _sub(beside, "linkGrp", type=name)
            for kind, one, who in pairs:
                _sub(group, "link", type=kind, target=_to(one, who))
    if story.chronology:
        _timeline(beside, story)


def _timeline(beside: etree._Element, story: Story) -> None:
    """The events in days from the story's present; ``interval`` where the day is known, ``corresp`` the scene."""
    line = _sub(beside, "timeline", origin="#when.present", unit="d")
    _sub(line, "when", id="when.present")
    for event in story.chronology:
        when = _sub(line, "when", id=f"when-{identifier(event.id)}", n=event.what, corresp=_to(event.scene))
        if event.earliest is not None and event.earliest == event.latest and event.earliest >= 0:
            when.set("since", "#when.present")
            when.set("interval", format(event.earliest, ".10g"))


# --- the text ---------------------------------------------------------------------------------------------------------


class _Body:
    """Writes the text into the body, block by block; holds the indices by which the blocks find what is in them."""

    def __init__(self, story: Story, body: etree._Element) -> None:
        self._story, self._body = story, body
        self._blocks = blocks(story)
        self._inline = sorted(inline(story), key=lambda n: (n.start, -n.end))
        self._letters = _letters(story, self._blocks)
        self._pieces: defaultdict[str, list[etree._Element]] = defaultdict(list)
        self._others: defaultdict[tuple[str, int], list[etree._Element]] = defaultdict(list)

    def write(self) -> None:
        story, at = self._story, 0
        chapters = {c.start: c for c in story.chapters}
        scenes = self._scenes()
        division = _sub(self._body, "div")
        begun = False
        letter: tuple[int, etree._Element] | None = None
        for block in self._blocks:
            if letter and block.start >= letter[0]:
                letter = None
            if letter is None:
                self._space(division, at, block.start)
                if block.start in chapters:
                    division = _sub(self._body, "div") if begun else division
                    _chapter(division, chapters[block.start])
                for scene in scenes.get(block.start, ()):
                    ana = _to(f"person-{scene.person}", f"tense-{scene.tense}")
                    _sub(division, "milestone", unit="scene", id=identifier(scene.id), ana=ana, n=scene.place)
                if block.start in self._letters:
                    letter = self._letter(division, self._letters[block.start])
            else:
                self._space(letter[1], at, block.start)
            self._block(letter[1] if letter else division, block)
            begun, at = True, block.end
        self._space(division, at, len(story.text))
        if not begun:
            _sub(division, "p")
        self._link()

    def _scenes(self) -> dict[int, list[Scene]]:
        """The scenes by the start of the block that each begins with."""
        starts = [b.start for b in self._blocks]
        found: defaultdict[int, list[Scene]] = defaultdict(list)
        for scene in self._story.scenes:
            at = bisect_left(starts, scene.start)
            found[starts[at] if at < len(starts) else len(self._story.text)].append(scene)
        return found

    def _letter(self, division: etree._Element, writing: Writing) -> tuple[int, etree._Element]:
        """Open a letter; the end of its span and the element that its paragraphs go into."""
        ana = None if writing.status == "unknown" else writing.status
        floating = _sub(division, "floatingText", type=writing.kind, subtype=ana, id=identifier(writing.id))
        return writing.end, _sub(floating, "body")

    def _space(self, parent: etree._Element, start: int, end: int) -> None:
        """White space between blocks; anything else (there should be nothing) in a block of its own."""
        words = self._story.text[start:end]
        if words and not words.isspace():
            parent = _sub(parent, "ab")
        _put(parent, words)

    def _block(self, parent: etree._Element, block: Block) -> None:
        element = _sub(parent, block.tag, type=block.kind or None)
        low = bisect_left(self._inline, block.start, key=lambda n: n.start)
        high = bisect_left(self._inline, block.end, key=lambda n: n.start)
        inside = [*self._reaching(block.start), *self._inline[low:high]]
        tree = nested([n.clipped(block.start, block.end) for n in inside], block.start, block.end)
        self._fill(element, tree, block.start, block.end)

    def _reaching(self, offset: int) -> Iterator[Node]:
        """What begins before an offset and goes on behind it."""
        at = bisect_left(self._inline, offset, key=lambda n: n.start)
        return (n for n in self._inline[max(0, at - _BACK) : at] if n.end > offset)

    def _fill(self, element: etree._Element, tree: Sequence[Node], start: int, end: int) -> None:
        at = start
        for node in tree:
            _put(element, self._story.text[at : node.start])
            child = self._element(element, node)
            self._fill(child, node.children, node.start, node.end)
            at = node.end
        _put(element, self._story.text[at:end])

    def _element(self, parent: etree._Element, node: Node) -> etree._Element:
        item = node.item
        if node.kind == "said":
            return self._said(parent, item, node.part)
        if node.kind == "cue":
            element = _sub(parent, "seg", type="cue", corresp=_to(item.id))
        elif node.kind == "mention":
            element = _mention(parent, item)
        else:
            element = _sub(parent, "hi", rend=item.kind)
        self._others[node.kind, id(item)].append(element)
        return element

    def _said(self, parent: etree._Element, line: Utterance, part: int) -> etree._Element:
        said = _sub(parent, "said", n=str(part + 1), who=_to(line.speaker), toWhom=_to(*line.addressees))
        said.set("aloud", "false" if line.kind != "speech" else "true")
        said.set("direct", "true" if line.is_direct else "false")
        pieces = self._pieces[line.id]
        if not pieces:
            heard = None if line.heard is None else f"heard-{'yes' if line.heard else 'no'}"
            evidence = f"evidence-{line.evidence}" if line.evidence else None
            said.set("ana", _to(f"kind-{line.kind}", f"mode-{line.mode}", evidence, heard))
            _sub(said, "certainty", locus="value", match="../@who", degree=format(line.confidence, ".4g"))
        pieces.append(said)
        return said

    def _link(self) -> None:
        """Give each utterance, and whatever else is in pieces, their ids, and join the pieces."""
        split = (pieces for pieces in self._others.values() if len(pieces) > 1)
        named = [(identifier(identity), pieces) for identity, pieces in self._pieces.items()]
        named += [(f"piece.{number}", pieces) for number, pieces in enumerate(split, 1)]
        for own, pieces in named:
            names = [own, *(f"{own}.{n}" for n in range(2, len(pieces) + 1))]
            for name, piece in zip(names, pieces, strict=True):
                piece.set(_ID, name)
            for (one, piece), (other, following) in pairwise(zip(names, pieces, strict=True)):
                piece.set("next", f"#{other}")
                following.set("prev", f"#{one}")


_BACK = 400
"""So many spans are looked through for one that reaches into a block from before."""


def _chapter(division: etree._Element, chapter: Chapter) -> None:
    division.set("type", "chapter")
    division.set(_ID, identifier(chapter.id))
    if chapter.title:
        division.set("n", clean(one_line(chapter.title)))


def _mention(parent: etree._Element, mention: Mention) -> etree._Element:
    element = _sub(parent, NAMES[mention.kind], ref=_to(mention.character))
    if mention.kind != "name":
        element.set("type", mention.kind)
    return element


def _put(element: etree._Element, words: str) -> None:
    """Put text behind what an element holds so far."""
    at = 0
    for match in ILLEGAL.finditer(words):
        _append(element, words[at : match.start()])
        glyph = _sub(element, "g", "\ufffd", n=f"U+{ord(match.group()):04X}")
        glyph.tail = ""
        at = match.end()
    _append(element, words[at:])


def _append(element: etree._Element, words: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def blocks(story: Story) -> list[Block]:
    """The text's paragraphs and matter, in order and apart; what is between them is white space."""
    matter = [Block(m.start, m.end, "note", m.kind) for m in story.matter if m.end > m.start]
    found = list(matter)
    for paragraph in prose_of(story).paragraphs:
        at = bisect_right(matter, paragraph.start, key=lambda b: b.start)
        before = matter[at - 1].end if at else 0
        after = matter[at].start if at < len(matter) else len(story.text)
        if before <= paragraph.start and paragraph.end <= after:
            found.append(Block(paragraph.start, paragraph.end, "p"))
    return sorted(found, key=lambda b: b.start)


def inline(story: Story) -> Iterator[Node]:
    """What is marked inside paragraphs: lines, their cues, mentions, emphasis."""
    for line in story.utterances:
        yield from (Node(s, e, "said", line, part) for part, (s, e) in enumerate(line.parts) if s < e)
        if line.cue and line.cue.start < line.cue.end:
            yield Node(line.cue.start, line.cue.end, "cue", line)
    yield from (Node(m.start, m.end, "mention", m) for m in story.mentions if m.start < m.end)
    yield from (Node(e.start, e.end, "emphasis", e) for e in story.emphasis if e.start < e.end)


def _letters(story: Story, found: Sequence[Block]) -> dict[int, Writing]:
    """The writings that begin and end with a paragraph, by where they begin, none inside another."""
    starts, ends = {b.start for b in found}, {b.end for b in found}
    letters: dict[int, Writing] = {}
    last = 0
    for writing in sorted(story.writings, key=lambda w: (w.start, -w.end)):
        if writing.start in starts and writing.end in ends and writing.start >= last:
            letters[writing.start] = writing
            last = writing.end
    return letters
