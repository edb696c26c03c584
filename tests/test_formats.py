"""The readable forms: what a reader must find in a summary and in a script."""

from __future__ import annotations

import re

import msgspec
import pytest

import unsaid
from unsaid.formats import script, summary
from unsaid.formats.ledger import ledger
from unsaid.formats.ledger import unsaid as kept_in
from unsaid.formats.lines import clip, labels
from unsaid.story import Character, Scene, Story, Utterance


def rows(text: str, *, holding: str) -> list[str]:
    return [row for row in text.splitlines() if holding in row]


def test_a_summary_opens_with_title_author_and_what_the_file_says_of_itself(orchard: Story) -> None:
    first, second, third = summary(orchard).splitlines()[:3]
    assert first == "The Orchard Wall, by P. Vane"
    assert second == "rated T · Mystery, Romance"
    assert third == "52 words · 1 chapter · 1 scene"


def test_a_summary_counts_each_ones_lines_by_kind(orchard: Story) -> None:
    text = summary(orchard)
    assert rows(text, holding="Bram (he)")[0].split() == ["Bram", "(he)", "1", "1", "1", "4"]
    assert rows(text, holding="Odile (she)")[0].split() == ["Odile", "(she)", "1", "·", "·", "3"]
    assert text.index("Bram (he)") < text.index("Odile (she)"), "who says most stands first"
    assert rows(text, holding="without a line") == ["  without a line: the apples"]


def test_a_summary_says_who_is_unknown_and_why_and_where(orchard: Story) -> None:
    text = summary(orchard)
    assert "5 lines: 4 with a speaker (3 by name, 1 by the conversation)" in text
    assert "1 without a speaker: 1 no cue, and two could have said it" in text
    assert 'line 14: "Who is there?"' in text


def test_reasons_that_differ_only_in_what_they_quote_are_counted_together(orchard: Story) -> None:
    why = ("the cue says “the cook”", "the cue says “a\nporter”")
    lost = tuple(msgspec.structs.replace(orchard.utterances[3], reason=reason) for reason in why)
    text = summary(msgspec.structs.replace(orchard, utterances=lost))
    assert "2 without a speaker: 2 the cue says “…”" in text


def test_a_summary_tells_how_the_story_is_told(orchard: Story) -> None:
    assert "  in the third person, past tense" in summary(orchard)
    first = Scene("s2", 200, 260, None, "first", "present", "c2", None, (), None)
    two = msgspec.structs.replace(orchard, scenes=(*orchard.scenes, first))
    assert rows(summary(two), holding="by Bram, in the first person, present tense (")


def test_findings_are_shown_with_their_line(orchard: Story) -> None:
    assert "warning X101: lines seem to be missing (line 14)" in summary(orchard)
    assert "warning X101: lines seem to be missing (lines 14, 14)" in summary(
        msgspec.structs.replace(orchard, findings=orchard.findings * 2)
    )
    assert "Findings" not in summary(msgspec.structs.replace(orchard, findings=()))
    notes = tuple(msgspec.structs.replace(f, severity="note") for f in orchard.findings)
    assert "  1 note: 1 X101 (" in summary(msgspec.structs.replace(orchard, findings=notes))


def test_headings_stand_out_only_where_it_is_asked_for(orchard: Story) -> None:
    assert "<Cast>" in summary(orchard, bold=lambda text: f"<{text}>")
    assert "\x1b" not in summary(orchard)


def test_a_script_gives_each_line_its_voice(orchard: Story) -> None:
    text = script(orchard)
    assert "ODILE (to Bram): You came back." in text
    assert "BRAM (to Odile): I never left, not really. I was in the shed, with the apples." in text
    assert "BRAM (thinks): She cannot know." in text
    assert "?: Who is there?" in text
    assert "BRAM (writes to Odile): Dear Odile,\n    I took the ladder. B." in text


def test_a_script_keeps_narration_as_stage_direction_and_leaves_cues_and_matter_out(orchard: Story) -> None:
    text = script(orchard)
    assert "  [The gate swung shut behind her.]" in text
    assert "said Odile" not in text
    assert "by P. Vane" not in text.lower().splitlines()[1:]
    assert text.count("Chapter One") == 1, "only in the scene's heading"


def test_a_scene_heading_says_place_chapter_and_who_is_there(orchard: Story) -> None:
    assert "SCENE 1. the orchard. Chapter One. Present: Odile, Bram." in script(orchard)


def test_two_who_are_called_the_same_are_told_apart(orchard: Story) -> None:
    same = Character("c9", "Bram", {"Bram": 1}, "he", "person", 1)
    called = labels(msgspec.structs.replace(orchard, characters=(*orchard.characters, same)))
    assert (called["c2"], called["c9"]) == ("Bram", "Bram (2)")


def spoken(passage: str) -> str:
    line = Utterance("u1", 0, len(passage), ((0, len(passage)),), "speech", "direct", None, (), None, None, None, 0.0)
    story = Story(source=msgspec.convert(dict(SOURCE), type(EMPTY.source)), text=passage, utterances=(line,))
    return script(story).splitlines()[1].removeprefix("?: ")


SOURCE = {"name": "x.txt", "media_type": "text/plain", "encoding": None, "sha256": "", "words": 0}
EMPTY = Story.from_json(msgspec.json.encode({"format": "unsaid-story/1", "source": SOURCE, "text": ""}))


@pytest.mark.parametrize(
    ("passage", "words"),
    [
        ('"Go on."', "Go on."),
        ("'Go on.'", "Go on."),
        ("«Go on.»", "Go on."),
        ('"It never closes', "It never closes"),
        ("'Tis late", "'Tis late"),
        ("\"She said 'no' to me.\"", "She said 'no' to me."),
        ("Bare words", "Bare words"),
        ("— Go on.", "Go on."),
        ("—and so on", "—and so on"),
    ],
)
def test_marks_around_a_line_go_and_those_inside_stay(passage: str, words: str) -> None:
    assert spoken(passage) == words


def test_a_turn_of_two_paragraphs_loses_the_mark_that_continues_it() -> None:
    passage = '"One thing.\n\n"And another."'
    line = Utterance("u1", 0, len(passage), ((0, len(passage)),), "speech", "direct", None, (), None, None, None, 0.0)
    story = msgspec.structs.replace(EMPTY, text=passage, utterances=(line,))
    assert script(story).splitlines()[1:] == ["?: One thing.", "    And another."]


@pytest.mark.parametrize(
    ("passage", "words"),
    [
        ('"I know," she said. "I saw."', "I know. I saw."),
        ('"I know," she said, "and I saw,"', "I know, and I saw."),
        ('"Well—" she said. "Go!"', "Well— Go!"),
    ],
)
def test_the_comma_before_a_cue_is_the_full_stop_it_stands_for(passage: str, words: str) -> None:
    parts = tuple(m.span() for m in re.finditer('"[^"]+"', passage))
    line = Utterance("u1", 0, len(passage), parts, "speech", "direct", None, (), None, None, None, 0.0)
    story = msgspec.structs.replace(EMPTY, text=passage, utterances=(line,))
    assert script(story).splitlines()[1] == f"?: {words}"


def test_a_story_without_anyone_has_a_summary_and_a_script() -> None:
    assert "nobody" in summary(EMPTY)
    assert script(EMPTY) == "X.TXT\n"


def test_a_clipped_passage_ends_at_a_word() -> None:
    assert clip("one two three", 9) == "one two…"
    assert clip("one\n two", 20) == "one two"
    assert len(clip("x" * 50, 10)) == 10


def test_a_ledger_says_what_passes_and_what_became_of_it() -> None:
    story = unsaid.read('"Will you stay?" said Ann to Ben.\n\n"Yes," said Ben.\n')
    assert ledger(story).splitlines()[2:] == [
        "     1  request     Ann to Ben: Will you stay?",
        '                    granted, line 3: "Yes,"',
    ]


def test_what_is_kept_in_stands_by_whom_and_toward_whom() -> None:
    story = unsaid.read('"I am glad for you," said Ann to Ben.\n\n*Don\'t go*, she thought.\n')
    assert kept_in(story).splitlines()[2:] == [
        "Ann, toward Ben",
        "     3  thinks (request): Don't go",
        '        while saying: "I am glad for you,"',
    ]


def test_a_story_without_anyone_has_an_empty_ledger() -> None:
    assert ledger(EMPTY).endswith("Nothing passes between anybody that the ledger knows.\n")
    assert kept_in(EMPTY).endswith("Nobody keeps anything in that the ledger knows.\n")
