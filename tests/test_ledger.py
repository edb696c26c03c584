"""The ledger: what passes between people, how far it got out, and what answers it."""

from __future__ import annotations

import pytest

import unsaid
from unsaid.story import Entry, Story

QUAY = """Marta met Aldo on the quay.

"Aldo, I'm sorry about the boat," said Marta.

"It's all right," said Aldo. "When do you sail?"

"At noon," said Marta. "I promise I'll write to you."

*I love you*, she thought.

"Goodbye, Marta," said Aldo.

"Goodbye, Aldo," said Marta, and she walked away.

Aldo had never told her that he built the boat for her. Marta wrote to him in the spring.
"""


@pytest.fixture(scope="module")
def quay() -> Story:
    return unsaid.read(QUAY)


def only(story: Story, kind: str) -> Entry:
    found = [entry for entry in story.ledger if entry.kind == kind]
    assert len(found) == 1, [entry.gist for entry in found]
    return found[0]


def names(story: Story, entry: Entry) -> tuple[str | None, str | None]:
    called = {c.id: c.name for c in story.characters}
    return called.get(entry.from_ or ""), called.get(entry.to or "")


def test_an_apology_that_is_taken_is_forgiven(quay: Story) -> None:
    apology = only(quay, "apology")
    assert (names(quay, apology), apology.voice, apology.status) == (("Marta", "Aldo"), "aloud", "forgiven")
    assert apology.answer is not None
    assert quay.text[apology.answer.start : apology.answer.end].startswith("\"It's all right")


def test_a_question_has_its_answer(quay: Story) -> None:
    question = only(quay, "question")
    assert (question.gist, question.status) == ("When do you sail?", "answered")


def test_a_promise_is_kept_where_the_story_tells_the_deed(quay: Story) -> None:
    promise = quay.promises[0]
    assert (names(quay, promise), promise.status) == (("Marta", "Aldo"), "kept")
    assert promise.answer is not None
    assert "wrote" in quay.text[promise.answer.start : promise.answer.end]


def test_what_is_thought_or_never_said_is_unsaid(quay: Story) -> None:
    kept_in = {(entry.kind, entry.voice) for entry in quay.unsaid()}
    assert kept_in == {("confession", "thought"), ("secret", "never")}


def test_a_farewell_goes_with_the_departure(quay: Story) -> None:
    parting = next(p for p in quay.partings if p.kind == "departure")
    assert parting.farewell is True
    assert {e.status for e in quay.ledger.of("farewell")} == {"returned"}


def test_who_was_told_knows_and_who_was_not_does_not(quay: Story) -> None:
    apology, love = only(quay, "apology"), only(quay, "confession")
    told, thought = quay.knows("Aldo", apology), quay.knows("Aldo", love)
    assert told is not None
    assert (told.how, told.since) == ("told", apology.start)
    assert thought is None


def test_the_open_entries_have_a_reason(quay: Story) -> None:
    assert quay.ledger.open()
    assert all(entry.reason for entry in quay.ledger.open())


def test_a_story_read_back_has_the_same_ledger(quay: Story) -> None:
    back = Story.from_json(quay.to_json())
    assert back.ledger == quay.ledger
    assert back.ledger.between("Marta", "Aldo") == quay.ledger.between("Aldo", "Marta")


@pytest.mark.parametrize(
    "line",
    [
        "I promise you it is so.",
        "I swear he was here.",
        "I am sorry to hear that you are ill.",
        "Thank God!",
        "How dare you?",
        "Who cares?",
        "I'm not sorry.",
        "No, thank you.",
        "I shall never forget that winter.",
    ],
)
def test_what_only_sounds_like_an_act_is_none(line: str) -> None:
    story = unsaid.read(f'"{line}" said Marta to Aldo.\n\n"Quite," said Aldo.\n')
    assert [e.kind for e in story.ledger if e.kind in {"promise", "apology", "thanks", "question"}] == []


@pytest.mark.parametrize(
    "told",
    [
        'Aldo was asleep. "I love you," said Marta to Aldo.',
        '"I love you, Aldo," said Marta to the closed door.',
        '"I love you," said Marta to no one.',
    ],
)
def test_what_nobody_hears_is_not_heard(told: str) -> None:
    story = unsaid.read(f"Marta knew Aldo well. Aldo knew Marta.\n\n{told}\n")
    entry = only(story, "confession")
    assert (entry.voice, entry.heard) == ("aloud", False)
    assert entry in story.unsaid()


def test_a_promise_told_of_later_is_one_with_the_promise_made() -> None:
    story = unsaid.read(
        '"I will come back, I promise," said Marta to Aldo.\n\n"Good," said Aldo.\n\n'
        'A year went by.\n\n"You promised to come back," said Aldo to Marta, "but you never came."\n'
    )
    assert len(story.promises) == 1
    assert story.promises[0].again


def test_a_bond_is_turned_to_whoever_is_asked_for(quay: Story) -> None:
    one, other = quay.bond("Marta", "Aldo"), quay.bond("Aldo", "Marta")
    assert one.arc
    assert [(p.from_a, p.from_b) for p in one.arc] == [(p.from_b, p.from_a) for p in other.arc]
    assert all(-1 <= value <= 1 for p in one.arc for value in (p.from_a, p.from_b) if value is not None)


def test_a_reply_that_keeps_silent_is_a_promise() -> None:
    story = unsaid.read('"Please don\'t tell my father," said Marta to Aldo.\n\n"Not a word," said Aldo.\n')
    promise = only(story, "promise")
    assert (names(story, promise), promise.gist) == (("Aldo", "Marta"), "Not a word")
    other = unsaid.read('"Please open the door," said Marta to Aldo.\n\n"I can\'t," said Aldo.\n')
    assert not other.promises


def test_a_thought_that_takes_the_line_back_is_confessed_to_nobody() -> None:
    story = unsaid.read(
        'Marta met Aldo.\n\n"I wasn\'t crying," said Marta to Aldo. *I was crying for an hour*, she thought.\n'
    )
    (mask,) = story.masks
    confession = only(story, "confession")
    assert mask.opposed
    assert (confession.voice, confession.rule, names(story, confession)) == (
        "thought", "confession: under a mask", ("Marta", "Aldo"),
    )  # fmt: skip


def test_who_bids_themselves_speak_keeps_something_in() -> None:
    story = unsaid.read('Marta met Aldo.\n\n"Good morning," said Marta to Aldo. *Say it, you coward*, she thought.\n')
    assert [(e.kind, e.voice) for e in story.ledger] == [("confession", "thought")]


def test_who_was_in_the_scene_long_before_does_not_hear() -> None:
    between = "The clock struck, and the rain came down, and the lamp was lit.\n\n" * 12
    told = '"I killed him," said Marta to Aldo. Aldo sat down.\n'
    arrived = '"Good evening," said Edda. Edda sat at the window.\n\nMarta met Aldo.\n\n'
    near = unsaid.read(f"{arrived}{told}")
    far = unsaid.read(f"{arrived}{between}{told}")
    assert near.knows("Edda", only(near, "confession")) is not None
    assert far.knows("Edda", only(far, "confession")) is None


def test_who_is_told_of_at_length_is_the_one_who_leaves() -> None:
    story = unsaid.read(
        '"So it\'s goodbye," said Aldo to Marta.\n\nMarta saw that Aldo, and nobody else, had ever waited. '
        "Then Aldo who had stood by the stove all winter walked out of the house.\n"
    )
    assert [(p.kind, p.farewell) for p in story.partings] == [("departure", True)]


def read_about(more: str) -> Story:
    return unsaid.read(
        f'Marta met Aldo on the quay.\n\n"Good morning, Aldo," said Marta.\n\n"Marta," said Aldo.\n\n{more}\n'
    )


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Aldo said goodbye to Marta and picked up his bag.", "farewell"),
        ("Aldo told Marta that he was sorry about the boat.", "apology"),
        ("Aldo told Marta that he had always loved her.", "confession"),
        ("Aldo gave Marta his word.", "promise"),
    ],
)
def test_an_act_that_is_told_of_is_aloud(told: str, kind: str) -> None:
    assert only(read_about(told), kind).voice == "aloud"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Aldo was too proud to ask her whether she would stay.", "question"),
        ("The apology died on his lips. Aldo swallowed his question.", "question"),
        ("Aldo opened his mouth to tell her that he loved her, and shut it again.", "confession"),
        ("Aldo wished that he had thanked her.", "thanks"),
        ("Aldo would sooner have drowned than say so.", "confession"),
        ("Aldo stopped himself from begging her to stay.", "request"),
    ],
)
def test_what_is_held_back_is_never_said(told: str, kind: str) -> None:
    assert only(read_about(told), kind).voice == "never"


def test_a_question_that_is_asked_again_had_no_answer() -> None:
    story = read_about('"Where is the boat?" said Marta.\n\n"Where is it, Aldo?" said Marta.\n\n"She sank," said Aldo.')
    first, second = story.ledger.of("question")
    assert (first.status, first.reason, second.status) == ("open", "asked again", "answered")


def test_a_shrug_is_no_answer_and_a_wave_returns_a_farewell() -> None:
    story = read_about(
        '"Why did you do it?" said Marta.\n\nAldo shrugged.\n\n"Goodbye, Aldo," said Marta.\n\nAldo waved.'
    )
    assert only(story, "question").status == "open"
    assert only(story, "farewell").status == "returned"


def test_who_does_what_they_were_asked_not_to_refuses() -> None:
    story = read_about('"Don\'t open the letter, Aldo," said Marta.\n\nAldo opened it.')
    assert only(story, "request").status == "refused"


@pytest.mark.parametrize(
    ("later", "status"),
    [
        ("Aldo painted the shutters on Sunday.", "kept"),
        ("Aldo never painted the shutters.", "broken"),
        ("Aldo broke his promise.", "broken"),
        ("Aldo would have painted the shutters.", "open"),
    ],
)
def test_what_becomes_of_a_promise(later: str, status: str) -> None:
    story = read_about(f'"I promise I\'ll paint the shutters," said Aldo.\n\nThe summer passed. {later}')
    assert only(story, "promise").status == status


def test_a_letter_that_is_burnt_is_unsaid_whatever_was_read_before() -> None:
    before = "Marta read the letter from the coast.\n\n* * *\n\nAldo sat down at the table and wrote:\n\n"
    letter = "Dear Marta,\n\nI am sorry about the boat.\n\nAldo\n\n"
    story = read_about(f"{before}{letter}He put it into the stove.")
    assert [w.status for w in story.letters] == ["unsent"]
    assert [e.kind for e in story.unsaid()] == ["apology"]


def test_i_promise_is_no_promise_of_its_own_beside_what_is_promised() -> None:
    story = read_about('"I\'ll never leave you," said Aldo. "I promise you."\n\n"I promise," said Marta.')
    assert [e.gist for e in story.promises] == ["I'll never leave you", "I promise"]


def test_who_goes_home_from_somebody_leaves_them() -> None:
    story = read_about('"Good night, Aldo," said Marta.\n\nMarta went home along the quay.')
    assert [(p.kind, p.farewell) for p in story.partings] == [("departure", True)]


@pytest.mark.parametrize(
    ("said", "later", "status"),
    [
        ("I'll write to you every week", "Aldo did not write.", "broken"),
        ("I'll write to you every week", "Aldo did not write until the spring.", "open"),
        ("I'll bring the ladder back", "Aldo brought her some eggs.", "open"),
        ("I'll bring the ladder back", "Aldo handed her the ladder over the wall.", "kept"),
        ("I'll come back", "Aldo came down to breakfast.", "open"),
        ("I'll come back", "* * *\n\nAldo came back to Marta in the spring.", "kept"),
        ("I'll never tell anybody", "Aldo never told.", "kept"),
        ("I'll never tell anybody", "Aldo told Edda about the weather.", "open"),
        ("I promise I'll pay", '"I kept my promise," said Aldo to Marta.', "kept"),
        ("I promise I'll pay", "Aldo, as good as his word, laid the money on the step.", "kept"),
        ("I promise I'll come", '"You said you\'d come," said Marta to Aldo, "and you never did."', "broken"),
    ],
)
def test_only_what_is_about_the_same_keeps_a_promise_or_breaks_it(said: str, later: str, status: str) -> None:
    story = read_about(f'"{said}," said Aldo to Marta.\n\nThe summer passed.\n\n{later}')
    assert story.promises[0].status == status


def test_a_promise_that_is_told_with_its_keeping_is_kept() -> None:
    story = read_about("Aldo had promised Marta that he would wait, and he did.")
    assert only(story, "promise").status == "kept"


def test_i_promise_takes_in_what_is_promised_right_before_it() -> None:
    assert only(read_about('"I\'ll have the bird, Marta. I promise," said Aldo.'), "promise").gist == (
        "I'll have the bird, Marta. I promise"
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("I'll mend it for you", "promise"),
        ("It won't happen again", "promise"),
        ("I owe you an apology", "apology"),
        ("I've done you a great wrong", "apology"),
        ("I lied to you", "confession"),
        ("I can't live without you", "confession"),
    ],
)
def test_more_ways_to_promise_apologise_and_confess(line: str, kind: str) -> None:
    assert only(read_about(f'"{line}," said Aldo to Marta.'), kind).voice == "aloud"


@pytest.mark.parametrize("line", ["I shall never get used to it", "I beg your pardon", "I'm not ashamed of it"])
def test_what_only_looks_like_one_is_none(line: str) -> None:
    assert not read_about(f'"{line}," said Aldo to Marta.').ledger.of("promise", "apology", "confession")


def test_who_says_i_will_to_a_request_promises() -> None:
    assert only(read_about('"Please write to me," said Marta.\n\n"I will," said Aldo.'), "promise").gist == "I will"


def test_what_is_told_in_the_present_tense_is_read_too() -> None:
    story = unsaid.read(
        'Marta meets Aldo on the quay. She looks at the boat and she says nothing.\n\n"Aldo," says Marta.\n\n'
        '"Marta," says Aldo. "Goodbye, then."\n\nAldo promises that he will write to her. He goes away along the quay, '
        "and Marta sits down on the bollard. She feels cold.\n"
    )
    assert only(story, "promise").rule == "told: promised"
    assert [(p.kind, p.farewell) for p in story.partings] == [("departure", True)]


@pytest.mark.parametrize(
    "told",
    [
        "Aldo was left in the kitchen.",
        "Aldo looked at the house that he had left.",
        "Aldo held the rope in his left.",
        "Aldo usually went away on Sundays.",
        '"So you are here," returned Aldo.',
        "Aldo turned back to the window.",
    ],
)
def test_what_is_no_parting(told: str) -> None:
    assert not read_about(told).partings


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Aldo left the house without a word.", "departure"),
        ("Aldo shut the door behind him.", "departure"),
        ("Aldo went down the road. At the gate he turned back and knocked.", "turning-back"),
        ("Aldo came home in March.", "return"),
        ("The door opened, and Marta threw herself into his arms. Aldo had come back.", "reunion"),
    ],
)
def test_partings_of_every_kind(told: str, kind: str) -> None:
    assert kind in {p.kind for p in read_about(told).partings}


def test_a_thought_stands_under_what_is_said_instead() -> None:
    story = read_about(
        '"Do you love him?" said Aldo.\n\n*I don\'t know*, she thought.\n\n"I am very well," said Marta.'
    )
    (mask,) = story.masks
    lines = {u.id: u for u in story.utterances}
    assert (story.passage(lines[mask.said]), mask.opposed) == ('"I am very well,"', True)


def test_what_is_said_to_nobody_is_no_mask() -> None:
    assert not read_about('"How cold it is," said Marta to herself.\n\n*They will not come*, she thought.').masks
    assert read_about('"How cold it is," said Marta to Aldo.\n\n*They will not come*, she thought.').masks
