"""Italics: what is spoken in them, with a cue of speech behind; what is thought; and what is sung and neither."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from unsaid import sources
from unsaid.reading import compose

if TYPE_CHECKING:
    from unsaid.story import Story

OPENING = (
    "Harry pushed the door open. The kitchen was cold, and Draco was already at the table with his coat on.\n\n"
    "“You are late,” said Draco.\n\n“I know,” said Harry. “I was held up.”\n\n"
)


def read(told: str) -> Story:
    return unsaid.read(f"{OPENING}{told}\n\nOutside it had begun to snow.\n")


def lines(story: Story) -> list[tuple[str, str | None, str]]:
    names = {c.id: c.name for c in story.characters}
    at = len(OPENING)
    return [
        (u.kind, names.get(u.speaker or ""), story.text[u.start : u.end]) for u in story.utterances if u.start >= at - 1
    ]


class TestSpoken:
    @pytest.mark.parametrize(
        ("told", "who", "said"),
        [
            ("*I waited an hour,* Draco said.", "Draco", "*I waited an hour,*"),
            ("*I waited an hour,* said Draco, in his head.", "Draco", "*I waited an hour,*"),
            ("*I waited,* Draco signed back.", "Draco", "*I waited,*"),
            ("*Sorry,* whispered Harry. *I was held up.*", "Harry", "*Sorry,* whispered Harry. *I was held up.*"),
        ],
    )
    def test_italics_with_a_cue_of_speech_are_spoken(self, told: str, who: str, said: str) -> None:
        assert lines(read(told)) == [("speech", who, said)]

    @pytest.mark.parametrize(
        "told",
        [
            "*I should go,* thought Harry.",
            "*I should go.* Harry went out.",
            "The *Daily Prophet* said that it would snow.",
            "“It is *not* late,” Harry said.",
        ],
    )
    def test_other_italics_are_not(self, told: str) -> None:
        assert not [line for line in lines(read(told)) if line[0] == "speech" and line[2].startswith("*")]

    @given(
        st.lists(
            st.sampled_from(
                ["*Come in,*", "*she*", " said Ann.", " Ann said.", " thought Ann.", "“Go,”", "\n\n", " and "]
            ),
            max_size=14,
        )
    )
    def test_no_quotation_crosses_another_or_a_paragraph(self, pieces: list[str]) -> None:
        prose = compose(sources.load(("Ann. " + "".join(pieces) + "\n").encode()))
        held = prose.quotations
        assert all(one.end <= other.start for one, other in pairwise(held))
        for quotation in held:
            paragraph = prose.paragraphs[quotation.paragraph]
            assert paragraph.start <= quotation.start < quotation.end <= paragraph.end


class TestSung:
    @pytest.mark.parametrize(
        "told",
        [
            "*I was made for loving you, baby*\n*You were made for loving me*",
            "The radio was playing.\n\n*And I will always be here for you*",
            "*And I will always be here for you*\n\n*And you will always be gone*",
        ],
    )
    def test_verse_is_nobodys_thought(self, told: str) -> None:
        assert lines(read(told)) == []

    def test_one_line_without_a_stop_may_be_a_thought(self) -> None:
        assert [kind for kind, *_ in lines(read("*I should never have come here*"))] == ["thought"]
