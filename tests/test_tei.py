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
from unsaid.story import Emphasis, Event, Mention, Repair, Source, Story, Writing

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".txt", ".html", ".epub"))
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "tei_in_use.rng"))


def body_text(document: bytes) -> str:
    body = etree.fromstring(document).find(f".//{{{TEI}}}body")
    assert body is not None
    return "".join(body.itertext())


def check_a_story_comes_back(story: Story) -> None:
    document = tei(story)
    SCHEMA.assertValid(etree.fromstring(document))
    assert body_text(document) == story.text
    assert from_tei(document) == story


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


def test_letters_that_fill_paragraphs_are_floating_texts_and_none_is_lost() -> None:
    story = unsaid.read(FOLDER / "standing-order.html")
    first, *others = story.writings
    who, other = story.characters[0].id, story.characters[1].id
    inside = Writing("w99", first.start + 1, first.end - 1, "note", None, who, "unsent", first.id, False)
    first = msgspec.structs.replace(first, sender=None, recipient=who, reply_to="w99", answered=True)
    story = msgspec.structs.replace(story, writings=(first, *others, inside))
    document = tei(story)
    SCHEMA.assertValid(etree.fromstring(document))
    assert from_tei(document).writings == story.writings
    link = f'type="recipient" target="#{first.id} #{who}"'
    edited = document.replace(link.encode(), link.replace(f"#{who}", f"#{other}").encode())
    assert from_tei(edited).writings[0] == msgspec.structs.replace(first, recipient=other)


def test_the_timeline_says_on_which_day_and_in_which_scene() -> None:
    story = unsaid.read(FOLDER / "what-the-snow-kept.txt")
    scene = story.scenes[-1].id
    events = (Event("e1", "birth", 0, 4, scene, 3.0, 3.0), Event("e2", "death", 0, 4, None, None, 2.0))
    document = tei(msgspec.structs.replace(story, chronology=events))
    SCHEMA.assertValid(etree.fromstring(document))
    dated, open_ = etree.fromstring(document).findall(f".//{{{TEI}}}when")[1:]
    assert (dated.get("n"), dated.get("interval"), dated.get("since"), dated.get("corresp")) == (
        "birth", "3", "#when.present", f"#{scene}",
    )  # fmt: skip
    assert open_.get("interval") is None
    assert from_tei(document).chronology == events


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
    inside = len(text.rstrip())
    for spans, again in ((emphasis, back.emphasis), (mentions, back.mentions)):
        before = [(span.start, min(span.end, inside)) for span in spans if span.start < inside]
        assert sorted((span.start, span.end) for span in again) == sorted(before)


def test_what_xml_cannot_hold_comes_back() -> None:
    story = unsaid.read('"You\x01 came & <b>back</b>," said Odile.\r\n\r\n"No\x0b," Bram said.\n')
    document = tei(story)
    SCHEMA.assertValid(etree.fromstring(document))
    assert from_tei(document).text == story.text


def test_what_is_longer_than_a_parser_likes_comes_back(orchard: Story) -> None:
    story = msgspec.structs.replace(orchard, repairs=(Repair(0, 1, "mojibake", "Ã" * 2_000_000),))
    document = tei(story)
    assert len(document) > 10_000_000
    assert from_tei(document).repairs == story.repairs


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


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ('degree="', 'degree="very '),
        ('persName n="', 'persName n="many '),
        ("<p>", '<p><g n="U+FFFFFFFFF"/>'),
        ("<p>", '<p><g n="U+odd"/>'),
        ('who="#c', 'who="#nobody'),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(written: str, broken: str) -> None:
    story = unsaid.read(FOLDER / "three-ways.txt")
    document = tei(story).decode("utf-8")
    assert written in document
    with pytest.raises(NotAStory):
        from_tei(document.replace(written, broken).encode("utf-8"))


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_ids_of_any_kind_stay_apart_and_legal(one: str, other: str) -> None:
    assert etree.fromstring(f'<a xml:id="{identifier(one)}"/>') is not None
    assert (identifier(one) == identifier(other)) == (one == other)
