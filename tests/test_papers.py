"""Writings that stand bare on the page, told by what the narration does with them."""

from __future__ import annotations

import pytest

import unsaid
from unsaid import Story

ROOM = (
    "“Is it locked?” said Greta.\n\n“It was,” said Tobias.\n\nGreta tried the handle. Tobias held the lamp for her, "
    "and she looked in. There was a table, and on the table there was nothing.\n\n"
)
AFTER = "\n\n“Well?” said Tobias.\n\n“Well,” said Greta.\n"


def written(text: str) -> list[tuple[str, str | None]]:
    """What is written in a story, and by whom."""
    story: Story = unsaid.read(text)
    people = {c.id: c.name for c in story.characters}
    return [(story.passage(u), people.get(u.speaker or "")) for u in story.utterances if u.kind == "writing"]


@pytest.mark.parametrize(
    "lead",
    [
        "She unfolded the paper, and it was in a small upright hand.",
        "It had been written in pencil on the back of a bill.",
        "The note lay under the lamp.",
    ],
)
def test_bare_words_behind_paper_or_ink_are_written(lead: str) -> None:
    found = written(f"{ROOM}{lead}\n\nI have gone to the mill, and you must not come after me.{AFTER}")
    assert [said for said, _ in found] == ["I have gone to the mill, and you must not come after me."]


def test_reading_behind_tells_what_no_word_before_it_told() -> None:
    said = "Ask me in the spring, if you still want to."
    assert [
        s for s, _ in written(f"{ROOM}Something white was lying there.\n\n{said}\n\nGreta read it twice.{AFTER}")
    ] == [said]


def test_narration_behind_paper_is_narration() -> None:
    told = "She put the letter back into the drawer. He went to the window and watched the rain come over the yard."
    assert written(f"{ROOM}Greta took up the letter.\n\n{told}{AFTER}") == []


def test_a_thought_without_paper_is_no_writing() -> None:
    assert written(f"{ROOM}Greta sat down on the step.\n\nYou never told me.{AFTER}") == []


def test_a_signature_says_who_wrote_it() -> None:
    letter = "I have gone to the mill. You must not come after me. Tobias"
    assert written(f"{ROOM}The note was on the sill.\n\n{letter}{AFTER}") == [(letter, "Tobias")]


def test_the_hand_says_who_wrote_it_and_the_greeting_who_did_not() -> None:
    letter = "Greta, you old badger. First frost, the Bell. I'll settle up."
    lead = "She knew the writing. It was in Tobias's big round hand."
    assert written(f"{ROOM}{lead}\n\n{letter}{AFTER}") == [(letter, "Tobias")]


def test_each_greeting_begins_another_letter() -> None:
    first, second = "Greta, bring the good lamp, you will want it.", "Dear Tobias, you had better bring nothing at all."
    found = written(f"{ROOM}They laid the two letters side by side. It was all one hand.\n\n{first}\n\n{second}{AFTER}")
    assert [said for said, _ in found] == [first, second]


def test_capitals_on_something_are_written_and_shouted_ones_are_not() -> None:
    assert written(
        f"{ROOM}There was a label on the jar. NOT BEFORE SUNDAY, it said, and Greta put it back.{AFTER}"
    ) == [("NOT BEFORE SUNDAY", None)]
    assert written(f"{ROOM}It was the BBC, or the RSPCA AND ALL, as far as Greta knew.{AFTER}") == []


def test_what_somebody_typed_may_tell_of_the_past() -> None:
    text = f"{ROOM}Greta sat down and typed:\n\nThe dark water closed over her head.{AFTER}"
    assert written(text) == [("The dark water closed over her head.", "Greta")]
