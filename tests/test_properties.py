"""What holds of every reading, whatever the text: spans, ids, JSON, line ends; and lines that must be found."""

from __future__ import annotations

import json
import time
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import unsaid
from unsaid.errors import SourceError
from unsaid.reading import read_manuscript
from unsaid.sources import load
from unsaid.story import Story, json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
BOUNDED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Pieces that stories are made of, so that a text of them has people, cues, matter and quotations to trip over.
PIECES = [
    '"Where is the lamp?" asked Ada.', "“Not here,” she said.", "'It's gone,' Tom whispered, 'and so am I.'",
    "“One paragraph goes on", "“and here it ends.”", "— No, said the old man.", "«Peut-être», said Zoë.",
    "*I knew it.*", "_Why_ now?", "I never told him.", "Mr. and Mrs. Hale left.",
    "Ada's brother, the captain, laughed.", "***", "oOo", "~*~", "Chapter One", "CHAPTER II.",
    "A/N: thanks for reading!", "Disclaimer: nothing is mine.", "Rating: T", "by P. Vane", "Dear Ada,", "Yours, Tom",
    "P.S. Burn this.", "\n\n\n\n", "\x0c", '"', "'", "“", "”", "’", "…", "--", "\t", "\xa0", "\u200b", "é", "𝕏",
    "She told him that it was over.", 'He said, "', "I, Tom Hale, am fifteen.", "You can't go!", "said", "Ada",
    "123", "\r", "<i>no</i>",
]  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """Any text at all, and texts of the pieces above: either finds what the other would not."""
    anything = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)
    parts = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([" ", "\n", "\n\n", ""])), max_size=30)
    return st.one_of(anything, parts.map(lambda chosen: "".join(a + b for a, b in chosen)))


def reading(text: str) -> Story | None:
    """The text's reading; None where it is refused, which any text may be that holds nothing to read."""
    try:
        return unsaid.read(text.encode("utf-8"))
    except SourceError:
        return None


def spans_in(value: Any) -> Iterator[tuple[int, int]]:
    """Every span in a reading's JSON, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("start"), int):
            yield value["start"], value["end"]
        for inner in value.values():
            yield from spans_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from spans_in(inner)


@BOUNDED
@given(texts())
def test_spans_lie_in_the_text_and_parts_in_their_order(text: str) -> None:
    story = reading(text)
    if story is None:
        return
    assert all(0 <= start <= end <= len(story.text) for start, end in spans_in(json.loads(story.to_json())))
    for utterance in story.utterances:
        assert utterance.parts
        assert all(start < end for start, end in utterance.parts)
        assert all(a[1] <= b[0] for a, b in pairwise(utterance.parts))
        assert (utterance.start, utterance.end) == (utterance.parts[0][0], utterance.parts[-1][1])
    for spans in (story.matter, story.scenes, story.chapters):
        assert all(a.end <= b.start for a, b in pairwise(spans))


@BOUNDED
@given(texts())
def test_ids_are_one_of_a_kind_and_lead_to_someone(text: str) -> None:
    story = reading(text)
    if story is None:
        return
    people = [c.id for c in story.characters]
    for ids in (people, [u.id for u in story.utterances], [s.id for s in story.scenes], [w.id for w in story.writings]):
        assert len(set(ids)) == len(ids)
    named = {m.character for m in story.mentions}
    named |= {who for u in story.utterances for who in (u.speaker, *u.addressees)}
    named |= {who for s in story.scenes for who in (s.narrator, s.focalizer, *s.present)}
    named |= {who for w in story.writings for who in (w.sender, w.recipient)}
    named |= {r.to for c in story.characters for r in c.relations}
    assert named - {None} <= set(people)
    chapters = {c.id for c in story.chapters}
    assert {s.chapter for s in story.scenes} - {None} <= chapters


@BOUNDED
@given(texts())
def test_the_json_keeps_to_the_schema_and_comes_back(text: str) -> None:
    story = reading(text)
    if story is None:
        return
    data = story.to_json()
    VALIDATOR.validate(json.loads(data))
    assert Story.from_json(data) == story


@BOUNDED
@given(texts())
def test_the_same_text_gives_the_same_reading(text: str) -> None:
    assert reading(text) == reading(text)


@BOUNDED
@given(texts())
def test_line_ends_do_not_matter(text: str) -> None:
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    dos = reading(unix.replace("\n", "\r\n"))
    story = reading(unix)
    assert (dos is None) == (story is None)
    if dos is not None and story is not None:
        assert json.loads(dos.to_json()) | {"source": None} == json.loads(story.to_json()) | {"source": None}


@BOUNDED
@given(texts())
def test_matter_is_never_read_as_story(text: str) -> None:
    story = reading(text)
    if story is None:
        return
    matter = [(m.start, m.end) for m in story.matter]
    for spanned in (*story.utterances, *story.writings):
        parts = getattr(spanned, "parts", ((spanned.start, spanned.end),))
        assert not any(a < end and start < b for a, b in parts for start, end in matter)


@BOUNDED
@given(texts())
def test_nothing_is_unknown_without_a_reason_and_no_confidence_is_beyond_its_bounds(text: str) -> None:
    story = reading(text)
    if story is None:
        return
    assert all(u.reason for u in story.utterances if u.speaker is None)
    assert all(0 <= u.confidence <= 1 for u in story.utterances)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([".txt", ".html", ".md", ".epub", ".docx", ".gz", ""]))
def test_any_bytes_at_all_end_in_a_reading_or_in_one_line(data: bytes, ending: str) -> None:
    name = f"any{ending}"
    complaint = ""
    try:
        read_manuscript(load(data, name=name))
    except SourceError as error:
        complaint = str(error)
    assert "\n" not in complaint
    assert not complaint or complaint.startswith(name)


# Dialogues made from templates: what stands in them is known, so that the reading can be held against it.

NAMES = ("Ada", "Marcus", "Judith", "Peter", "Helen", "Walter")
SAID = (
    "the bridge is closed", "we ought to wait for morning", "nobody told the baker", "there were eleven of them",
    "that hat does not suit you", "the river has risen again", "it was only a small fire",
)  # fmt: skip
QUOTES = (('"', '"'), ("“", "”"), ("‘", "’"), ("«", "»"))
SHAPES = (
    "{q}{S},{e} said {name}.",
    "{q}{S},{e} {name} said.",
    "{name} said, {q}{S}.{e}",
    "{q}{S}!{e} cried {name}.",
    "{q}{S}?{e} {name} asked quietly.",
)
NARRATION = ("The rain went on.", "A cart passed in the road below.", "The clock on the stairs struck four.")


@st.composite
def dialogues(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A text of cued lines in one kind of quotation marks, with narration between; and who says what in it."""
    opening, closing = draw(st.sampled_from(QUOTES))
    turns = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(SAID)), min_size=2, max_size=8))
    paragraphs, expected = [], []
    for name, words in turns:
        said = words[0].upper() + words[1:]
        shape = draw(st.sampled_from(SHAPES))
        paragraphs.append(shape.format(q=opening, e=closing, S=said, name=name))
        expected.append((name, said))
        paragraphs += draw(st.lists(st.sampled_from(NARRATION), max_size=1))
    return "\n\n".join(["It was late in the year.", *paragraphs]) + "\n", expected


@settings(max_examples=40, deadline=None)
@given(dialogues())
def test_a_cued_line_is_found_with_its_speaker(dialogue: tuple[str, list[tuple[str, str]]]) -> None:
    text, expected = dialogue
    story = unsaid.read(text)
    names = {c.id: c.name for c in story.characters}
    direct = [u for u in story.utterances if u.mode == "direct"]
    found = [(names.get(u.speaker or ""), story.passage(u).strip('"“”‘’«»').rstrip(",.!?")) for u in direct]
    assert found == expected
    assert all(u.kind == "speech" and u.evidence == "explicit" and u.cue for u in direct)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(QUOTES[:2]), st.sampled_from(SAID), st.sampled_from(SAID), st.sampled_from(NAMES))
def test_a_line_that_its_cue_interrupts_is_one_of_two_parts(
    quotes: tuple[str, str], one: str, other: str, name: str
) -> None:
    opening, closing = quotes
    story = unsaid.read(f"It was late.\n\n{opening}Well, {one},{closing} said {name}, {opening}and {other}.{closing}\n")
    (line,) = story.utterances
    assert [story.text[a:b].strip('"“”') for a, b in line.parts] == [f"Well, {one},", f"and {other}."]
    assert story.character(line.speaker or "").name == name


@pytest.mark.parametrize("size", [200_000])
def test_a_long_paragraph_is_read_to_its_end(size: int) -> None:
    line = '"I am here," said Ada. The rain went on and on. '
    story = unsaid.read(line * (size // len(line)) + "\n")
    assert len(story.utterances) >= size // len(line) - 1


# Whatever stands in a text, it is read to its end, in time in proportion to its length.


@pytest.mark.parametrize("text", ['"Yes," said', '"Yes," Ada', "said", '"', '"Ada', "Mr.", "“Yes,” he said that"])
def test_a_text_may_end_in_the_middle_of_anything(text: str) -> None:
    story = unsaid.read(f"Ada came in.\n\n{text}\n")
    assert story.text.endswith(f"{text}\n")


def names() -> Iterator[str]:
    """Ever new names of four letters and more."""
    for number in count(1):
        yield "".join("BKLMNPRSTV"[int(digit)] + "aeiou"[int(digit) // 2] for digit in str(number).zfill(4)).title()


def seconds(text: str) -> float:
    """Processor time of a reading."""
    begun = time.process_time()
    unsaid.read(text.encode())
    return time.process_time() - begun


@pytest.mark.parametrize(
    "line",
    [
        '"Yes," said {}.\n\n', '"Come, {}," said the man. ', "The {0} the {0} Man left.\n\n", "Miss {} Hale left. ",
        "{}'s mother came in. ", "Mr. ", "...", '"Yes." ', "— No, said Ada. ", "“‘", "Dear {},\n\nYours, Tom\n\n",
    ],
)  # fmt: skip
def test_reading_takes_linear_time(line: str) -> None:
    """Eight times the text takes about eight times as long; quadratic time would take sixty-four times."""
    every = names()
    small, large = ("".join(line.format(next(every)) for _ in range(size // len(line))) for size in (4_000, 32_000))
    seconds(small)  # whatever is loaded on first use
    assert seconds(large) < 24 * max(seconds(small), 0.02)
