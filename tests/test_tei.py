"""TEI: valid, the text to the character, and the same story when it is read back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import unsaid
from unsaid.errors import NotAStory
from unsaid.formats.tei import TEI, tei
from unsaid.formats.tei_read import from_tei
from unsaid.formats.trees import Node, nested
from unsaid.formats.xml import identifier
from unsaid.story import Emphasis, Mention, Relation, Source, Story

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".txt", ".html", ".epub"))
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "tei_in_use.rng"))


def body_text(document: bytes) -> str:
    body = etree.fromstring(document).find(f".//{{{TEI}}}body")
    assert body is not None
    return "".join(body.itertext())


def kept(story: Story) -> dict[str, object]:
    """What TEI keeps of a story, in the contract's terms, brought to one form."""
    lines = [
        msgspec.structs.replace(u, rule=None, reason=None, confidence=float(f"{u.confidence:.4g}"))
        for u in story.utterances
    ]
    people = [
        msgspec.structs.replace(c, mentions=0, relations=tuple(Relation(r.kind, r.to) for r in c.relations))
        for c in story.characters
    ]
    return {
        "text": story.text,
        "title": (story.metadata.title, story.metadata.author),
        "matter": [(m.start, m.end, m.kind) for m in story.matter],
        "emphasis": sorted((e.start, e.end, e.kind) for e in story.emphasis),
        "chapters": [(c.id, c.start, c.end, " ".join((c.title or "").split())) for c in story.chapters],
        "scenes": [(s.id, s.start, s.person, s.tense, s.narrator, s.focalizer, s.present) for s in story.scenes],
        "characters": people,
        "mentions": sorted((m.start, m.end, m.kind, m.character or "") for m in story.mentions),
        "utterances": lines,
    }


def check_a_story_comes_back(story: Story) -> None:
    document = tei(story)
    SCHEMA.assertValid(etree.fromstring(document))
    assert body_text(document) == story.text
    assert kept(from_tei(document)) == kept(story)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_a_story_comes_back(path: Path) -> None:
    check_a_story_comes_back(unsaid.read(path))


def test_an_edited_text_takes_no_stale_offsets_and_an_edited_speaker_is_read() -> None:
    story = unsaid.read(FOLDER / "what-the-snow-kept.txt")
    assert from_tei(tei(story)) == story
    document = tei(story).decode("utf-8")
    line = next(u for u in story.utterances if u.speaker and u.kind == "speech")
    other = next(c.id for c in story.characters if c.id != line.speaker)
    edited = document.replace(f'who="#{line.speaker}"', f'who="#{other}"', 1)
    assert (
        sum(u.speaker != v.speaker for u, v in zip(from_tei(edited.encode()).utterances, story.utterances, strict=True))
        == 1
    )
    longer = document.replace("</body>", "<div><p>One line more.</p></div></body>")
    back = from_tei(longer.encode())
    assert back.metadata == story.metadata
    assert not (back.entries)
    assert not (back.gaps)
    assert not (back.findings)


def test_a_damaged_rest_is_said_to_be_damaged() -> None:
    document = tei(unsaid.read(FOLDER / "three-ways.txt"))
    with pytest.raises(NotAStory, match="xenoData of its header is damaged"):
        from_tei(document.replace(b'type="unsaid">{', b'type="unsaid">['))


def test_letters_that_fill_paragraphs_are_floating_texts() -> None:
    story = unsaid.read(FOLDER / "standing-order.html")
    written = [(w.id, w.start, w.end, w.sender, w.recipient) for w in story.writings]
    assert written
    assert [(w.id, w.start, w.end, w.sender, w.recipient) for w in from_tei(tei(story)).writings] == written


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=8)


@given(SPANS)
def test_crossing_spans_become_a_tree_that_covers_the_same(spans: list[tuple[int, int]]) -> None:
    nodes = [Node(start, min(40, start + size), "x", i) for i, (start, size) in enumerate(spans)]
    covered: dict[int, set[int]] = {i: set() for i in range(len(nodes))}

    def walk(level: list[Node], low: int, high: int) -> None:
        at = low
        for node in level:
            assert at <= node.start < node.end <= high
            assert not covered[node.item] & set(range(node.start, node.end))
            covered[node.item] |= set(range(node.start, node.end))
            walk(node.children, node.start, node.end)
            at = node.end

    walk(nested(nodes, 0, 40), 0, 40)
    assert covered == {i: set(range(n.start, n.end)) for i, n in enumerate(nodes)}


@given(SPANS, SPANS)
def test_what_crosses_is_split_and_comes_back(marked: list[tuple[int, int]], slanted: list[tuple[int, int]]) -> None:
    text = '"You came back," said Odile. "You came late," said Bram.\n'
    story = unsaid.read(text)
    emphasis = tuple(Emphasis(s, s + n, "italic") for s, n in slanted)
    mentions = tuple(Mention(s, s + n, "name", None) for s, n in marked)
    document = tei(msgspec.structs.replace(story, emphasis=emphasis, mentions=mentions))
    SCHEMA.assertValid(etree.fromstring(document))
    assert body_text(document) == text
    back = from_tei(document)
    assert [u.parts for u in back.utterances] == [u.parts for u in story.utterances]
    for spans, again in ((emphasis, back.emphasis), (mentions, back.mentions)):
        before = {at for span in spans for at in range(span.start, span.end)}
        assert {at for span in again for at in range(span.start, span.end)} == before


def test_what_xml_cannot_hold_comes_back() -> None:
    story = unsaid.read('"You\x01 came & <b>back</b>," said Odile.\r\n\r\n"No\x0b," Bram said.\n')
    document = tei(story)
    SCHEMA.assertValid(etree.fromstring(document))
    assert from_tei(document).text == story.text


def test_an_empty_story_is_valid_too() -> None:
    story = Story(source=Source("x.txt", "text/plain", None, "0" * 64, 0), text=" \n")
    SCHEMA.assertValid(etree.fromstring(tei(story)))
    assert from_tei(tei(story)).text == story.text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no well-formed XML"),
        (b"<TEI", "no well-formed XML"),
        (b"<html/>", "the root is html"),
        (
            b'<!DOCTYPE a [<!ENTITY b "c">]><TEI xmlns="http://www.tei-c.org/ns/1.0">&b;</TEI>',
            "no TEI document with a body",
        ),
    ],
)
def test_what_is_no_tei_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(NotAStory, match=why):
        from_tei(data)


def test_a_value_that_the_contract_does_not_know_is_refused() -> None:
    document = tei(unsaid.read('"You came back," said Odile.\n')).replace(b"#kind-speech", b"#kind-song")
    with pytest.raises(NotAStory, match="song"):
        from_tei(document)


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_ids_of_any_kind_stay_apart_and_legal(one: str, other: str) -> None:
    assert etree.fromstring(f'<a xml:id="{identifier(one)}"/>') is not None
    assert (identifier(one) == identifier(other)) == (one == other)
