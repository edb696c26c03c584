"""What stories of the wild sort showed: names of one person that differ, lost marks, lines that run together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import unsaid
from benchmarks import wild
from benchmarks.gold import parse

if TYPE_CHECKING:
    from pathlib import Path

    from unsaid.story import Character, Story

EVERY = [path for half in wild.HALVES for path in wild.paths(half)]


def called(story: Story, name: str) -> Character:
    found = [c for c in story.characters if name in (c.name, *c.names)]
    assert len(found) == 1, (name, [(c.name, c.names) for c in story.characters])
    return found[0]


def speakers(story: Story) -> list[str | None]:
    """Who says each line, by what the story mostly calls them."""
    names = {c.id: c.name for c in story.characters}
    return [names.get(u.speaker or "") for u in story.utterances if u.kind == "speech"]


def thoughts(story: Story) -> list[str]:
    return [story.text[u.start : u.end] for u in story.utterances if u.kind == "thought"]


class TestNames:
    def test_a_relation_behind_an_article_is_a_name_where_it_is_written_as_one(self) -> None:
        text = (
            "They had waited all morning for the Grandmother. The clerk bowed to the Grandmother, and the Grandmother "
            'tapped her stick. "More!" cried the Grandmother. Nobody argued with the Grandmother, and nobody would '
            "have dared to tell the Grandmother what it cost."
        )
        story = unsaid.read(text)
        assert called(story, "the Grandmother").pronouns == "she"
        assert speakers(story) == ["the Grandmother"]
        lower = unsaid.read(text.replace("Grandmother", "grandmother"))
        assert not any(m.kind == "name" for m in lower.mentions)

    def test_one_title_in_two_spellings_is_one(self) -> None:
        story = unsaid.read(
            "Dr. Hobley shut the bag. Doctor Hobley had seen worse. Capt. Rusk nodded to Dr. Hobley. Captain Rusk left."
        )
        assert called(story, "Dr. Hobley") is called(story, "Doctor Hobley")
        assert called(story, "Capt. Rusk") is called(story, "Captain Rusk")

    def test_a_ship_or_saint_of_a_name_is_nobody_who_bears_it(self) -> None:
        story = unsaid.read(
            "George Pell came down. George had been to the Royal George for his beer. George sat. He laughed, and "
            "George's wife laughed. George Pell slept. George snored."
        )
        assert called(story, "George") is called(story, "George Pell")

    def test_a_first_name_and_a_surname_that_share_sentences_are_two_peoples(self) -> None:
        both = "Paul saw Marrow drunk. Marrow pushed Paul aside. Paul looked at Marrow. When Marrow sat, Paul rose. "
        text = both * 3 + "Paul Marrow was the youngest. Walter Marrow worked below."
        story = unsaid.read(text)
        assert called(story, "Paul").id != called(story, "Marrow").id
        apart = "Paul was late. Paul ran. Paul Marrow had never been late. Marrow was ashamed. Marrow went in. "
        story = unsaid.read(apart * 3)
        assert called(story, "Paul") is called(story, "Marrow")

    def test_two_names_side_by_side_are_not_one(self) -> None:
        text = (
            "Emily loved Rose. Rose sang to Emily, and Emily wept. Emily and Rose went out. Rose left Emily there. "
            "When she heard Rose Emily smiled. Emily told Rose so. Rose kissed Emily."
        )
        story = unsaid.read(text)
        assert called(story, "Emily").id != called(story, "Rose").id
        assert not any(text[m.start : m.end] == "Rose Emily" for m in story.mentions)

    def test_pronouns_beyond_doubt_outweigh_a_first_name(self) -> None:
        text = "Lou Berg came in and hung up his hat. Lou lit his pipe. Lou said he was tired. Lou shut his eyes. " * 3
        assert called(unsaid.read(text), "Lou").pronouns == "he"
        twice = "Lou Berg came in. Lou laughed at his joke. Ann was tired and Lou was, too. Lou slept."
        assert called(unsaid.read(twice), "Lou").pronouns != "he"

    @pytest.mark.parametrize("cry", ["Aw", "Huh", "Yikes", "Okay"])
    def test_an_outcry_is_nobody(self, cry: str) -> None:
        text = f'"{cry}, come on," said Ned. "{cry}, no." "{cry}, please," he said. {cry}, he thought. "{cry}! Jo!"'
        assert all(cry not in c.names for c in unsaid.read(text).characters)

    def test_what_somebody_does_is_no_name(self) -> None:
        story = unsaid.read('Greg came out. "Practicing, sir," said Lowell. "Practicing what?" asked Greg.')
        assert all("Practicing" not in c.names for c in story.characters)

    def test_a_long_name_misspelt_anew_each_time_is_one_name(self) -> None:
        text = (
            "Ninepin spilt the soup. Tolkeeper said nothing. They thought about Tollkeeper's plan. "
            "Tollkeper swallowed. Ninepin could hear Tollkeaper. Tollkeeper set him on his feet, and Ninepin laughed."
        )
        story = unsaid.read(text)
        assert set(called(story, "Tollkeeper").names) == {"Tollkeeper", "Tolkeeper", "Tollkeper", "Tollkeaper"}

    def test_a_name_with_an_honorific_is_a_name_without(self) -> None:
        story = unsaid.read(
            'Kaito climbed up. Mizunoue Shun. Of course. "I did not know, Mizunoue-senpai," said Kaito. Shun sat up '
            'and smiled. "Good night, Shun-senpai," said Kaito.'
        )
        assert called(story, "Shun") is called(story, "Mizunoue-senpai")
        assert called(story, "Shun") is called(story, "Mizunoue Shun")

    def test_a_name_and_its_short_form_that_only_speakers_say_are_one(self) -> None:
        story = unsaid.read('"You packed my shoes, Bryony." She laughed. "I did, Aleksy." "Bry, wait." "No." "Bry!"')
        assert called(story, "Bry") is called(story, "Bryony")

    def test_whoever_says_something_is_somebody_though_no_list_has_the_noun(self) -> None:
        text = (
            'The wheel stopped. "Zero!" cried the croupier. Ann staked again. "Zero!" called the croupier. '
            'The croupier smiled. "I am glad," said the wall beside her. "Truly," said the wall.'
        )
        names = {c.name for c in unsaid.read(text).characters}
        assert "the croupier" in names
        assert "the wall" not in names

    def test_a_relation_that_stands_alone_speaks_as_well_as_a_name(self) -> None:
        text = (
            'Ma believed in breakfast. Skag slept. "Up!" said Ma. Ma banged on the pot. "I am up," said Skag.\n\n'
            '"Where are the twins?"\n\n"Fighting."\n\n"Good. What about?"'
        )
        assert speakers(unsaid.read(text)) == ["Ma", "Skag", "Ma", "Skag", "Ma"]

    def test_a_saints_name_is_part_of_the_name(self) -> None:
        story = unsaid.read(
            "St. John Rivers opened the book. John had brought the coals. St. John looked up, and John bowed to "
            "St. John. Mr. St. John smiled. John went out."
        )
        assert called(story, "St. John") is called(story, "St. John Rivers")
        assert called(story, "St. John").id != called(story, "John").id


HABIT = """The snow had come early that year. {name} leaned on the rail and looked down at the river, and she said
nothing for a while. He came up behind her and stood there, and he took off his hat, and he turned it in his hands.

"You came," said Joren.

I ran the last mile.

"I said I would," said {name}.

You came. You actually came.

"It is a good post."

{thought}

"Then go," {name} said. She pulled her hood up and she looked away from him.

I want you to stay.

He put on his hat. They both watched the water go under the bridge.
"""


class TestBareThoughts:
    @pytest.mark.parametrize(
        "thought", ["It isn't true.", "Say it. Just say it.", "We were so happy here.", "Oh, well done.", "Why now?"]
    )
    def test_in_a_story_with_the_habit_what_looks_like_a_thought_is_one(self, thought: str) -> None:
        assert thought in thoughts(unsaid.read(HABIT.format(name="Tamsin", thought=thought)))

    @pytest.mark.parametrize("told", ["Tamsin kicked the snow.", "He coughed.", "Neither of them moved."])
    def test_what_is_told_is_told(self, told: str) -> None:
        assert told not in thoughts(unsaid.read(HABIT.format(name="Tamsin", thought=told)))

    def test_without_the_habit_it_is_told(self) -> None:
        text = HABIT.format(name="Tamsin", thought="It isn't true.")
        for line in ("I ran the last mile.", "You came. You actually came.", "I want you to stay."):
            text = text.replace(line, "The ice cracked.")
        assert "It isn't true." not in thoughts(unsaid.read(text))

    def test_thoughts_alone_make_no_narrator(self) -> None:
        text = """Gate Nine, and the ship already humming under the floor.

"You came in slippers, Aleksy."

Oh you stupid man. You came.

"I could not find my shoes, Bryony."

I'd have come on my knees.

He wiped under her eyes with his sleeve, one and then the other.

"I packed them when you were still getting on with me."

I hated that cat. I'd give both my arms to be there with you.

"I know."

Don't be funny. I can't do this if you're funny.

She did laugh then, and he held on to her until it stopped.
"""
        assert {(s.person, s.narrator) for s in unsaid.read(text).scenes} == {("third", None)}


class TestNarrators:
    def test_who_is_called_but_once_and_never_told_of_is_the_narrator(self) -> None:
        text = """I knead the dough and I look at the clock. Amara is late and I worry.

"Morning," says Amara. She puts the crate down beside me.

"You are late," I say.

My hands are white to the wrist. I wipe them on my apron.

"Only by nine minutes, Tilda."

I laugh. Amara laughs with me and I hand her the bowl.
"""
        story = unsaid.read(text)
        names = {c.id: c.name for c in story.characters}
        assert {names.get(s.narrator or "") for s in story.scenes} == {"Tilda"}

    def test_nobody_who_says_i_has_the_pronouns_of_others(self) -> None:
        text = "I found Irene in the hall, and Watts, she said, was late. I am Watts. She laughed. " * 3 + (
            '"Come, Watts," said Irene, and she took my arm. "Watts," she said. I followed her. "Watts!" she cried.'
        )
        assert called(unsaid.read(text), "Watts").pronouns is None


class TestLinesThatRunTogether:
    def test_an_action_between_lines_leads_the_next_one_in(self) -> None:
        text = (
            'The plan was on the table. Marla moved the bowl. "Who put soup on it?" Nico licked his spoon. "It was '
            'that or the canal." Hanna sat up on the wardrobe. "Say it again." Marla sighed. "Nobody dies." "I never '
            'said so." Osric coughed into his scarf. "I could write something." Nico laughed. "You write!"'
        )
        said = speakers(unsaid.read(text))
        assert said[:4] == ["Marla", "Nico", "Hanna", "Marla"]
        assert said[-2:] == ["Osric", "Nico"]

    def test_what_the_story_calls_somebody_all_along_names_them(self) -> None:
        text = (
            'An old woman sat by the door. Bruna drove. Bruna hummed. "Cold," said Bruna.\n\n"It is," said the old '
            'woman.\n\n"You have gloves," said Bruna.\n\n"I have," said the old woman. The old woman looked out.\n\n'
            '"You think about your feet," said the old woman.'
        )
        assert speakers(unsaid.read(text))[-1] == "the old woman"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_wild_story_is_marked_soundly(path: Path) -> None:
    marked = parse(path.read_text(encoding="utf-8"))
    text, gold = wild.story_of(path)
    cast = marked.facts["cast"]
    said = [re.sub(r"^\+?(?:[twi]:)?", "", passage.mark) for passage in marked.passages if passage.mark != "?"]
    assert {who for mark in said for who in re.split(r"[>/,]", mark)} <= cast.keys()
    assert len(gold["utterances"]) >= 40
    for entry in gold["utterances"]:
        assert text[entry["start"] : entry["end"]].strip()


def test_the_stories_that_nobody_reads_are_apart() -> None:
    assert [len(wild.paths(half)) for half in wild.HALVES] == [48, 84, 32, 16, 24]
    assert set(wild.KEPT) < {path.stem for path in wild.paths("")}
    assert len({path.stem for path in EVERY}) == len(EVERY)


class TestPeopleOfModernStories:
    def test_a_name_that_is_a_word_is_a_name_once_it_has_spoken(self) -> None:
        story = unsaid.read(
            "“Say it once more,” said Dell. The engine ran.\n\nDell squeezed his hand. Dell sat down in the roots. "
            "“Dell, "
            "nobody can see us here,” said Wes.\n\n“In general,” June says. June has turned round.\n"
        )
        assert called(story, "Dell").names["Dell"] == 4
        assert called(story, "June").names["June"] == 2

    def test_whom_the_narrator_calls_short_and_speakers_in_full_is_one(self) -> None:
        story = unsaid.read(
            "Dell stopped the car. “Delphine!” cried her aunt. “They won't ask,” said Dell. Dell looked at Wes, and "
            "Wes "
            "looked at Dell. “It is not fine, Delphine,” said Wes.\n"
        )
        assert called(story, "Dell") is called(story, "Delphine")

    def test_whoever_the_story_has_not_come_to_says_nothing_yet(self) -> None:
        story = unsaid.read(
            "“Get in,” said Dell. Wes got in.\n\n“You never wrote me that part.”\n\n“They won't ask.”\n\n“I have no "
            "ex.”\n\n"
            + "The road ran on between the fields, and nobody spoke for an hour.\n\n" * 3
            + "Curtis was at the gate. Curtis opened it. Curtis had Simone by the hand. Curtis took off his cap.\n"
        )
        assert not set(speakers(story)) & {"Curtis", "Simone"}

    def test_the_one_who_was_asked_about_is_not_called(self) -> None:
        story = unsaid.read(
            "Carla put down the toast.\n\n“Did he hit you?”\n\n“Rafe? He carries spiders out in a hat,” said Ines.\n\n"
            "“Did he go with somebody?”\n\n“No.”\n"
        )
        assert speakers(story) == ["Carla", "Ines", "Carla", "Ines"]

    def test_who_has_no_name_and_is_told_of_throughout_speaks_as_others_do(self) -> None:
        story = unsaid.read(
            "The vampire stood at the door. Gosia looked at the vampire, and the vampire took off his hat.\n\n“We "
            "are open,” "
            "said Gosia.\n\n“So I see,” said the vampire.\n\n“You are letting the heat out.”\n\n“I do apologise.”\n\n"
            "The vampire pointed at the glass. Gosia folded her arms. The vampire sighed.\n"
        )
        assert speakers(story) == ["Gosia", "the vampire", "Gosia", "the vampire"]

    def test_whoever_tells_the_story_is_never_she(self) -> None:
        story = unsaid.read(
            "I came in with my bag. Gran was at the stove, and she had her back to me.\n\n“Wash your hands, "
            "Fraser,” said "
            "Gran.\n\nI washed them. She slid the peeler across to me. She was humming.\n\n“Towards your thumb.” "
            "She turned "
            "round.\n\nI started on the carrots.\n"
        )
        shes = [m for m in story.mentions if story.text[m.start : m.end] == "She"]
        assert {m.character for m in shes} == {called(story, "Gran").id}

    def test_what_was_once_said_calls_nobody_here(self) -> None:
        story = unsaid.read(
            "I sat on the stool and watched her stir. I had nothing to say.\n\n“Your granda liked it thin. I says "
            "to him, "
            "Archie, if it's the plate you want, lick it.”\n\nI laughed.\n\n“Pass me that cloth, Fraser,” she said.\n"
        )
        assert {s.narrator for s in story.scenes} == {called(story, "Fraser").id}

    def test_names_on_lines_of_their_own_say_who_tells_what_follows(self) -> None:
        story = unsaid.read(
            "Plot 14B\n\nMAEVE\n\nI had deleted his number, but I knew it. I picked up.\n\n“It's me,” said "
            "Idris.\n\n\nIDRIS\n\nThen "
            "neither of us spoke. I looked at the clock.\n\n“Saturday,” said Maeve, and I wrote it down.\n"
        )
        names = {c.id: c.name for c in story.characters}
        assert [names.get(s.narrator or "", "").title() for s in story.scenes] == ["Maeve", "Idris"]
