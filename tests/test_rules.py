"""Every rule's own page: its example gives the finding, what it calls sound does not; and the longer ones by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import unsaid
from unsaid.errors import NoSuchRule
from unsaid.findings import FAMILIES, RULES, rule

EXAMPLES = Path(__file__).parent.parent / "examples"
STORIES = re.compile(r"^## (Example|Sound)\n.*?^```story\n(.*?)^```$", re.M | re.S)
SHOWN = {code: dict(STORIES.findall(one.page)) for code, one in RULES.items()}


def found(text: str, code: str) -> list[unsaid.story.Finding]:
    return [f for f in unsaid.read(text).findings if f.rule == code]


@pytest.mark.parametrize("code", [code for code, stories in SHOWN.items() if stories])
def test_the_example_of_a_page_is_found_and_the_sound_one_is_not(code: str) -> None:
    assert found(SHOWN[code]["Example"], code)
    assert not found(SHOWN[code]["Sound"], code)
    assert not [f for f in unsaid.read(SHOWN[code]["Sound"]).findings if f.severity != "note"]


@pytest.mark.parametrize("code", RULES)
def test_a_page_explains_its_rule(code: str) -> None:
    page = RULES[code].page
    assert page.startswith(f"# {code} {RULES[code].name}\n\n")
    assert "\n## Example\n" in page
    assert RULES[code].code[0] in FAMILIES


def test_a_rule_is_known_by_code_and_name() -> None:
    assert rule("n101") is rule("Name-Misspelt") is RULES["N101"]
    with pytest.raises(NoSuchRule, match="N101"):
        rule("N1O1")


THIRD = (
    "Ulla took the lamp from its hook and went down the stairs, one hand on the wall. She counted the steps as "
    "her father had taught her, and where the ninth one should have been she stretched out her foot and felt for "
    "the next.\n\n"
)
OTHER = (
    "The cellar smelled of apples and of the river. She set the lamp on a barrel and looked for the box, which "
    "stood where it had always stood, under the shelf with the jars that nobody had opened since the funeral.\n\n"
)
FIRST = (
    THIRD.replace("Ulla", "I").replace("She", "I").replace("her father", "my father").replace("taught her", "taught me")
)


def test_a_page_told_by_another_person_is_found_where_no_break_marks_it() -> None:
    chapter = (THIRD + OTHER) * 4
    shift = FIRST.replace("her foot", "my foot") * 3
    (finding,) = found(chapter + shift + chapter, "V102")
    assert finding.spans[0].start == len(chapter)
    assert not found(chapter + "* * *\n\n" + shift + "* * *\n\n" + chapter, "V102")
    letter = f"Dear Ulla,\n\n{shift}Yours,\n\nJens\n\n"
    assert not found(chapter + letter + chapter, "V102")


def test_a_page_in_the_present_tense_is_found_where_no_break_marks_it() -> None:
    chapter = (THIRD + OTHER) * 8
    now = (
        "Ulla is alone now. She opens the box and takes out the letters, and she reads them where she stands. The lamp "
        "hisses. It is late, she thinks, and goes on, and turns the pages, and does not hear the door.\n\n"
    )
    (finding,) = found(chapter + now * 4 + chapter, "V103")
    assert finding.spans[0].start == len(chapter)
    assert not found(chapter + "* * *\n\n" + now * 4 + "* * *\n\n" + chapter, "V103")


def test_a_long_run_without_tags_shows_where_it_slips() -> None:
    opening = '"Where were you?" asked Ulla.\n\n"Out," said Jens.\n\n'
    run = '"Out where?"\n\n"By the river."\n\n"All night?"\n\n"Most of it."\n\n"Alone?"\n\n"More or less."\n\n'
    (finding,) = found(opening + run * 2, "D102")
    assert finding.spans[0].start == len(opening)
    assert not found(opening + run, "D102")


def test_two_people_with_nearly_one_name_are_noted() -> None:
    text = "Jonah came in. Jonas got up. Jonah looked at Jonas, and Jonas looked away. Jonah sat down.\n\n" * 10
    (finding,) = found(text, "N102")
    assert finding.severity == "note"
    assert not found(text.replace("Jonas", "Tobias"), "N102")


def test_doubled_lines_of_a_refrain_are_none() -> None:
    verse = "Row, row, row your boat, gently down the stream.\n\n"
    assert not found(THIRD + verse + verse + OTHER, "X103")
    assert found(THIRD + OTHER + OTHER, "X103")


def test_an_authors_note_inside_a_scene_is_found() -> None:
    text = THIRD + OTHER + "(A/N: Sorry for the wait, please review!)\n\n" + THIRD.replace("Ulla", "Edda")
    assert found(text, "X105")


@pytest.mark.parametrize(
    "other",
    [
        "Marielle had brown eyes, and they missed nothing.",
        "Marielle's eyes, which were brown, did not move.",
        "Marielle turned away, but her brown eyes had told enough.",
        "Marielle looked up. Her brown eyes were tired.",
    ],
)
def test_eyes_of_two_colours_are_found_however_they_are_told(other: str) -> None:
    assert found(f"Nobody forgot Marielle's blue eyes.\n\nIt rained.\n\n{other}\n", "C101")


@pytest.mark.parametrize(
    "other",
    [
        "Marielle's eyes were grey in this light.",
        "Marielle's eyes were black with anger.",
        "Marielle looked at Edda. Her brown eyes were tired.",
        "He wondered whether Marielle had brown eyes.",
        "Marielle's red eyes had wept all night.",
        "Marielle's eyes were not brown.",
    ],
)
def test_eyes_that_may_be_another_s_or_no_other_colour_are_none(other: str) -> None:
    assert not found(f"Nobody forgot Marielle's blue eyes.\n\nIt rained.\n\n{other}\n", "C101")


@pytest.mark.parametrize(
    "death",
    [
        "In the night Anton died.",
        "They found Anton dead on the road.",
        "They buried Anton on the hill.",
        "By the end of the week Anton was dead and buried.",
    ],
)
def test_a_death_is_found_however_it_is_told(death: str) -> None:
    text = f'Anton came home.\n\n{death}\n\nIt rained.\n\n"I told you so," said Anton.\n'
    assert found(text, "C103")
    assert found(text.replace('"I told you so," said Anton', 'Anton shook his head. "No," he said'), "C103")


@pytest.mark.parametrize(
    "alive",
    [
        "Anton was dead tired.",
        "Anton nearly died in the night.",
        "If Anton died, she would leave.",
        "They thought that Anton was dead.",
        "Anton's laughter died away.",
        '"Anton is dead," said Marielle.',
    ],
)
def test_what_is_no_death_is_none(alive: str) -> None:
    assert not found(f'Anton came home.\n\n{alive}\n\nIt rained.\n\n"I told you so," said Anton.\n', "C103")


def test_a_letter_or_a_poem_in_the_first_person_is_no_shift() -> None:
    chapter = (THIRD + OTHER) * 4
    shift = FIRST.replace("her foot", "my foot") * 3
    assert not found(chapter + "What she read there was this:\n\n" + shift + chapter, "V102")


def test_relatives_under_pet_names_are_one() -> None:
    text = "Anton's wife Margaret opened the door.\n\nIt rained.\n\nAnton's wife {} waited at the gate.\n"
    assert not found(text.format("Maggie"), "C102")
    assert found(text.format("Helen"), "C102")


def test_what_the_ledger_leaves_open_is_noted() -> None:
    text = (
        'Anton stood on the platform. "I promise I will come back for you," said Anton to Marielle.\n\n'
        '"Will I ever see you again?" Marielle asked him.\n\nThe train pulled out.\n'
    )
    findings = {f.rule: f for f in unsaid.read(text).findings}
    assert findings["L101"].severity == findings["L102"].severity == "note"
    assert "Anton" in findings["L101"].message


def test_a_secret_in_its_own_words_from_one_who_was_not_there_is_noted() -> None:
    text = (
        '"I must confess to you, Marielle, that I hid the ledger beneath the granary steps," said Anton to her.\n\n'
        "Marielle said nothing.\n\n* * *\n\nThe miller Gregor came to the inn in the evening, and Edda was there.\n\n"
        '"Why did he hide the ledger beneath the granary steps?" said Gregor to Edda.\n\nEdda did not know.\n'
    )
    (noted,) = found(text, "K101")
    assert "Gregor" in noted.message
    assert not found(text.replace("Gregor to Edda", "Marielle to Edda"), "K101")


def test_bare_thoughts_in_the_first_person_are_no_shift() -> None:
    chapter = (THIRD + OTHER) * 4
    talk = (
        '"You are late," said Ulla.\n\nI ran the last mile, and I would run it again, and you will never know it.\n\n'
    )
    answer = '"I know," said Jens.\n\nI should have gone when I could, I should have told you, and I never will.\n\n'
    text = chapter + (talk + answer) * 5 + chapter
    assert any(u.kind == "thought" for u in unsaid.read(text).utterances)
    assert not found(text, "V102")


def test_one_day_in_two_towns_is_found() -> None:
    story = "On the 3rd of May, 1884, Anton was in {}. It rained.\n\nOn the 3rd of May, 1884, Anton stayed at {}.\n"
    (finding,) = found(story.format("Bergen", "Leeds"), "C104")
    assert len(finding.spans) == 2
    assert not found(story.format("Bergen", "Bergen"), "C104")
    later = story.replace("3rd of May, 1884, Anton stayed", "5th of May, 1884, Anton stayed")
    assert not found(later.format("Bergen", "Leeds"), "C104")


@pytest.mark.parametrize(
    "between",
    [
        'Ulla sat down.\n\n"Come back!" shouted Anton.\n',
        'Ulla sat down.\n\n* * *\n\n"You forgot the lamp," said Anton.\n',
        'Anton looked in at the window.\n\nUlla sat down.\n\n"You forgot the lamp," said Anton.\n',
    ],
)
def test_who_calls_from_outside_or_is_seen_again_has_not_left(between: str) -> None:
    assert not found(f"Anton left the house.\n\nUlla washed the cups and put them away.\n\n{between}", "C105")


def test_another_who_says_i_is_found_where_no_break_marks_it() -> None:
    text = (EXAMPLES / "both-ends-of-the-platform.txt").read_text(encoding="utf-8")
    changes = [text.index(words) for words in ("I always hated", "I missed the ten", "The bus had stopped")]
    assert [f.spans[0].start for f in found(text, "V104")] == changes
    marked = text.replace("\n\nI always hated", "\n\n* * *\n\nI always hated")
    assert len(found(marked, "V104")) == 2


def test_one_who_left_as_he_right_behind_his_name_is_gone() -> None:
    text = "Anton closed the shop. Then he put on his cap and left the house.\n\nUlla swept.\n\nThe clock struck.\n\n"
    assert found(text + '"Plain loaves," said Anton.\n', "C105")
    assert not found(text + 'Anton came back.\n\n"Plain loaves," said Anton.\n', "C105")


def test_somebody_s_eyes_that_another_has_are_theirs_too() -> None:
    had = '"Sit down," said Ulla. Ulla had her father\'s chin, and his brown eyes.'
    text = f"{had}\n\nAnton sat down. Ulla's {{}} eyes filled.\n"
    assert found(text.format("blue"), "C101")
    assert not found(text.format("brown"), "C101")


def test_a_line_in_another_s_voice_may_call_its_speaker() -> None:
    line = '"Give me the peel, Anton," said Anton{}.\n\n"Here," said Ulla.\n'
    assert found(line.format(""), "D104")
    assert not found(line.format(", in the old man's voice"), "D104")


def test_a_rare_spelling_of_a_name_that_is_read_as_one_is_a_slip() -> None:
    told = "Marin took the lamp. " * 7 + "Marrin sat down.\n"
    assert [f.spans[0].start for f in found(told, "N101")] == [told.index("Marrin")]


def test_the_only_one_named_in_a_sentence_is_meant_by_its_first_pronoun() -> None:
    talk = '"She is late," said Edda. Edda looked at the clock. She frowned, and Edda sat down.\n\n' * 2
    text = talk + "Ulla turned away, but her green eyes had told enough.\n\nThe lamp lit up Ulla's brown eyes.\n"
    assert found(text, "C101")


@pytest.mark.parametrize(
    ("young", "old"),
    [
        ("Mara, nineteen, kept goats.", "Mara, now {}, had a shop."),
        ("At nineteen, Mara left home.", "At {}, Mara came back."),
        ("The nineteen-year-old Mara kept goats.", "The {}-year-old Mara had a shop."),
        ("Mara was nineteen.", "Mara turned {}."),
    ],
)
def test_an_age_beside_a_name_is_held_against_the_years_between(young: str, old: str) -> None:
    told = f"{young} The winters were long.\n\nFive years later it snowed. {old}\n"
    assert found(told.format("thirty-seven"), "T102")
    assert not found(told.format("twenty-four"), "T102")


@pytest.mark.parametrize(
    "kept",
    ["Ulla had never told anyone that she had buried the sabre under the quince tree.",
     "*I took the money for the sabre under the quince tree*, thought Ulla."],
)  # fmt: skip
def test_nobody_knows_what_was_never_said(kept: str) -> None:
    later = 'Bruno leaned on the gate. "{}" said Bruno.\n'
    dig = "You should dig up that sabre under the quince tree, Ulla,"
    assert found(f"{kept} She was alone.\n\n* * *\n\n{later.format(dig)}", "K101")
    assert not found(f"{kept} She was alone.\n\n* * *\n\n{later.format('There is rain coming, Ulla,')}", "K101")


def test_a_surname_of_its_own_is_less_than_a_slip() -> None:
    told = "Nicholas came in. " * 6 + "Then {} knocked, and Nicholas got up.\n"
    assert [f.severity for f in found(told.format("Nichols"), "N101")] == ["note"]
    assert [f.severity for f in found(told.format("Nichloas"), "N101")] == ["warning"]


def test_an_author_who_speaks_to_the_reader_is_no_shift() -> None:
    going = "the lamp and went down the stair, in the dark, with one hand on the cold wall and the keys of the mill"
    third = f"Ulla took {going} in the other. She counted the steps as she went, and she thought of the rain.\n\n"
    does = f"I took {going} in the other. I counted the steps as I went, and I thought of the rain.\n\n"
    asks = (
        "I would have the reader know that I can say no more of Ulla than I may. I shall not try; I must be brief.\n\n"
    )
    assert not found(third * 20 + asks * 6 + third * 20, "V102")
    assert found(third * 20 + does * 4 + third * 20, "V102")
