"""Lines of which the text says that somebody speaks, and not who; and those who come in by a telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import unsaid
from unsaid import corrections

if TYPE_CHECKING:
    from unsaid.story import Story

TWO = (
    "Harry pushed the door open. The kitchen was cold, and Draco was already at the table with his coat on.\n\n"
    "“You are late,” said Draco.\n\n“I know,” said Harry.\n\n"
)


def said(story: Story) -> list[tuple[str | None, str]]:
    names = {c.id: c.name for c in story.characters}
    return [(names.get(u.speaker or ""), story.text[u.start : u.end]) for u in story.utterances[2:]]


class TestStrangers:
    @pytest.mark.parametrize(
        "cue",
        [
            "someone whispered",
            "a voice asked behind them",
            "asked a voice",
            "one of the girls said",
            "they said",
            "they both said",
            "Harry and Draco said",
            "came a shriek from the hall",
            "asked the television",
            "the loudspeaker said",
            "his mother would say",
        ],
    )
    def test_what_somebody_says_who_is_not_told_is_nobodys(self, cue: str) -> None:
        story = unsaid.read(f"{TWO}“Is it true?” {cue}.\n\nHarry turned round. He looked at the girls.\n")
        assert said(story)[0] == (None, "“Is it true?”")
        assert "the cue says" in (story.utterances[2].reason or "")

    def test_a_line_goes_on_behind_such_a_cue(self) -> None:
        story = unsaid.read(f"{TWO}“Is it true?” someone whispered. “They say so.” Harry turned round.\n")
        assert said(story)[:2] == [(None, "“Is it true?”"), (None, "“They say so.”")]

    @pytest.mark.parametrize("behind", ["It was Ron, with the lamp.", "Ron had come in by the window."])
    def test_who_comes_in_right_behind_has_said_it(self, behind: str) -> None:
        story = unsaid.read(f"{TWO}“Is it true?” somebody asked behind them.\n\n{behind} Ron put the lamp down.\n")
        assert said(story)[0] == ("Ron", "“Is it true?”")

    def test_a_voice_is_that_of_whoever_was_called(self) -> None:
        story = unsaid.read(
            f"{TWO}Ron lived upstairs. “Ron!” Harry called.\n\n“Coming!” answered a voice.\n\nRon came down.\n"
        )
        assert ("Ron", "“Coming!”") in said(story)

    def test_a_new_sentence_about_somebody_else_is_no_cue(self) -> None:
        story = unsaid.read(f"{TWO}“Nobody came.” Someone called in the street, and Draco listened.\n")
        assert said(story)[0][0] is not None


class TestTelephones:
    def test_it_is_somebody_on_the_telephone(self) -> None:
        story = unsaid.read(
            f"{TWO}Harry's phone rang. “Harry? It's Ron. Where are you?”\n\n“At Draco's.”\n\n“Again?” Ron sighed.\n"
        )
        assert [who for who, _ in said(story)] == ["Ron", "Harry", "Ron"]

    def test_it_is_somebody_who_is_pointed_out(self) -> None:
        story = unsaid.read(f"{TWO}“Look, it's Ron,” said Draco.\n\nRon waved.\n")
        assert said(story)[0][0] == "Draco"


def test_a_gesture_that_is_told_like_a_cue_is_the_speakers() -> None:
    story = unsaid.read(f"{TWO}Ron came in and sat down.\n\n“Again?” Ron sighed.\n\n“Again,” said Draco.\n")
    assert said(story)[0][0] == "Ron"


def test_what_is_learned_of_others_leaves_a_strangers_line_alone() -> None:
    text = f"{TWO}“Is it true?” someone whispered.\n\n“Yes,” said the boy.\n\n“No,” said Harry.\n"
    story = unsaid.read(text)
    boy = next(u for u in story.utterances if story.text[u.start : u.end] == "“Yes,”")
    taught = unsaid.read(text, corrected=[corrections.speaker(story, boy.id, "Draco")])
    assert said(taught)[:2] == [(None, "“Is it true?”"), ("Draco", "“Yes,”")]
