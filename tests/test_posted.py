"""What stories have as their authors post them: families, usernames, small letters, paragraphs of several voices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import unsaid

if TYPE_CHECKING:
    from unsaid.story import Story


def said(story: Story, kind: str = "speech") -> list[tuple[str | None, str]]:
    names = {c.id: c.name for c in story.characters}
    return [
        (names.get(u.speaker or ""), story.text[u.start : u.end].strip("“”‘’\"' ,"))
        for u in story.utterances
        if u.kind == kind
    ]


def speakers(story: Story) -> dict[str, str | None]:
    return {line: who for who, line in said(story)}


def people(story: Story) -> dict[str, frozenset[str]]:
    """The forms of each character, by the name."""
    return {c.name: frozenset(c.names) for c in story.characters}


def narrators(story: Story) -> set[str | None]:
    names = {c.id: c.name for c in story.characters}
    return {names.get(scene.narrator or "") for scene in story.scenes}


class TestFamilies:
    TABLE = (
        "Mom had put out the good plates. Nell looked at the plates. Mom looked at the salt, and Mom said nothing.\n\n"
        "“Sit down,” said Mom.\n\nNell sat down beside Benji. Dad came in. Dad carved, and Dad sat down.\n\n"
    )

    def test_mom_and_her_mother_are_one_woman(self) -> None:
        story = unsaid.read(self.TABLE + "“Maybe,” said her mother. Nell watched her mother.\n")
        assert speakers(story)["Maybe"] == "Mom"

    def test_the_mother_of_dad_is_gran(self) -> None:
        story = unsaid.read(
            self.TABLE + "Gran took a roll. Gran buttered it, and Gran smiled. Dad put his fork down.\n\n"
            "“You asked me not to tell,” said his mother. Dad sighed at his mother.\n"
        )
        assert speakers(story)["You asked me not to tell"] == "Gran"

    def test_where_everybody_has_a_mother_nobody_s_is_mom(self) -> None:
        mothers = "".join(f"{name} came with {its} mother. {name} sat down beside {its} mother.\n\n" for name, its in (
            ("Ann", "her"), ("Ben", "his"), ("Kit", "his"), ("Dora", "her"), ("Lou", "her"),
        ))  # fmt: skip
        story = unsaid.read("Mother shut the door. Mother sat down. Mother wept.\n\n" + mothers)
        assert len([name for name in people(story) if name.endswith("'s mother")]) >= 3

    def test_nobody_is_whose_relation_speaks(self) -> None:
        story = unsaid.read(
            "Nell took the rubbish out. Nell was cold. Nell sat down on the step beside him.\n\n"
            "“You were quiet in there,” said her father.\n\nNell looked at the step.\n"
        )
        assert speakers(story)["You were quiet in there"] != "Nell"

    def test_who_leaves_out_capitals_still_says_mom(self) -> None:
        story = unsaid.read(
            "Maddie got in the back of the car. I put my phone away.\n\n“Who was that?” asks Maddie and mom says "
            "“nobody, put your belt on.”\n\nMaddie put her belt on.\n"
        )
        assert speakers(story)["nobody, put your belt on."] == "mom"


class TestDescriptions:
    def test_the_elder_is_whoever_was_told_apart_by_it(self) -> None:
        story = unsaid.read(
            "The elder prince raised his glass. The younger prince did not look up. The king looked at the elder "
            "prince, and the queen at the younger prince.\n\n“Wet,” the elder said at last.\n\n"
            "“Quiet, too,” said the younger.\n"
        )
        assert speakers(story) == {"Wet": "the elder prince", "Quiet, too": "the younger prince"}

    def test_the_man_outside_is_none_of_those_within(self) -> None:
        story = unsaid.read(
            "A man in a grey suit sat in the front of the bus. The man in the grey suit had a cold. Rain ran down the "
            "glass, and there was a face behind it.\n\n“Open up!” shouted the man outside.\n\nThe driver did not.\n"
        )
        assert speakers(story)["Open up!"] == "the man outside"

    def test_a_kid_is_the_boy(self) -> None:
        story = unsaid.read(
            "Benji pushed the fader up, and Odile leaned over the desk. Benji yawned. A kid came in out of the rain. "
            "He was wet through.\n\n“I saw it,” said the boy.\n\nOdile put her coat round him.\n"
        )
        assert speakers(story)["I saw it"] not in ("Benji", "Odile")

    @pytest.mark.parametrize("role", ["bard", "barista", "paladin", "quarterback", "drummer"])
    def test_callings_of_fan_fiction_are_people(self, role: str) -> None:
        story = unsaid.read(
            f"A {role} leaned on the bar. “We are closed,” said the {role}. The {role} yawned at Ann.\n"
        )
        assert [(who or "")[-len(role) :] for who, _ in said(story)] == [role]


class TestNames:
    def test_whoever_had_shouted_is_somebody(self) -> None:
        story = unsaid.read("The hull rolled. “Clip on!” Zitto had shouted from the wheel. Nobody clipped on.\n")
        assert said(story) == [("Zitto", "Clip on!")]

    def test_a_name_in_capitals_that_speaks(self) -> None:
        story = unsaid.read("Ann looked at the panel. “I do have footage,” says TATL. Ann swore.\n")
        assert said(story) == [("Tatl", "I do have footage")] or said(story) == [("TATL", "I do have footage")]

    def test_who_is_called_at_the_beginning_of_a_line_is_named(self) -> None:
        story = unsaid.read("Ann shut the door. “Zaz, are you in there?” she asked. Nobody answered.\n")
        assert "Zaz" in people(story)

    @pytest.mark.parametrize("word", ["Hydrogen, helium", "Golly, the time", "Shelter, food"])
    def test_a_word_at_the_beginning_of_a_line_is_nobody(self, word: str) -> None:
        story = unsaid.read(f"Ann shut the door. “{word}, and nothing else,” she said. Nobody answered.\n")
        assert set(people(story)) == {"Ann"}

    def test_lady_hill_is_no_miss_of_hers(self) -> None:
        story = unsaid.read(
            "Miss Honoria Hill sanded the page. Lady Hill came in. Miss Hill rose. Lady Hill sat down, and Honoria "
            "poured. Lady Hill drank. “Two lumps,” said Lady Hill. Miss Hill gave her three.\n"
        )
        assert people(story)["Lady Hill"] == {"Lady Hill"}

    def test_the_earl_of_hill_is_lord_hill(self) -> None:
        story = unsaid.read(
            "Lord Hill bowed. The Earl of Hill never smiled. Lord Hill danced. The Earl of Hill left.\n"
        )
        assert list(people(story).values()) == [{"Lord Hill", "the Earl of Hill"}]

    def test_a_name_may_be_spelt_otherwise_once(self) -> None:
        text = "Damien sat down. Damien laughed. Ann kissed Damien. Damien sighed. Ann left. Damian wept.\n"
        assert people(unsaid.read(text))["Damien"] == {"Damien", "Damian"}
        assert len(people(unsaid.read(text.replace("Damien", "Louisa").replace("Damian", "Louise")))) == 3


class TestChats:
    CHAT = "\n\n".join(
        ("Hallie came home late. Hallie lay down.", "**b1g_tuba:** its midnight", "**xX_hal_Xx:** no it isnt",
         "**b1g_tuba:** who cares", "**xX_hal_Xx:** gerald does", "“Go to bed, Hal,” said Wes.", "Hallie went to bed.")
    )  # fmt: skip

    def test_a_username_is_somebody(self) -> None:
        story = unsaid.read(self.CHAT)
        assert said(story, "writing")[0][0] == "b1g_tuba"

    def test_a_username_has_a_name_in_it(self) -> None:
        assert people(unsaid.read(self.CHAT))["Hallie"] >= {"Hallie", "Hal", "xX_hal_Xx"}

    def test_a_flourish_behind_a_name_is_no_part_of_it(self) -> None:
        story = unsaid.read("Wes sat up. Tam looked at Wes.\n\n" + "wes 🎸: so??\n\ntam: no\n\n" * 3)
        assert {(who or "").lower() for who, _ in said(story, "writing")} == {"wes", "tam"}
        assert len(story.characters) == 2


class TestSmallLetters:
    def test_one_voice_in_capitals_does_not_hide_that_the_story_has_none(self) -> None:
        story = unsaid.read(
            "“so that's not good,” says tam. the van had died. tam kicked it.\n\n“you think?” said wes.\n\n"
            "wes got out. it was raining. there was a motel, and a lady behind the desk.\n\n"
            "“I've got two rooms,” said the lady. “Forty each.”\n\n“okay,” said wes. he paid.\n\n"
            "“FINALLY,” said tam. tam went up. wes went after him. nobody slept.\n"
        )
        assert speakers(story)["so that's not good,"[:-1]] == "Tam" or speakers(story)["so that's not good,"] == "Tam"
        assert {"Tam", "Wes"} <= set(people(story))

    def test_a_story_keeps_its_text(self) -> None:
        text = "“no,” says tam. " * 15 + "NEVER. tam left.\n"
        assert unsaid.read(text).text == text


class TestNarrators:
    def test_the_narrator_is_called_in_a_paragraph_in_which_he_speaks(self) -> None:
        story = unsaid.read(
            "We waited in the corridor and i looked at my shoes. “So, Connor,” he said “it is a pleasure.” “Thanks,” i "
            "said. Mr Dale shut his folder and i looked at it. “Sit down, Connor,” said Mr Dale. I sat down on the "
            "tiny chair and said nothing. Mr Dale looked at me for a long time, and i looked at the poster.\n"
        )
        assert narrators(story) == {"Connor"}

    def test_a_note_is_to_whoever_finds_it(self) -> None:
        story = unsaid.read(
            "I found the note under my door. I knew the hand. I sat down on my bed and read it twice.\n\n"
            "Kate, I don't know how to tell you this.\n\nI put it in my pocket. I went to my work as I always did, and "
            "I told nobody.\n"
        )
        assert narrators(story) == {"Kate"}

    def test_the_rank_of_somebody_else_is_not_mine(self) -> None:
        story = unsaid.read(
            "We lay in the mud, and I had the lamp under my coat.\n\n“Who has the lamp?” says Sergeant Coyle.\n\n"
            "“He has, Sarge,” says Spoons. The sergeant looked at me, and I looked at my boots.\n\n“You gave it him, "
            "Sarge.”\n\nI went up the path by myself. The sergeant stayed where he was.\n\n"
            "“Nobody's called me Tolly since,” I told them.\n"
        )
        assert narrators(story) == {"Tolly"}


class TestSeveralVoicesInOneParagraph:
    PARTS = tuple(
        f"“I'm not going” says {one}. {other} puts both hands up. “Then don't, I never asked you to” says {other}.\n\n"
        for one, other in (("Ann", "Ben"), ("Ben", "Kit"), ("Kit", "Ann"), ("Ann", "Kit"))
    )

    def test_a_beat_between_two_lines_is_the_next_one_s(self) -> None:
        story = unsaid.read("".join(self.PARTS) + "“You love it” says Ann. Ben sighs. “I really do not.”\n")
        assert speakers(story)["I really do not."] == "Ben"

    def test_elsewhere_one_paragraph_is_one_voice(self) -> None:
        story = unsaid.read("Ann came in with Ben. “You love it,” says Ann. Ben sighs. “You really do.” Ben nods.\n")
        assert {who for who, _ in said(story)} == {"Ann"}

    @pytest.mark.parametrize("cue", ["and Ben goes ", "and then Ben goes "])
    def test_whoever_goes_says_what_follows(self, cue: str) -> None:
        story = unsaid.read(f"Ann links her arm in mine {cue}“yeah, wait, am I us?” and looks at Ann.\n")
        assert speakers(story)["yeah, wait, am I us?"] == "Ben"

    @pytest.mark.parametrize("how", [" together", "", " at the same time"])
    def test_two_who_speak_at_once_are_neither_of_them(self, how: str) -> None:
        story = unsaid.read(f"Ann came in with Ben.\n\n“Two thousand and ten,” said Ann and Ben{how}.\n\nKit sighed.\n")
        assert [who for who, _ in said(story)] == [None]

    def test_who_does_something_else_has_not_said_it(self) -> None:
        story = unsaid.read("Ann came in with Ben.\n\n“Ten,” said Ann and Ben laughed.\n\nKit sighed.\n")
        assert [who for who, _ in said(story)] == ["Ann"]

    def test_i_say_and_he_says_are_two(self) -> None:
        story = unsaid.read(
            "Ben came in. I stood up.\n\n“No,” I say, and on top of me he says, “Yes.”\n\nBen laughed.\n"
        )
        assert len(said(story)) == 2


class TestMarksThatAreLost:
    def test_a_line_that_is_not_closed_ends_with_its_paragraph(self) -> None:
        text = "".join(
            f"“I had the dream again, number {n}.\n\n“The one with the wolf?” said Krystal.\n\n" for n in range(5)
        )
        story = unsaid.read(f"Ravenna sat down. Krystal looked at Ravenna.\n\n{text}Ravenna nodded.\n")
        assert len(said(story)) == 10

    def test_a_long_speech_goes_on(self) -> None:
        long = "I had the dream again, and it was as long as it ever was, and there was the wolf in it, and the lake, "
        text = "".join(f"“{long}{n}.\n\n“{long}too,” said Ann.\n\n“Go on,” said Ben.\n\n" for n in range(3))
        story = unsaid.read(f"Ann sat down. Ben looked at Ann.\n\n{text}Ann wept.\n")
        assert [who for who, _ in said(story)] == ["Ann", "Ben"] * 3


class TestThoughts:
    def test_italics_right_behind_a_cue_go_on(self) -> None:
        story = unsaid.read("Ann looked up.\n\n*Oh,* Ann thought. *Oh.*\n\nShe looked down, and the *Oh* was gone.\n")
        thought = [story.text[a:b] for u in story.utterances if u.kind == "thought" for a, b in u.parts]
        assert [part.strip("*") for part in thought] == ["Oh,", "Oh."]

    def test_what_i_am_going_to_do_was_thought_then(self) -> None:
        story = unsaid.read(
            "Goose looked at me. Goose shook his head at me, and I sat down on the bench.\n\n"
            "I'm gonna look, I thought.\n\nI looked right at him and fell on my face. Goose laughed at me.\n"
        )
        assert [line for _, line in said(story, "thought")] == ["I'm gonna look"]

    @pytest.mark.parametrize("line", ["It was so quiet that you could hear the clock.", "You could hear the rain."])
    def test_what_anybody_could_hear_is_told(self, line: str) -> None:
        story = unsaid.read(
            f"Ann put her cup down.\n\n“I am going,” said Ben.\n\n{line}\n\n“Then go,” said Ann.\n\nHe went.\n" * 3
        )
        assert not said(story, "thought")


class TestNotes:
    HEAD = "Title: Slack Water\nFandom: Haldane\nRating: T\nAuthor's note: With thanks to my beta, who knows boats.\n\n"

    @pytest.mark.parametrize(
        "first",
        [
            "‘Fifty-eight,’ said Imrie, and shut his book.",
            "— Fifty-eight, said Imrie, and shut the book.",
            "The water had left him behind, and they looked at him. She crouched on the slip beside him.",
        ],
    )
    def test_a_note_ends_where_the_story_begins(self, first: str) -> None:
        story = unsaid.read(f"{self.HEAD}{first}\n\nThe tide had gone out.\n\n* * *\n\nNobody came.\n")
        notes = [m for m in story.matter if m.kind == "note"]
        assert [story.text[m.start : m.end] for m in notes] == [
            "Author's note: With thanks to my beta, who knows boats."
        ]

    def test_a_note_of_several_paragraphs_is_one(self) -> None:
        story = unsaid.read(
            f"{self.HEAD}Sorry it took me so long, you guys. I hope you like it.\n\n* * *\n\nRain fell.\n"
        )
        assert "Sorry" not in "".join(story.text[s.start : s.end] for s in story.scenes)
