"""Text messages on lines of their own, and whose they are; dialogue after dashes; thoughts that lost their italics."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid

if TYPE_CHECKING:
    from unsaid.story import Story

OPENING = (
    "Nadia put the kettle on. Nadia had been up since five. She liked the house best when nobody else was awake, and "
    "she had the bread in already.\n\n"
)


def lines(story: Story, kind: str) -> list[tuple[str | None, str]]:
    names = {c.id: c.name for c in story.characters}
    return [(names.get(u.speaker or ""), story.text[u.start : u.end]) for u in story.utterances if u.kind == kind]


class TestMessages:
    def test_bare_lines_behind_a_phone_are_messages_by_turns(self) -> None:
        story = unsaid.read(
            OPENING + "Her phone buzzed on the table. It was Farah.\n\nare you up\n\nobviously\n\n"
            "“Who is that?” asked Tom. He had come down in his socks.\n"
        )
        assert lines(story, "writing") == [("Farah", "are you up"), ("Nadia", "obviously")]
        assert [w.kind for w in story.writings] == ["message", "message"]

    def test_who_types_sends_it(self) -> None:
        story = unsaid.read(
            OPENING + "Tom was asleep on the sofa. Nadia got her phone out and typed to Farah with one thumb.\n\n"
            "theres a vampire in the shop\n\nis he fit\n\nNadia looked at the door again.\n"
        )
        assert lines(story, "writing") == [
            ("Nadia", "theres a vampire in the shop"),
            ("Farah", "is he fit"),
        ]

    def test_a_page_that_sets_messages_in_italics_does_so_throughout(self) -> None:
        story = unsaid.read(
            OPENING
            + "Her phone buzzed. It was Farah.\n\n*are you up*\n\n*no*\n\n“Is it raining?” asked Tom. Nadia said "
            "it was not. She cut the bread and buttered it, and put it in front of him with the jam.\n\n“Thank "
            "you,” said "
            "Tom, and he ate it standing up, as he always did.\n\n*farah come over*\n\nTom washed his cup.\n"
        )
        assert [said for _, said in lines(story, "writing")] == ["*are you up*", "*no*", "*farah come over*"]
        assert lines(story, "writing")[2][0] == "Nadia"

    @pytest.mark.parametrize(
        "told",
        ["She put it on its face.", "Tom had gone to the shop.", "Nobody had slept much that week, she thought."],
    )
    def test_narration_behind_a_phone_is_told(self, told: str) -> None:
        story = unsaid.read(OPENING + f"Her phone buzzed on the table. It was Farah.\n\n{told}\n\n“Well?” said Tom.\n")
        assert lines(story, "writing") == []

    def test_a_story_that_is_careless_throughout_shows_no_messages_by_it(self) -> None:
        told = "dell went to the shop and she bought the bread and the milk and she came home again in the rain because"
        story = unsaid.read("\n\n".join([told] * 5 + ["her phone buzzed", "she read it twice", told]))
        assert lines(story, "writing") == []

    def test_names_and_colons_are_a_chat_in_a_story_told_in_quotation_marks(self) -> None:
        story = unsaid.read(
            "I sat on the wall. I had been there an hour, and I was cold to the bone.\n\n“Are you coming in, "
            "Niamh?” said "
            "Aoife.\n\nI said I was not. Aoife went in to the others.\n\nAoife: are u coming in or what\n\nMe: no\n\n"
            "“Fine,” said Aoife from the door.\n"
        )
        found = lines(story, "writing")
        assert [(who, said.partition(": ")[2]) for who, said in found] == [
            ("Aoife", "are u coming in or what"),
            ("Niamh", "no"),
        ]

    @given(st.lists(st.sampled_from(["ok", "where r u", "NO", "x", "She sat.", "“Hm,” said Tom.", "It buzzed."])))
    def test_messages_never_overlap_and_always_are_whole_paragraphs(self, said: list[str]) -> None:
        story = unsaid.read(OPENING + "Her phone buzzed. It was Farah.\n\n" + "\n\n".join(said) + "\n")
        spans = [(u.start, u.end) for u in story.utterances if u.kind == "writing"]
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert all(story.text[start:end] in said for start, end in spans)


class TestDashes:
    def test_a_line_goes_on_behind_its_cue(self) -> None:
        story = unsaid.read(
            "Niamh stood at the desk.\n\n—Every lunchtime, says Ms Tuohy. You'll sort it and you'll log it.\n\n"
            "—I'm always early, says Niamh.\n\n—Are you? says Ms Tuohy. She looks up at the ceiling for a bit.\n"
        )
        spoken = [story.text[start:end].strip() for u in story.utterances for start, end in u.parts]
        assert "You'll sort it and you'll log it." in spoken
        assert not any("ceiling" in said for said in spoken)

    def test_what_somebody_tells_behind_a_full_stop_is_no_cue(self) -> None:
        story = unsaid.read(
            "Niamh stood at the desk.\n\n—Zosia, who else? I said hiya to her outside Maths and she walked off.\n\n"
            "—Maybe she didn't hear you, says Niamh.\n"
        )
        assert lines(story, "speech")[0][1].endswith("walked off.")


class TestInside:
    def test_a_sentence_that_says_i_amid_narration_in_the_third_person_is_a_thought(self) -> None:
        story = unsaid.read(
            OPENING
            * 3
            + "Tom passed her the tape. Their fingers did not touch. I used to know what you had for lunch. "
            "He wrote KITCHEN on the lid of a box.\n\n“Is that the last one?” said Nadia.\n"
        )
        assert [said for _, said in lines(story, "thought")] == ["I used to know what you had for lunch."]

    def test_an_author_who_says_i_now_and_then_thinks_nothing(self) -> None:
        told = "She walked to the mill and back, and nobody met her on the way, for it was a Sunday and they slept. "
        aside = "She was, I believe, the only one of them who could swim. "
        story = unsaid.read(told * 60 + "\n\n" + told * 60 + aside + told * 200)
        assert lines(story, "thought") == []

    def test_a_thought_goes_on_in_the_present_amid_the_past(self) -> None:
        story = unsaid.read(
            OPENING + "There you are, she thought. That's who it is, all that time. She put down the knife.\n"
        )
        assert [said for _, said in lines(story, "thought")] == [
            "There you are,",
            "That's who it is, all that time.",
        ]

    def test_the_whole_scene_says_whose_a_thought_is(self) -> None:
        story = unsaid.read(
            "Dale felt cold. Dale knew what was coming, and Dale hated it. Marnie sat down.\n\n“It is fourteen days,” "
            "said Marnie.\n\nI never get anything right.\n\n“Is it?” said Dale. He heard his own voice crack.\n\n"
            "Marnie did not look up.\n\n“It says so at the foot,” said Marnie.\n\nI should be out there with the dog."
            "\n\nShe turned the page.\n"
        )
        assert {who for who, _ in lines(story, "thought")} == {"Dale"}


class TestLabels:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("[Nadia]: are you up", "[Farah]: no"),
            ("<nadia> are you up", "<farah> no"),
            ("**Nadia:** are you up", "**Farah:** no"),
            ("**Nadia (2:14 am):** are you up", "**Farah (2:15 am):** no"),
            ("[2:14] nadia: are you up", "[2:15] farah: no"),
            ("nadia: are you up", "farah: no"),
        ],
    )
    def test_a_line_says_whose_it_is_however_that_is_set(self, one: str, other: str) -> None:
        story = unsaid.read(f"{OPENING}Farah was her sister. Nadia wrote to Farah.\n\n{one}\n\n{other}\n\nTom slept.\n")
        assert lines(story, "writing") == [("Nadia", one), ("Farah", other)]

    @pytest.mark.parametrize(("one", "other"), [("DracoM", "HP31"), ("juli", "noor")])
    def test_those_who_only_chat_are_somebody(self, one: str, other: str) -> None:
        chat = [f"{one}: are you up", f"{other}: no", f"{one}: liar", f"{other}: go to sleep"]
        told = "\n\n".join(chat)
        story = unsaid.read(f"{OPENING}{told}\n\n“What is it?” asked Tom.\n")
        assert lines(story, "writing") == list(zip([one, other, one, other], chat, strict=True))

    def test_headings_of_a_list_are_nobody(self) -> None:
        told = "note: bring milk\n\nnote: bring eggs\n\nps: bring tea\n\nps: hurry"
        story = unsaid.read(f"{OPENING}{told}\n\n“What is it?” asked Tom.\n")
        assert {c.name for c in story.characters} <= {"Nadia", "Tom"}
