"""The examples: their gold is what they say, and readings of them reach their floors; the scorer scores as it says."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from benchmarks.gold import MarkError, locate, parse, utterances
from benchmarks.score import score
from examples.build import build

EXAMPLES = Path(__file__).parents[1] / "examples"
FLOORS = json.loads((Path(__file__).parent / "gate.json").read_text(encoding="utf-8"))["examples"]
SOURCES = sorted((EXAMPLES / "marked").glob("*.txt"))
NAMES = [source.stem for source in SOURCES]


def gold_of(name: str) -> dict[str, Any]:
    gold: dict[str, Any] = json.loads((EXAMPLES / f"{name}.gold.json").read_text(encoding="utf-8"))
    return gold


@cache
def reading_of(name: str) -> dict[str, Any]:
    reading: dict[str, Any] = json.loads(unsaid.read(EXAMPLES / gold_of(name)["file"]).to_json())
    return reading


def placed(name: str) -> dict[str, Any]:
    """Gold with offsets into the reading's text; a text story's offsets are its own."""
    gold = gold_of(name)
    return gold if gold["file"].endswith(".txt") else locate(gold, reading_of(name)["text"])


# The examples


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_committed_files_are_what_the_marked_story_builds(source: Path) -> None:
    for name, content in build(source).items():
        assert (EXAMPLES / name).read_bytes() == content, f"{name} is stale: python -m examples.build"


@pytest.mark.parametrize("name", [n for n in NAMES if (EXAMPLES / f"{n}.txt").exists()])
def test_gold_offsets_point_at_the_gold_text_in_order(name: str) -> None:
    text = (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    gold = gold_of(name)
    entries = sorted((e for which in ("utterances", "indirect") for e in gold[which]), key=lambda e: e["start"])
    assert all(" ".join(text[e["start"] : e["end"]].split()) == " ".join(e["text"].split()) for e in entries)
    assert all(a["end"] <= b["start"] for a, b in pairwise(entries))


@pytest.mark.parametrize("name", NAMES)
def test_gold_speaks_of_its_own_cast(name: str) -> None:
    gold = gold_of(name)
    cast = {*gold["characters"], *gold["unnamed"], *(form for forms in gold["also"].values() for form in forms)}
    for entry in (*gold["utterances"], *gold["indirect"]):
        assert entry["kind"] in ("speech", "thought", "writing")
        speakers = [entry["speaker"]] if isinstance(entry["speaker"], str) else entry["speaker"]
        assert {*speakers, *entry["addressees"]} <= cast
        assert not {*speakers} & {*entry["addressees"]}, entry["text"]


@pytest.mark.parametrize("name", NAMES)
def test_an_interrupted_turn_goes_on_with_its_own_speaker(name: str) -> None:
    for before, entry in pairwise(gold_of(name)["utterances"]):
        if entry.get("continues"):
            assert (before["kind"], before["speaker"]) == (entry["kind"], entry["speaker"]), entry["text"]


@pytest.mark.parametrize("name", [n for n in NAMES if (EXAMPLES / f"{n}.txt").exists()])
def test_no_quotation_in_double_marks_is_left_out_of_gold(name: str) -> None:
    """What stands in double marks and is no utterance is a title, a word as a word or a scare quote: a few, short."""
    text = (EXAMPLES / f"{name}.txt").read_text(encoding="utf-8")
    gold = gold_of(name)
    spans = [(e["start"], e["end"]) for which in ("utterances", "indirect") for e in gold[which]]
    notes = [m.start() for m in re.finditer(r"^(?:A/N|AN-)", text, re.M)]
    left = [
        m[0]
        for m in re.finditer(r"[\"“][^\"“”\n]+[\"”]", text)
        if not any(a < m.end() and m.start() < b for a, b in spans)
        and not any(n <= m.start() < text.find("\n", n) for n in notes)
    ]
    assert all(len(quotation.split()) <= 3 for quotation in left), left
    assert len(left) <= 4


def test_examples_are_as_long_as_a_short_story() -> None:
    for source in SOURCES:
        words = len(parse(source.read_text(encoding="utf-8")).text.split())
        assert 300 <= words <= 2000, source.name


@pytest.mark.parametrize("name", NAMES)
def test_reading_reaches_its_floor(name: str) -> None:
    result = score(reading_of(name), placed(name))
    misses = "\n".join(map(str, result.misses))
    assert round(result.accuracy, 3) >= FLOORS[name]["both"], misses
    assert round(result.precision, 3) >= FLOORS[name]["precision"]


# Marked stories

FACTS = '\n%%%%\n{"cast": {"A": "Ann", "B": ["the baker", "baker"]}}'


def test_marks_give_kind_speaker_addressee_and_span() -> None:
    lists = utterances(
        parse('{A>B|"Two rolls,"} said Ann. {t:B|I have one,} he thought. {?|Why?} {i:A|She said no.}' + FACTS)
    )
    first, second = lists["utterances"]
    assert (first["kind"], first["speaker"], first["addressees"]) == ("speech", "Ann", ["the baker"])
    assert (first["start"], first["end"], first["text"]) == (0, 12, '"Two rolls,"')
    assert (second["kind"], second["speaker"], second["text"]) == ("thought", ["the baker", "baker"], "I have one,")
    assert [e["text"] for e in lists["optional"]] == ["Why?"]
    assert [e["text"] for e in lists["indirect"]] == ["She said no."]


@pytest.mark.parametrize(
    ("story", "complaint"),
    [
        ('{A|"Two {A|rolls"}' + FACTS, "inside another"),
        ('{A|"Two rolls"' + FACTS, "not closed"),
        ("{1} roll" + FACTS, "marks nothing"),
        ('{A|"Two rolls"}', "no line"),
    ],
)
def test_a_marked_story_that_is_broken_says_why(story: str, complaint: str) -> None:
    with pytest.raises(MarkError, match=complaint):
        parse(story)


def test_a_stranger_to_the_cast_is_refused() -> None:
    with pytest.raises(MarkError, match="'C'"):
        utterances(parse('{C|"Two rolls"}' + FACTS))


plain = st.text(alphabet=st.characters(exclude_characters="{}|%", exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(plain, plain), max_size=8))
def test_spans_of_any_marked_story_are_the_marked_text(pieces: list[tuple[str, str]]) -> None:
    marked = parse("".join(f"{before}{{A>B|{inside}}}" for before, inside in pieces) + FACTS)
    assert [marked.text[p.start : p.end] for p in marked.passages] == [inside for _, inside in pieces]
    assert marked.text == "".join(before + inside for before, inside in pieces) + "\n"


words = st.lists(st.text(alphabet="abc.?*(", min_size=1, max_size=4), min_size=1, max_size=4)


@given(st.lists(words, min_size=1, max_size=6), st.sampled_from([" ", "\n", "\n\n", " \t "]))
def test_passages_are_located_in_order_whatever_the_white_space(passages: list[list[str]], blank: str) -> None:
    gold = {
        "utterances": [{"ordinal": i, "text": " ".join(p)} for i, p in enumerate(passages)],
        "indirect": [],
        "optional": [],
    }
    text = " | ".join(blank.join(p) for p in passages)
    found = locate(gold, text)["utterances"]
    assert [text[e["start"] : e["end"]].split() for e in found] == passages
    assert all(a["end"] <= b["start"] for a, b in pairwise(found))


def test_located_passages_that_are_not_scored_become_spans() -> None:
    gold = {"utterances": [{"ordinal": 1, "text": "Two"}], "indirect": [], "optional": [{"ordinal": 0, "text": "One"}]}
    found = locate(gold, "Two. One. Two.")
    assert found["optional"] == [[5, 8]]
    assert found["utterances"][0]["start"] == 10


def test_a_passage_that_is_not_in_the_text_is_named() -> None:
    gold = {"utterances": [{"ordinal": 0, "text": "Two rolls"}], "indirect": [], "optional": []}
    with pytest.raises(MarkError, match="Two rolls"):
        locate(gold, "Three rolls.")


# The scorer, on an example worked by hand

TEXT = '"Rolls," said Ann. "None," he said. I am hungry. The "fresh" sort.'


def hand_reading(**changes: Any) -> dict[str, Any]:
    def unit(start: int, end: int, kind: str, speaker: str | None, to: list[str]) -> dict[str, Any]:
        spans = {"start": start, "end": end, "parts": [[start, end]]}
        return {**spans, "kind": kind, "mode": "direct", "speaker": speaker, "addressees": to, "rule": "by hand"}

    reading: dict[str, Any] = {
        "text": TEXT,
        "characters": [{"id": "c1", "name": "Ann", "names": {"Ann": 1}}, {"id": "c2", "name": "baker", "names": {}}],
        "utterances": [
            unit(0, 8, "speech", "c1", ["c2"]),
            unit(19, 26, "speech", "c1", []),
            unit(36, 48, "speech", "c2", []),
            unit(53, 60, "speech", None, []),
        ],
        "scenes": [{"start": 0, "end": len(TEXT), "person": "third", "narrator": None}],
        "metadata": {"title": "Rolls", "summary": "Bread is sold out."},
        "matter": [],
    }
    return {**reading, **changes}


GOLD: dict[str, Any] = {
    "utterances": [
        {"start": 0, "end": 8, "kind": "speech", "speaker": "Ann", "addressees": ["the baker"]},
        {"start": 19, "end": 26, "kind": "speech", "speaker": ["the baker", "baker"], "addressees": ["Ann"]},
        {"start": 36, "end": 48, "kind": "thought", "speaker": "the baker", "addressees": []},
    ],
    "also": {"the baker": ["baker"]},
    "characters": ["Ann"],
    "narrators": [],
    "person": "third",
    "header": {"title": "Rolls", "summary_starts": "Bread", "author": "Nobody"},
}


def test_score_of_a_reading_worked_by_hand() -> None:
    result = score(hand_reading(), GOLD)
    assert (result.n, result.found, result.kind, result.speaker, result.both) == (3, 3, 2, 2, 1)
    assert (result.addressed, result.addressees) == (2, 1)
    assert result.kinds == {"speech": (1, 2), "thought": (0, 1)}
    assert result.accuracy == pytest.approx(1 / 3)
    assert result.precision == pytest.approx(3 / 4)
    assert [miss.start for miss in result.misses] == [19, 36]
    assert result.story == {
        "title": True,
        "author": False,
        "summary": True,
        "narrators": True,
        "person": True,
        "characters": True,
    }


def test_a_gold_utterance_is_found_where_half_of_it_is_covered() -> None:
    half = hand_reading()
    half["utterances"][0]["parts"] = [[0, 4]]
    less = hand_reading()
    less["utterances"][0]["parts"] = [[0, 3]]
    assert score(half, GOLD).found == 3
    assert score(less, GOLD).found == 2


def test_what_may_be_read_as_inner_speech_or_not_costs_no_precision() -> None:
    gold = {**GOLD, "optional": [[53, 60]]}
    assert score(hand_reading(), gold).precision == 1.0


def test_indirect_utterances_of_a_reading_are_not_counted() -> None:
    reading = hand_reading()
    for unit in reading["utterances"]:
        unit["mode"] = "indirect"
    result = score(reading, GOLD)
    assert (result.found, result.precision) == (0, 1.0)


def test_narrators_and_notes_are_checked_against_scenes_and_matter() -> None:
    gold = {
        **GOLD,
        "narrators": ["Ann"],
        "person": "first",
        "narration": [{"starts": '"Rolls,"', "ends": "hungry.", "narrator": "Ann"}],
        "end_note_starts": "The",
    }
    scene = {"start": 0, "end": len(TEXT), "person": "first", "narrator": "c1"}
    note = {"start": 49, "end": len(TEXT), "kind": "note"}
    right = score(hand_reading(scenes=[scene], matter=[note]), gold).story
    assert right["narrators"]
    assert right["person"]
    assert right["stretch 1 told by Ann"]
    assert right["end note is matter"]
    wrong = score(hand_reading(scenes=[{**scene, "narrator": "c2", "end": 10}]), gold).story
    assert not wrong["narrators"]
    assert not wrong["stretch 1 told by Ann"]
    assert not wrong["end note is matter"]


@pytest.mark.parametrize("name", [n for n in NAMES if (EXAMPLES / f"{n}.txt").exists()])
def test_gold_scored_as_its_own_reading_is_perfect(name: str) -> None:
    gold = gold_of(name)
    names = {form: f"c{i}" for i, form in enumerate([*gold["characters"], *gold["unnamed"]])}

    def id_of(who: str | list[str]) -> str:
        return names[who if isinstance(who, str) else who[0]]

    units = [
        {
            **entry,
            "parts": [[entry["start"], entry["end"]]],
            "mode": "direct",
            "speaker": id_of(entry["speaker"]),
            "addressees": [id_of(to) for to in entry["addressees"]],
        }
        for entry in gold["utterances"]
    ]
    reading = {
        **hand_reading(scenes=[]),
        "text": (EXAMPLES / gold["file"]).read_text(encoding="utf-8"),
        "characters": [{"id": i, "name": form, "names": {}} for form, i in names.items()],
        "utterances": units,
    }
    result = score(reading, gold)
    assert (result.both, result.addressees, result.precision) == (result.n, result.addressed, 1.0)
