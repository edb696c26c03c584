"""Who says each line, to whom, through ``unsaid.read``."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import unsaid
from unsaid import corrections, sources
from unsaid.people import Cast
from unsaid.prose import compose
from unsaid.reading import Settings, straight, walk
from unsaid.voices import attribution
from unsaid.voices.manner import manners

if TYPE_CHECKING:
    from unsaid.story import Story

EXAMPLES = Path(__file__).parent.parent / "examples"
SETTING = (
    "Marta Hill and Tom Reed shared the lighthouse that winter. Marta kept the lamp and Tom kept the books. "
    "She liked the dark. He did not.\n\n"
)


def said(story: Story) -> list[tuple[str, str | None]]:
    names = {c.id: c.name.split()[0] for c in story.characters}
    return [
        ("".join(story.text[s:e] for s, e in u.parts).strip("\"“”'‘’ "), names.get(u.speaker or ""))
        for u in story.utterances
        if u.kind == "speech" and u.mode == "direct"
    ]


def speakers(text: str) -> list[str | None]:
    return [who for _, who in said(unsaid.read(SETTING + text + "\n"))]


def test_a_conversation_is_few_people_s_whoever_else_is_named_beside_it() -> None:
    crowd = "Ann, Bert, Cora, Dora, Egon, Fay, Gus, Hetty and Ivo slept. Ann snored; Bert, Cora, Dora and Egon did not."
    story = unsaid.read(
        f'Dale sat in the dark, and listened.\n\n{crowd}\n\n"Are you there, Corin?" said Dale.\n\n"I am."\n\n'
        '"How long have you been there?"\n\n"An hour."\n\n"And what did you see?"\n\n"Nothing."\n\n"Nothing?"\n'
    )
    assert [who for _, who in said(story)][::2] == ["Dale"] * 4


def test_whoever_a_cue_describes_speaks_though_they_speak_but_once() -> None:
    talk = "".join(f'"It {verb}," said {who}.\n\n' for verb in ("will", "won't", "did") for who in ("Tom", "Marta"))
    text = f'{talk}A boy in a cap came up the stairs.\n\n"Tickets," said the boy.\n\n"Here," said Marta.'
    assert speakers(text)[-2:] == ["a", "Marta"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"The lamp is out," said Marta.', ["Marta"]),
        ('"The lamp is out," Tom said.', ["Tom"]),
        ('"The lamp is out," whispered Marta to Tom.', ["Marta"]),
        ('"The lamp is out," called the sleepy voice of Marta.', ["Marta"]),
        ('"The lamp," said Tom, "is out."', ["Tom"]),
        ('Tom looked up and said, "The lamp is out."', ["Tom"]),
        ('Tom turned to Marta and asked:\n\n"Is the lamp out?"', ["Tom"]),
        ('"The lamp is out!" Marta, who had run up the stairs, cried.', ["Marta"]),
        ('Marta came in. "The lamp is out," she said.', ["Marta"]),
        ('Tom came in. "The lamp is out," he said.', ["Tom"]),
        ('"The lamp is out." Tom shrugged. "Again."', ["Tom"]),
        ('"The lamp is out," was Tom\'s answer.', ["Tom"]),
        ('Tom coughed. "Is the lamp out?"\n\n"It is," said Marta.\n\n"And now?"', ["Tom", "Marta", "Tom"]),
        ("‘The lamp’s out,’ said Tom. ‘It’s the boys’ fault.’", ["Tom"]),
        ("«The lamp is out», said Tom.", ["Tom"]),
        ('"All right," called Marta, while Tom, thoughtful again, said: "In a way."', ["Marta", "Tom"]),
        ('"We must go!" cried Marta; and Tom called out as loudly as he could, "So we must!"', ["Marta", "Tom"]),
        ('Tom looked at her and replied, "The lamp is out!" Marta had never asked him to explain.', ["Tom"]),
        ('When Marta, glad of it, was gone, Tom lifted his head, and said to the cat, "The lamp is out."', ["Tom"]),
        ('Marta then heard Tom say in a low voice, "The lamp is out."', ["Tom"]),
        ('"A dangerous lamp!" came from Tom\'s tight lips. Marta shook her head.', ["Tom"]),
        ('"The lamp," according to Tom, "is out."', ["Tom"]),
        ('Marta, having said so much of the lamp, Tom made no comment, but said:\n\n"The lamp is out."', ["Tom"]),
        ('Marta was silent, and Tom, who had a bold heart, plunged without preface:\n\n"The lamp is out."', ["Tom"]),
        ('"The lamp," said Mr. Reed, rather sadly, "is out." Marta bowed.', ["Tom"]),
        ('"The lamp is out," said the porter.', ["the"]),
        ('"Yes, indeed," nodded Tom, and Marta laughed.', ["Tom"]),
        ('Marta spoke first; but Tom\'s answer was, soon afterwards, "The lamp is out."', ["Tom"]),
        ('The silence was broken by Tom, who now said, "The lamp is out." Marta waited.', ["Tom"]),
        ('Marta sat so still that Tom, shocked by the dark, said in a low voice: "The lamp is out."', ["Tom"]),
        ('Marta was met at the door by Tom, who, out of breath, cried, "The lamp is out!"', ["Tom"]),
        ('Tom turned to Marta, who was reading, and said, "The lamp is out."', ["Tom"]),
        ('Soon Tom noticed Marta, as she went along the rocks, and called out to her, "The lamp is out!"', ["Tom"]),
        ('Marta was counting the boats, when thus accosted by Tom, "The lamp is out."', ["Tom"]),
        ('Marta waited, she lit a match, and Tom\'s eager voice broke out, startling her: "Out again!"', ["Tom"]),
        ('"Perhaps," young Tom hazarded, "the lamp is out." Marta laughed.', ["Tom"]),
        ('Marta rose to go, and as soon as she was at the door Tom began.\n\n"The lamp is out."', ["Tom"]),
        ('Marta was called in by Tom, who, getting up to go, said\n\n"The lamp is out."', ["Tom"]),
        ('"The lamp is out," was Tom\'s concluding assurance.', ["Tom"]),
        ('Marta could not stay. For Tom had run out on the rocks, shouting, "The lamp is out!"', ["Tom"]),
        ('"The lamp is out," Tom confided that evening to Marta, who was lying on the sofa.', ["Tom"]),
        ('Marta saw how it was, for Tom said quickly, "The lamp is out."', ["Tom"]),
        (
            'And then, as Marta did not look up from the book or the lamp, Tom rather quietly added: "It is out."',
            ["Tom"],
        ),
        ('"The lamp is out," said the less hopeful Tom.', ["Tom"]),
        ('"The lamp is out," at last broke loudly from Tom.', ["Tom"]),
        ('Marta went up, quite deaf to Tom\'s repeated question of, "Is the lamp out?"', ["Tom"]),
        ('Marta was stopped on the stairs by Tom\'s saying, as he came in, "The lamp is out."', ["Tom"]),
        ('Marta was so slow that Tom had time to turn round and ask her again: "Is the lamp out?"', ["Tom"]),
        ('Marta shook so much with cold that Tom roused himself and asked: "Is the lamp out?"', ["Tom"]),
        ('Marta looked at Tom for a word, who said at last, "The lamp is out."', ["Tom"]),
        ('Marta opened the door and met Tom on the stairs, who, out of breath, cried, "The lamp is out!"', ["Tom"]),
        ('Marta was pleased, and soon Tom interrupted her with "The lamp is out!"', ["Tom"]),
        ('"The lamp is out," Tom used to say.', ["Tom"]),
        ('"The lamp is out!" said Tom. "Look!" Then Marta, who had listened to it all, whispered his name.', ["Tom"]),
        ('"The lamp is out," said Tom, "but--" Here the wind, which Marta hated, whispered in the roof.', ["Tom"]),
        ('Marta hated it; and the day came at last, when Tom turned to her, and said, "The lamp is out."', ["Tom"]),
        ('Marta slept badly; and when Tom soon after, just opening the door, said, "It is out," she rose.', ["Tom"]),
        ('Tom listened to Marta in the dark, and when she had done, answered thus, "The lamp is out."', ["Tom"]),
        ('Marta laughed, as Tom knew that she must, and then added-- "The lamp is out."', ["Marta"]),
        ('When she had gone and finished the books Marta had this news from Tom: "The lamp is out."', ["Tom"]),
        ('Marta, with a sigh, sat down; but Tom would not sit; and then rising up, said, "It is out."', ["Tom"]),
        ('Marta was called by Tom, who, rousing himself, started up to go, and said, "It is out."', ["Tom"]),
        ('Marta slept, and while she slept, Tom never ceased to grumble, and to say, "It is out."', ["Tom"]),
        ('No sooner had Marta gone, than Tom, who had listened, put out his hand and said, "It is out."', ["Tom"]),
        ('Marta was awake, for Tom turned about in his chair, and said in a low voice: "It is out."', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out," was all that Tom said.', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out," came the voice of Tom from the stairs.', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out," rang out Tom\'s voice.', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out!" It was Tom who spoke.', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out." The speaker was Tom.', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out," Marta heard Tom saying behind her.', ["Tom"]),
        ('Marta heard Tom\'s voice saying, "The lamp is out."', ["Tom"]),
        ('Marta heard the voice of Tom saying: "The lamp is out."', ["Tom"]),
        ('Marta sat down. "The lamp is out," Marta heard herself saying to Tom.', ["Marta"]),
        ('Marta was interrupted by Tom. "The lamp is out." Marta sat down.', ["Tom"]),
        ('Marta sat down. There was a cry from Tom. "The lamp is out!"', ["Tom"]),
        ('Marta looked up. It was Tom who answered. "The lamp is out."', ["Tom"]),
        ('Marta sat down. Peg stood by. "The lamp is out," Tom choked out.', ["Tom"]),
        ('"The lamp is out," said Marta to Tom, who answered, "It is late."', ["Marta", "Tom"]),
        ('"The lamp is out," Marta called to Tom next day; who replied: "It is late."', ["Marta", "Tom"]),
        ('Tom said nothing. But suddenly, as Marta and Peg went away, he jerked out: "It is late."', ["Tom"]),
        ('Marta waited; and without waiting for his reply Tom left. "It is late," said Marta.', ["Marta"]),
        ('Marta was still reading when Tom came in, calling out, "The lamp is out."', ["Tom"]),
        ('"The lamp," said Marta, "is--" but Tom interrupted her with\n\n"The lamp is out."', ["Marta", "Tom"]),
        ('Marta slept, and then almost at once Tom thus began, with a sigh, "The lamp is out."', ["Tom"]),
        ('All stairs shook with the step of Tom, who ran up the stairs, and cried: "The lamp is out."', ["Tom"]),
        ('Marta laughed, and Tom waved her on with the friendly remark, "It is out."', ["Tom"]),
        ('Marta laughed. Tom, who had seen it, told them that the lamp had "been out for ages."', ["Tom"]),
        ('Marta looked for Tom, and could say in her usual tone of gentle reproach: "It is out."', ["Marta"]),
        ('Marta sat on the stairs; Tom tried to console her.\n\n"The lamp is out."', ["Tom"]),
        (
            '"It is late," said Marta. A pause followed, and Tom began again.\n\n"And the lamp is out."',
            ["Marta", "Tom"],
        ),
        ('"It is late," said Marta.\n\n"The lamp is out," Tom joined in.', ["Marta", "Tom"]),
    ],
)
def test_a_cue_or_a_beat_tells_the_speaker(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


def test_the_she_of_a_cue_is_nobody_else_than_who_is_named_right_before() -> None:
    text = (
        '"It is late," said Marta.\n\n"Is it?" said Tom.\n\n"It was the storm," said Marta.\n\n'
        'Olga had come down the stairs with the books.\n\n"Who put out the lamp?" she asked.'
    )
    assert turns_of(text)[-1] == "Olga"


def test_whoever_acts_right_before_is_likely_the_she_of_the_cue() -> None:
    text = (
        '"It was Olga who lit the lamp," said Marta.\n\nOlga looked up from the books.\n\n"It was the storm," she said.'
    )
    assert turns_of(text)[-1] == "Olga"


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("I do think that it is so very cold, and very late.", "Marta"),
        ("There ain't no oil, ain't that so, and there ain't no lamp, ain't it.", "Tom"),
    ],
)
def test_a_line_that_nobody_reports_is_whose_manner_it_has(line: str, who: str) -> None:
    talk = (
        '"I do think that the lamp is so very dim," said Marta.\n\n"There ain\'t no lamp, ain\'t that so," said Tom.'
        '\n\n"That ain\'t what they say, ain\'t it," said Tom.\n\n"I do think so, and very much," said Marta.\n\n'
    )
    evening = f'In the evening Marta and Tom sat in the kitchen, and a kettle sang.\n\n"{line}"\n\nThe rain went on.'
    assert speakers(talk * 40 + evening)[-1] == who


def test_a_manner_is_told_by_common_words_beside_all_talk_and_not_by_the_line_itself() -> None:
    text = '"It is so," said Ann.\n\n"It is so, so," said Ann.\n\n"It is not," said Ben.\n'
    prose = compose(sources.load(text.encode()))
    spans = [(q.start, q.end) for q in prose.quotations]
    sure = [(*span, who) for span, who in zip(spans, ("Ann", "Ann", "Ben"), strict=True)]
    found = manners(prose, Cast((), ()), sure)
    usage = {"it": 3 / 10, "is": 3 / 10, "so": 3 / 10, "not": 1 / 10}
    others = {"it": 1, "is": 1, "so": 2}  # what Ann says besides the first line
    odds = [log((others[word] + 1000 * usage[word]) / (1004 * usage[word])) for word in ("it", "is", "so")]
    like = found.of(prose.tokens, spans[:1], ["Ann", "Ben", "Cora"])
    assert like["Ann"] == (pytest.approx(sum(odds)), 0.0)
    assert like["Ben"][0] < 0
    assert "Cora" not in like


@pytest.mark.parametrize(
    ("line", "who"), [("Peg has met Joe and Sal.", "Tom"), ("Mrs. Hall has met Mr. Hart and Miss Lane.", "Marta")]
)
def test_a_line_that_nobody_reports_is_whose_names_for_people_it_has(line: str, who: str) -> None:
    talk = (
        '"Where is Peg?" said Tom.\n\n"Mrs. Hall went out," said Marta.\n\n"Where is Joe?" said Tom.\n\n'
        '"Mr. Hart went out," said Marta.\n\n"Where is Sal?" said Tom.\n\n"Miss Lane went out," said Marta.\n\n'
    )
    evening = f'In the evening Marta and Tom sat in the kitchen, and a kettle sang.\n\n"{line}"\n\nIt rained.'
    assert speakers(talk * 20 + evening)[-1] == who


def test_a_description_means_whom_it_means_in_the_rest_of_the_story() -> None:
    known = (
        '"Good day, Marta," said Tom, and sat down.\n\n"Good day, Tom," said Marta.\n\n'
        '"It is late," said the painter.\n\n"It is," said Marta.\n\n'
    )
    pause = "The rain fell on the roofs all day, and the river rose. " * 100 + "\n\n"
    doubtful = (
        "Tom came in with the books. Karl Brand had gone down to the boats, and Karl was back.\n\n"
        '"It is late," said the painter.\n\nThe rain went on.'
    )
    assert speakers((known + pause) * 4 + doubtful)[-1] == "Tom"


def test_a_boy_is_no_man() -> None:
    text = (
        "Karl Brand came down to the boats. Tom was a boy of nine. The boy ran. Karl told the boy to wait. The boy "
        "sat down. The boy laughed, and Karl fed the boy.\n\nTom read. Tom did not look up, and Tom was glad."
        '\n\n"It is late," said the man. Tom put the book away.\n\nThe rain went on.'
    )
    assert speakers(text)[0] == "Karl"


def test_the_maid_is_nobody_who_has_a_name() -> None:
    text = 'Marta sat by the lamp, and Olga beside her.\n\n"There is a letter, miss," said the maid.'
    assert turns_of(text)[-1] == "the"


def test_a_stranger_who_is_called_so_all_along_is_as_good_as_named() -> None:
    ways = ("sat down", "slept", "drank", "read", "coughed", "smoked", "sang")
    text = f"{' '.join(f'The stranger {way} in the kitchen.' for way in ways)} Marta sat with Tom.\n\n"
    talk = '"It is late," said Tom.\n\n"It is," said Marta.\n\n"Is it?" said the stranger.\n\n"Yes," said Marta.'
    assert speakers(text + talk) == ["Tom", "Marta", "the", "Marta"]


def test_the_girl_is_no_married_woman() -> None:
    text = (
        "Tilly sat on the stairs and she was cold. Mrs. Hill counted the boxes.\n\n"
        'The girl looked down at her. "Is it far?"\n'
    )
    assert [who for _, who in said(unsaid.read(text))] == ["Tilly"]


def test_untagged_turns_alternate_between_two() -> None:
    text = (
        '"Is the lamp out?" asked Tom.\n\n"It is," said Marta.\n\n"Then light it."\n\n"I have no oil."\n\n'
        '"There is oil in the shed."\n\n"The shed is locked."'
    )
    assert speakers(text) == ["Tom", "Marta"] * 3


TWO_WOMEN = (
    "Marta Hill and Olga Reed shared the lighthouse that winter. Marta kept the lamp and Olga kept the books.\n\n"
)


def turns_of(text: str) -> list[str | None]:
    return [who for _, who in said(unsaid.read(TWO_WOMEN + text + "\n"))]


def test_a_verb_of_going_on_tells_that_the_last_speaker_speaks_again() -> None:
    begun = '"The lamp is out," said Olga.\n\n"Again?" said Marta. "It was new."'
    assert turns_of(f'{begun}\n\nMarta waited in vain.\n\n"And so was the oil," she went on.')[-1] == "Marta"
    assert turns_of(f'{begun}\n\n"It was the storm," she replied.')[-1] == "Olga"


def test_an_answer_in_one_paragraph_with_the_question_is_another_persons() -> None:
    text = '"Is the lamp out?" asked Marta, with a look at Olga. She replied, "It is out again."'
    assert turns_of(text) == ["Marta", "Olga"]


def test_a_name_called_is_not_the_speaker() -> None:
    text = '"Tom, the lamp is out."\n\n"I know, Marta."\n\n"Then do something, Tom!"'
    assert speakers(text) == ["Marta", "Tom", "Marta"]


def test_a_name_called_in_a_line_that_is_only_quoted_is_not_called() -> None:
    text = '"And then you said, "Marta, put it out!" and I put it out." Marta laughed.'
    assert speakers(text) == ["Marta"]


def test_turns_run_together_in_one_paragraph_alternate() -> None:
    text = (
        '"Tom are you awake," "No Marta i am asleep," "Then who is talking," "A dream," '
        '"Get up the lamp is out Tom," "You get up," he said.'
    )
    assert speakers(text) == ["Marta", "Tom", "Marta", "Tom", "Marta", "Tom"]


def test_addressees_are_those_called_or_answered() -> None:
    story = unsaid.read(SETTING + '"Is the lamp out?" Tom asked Marta.\n\n"It is," she said.\n')
    tom, marta = story.character("Tom"), story.character("Marta")
    assert [u.addressees for u in tom.said] == [(marta.id,)]
    assert [u.addressees for u in marta.said] == [(tom.id,)]
    assert story.between("Tom", "Marta") == story.utterances


def test_lines_opened_by_a_name_and_a_colon_are_that_persons() -> None:
    text = "Marta: The lamp is out.\n\nTom: Again?\n\nMarta: Again.\n\nTom went to look. Note: he took no coat.\n"
    assert said(unsaid.read(SETTING + text)) == [
        ("The lamp is out.", "Marta"),
        ("Again?", "Tom"),
        ("Again.", "Marta"),
    ]


def test_scare_quotes_titles_and_words_as_words_are_no_utterances() -> None:
    text = (
        'He called it a "modest" lamp, and his song "The Night Boat" was worse. The word "oil" made her laugh. '
        'She read "Ships and Tides" again.'
    )
    assert speakers(text) == []


def test_a_noun_of_speech_names_words_and_says_nothing() -> None:
    held = "The letter held the phrase “so-called lamp” twice."
    story = unsaid.read(f"{held}\n\n“It did,” said Ann. Bram said “so there” and left.\n")
    assert [story.passage(u) for u in story.utterances] == ["“It did,”", "“so there”"]


def test_words_as_words_may_stand_at_the_start_of_a_wrapped_line() -> None:
    told = "The Board had written to her again, at length and without much hope, and had used the"
    wrapped = (
        f"{told}\n“modest” lamp as its example, which was not kind, since nobody had asked it to look at\nthe lamp."
    )
    story = unsaid.read("\n\n".join([wrapped, "“It did,” said Ann.", wrapped, "“It did not,” said Bram."]))
    assert [story.passage(u) for u in story.utterances] == ["“It did,”", "“It did not,”"]


def test_a_line_nobody_could_say_has_no_speaker_and_says_why() -> None:
    (line,) = unsaid.read('"Is anybody there?"\n\nThe wind went on.\n').utterances
    assert line.speaker is None
    assert line.reason


def test_a_cue_that_interrupts_makes_one_utterance_of_two_parts() -> None:
    (line,) = unsaid.read(SETTING + '"The lamp," said Tom, "is out."\n').utterances
    assert len(line.parts) == 2
    assert line.evidence == "explicit"
    assert line.cue is not None


def test_who_answers_whenever_a_name_is_called_bears_that_name() -> None:
    rounds = "".join(
        f'"What do you say to the oil, Bunny?" asked Tom.\n\n"It burns {n} hours," said Mrs. Hill.\n\n'
        '"And the wick, Bunny?"\n\n"The wick is new," answered Mrs. Hill.\n\n'
        for n in range(3)
    )
    story = unsaid.read("Mrs. Hill and Tom Reed kept the light. She was older than he was.\n\n" + rounds)
    assert story.character("Bunny").id == story.character("Mrs. Hill").id


def test_a_formal_and_a_familiar_name_are_one_person_s_by_the_company_they_keep() -> None:
    rounds = "".join(
        f'Harriet trimmed the lamp for the {time} time.\n\n"Is it late, Miss Fenwick?" asked Tom.\n\n'
        f'"It is {time}," said Harriet. Miss Fenwick was never late.\n\n'
        for time in ("first", "second", "third", "fourth")
    )
    story = unsaid.read("Harriet kept the light with Tom Reed. She was older than he was.\n\n" + rounds)
    assert story.character("Harriet").id == story.character("Miss Fenwick").id


def test_two_who_are_named_in_one_sentence_stay_two() -> None:
    rounds = "".join(
        f'Harriet saw Miss Fenwick trim the lamp for the {time} time.\n\n"Is it late, Miss Fenwick?" asked Tom.\n\n'
        f'"It is {time}," said Harriet.\n\n'
        for time in ("first", "second", "third", "fourth")
    )
    story = unsaid.read("Harriet kept the light with Tom Reed. She was older than he was.\n\n" + rounds)
    assert story.character("Harriet").id != story.character("Miss Fenwick").id


def test_a_name_that_is_only_spoken_of_stays_its_own() -> None:
    rounds = '"Is Bunny at home?" asked Tom.\n\n"Bunny is out," said Mrs. Hill.\n\n' * 4
    story = unsaid.read("Mrs. Hill and Tom Reed kept the light. She was older than he was.\n\n" + rounds)
    assert story.character("Bunny").id != story.character("Mrs. Hill").id


@pytest.mark.parametrize("least", [0.0, 0.6, 0.9, 1.0])
def test_whoever_is_less_sure_than_was_asked_is_not_named(least: float) -> None:
    path = EXAMPLES / "three-ways.txt"
    free, bound = unsaid.read(path), unsaid.read(path, min_confidence=least)
    for line, other in zip(free.utterances, bound.utterances, strict=True):
        if line.speaker is not None and line.confidence < least:
            assert (other.speaker, other.addressees) == (None, ())
            assert other.reason == f"whoever is likeliest is less sure than {least:g}"
        else:
            assert other == line
    assert least < 1 or {line.speaker for line in bound.utterances} == {None}
    again = bound.correct(corrections.rename(bound, bound.characters[0].id, "Somebody Else"))
    assert again.min_confidence == (least or None)
    assert [u.speaker for u in again.utterances] == [u.speaker for u in bound.utterances]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Marta looked up and said: "Rain"; and Tom, after a pause, answered: "Snow."', ["Marta", "Tom"]),
        ('Marta heard Tom say, "Never"; and Reuben, who was new, retorted: "Always."', ["Tom", "Reuben"]),
        ('She said, "Rain," and he, at last, answered, "Snow."', ["Marta", "Tom"]),
        ('Marta said, "Rain," and then added, "Snow."', ["Marta"]),
        ('"Then," Marta went on (and Tom saw that she was asking herself why), "then it rained."', ["Marta"]),
        ('Marta said: "Throw it out," and then, as Tom stared: "But no, keep it."', ["Marta"]),
        ('Marta said, "It rains." Tom looked round from the books, and said, "Snow."', ["Marta", "Tom"]),
        ('"What a night!" said Marta. And Tom, who had slept, cried, "Snow!"', ["Marta", "Tom"]),
        ('As Marta exclaimed: "Snow in June?" he answered calmly: "Rain."', ["Marta", "Tom"]),
        ('"I hope," said Tom, when Marta returned, "that it only rains."', ["Tom"]),
        ('"Oh, Marta," exclaimed Tom, as she finished, "it only rains."', ["Tom"]),
        ('"Do not move--" Marta began, and then saw her brother and cried: "Snow!"', ["Marta"]),
        ('"It rains," said Marta, as if it were nothing; and Tom, at the door, murmured: "Snow."', ["Marta", "Tom"]),
        ('"Rain!" said Marta, and woke Tom; and when he saw it, Tom kissed her, and said, "Snow."', ["Marta", "Tom"]),
        (
            'Marta added, "Rain," which was true, for Tom turned round, and said in a low voice: "Snow."',
            ["Marta", "Tom"],
        ),
    ],
)
def test_two_lines_of_one_sentence_are_of_two_where_each_is_introduced(text: str, expected: list[str]) -> None:
    assert speakers(text) == expected


def test_he_who_corrects_himself_is_not_spoken_to() -> None:
    text = (
        'Karl Brand sat in his chair. He read his book, and Karl never looked up.\n\nTom said, "I hate the dark."\n\n'
        '"Nobody has the right to say that," said Marta.\n\n'
        '"I agree. I mean that I hate the cold," he corrected himself.'
    )
    assert turns_of(text)[-1] == "Tom"


@pytest.mark.parametrize("cue", ["said Marta to herself", "Marta said softly to herself"])
def test_whoever_speaks_to_themself_speaks_to_nobody(cue: str) -> None:
    story = unsaid.read(f'{SETTING}"It is late," said Tom to Marta.\n\n"It is," {cue}.\n\n"Are you there?" said Tom.\n')
    assert [len(u.addressees) for u in story.utterances] == [1, 0, 1]


def test_what_stands_behind_a_comma_names_nobody_who_is_spoken_to() -> None:
    text = (
        "Karl Brand came in with the coal. Karl sat in his chair. He read, and he smoked.\n\n"
        '"Will you stay?" said Marta.\n\n'
        '"Very well," he said, holding Marta to him.'
    )
    story = unsaid.read(SETTING + text + "\n")
    assert said(story)[-1][1] == "Karl"
    assert story.utterances[-1].cue is not None
    assert story.text[slice(story.utterances[-1].cue.start, story.utterances[-1].cue.end)] == "he said"


@pytest.mark.parametrize(
    "text",
    [
        'Marta stared at him and he was just like, "No way."',
        'Marta stared. And Tom\'s like "No way."',
        'Marta stared. So then Tom is all, "No way," and Marta laughed.',
        'Marta stared. Tom goes, "No way."',
        'Marta stared. "No way," goes Tom.',
        'Marta stared. "No way," Tom goes.',
    ],
)
def test_whoever_goes_or_is_like_says_it(text: str) -> None:
    story = unsaid.read(f"{SETTING}{text}\n")
    assert said(story) == [("No way.", "Tom")] or said(story) == [("No way,", "Tom")]
    assert (story.utterances[0].rule or "").startswith("cue")


def test_hair_like_something_says_nothing() -> None:
    story = unsaid.read(f'{SETTING}Tom had come in. Marta had hair like a broom. "No way," said Tom.\n')
    assert said(story) == [("No way,", "Tom")]


def test_whoever_says_nothing_in_a_long_story_hardly_says_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = '"It is late," said Tom.\n\n"It is not," said Marta.\n\n' * 10
    pause = "The rain fell on the roofs all day, and the river rose. " * 100 + "\n\n"
    evening = 'Karl Brand had a cold. Tom had a cold. Karl sat down.\n\n"A ship."\n\nIt rained.\n'
    story = sources.load(SETTING + talk + pause + evening)
    first = Settings(again=False)
    short = walk(story, (), straight, first).story
    monkeypatch.setattr(attribution, "_MANY_LINES", 20)
    long = walk(story, (), straight, first).story
    assert said(short)[-1] == said(long)[-1] == ("A ship.", "Karl")
    assert long.utterances[-1].confidence < short.utterances[-1].confidence
