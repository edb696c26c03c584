"""Stories told to "you", who is somebody in them, and those in which a mark stands for the reader's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from unsaid import corrections, sources
from unsaid.narration import as_first, profiles
from unsaid.reading import compose

if TYPE_CHECKING:
    from unsaid.story import Story

TOLD = (
    "The bus is late again. You stand under the shelter with your hood up and your phone in your pocket, and you watch "
    "the rain come down on the other side of the road.\n\n"
    "You turn. There is a boy next to you with wet hair and a guitar case. You have never seen him before.\n\n"
    "“Only on Mondays,” you say.\n\n“It's Thursday.”\n\n“Then I don't know what to tell you.”\n\n"
    "He laughs. He has a nice laugh. You look at your shoes.\n\n“I'm Theo,” he says.\n\n"
    "“Hello,” you say. Theo looks at you. *Oh no,* you think. *He's funny.*\n\n"
    "Your mother rings. “Where are you?” your mother asks.\n\n“On my way,” you tell her.\n"
)


def lines(story: Story) -> list[tuple[str, str | None, str]]:
    names = {c.id: c.name for c in story.characters}
    return [(u.kind, names.get(u.speaker or ""), story.text[u.start : u.end]) for u in story.utterances]


class TestYou:
    def test_you_say_and_think_what_you_are_told_to(self) -> None:
        assert lines(unsaid.read(TOLD)) == [
            ("speech", "you", "“Only on Mondays,”"),
            ("speech", "Theo", "“It's Thursday.”"),
            ("speech", "you", "“Then I don't know what to tell you.”"),
            ("speech", "Theo", "“I'm Theo,”"),
            ("speech", "you", "“Hello,”"),
            ("thought", "you", "Oh no,"),
            ("thought", "you", "He's funny."),
            ("speech", "your mother", "“Where are you?”"),
            ("speech", "you", "“On my way,”"),
        ]

    def test_the_scene_is_in_the_second_person_and_follows_you(self) -> None:
        story = unsaid.read(TOLD)
        you = next(c.id for c in story.characters if c.name == "you")
        assert [(s.person, s.tense, s.focalizer) for s in story.scenes] == [("second", "present", you)]

    def test_you_and_your_in_the_narration_mean_you(self) -> None:
        story = unsaid.read(TOLD)
        you = next(c.id for c in story.characters if c.name == "you")
        spoken = [(u.start, u.end) for u in story.utterances]
        told = [
            m for m in story.mentions
            if story.text[m.start : m.end].lower() in ("you", "your") and not any(a <= m.start < b for a, b in spoken)
        ]  # fmt: skip
        assert len(told) > 10
        assert {m.character for m in told} == {you}

    def test_your_mother_is_related_to_you(self) -> None:
        story = unsaid.read(TOLD)
        you = next(c.id for c in story.characters if c.name == "you")
        mother = next(c for c in story.characters if c.name == "your mother")
        assert [(r.kind, r.to) for r in mother.relations] == [("mother", you)]

    def test_what_others_call_you_is_your_name(self) -> None:
        story = unsaid.read(
            TOLD.replace("“It's Thursday.”", "“It's Thursday, Lena,” he says.").replace("I'm Theo", "Lena, I'm Theo")
        )
        assert ("speech", "Lena", "“Only on Mondays,”") in lines(story)

    @pytest.mark.parametrize("text", [
        "Ann put the kettle on. “You are late,” she said to Ben. You could have heard a pin drop, she thought.\n",
        "I watched you sleep. You were my brother, and I was yours, and I put your shoes by the door. “Go.”\n",
    ])  # fmt: skip
    def test_other_stories_are_not_told_to_you(self, text: str) -> None:
        assert not as_first(compose(sources.load(text.encode()))).to_you

    def test_a_correction_of_who_it_is_told_to_keeps_the_person(self) -> None:
        story = unsaid.read(TOLD)
        theo = next(c for c in story.characters if c.name == "Theo")
        again = unsaid.read(TOLD, corrected=[corrections.narrator(story, theo.id)])
        assert {s.person for s in again.scenes} == {"second"}

    def test_no_finding_says_that_the_person_shifts(self) -> None:
        assert not [f for f in unsaid.read(TOLD).findings if f.rule == "V102"]


class TestPlaceholders:
    @pytest.mark.parametrize("mark", ["Y/N", "(Y/N)"])
    def test_the_readers_name_is_somebodys(self, mark: str) -> None:
        story = unsaid.read(
            f"{mark} opened the door. She had not slept.\n\n“Get up,” said {mark}.\n\n"
            f"Draco opened one eye. “Good morning to you too, {mark}.”\n\n“It is four,” {mark} said.\n"
        )
        assert [who for _, who, _ in lines(story)] == ["Y/N", "Draco", "Y/N"]

    def test_in_a_story_told_to_you_it_is_you(self) -> None:
        told = TOLD.replace("“Hello,” you say.", "“Y/N Y/L/N,” you say.")
        assert {who for _, who, _ in lines(unsaid.read(told))} == {"Y/N Y/L/N", "Theo", "your mother"}

    def test_a_fraction_of_letters_is_none(self) -> None:
        story = unsaid.read("Ann ticked the box marked y/n/a on the form. “Done,” said Ann. Ann gave it to Ben.\n")
        assert {c.name for c in story.characters} == {"Ann", "Ben"}


@given(
    st.lists(st.sampled_from("you You your you're I he looks at . , and the door say".split()), min_size=1, max_size=60)
)
def test_only_the_words_for_you_change_and_only_in_a_story_told_to_you(words: list[str]) -> None:
    prose = compose(sources.load((" ".join(words) + "\n").encode()))
    turned = as_first(prose)
    changed = [(a, b) for a, b in zip(prose.tokens.lower, turned.tokens.lower, strict=True) if a != b]
    assert {a for a, _ in changed} <= {"you", "your", "you're"}
    assert {b for _, b in changed} <= {"i", "me", "my", "i'm"}
    assert bool(changed) == turned.to_you
    if turned.to_you:
        assert sum(p.second for p in profiles(turned)) == 0
    assert json.dumps(turned.tokens.words) == json.dumps(prose.tokens.words)
