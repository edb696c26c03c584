"""Letters, notes and messages: their extent, who wrote them, to whom, and what became of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unsaid
from unsaid import narration, people, prose, sources
from unsaid.voices.writings import find_writings


def read(text: str) -> tuple[unsaid.Story, dict[str | None, str | None]]:
    """The story, and its characters' names by id."""
    story = unsaid.read(text)
    return story, {None: None, **{c.id: c.name for c in story.characters}}


FRAME = "Ruben had not slept. He sat at the long table with the lamp turned low, and he listened to the rain.\n\n"
LETTER = "Dear Ruben,\n\nI have left the keys with the porter. I could not bear to say it to you aloud.\n\n"
AFTER = "Ruben read it twice. He put it into the stove and watched it until it was gone.\n"


@pytest.mark.parametrize(
    "signature",
    ["-Livia.", "Yours,\n\nLivia", "Love, Livia", "Livia", "Yours always,\nLivia", "-- Livia", "Your Livia"],
)
def test_a_letter_runs_from_salutation_to_signature(signature: str) -> None:
    text = f"{FRAME}Livia had gone in the night.\n\n{LETTER}{signature}\n\n{AFTER}"
    story, names = read(text)
    (letter,) = story.writings
    assert story.passage(letter) == f"{LETTER}{signature}"
    assert (letter.kind, names[letter.sender], names[letter.recipient]) == ("letter", "Livia", "Ruben")
    (uttered,) = [u for u in story.utterances if u.kind == "writing"]
    assert (uttered.speaker, uttered.addressees) == (letter.sender, (letter.recipient,))
    assert uttered.evidence == "explicit"


def test_a_postscript_belongs_to_the_letter() -> None:
    story, _ = read(f"{FRAME}Livia had gone in the night.\n\n{LETTER}Livia\n\nP.S. Feed the bird.\n\n{AFTER}")
    assert story.passage(story.writings[0]).endswith("Feed the bird.")


def test_a_quoted_letter_is_writing_and_not_speech() -> None:
    text = (
        f'{FRAME}Livia had sent a letter by the porter, and it began without a date:\n\n"MY DEAR RUBEN,\n\n'
        '"I have left the keys with the porter.\n\n"I shall not come back before the spring.\n\n"LIVIA."\n\n'
        '"Who brought it?" asked Ruben.\n\n"The porter," said Hanne.\n'
    )
    story, names = read(text)
    direct = [(u.kind, names[u.speaker]) for u in story.utterances if u.mode == "direct"]
    assert direct == [("writing", "Livia"), ("speech", "Ruben"), ("speech", "Hanne")]


def test_a_line_said_to_dear_somebody_is_speech() -> None:
    text = '"My dear Ruben," said Hanne, "sit down."\n\n"Dear Hanne!" cried Ruben. "I would rather stand."\n'
    story, _ = read(text)
    assert story.writings == ()
    assert {u.kind for u in story.utterances} == {"speech"}


def test_what_the_letter_quotes_on_a_line_of_its_own_is_its_speaker_s() -> None:
    text = (
        f"{FRAME}Livia had gone in the night.\n\nDear Ruben,\n\nI have not forgotten what you told me on the pier.\n\n"
        '"Nobody ever leaves this town twice."\n\nI mean to try.\n\n-Livia.\n\n' + AFTER
    )
    story, names = read(text)
    inner = [u for u in story.utterances if story.passage(u).startswith('"Nobody')]
    assert [(u.kind, names[u.speaker]) for u in inner] == [("writing", "Ruben")]


def test_a_note_that_the_narration_announces() -> None:
    text = (
        "I opened the envelope from Livia on the stairs, and under her name there were only two words.\n\n"
        "Come home.\n\nI sat down where I was. I could hear the neighbours quarrel, and I did not get up for an hour.\n"
    )
    story, _ = read(text)
    (note,) = story.writings
    assert story.passage(note) == "Come home."


def test_a_note_in_quotation_marks_is_read_and_not_said() -> None:
    text = f'{FRAME}There was a note from Livia on the door. The note read: "Gone to the sea."\n\nHe went in to eat.\n'
    story, names = read(text)
    (uttered,) = [u for u in story.utterances if u.mode == "direct"]
    assert (uttered.kind, names[uttered.speaker]) == ("writing", "Livia")


def test_someone_who_holds_a_letter_and_speaks_is_speaking() -> None:
    text = f'{FRAME}Hanne, taking out the letter, said, "This came for you."\n\n"Burn it," said Ruben.\n'
    story, _ = read(text)
    assert [u.kind for u in story.utterances if u.mode == "direct"] == ["speech", "speech"]


def test_texted_lines_are_messages() -> None:
    text = f'{FRAME}"On my way," Livia texted.\n\nRuben turned the phone over and went on waiting.\n'
    story, names = read(text)
    assert [(w.kind, names[w.sender]) for w in story.writings] == [("message", "Livia")]


def test_chat_lines_below_a_phone_are_messages_of_those_named() -> None:
    text = (
        f"{FRAME}Livia and Martha had been gone since noon, and Martha had the dog. His phone lit up on the table.\n\n"
        "Livia: where are you\n\nMartha: with the boats\n\nRuben switched it off.\n"
    )
    story, names = read(text)
    assert [(w.kind, names[w.sender]) for w in story.writings] == [("message", "Livia"), ("message", "Martha")]


def test_an_answer_names_what_it_answers() -> None:
    back = "Dear Livia,\n\nThe porter has no keys. I think that you know it.\n\n-Ruben.\n\n"
    story, _ = read(
        f"{FRAME}Livia had gone in the night.\n\n{LETTER}-Livia.\n\nHe took a sheet himself.\n\n{back}{AFTER}"
    )
    first, second = story.writings
    assert first.answered is True
    assert second.reply_to == first.id


def test_a_letter_that_is_burnt_was_never_sent() -> None:
    story, _ = read(
        f"{FRAME}He wrote to Livia until the lamp died.\n\nDear Livia,\n\nI was wrong about the boat.\n\n-Ruben.\n\n"
        "He never sent it. In the morning the bird was singing, and he ate an egg.\n"
    )
    assert story.writings[0].status == "unsent"


PIECES = [
    FRAME,
    LETTER,
    "-Livia.",
    AFTER,
    "The note said:",
    '"Come."',
    "From: Livia",
    "Livia: yes",
    "Dear Diary,",
    "P.S. No.",
    '"',
    "Yours,",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9))
def test_writings_do_not_overlap_and_hold_their_utterances(parts: list[str]) -> None:
    manuscript = sources.load("\n\n".join(parts) + "\n\nLivia laughed at Ruben.\n")
    composed = prose.compose(manuscript)
    cast, telling = narration.tell(composed, people.gather(composed, manuscript.metadata))
    writings, uttered = find_writings(composed, cast, telling)
    assert all(one.end <= other.start for one, other in pairwise(writings))
    assert len({w.id for w in writings}) == len(writings)
    ids = {c.id for c in cast.characters} | {None}
    for writing in writings:
        assert 0 <= writing.start < writing.end <= len(composed.text)
        assert {writing.sender, writing.recipient} <= ids
    for utterance in uttered:
        assert any(w.start <= utterance.start < utterance.end <= w.end for w in writings)
        assert utterance.speaker is not None or utterance.reason


def test_a_chat_goes_on_with_one_who_has_no_name_yet() -> None:
    text = (
        "Paula took out her phone in the lift and typed with one thumb.\n\nPAULA: where are you\n\n"
        "ZED: third floor\n\nPaula got out. Paula ran along the passage.\n"
    )
    story, names = read(text)
    found = [(names[u.speaker], story.passage(u)) for u in story.utterances if u.kind == "writing"]
    assert found == [("Paula", "PAULA: where are you"), (names.get(None), "ZED: third floor")]


def test_what_cannot_speak_and_says_something_is_read() -> None:
    text = "Paula found a bit of ribbon in the drawer, rolled up small, and it said:\n\nNot here.\n\nPaula closed it.\n"
    story, _ = read(text)
    assert [story.passage(u) for u in story.utterances if u.kind == "writing"] == ["Not here."]


def test_initials_are_those_of_whoever_the_letters_are_exchanged_with() -> None:
    story = unsaid.read(
        "Winifred read her letters on the stairs, and Jonathan wrote them on trains. The dog ate one.\n\n"
        "Dear Winifred,\n\nThe room has a stove and a window. Write to me soon.\n\nEver yours,\nJonathan\n\n"
        "Dear Jonathan,\n\nI have finished the scarf, and I gave it to the dog.\n\nYour friend,\nWinifred\n\n"
        "My dear Winifred,\n\nI shall come on Saturday. Please tell the dog.\n\nYours,\nJ. L.\n"
    )
    names = {c.id: c.name for c in story.characters}
    assert [names.get(w.sender or "") for w in story.writings] == ["Jonathan", "Winifred", "Jonathan"]
