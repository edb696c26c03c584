"""Corrections: what a person says is given, is kept beside the story, and survives edits of the draft."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import unsaid
from unsaid import Draft, corrections, sources, voices
from unsaid.corrections import Book
from unsaid.errors import CorrectionError, NoSuchCharacter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Ran

TALE = """Ida put the kettle on the stove. Wren sat down by the window and took off his boots.

"You are late," said Ida.

"The ferry was late," said Wren.

"It always is."

"It was the ice this time."

"There is no ice in April."

"Then you tell me what it was."

A long time passed. The kettle began to sing, and Wren and Ida looked at it.

"You went to see her," she said.

"Who?"

"You know who."

"I have not been there since the funeral."

Mrs. Pell came in with the eggs. Wren stood up. The old woman set the basket down.

"Good evening," said Mrs. Pell.

"Good evening, Nan," said Wren.
"""


@pytest.fixture
def tale(tmp_path: Path) -> Path:
    path = tmp_path / "tale.txt"
    path.write_text(TALE, encoding="utf-8")
    return path


def said(story: unsaid.Story, words: str) -> tuple[str | None, str]:
    """Who speaks the line with these words, and what it is."""
    (line,) = [u for u in story.utterances if words in story.passage(u)]
    return (story.character(line.speaker).name if line.speaker else None), line.kind


def test_a_corrected_line_is_theirs_and_the_turn_taking_falls_into_place(tale: Path) -> None:
    draft = Draft.open(tale)
    before = [said(draft.story, w)[0] for w in ("It always is", "the ice this time", "no ice in April")]
    assert before == ["Ida", "Wren", "Ida"]
    story = draft.correct(corrections.speaker(draft.story, "It always is", "Wren"))
    line = next(u for u in story.utterances if "It always is" in story.passage(u))
    assert (line.rule, line.confidence) == ("corrected", 1.0)
    assert [said(story, w)[0] for w in ("It always is", "the ice this time", "no ice in April")] == [
        "Wren",
        "Ida",
        "Wren",
    ]


def test_a_correction_holds_whenever_the_story_is_read_again(tale: Path) -> None:
    draft = Draft.open(tale)
    story = draft.correct(corrections.speaker(draft.story, "Who?", "Ida"))
    assert tale.with_name("tale.unsaid.toml").is_file()
    assert unsaid.read(tale).to_json() == story.to_json()
    assert said(unsaid.read(tale), "Who?")[0] == "Ida"
    assert said(unsaid.read(tale, corrected=()), "Who?")[0] == "Wren"


def test_a_correction_finds_its_line_in_the_edited_draft(tale: Path) -> None:
    draft = Draft.open(tale)
    draft.correct(corrections.speaker(draft.story, "Who?", "Ida"))
    edited = TALE.replace("You know who.", "You know very well who.").replace("Ida put", "It rained all day. Ida put")
    tale.write_text(edited.replace('"Who?"', '"Who, then?"'), encoding="utf-8")
    assert said(unsaid.read(tale), "Who, then?")[0] == "Ida"


def test_a_correction_whose_line_was_cut_is_reported_and_kept(tale: Path) -> None:
    draft = Draft.open(tale)
    draft.correct(corrections.speaker(draft.story, "the ice this time", "Ida"))
    begin, end = TALE.index('"You are late'), TALE.index("Ida looked")
    tale.write_text(TALE[:begin] + TALE[end:], encoding="utf-8")
    again = Draft.open(tale)
    assert [u.correction for u in again.unfit] == list(draft.book.corrections)
    (finding,) = [f for f in again.story.findings if f.rule == "X106"]
    assert "the ice this time" in finding.message
    assert len(again.book.entries) == 1
    tale.write_text(TALE, encoding="utf-8")
    assert not Draft.open(tale).unfit


def test_undo_and_redo_go_back_and_forth_and_are_kept(tale: Path) -> None:
    draft = Draft.open(tale)
    first = draft.story
    second = draft.correct(corrections.speaker(first, "Who?", "Ida"))
    third = draft.correct(corrections.rename(second, "Ida", "Ida Marsh"))
    assert draft.undo() == second
    assert draft.undo() == first
    assert draft.undo() == first
    assert Draft.open(tale).redo() == second
    assert draft.redo() == third
    assert draft.redo() == third


def test_lines_are_read_at_once_and_the_rest_when_asked_for(tale: Path) -> None:
    draft = Draft.open(tale)
    quick = draft.correct(corrections.speaker(draft.story, "Who?", "Ida"), lines_only=True)
    assert not draft.whole
    assert not quick.entries
    assert said(quick, "Who?")[0] == "Ida"
    assert draft.finish().to_json() == unsaid.read(tale).to_json()
    assert draft.whole


def test_two_windows_see_what_the_other_saved(tale: Path) -> None:
    one, other = Draft.open(tale), Draft.open(tale)
    one.correct(corrections.speaker(one.story, "Who?", "Ida"))
    other.correct(corrections.rename(other.story, "Wren", "Jenny"))
    assert said(other.story, "Who?")[0] == "Ida"
    assert one.refresh() == other.story
    assert len(one.book.entries) == 2


def test_the_most_doubtful_line_comes_first_and_corrected_ones_not_at_all(tale: Path) -> None:
    draft = Draft.open(tale)
    first, *rest = corrections.doubtful(draft.story)
    assert "cue-name" not in {line.rule for line in (first, *rest[:3])}
    assert rest[-1].rule == "cue-name"
    story = draft.correct(corrections.speaker(draft.story, first, "Ida"))
    assert (first.start, first.end) not in [(u.start, u.end) for u in corrections.doubtful(story)]


TOLL = """Hester Quill kept the toll house, and Rufus Dray had come up the road at dusk with his hat in his hand.

"You are late," said Hester.

"The bridge was down," said Rufus.

Hester looked at the lamp and Rufus looked at the lamp.

"It was up this morning."

"It was not."

"Then somebody has taken it."

"In one day?"

"In one hour, if they had carts."

"I saw no carts."

{snow}

Rufus had gone for his hat, and Hester for the lamp.

"Well," somebody said in the lane.

{snow}

"Good morning," said Hester.

"I saw no light," said Hester.

"Good morning," said Rufus.
"""


def test_the_line_to_ask_about_first_is_the_one_that_sets_most_others_right() -> None:
    snow = "\n\n".join(
        "The snow lay on the wall and on the gate, and on the road as far as the bend." for _ in range(35)
    )
    draft = Draft(sources.load(TOLL.format(snow=snow)))
    changes = {}
    for line in (order := draft.doubtful()):
        before = {u.start: u.speaker for u in draft.story.utterances}
        other = next(c for c in draft.story.characters if c.id != line.speaker)
        story = draft.correct(corrections.speaker(draft.story, line, other.name))
        changes[draft.story.text[line.start : line.end]] = sum(before[u.start] != u.speaker for u in story.utterances)
        draft.undo()
    first = draft.story.text[order[0].start : order[0].end]
    assert changes[first] == max(changes.values()) == 6
    alone = next(u for u in order if draft.story.text[u.start : u.end] == '"Well,"')
    assert alone.confidence < order[0].confidence
    assert changes['"Well,"'] == 1
    assert draft.doubtful() == order


def test_a_correction_waits_for_no_weighing_and_is_not_asked_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft(sources.load(TALE))
    weighing, corrected, worth = threading.Event(), threading.Event(), voices.worth

    def slow(*layers: Any) -> Iterator[tuple[str, float]]:
        for one in worth(*layers):
            weighing.set()
            assert corrected.wait(30), "a correction waits until all lines are weighed"
            yield one

    monkeypatch.setattr(voices, "worth", slow)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(draft.doubtful)
        assert weighing.wait(30)
        line = corrections.doubtful(draft.story)[0]
        story = draft.correct(corrections.speaker(draft.story, line, "Ida"))
        corrected.set()
        order = asked.result(30)
    assert line.start not in [u.start for u in order]
    assert order == Draft(sources.load(TALE), book=Book().add(*story.corrections)).doubtful()


def test_a_cue_that_was_misread_once_teaches_nothing_about_a_name() -> None:
    draft = Draft(sources.load(TOLL.format(snow="It snowed.")))
    story = draft.correct(corrections.speaker(draft.story, "You are late", "Rufus"))
    assert [said(story, words)[0] for words in ("You are late", "I saw no light")] == ["Rufus", "Hester"]


def test_a_name_that_turns_out_to_be_another_s_is_theirs_everywhere() -> None:
    text = TOLL.format(snow="It snowed.").replace("Rufus Dray", "a man").replace("Rufus", "the Toller")
    draft = Draft(sources.load(text))
    assert {said(draft.story, words)[0] for words in ("It was not.", "I saw no carts", "down")} == {"the Toller"}
    line = corrections.passage(draft.story, "The bridge was down")
    amos = corrections.newcomer(draft.story, "Amos Dray")
    story = draft.correct(amos, corrections.Speaker(line=line, speaker="Amos Dray"))
    assert {said(story, words)[0] for words in ("It was not.", "I saw no carts", "down")} == {"Amos Dray"}
    assert said(story, "It was up this morning")[0] == "Hester"


def test_a_new_correction_takes_the_place_of_what_was_undone(tale: Path) -> None:
    draft = Draft.open(tale)
    draft.correct(corrections.rename(draft.story, "Ida", "Ada"))
    draft.undo()
    story = draft.correct(corrections.rename(draft.story, "Ida", "Eda"))
    assert draft.redo() == story
    assert len(draft.book.entries) == 1


@pytest.mark.parametrize(
    ("words", "kind", "there"),
    [
        ("It always is", "thought", True),
        ("took off his boots", "thought", False),
        ("Mrs. Pell came in", "writing", False),
    ],
)
def test_a_passage_is_what_it_is_said_to_be(tale: Path, words: str, kind: str, there: bool) -> None:
    draft = Draft.open(tale)
    assert there == any(words in draft.story.passage(u) for u in draft.story.utterances)
    story = draft.correct(corrections.retype(draft.story, words, kind))  # type: ignore[arg-type]
    assert said(story, words)[1] == kind
    assert not draft.unfit


def test_what_is_no_utterance_is_none(tale: Path) -> None:
    draft = Draft.open(tale)
    story = draft.correct(corrections.no_utterance(draft.story, "Who?"))
    assert not [u for u in story.utterances if "Who?" in story.passage(u)]


def test_two_are_one_and_their_lines_follow(tale: Path) -> None:
    text = TALE.replace("said Mrs. Pell", "said Nan Brill")
    story = unsaid.read(text)
    assert said(story, '"Good evening,"')[0] == "Nan Brill"
    merged = story.correct(corrections.merge(story, "Mrs. Pell", "Nan Brill"))
    assert said(merged, '"Good evening,"')[0] == "Mrs. Pell"
    assert merged.character("Nan Brill").id == merged.character("Mrs. Pell").id


def test_one_is_two_and_their_lines_part() -> None:
    story = unsaid.read(TALE.replace("said Mrs. Pell", "said Nan Brill"))
    merged = story.correct(corrections.merge(story, "Mrs. Pell", "Nan Brill"))
    parted = merged.correct(corrections.split(merged, "Mrs. Pell", ["Nan Brill"]))
    assert said(parted, '"Good evening,"')[0] == "Nan Brill"
    assert parted.character("Nan Brill").id != parted.character("Mrs. Pell").id


def test_a_newcomer_is_found_by_name() -> None:
    story = unsaid.read(TALE.replace("said Ida", "said q7"))
    with pytest.raises(NoSuchCharacter):
        story.character("q7")
    known = story.correct(corrections.newcomer(story, "q7", "they"))
    assert said(known, "You are late")[0] == "q7"


def test_the_narrator_is_who_they_are_said_to_be() -> None:
    text = "I came home late. I put my bag down and I sat by the fire.\n\n" * 6 + TALE.replace("said Ida", "I said")
    story = unsaid.read(text)
    assert {s.narrator for s in story.scenes} != {story.character("Ida").id}
    told = story.correct(corrections.narrator(story, "Ida"))
    assert {s.narrator for s in told.scenes} == {told.character("Ida").id}
    assert said(told, "You are late")[0] == "Ida"


def test_a_finding_that_is_meant_is_marked_and_not_checked_again(tale: Path, run: Callable[..., Ran]) -> None:
    tale.write_text(TALE + '\n"And that was all.\n', encoding="utf-8")
    draft = Draft.open(tale)
    (finding,) = [f for f in draft.story.findings if f.rule == "D103"]
    assert run("check", "--select", "D103", tale).status == 1
    story = draft.correct(corrections.meant(draft.story, finding))
    assert [f.meant for f in story.findings if f.rule == "D103"] == [True]
    assert run("check", "--select", "D103", tale).status == 0


def test_what_cannot_be_corrected_says_why(tale: Path) -> None:
    story = unsaid.read(tale)
    with pytest.raises(CorrectionError, match="no line holds"):
        corrections.speaker(story, "never said by anybody", "Ida")
    with pytest.raises(CorrectionError, match="2 lines hold"):
        corrections.speaker(story, "late", "Ida")
    with pytest.raises(NoSuchCharacter):
        corrections.speaker(story, "Who?", "Nobody Known")
    with pytest.raises(CorrectionError, match="one character already"):
        corrections.merge(story, "Ida", "Ida")


def test_the_command_line_corrects_lists_and_undoes(tale: Path, run: Callable[..., Ran]) -> None:
    assert "nothing is corrected" in run("correct", tale).out
    assert "Ida is the speaker at “Who?”" in run("correct", tale, "speaker", "Who?", "Ida").out
    assert run("correct", tale, "kind", "It always is", "thought").status == 0
    listed = run("correct", tale).out
    assert len(listed.splitlines()) == 2
    assert "undone: thought" in run("correct", tale, "undo").out
    assert "redone: thought" in run("correct", tale, "redo").out
    assert "undone: Ida" in run("correct", tale, "undo", listed.split()[0]).out
    assert said(unsaid.read(tale), "Who?")[0] == "Wren"
    assert run("correct", tale, "redo").status == 0
    assert run("correct", tale, "redo").status == 2
    assert "is read otherwise" not in run("correct", tale, "rename", "Ida", "Ida Marsh").out
    failed = run("correct", tale, "speaker", "Who?", "Idda")
    assert (failed.status, failed.err.count("\n")) == (2, 1)
    assert "Ida" in failed.err
