"""Thoughts: where they stand, who thinks them, to whom."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unsaid
from unsaid import narration, people, prose, sources
from unsaid.reading import read_manuscript
from unsaid.story import Emphasis
from unsaid.voices.echoes import answers, is_order
from unsaid.voices.field import Field
from unsaid.voices.minds import assign_thoughts
from unsaid.voices.thoughts import find_thoughts

if TYPE_CHECKING:
    from unsaid.sources import Manuscript


def thoughts(text: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Each direct thought as (text, thinker's name, addressees' names)."""
    story = unsaid.read(text)
    names = {c.id: c.name for c in story.characters}
    return [
        (
            " ".join(story.text[a:b] for a, b in u.parts),
            names.get(u.speaker or ""),
            tuple(names[a] for a in u.addressees),
        )
        for u in story.utterances
        if u.kind == "thought" and u.is_direct
    ]


@pytest.mark.parametrize(
    ("paragraph", "thought"),
    [
        ('"This will never hold," thought Magda, and she let go of the rope.', '"This will never hold,"'),
        ('\'This will never hold,\' Magda thought. "Stand back!" she called. "All of you!"', "'This will never hold,'"),
        ("I have to let go, Magda thought.", "I have to let go,"),
        ("It is only a rope, Magda told herself.", "It is only a rope,"),
    ],
)
def test_a_cue_gives_a_thought_to_its_thinker(paragraph: str, thought: str) -> None:
    text = (
        f"Magda looked at the rope. It was wet, and the men were shouting at her.\n\n{paragraph}\n\nShe stepped back.\n"
    )
    assert (thought, "Magda") in [(said, who) for said, who, _ in thoughts(text)]


@pytest.mark.parametrize(("cue", "thinkers"), [("mused Magda", []), ("Magda mused to herself", ["Magda"])])
def test_what_is_mused_is_a_thought_only_to_oneself(cue: str, thinkers: list[str]) -> None:
    text = f'Magda looked at the rope.\n\n"This will never hold," {cue}.\n\n"It must," said Tom.\n'
    assert [who for _, who, _ in thoughts(text)] == thinkers


def test_a_cue_inside_a_thought_leaves_one_thought_of_two_parts() -> None:
    text = '"If he asks me," thought Magda, "I shall say no."\n\nShe went down to the boats.\n'
    assert [(said, who) for said, who, _ in thoughts(text)] == [('"If he asks me," "I shall say no."', "Magda")]


def test_single_quotes_beside_double_ones_are_thought() -> None:
    text = (
        '"Is there any soup?" asked Tobias.\n\n'
        "Greta looked into the pot. 'He never says good evening.' She put the lid back.\n\n"
        '"There is," she said. "You can have it cold."\n\n"Cold is fine," said Tobias.\n'
    )
    assert ("'He never says good evening.'", "Greta") in [(said, who) for said, who, _ in thoughts(text)]


def test_single_quotes_are_speech_where_nothing_else_is() -> None:
    text = "'Is there any soup?' asked Tobias.\n\n'There is,' said Greta. 'You can have it cold.'\n"
    assert thoughts(text) == []


def test_a_title_in_single_quotes_is_no_thought() -> None:
    text = (
        '"What are you reading?" asked Tobias.\n\n'
        "Greta held up 'The Salt Road' and yawned.\n\n"
        '"Any good?" he asked.\n\n"No," said Greta.\n'
    )
    assert thoughts(text) == []


MASKED = """The lamp had gone out an hour before, and neither of them had got up to light it again.

"I'm glad you came, Otto," said Hedwig.

I wish you had stayed away from me.

Otto turned his hat in his hands. He could hear the river, and he counted the strokes of the clock on the hill.

"I was passing," he said.

I walked all night to see you.

Hedwig nodded as if that were a thing that people said.
"""


def test_a_bare_line_under_a_spoken_one_is_what_the_speaker_thinks() -> None:
    found = thoughts(MASKED)
    assert ("I wish you had stayed away from me.", "Hedwig", ("Otto",)) in found
    assert ("I walked all night to see you.", "Otto", ("Hedwig",)) in found
    assert len(found) == 2


def test_nobody_thinks_their_own_name_in_the_vocative() -> None:
    text = MASKED.replace("I walked all night to see you.", "Otto, I waited for you at every door.")
    assert ("Otto, I waited for you at every door.", "Hedwig", ("Otto",)) in thoughts(text)


def test_thought_lines_on_end_answer_each_other() -> None:
    text = MASKED + "\nYou never wrote to me.\n\nI wrote to you every day.\n\nThey went in without another word.\n"
    pair = [who for said, who, _ in thoughts(text) if "wrote" in said]
    assert sorted(pair, key=str) == ["Hedwig", "Otto"]


def test_italic_sentences_are_thoughts_and_stressed_words_are_not() -> None:
    text = (
        "Jonas set the cup down on the *very* edge of the sill.\n\n"
        "*I could tell her now.*\n\nHe picked up *The Lighthouse* and read the back of it.\n"
    )
    story = read_manuscript(as_italics(text))
    found = [story.passage(u) for u in story.utterances if u.kind == "thought"]
    assert found == ["I could tell her now."]


def test_what_stands_upright_before_a_thought_in_italics_is_told() -> None:
    text = (
        "The stove had gone out. Greta pulled the drawer open, and the letter lay where she had left it.\n\n"
        "She shut the drawer. *I will tell him on Friday. I will.*\n\n"
        '"Greta?" said Tobias at the door.\n\n"In here," said Greta.\n'
    )
    story = read_manuscript(as_italics(text))
    thought = [story.passage(u) for u in story.utterances if u.kind == "thought"]
    assert thought == ["I will tell him on Friday. I will."]


def as_italics(text: str) -> Manuscript:

    plain, emphasis, at = "", [], 0
    for found in re.finditer(r"\*([^*]+)\*", text):
        plain += text[at : found.start()]
        emphasis.append(Emphasis(len(plain), len(plain) + len(found[1]), "italic"))
        plain += found[1]
        at = found.end()
    return msgspec.structs.replace(sources.load(plain + text[at:]), emphasis=tuple(emphasis))


def test_a_narrator_s_own_remarks_are_no_thoughts_but_a_line_to_somebody_is() -> None:
    text = (
        "I went back to the house in March, and the key was still under the pot.\n\n"
        "I never found out who had put it there.\n\n"
        "The roses had died. I stood in the wet grass and looked at them, and I was not sorry.\n\n"
        "You can't frighten me now.\n\n"
        "I locked the gate behind me and walked down to the station.\n"
    )
    assert [said for said, _, _ in thoughts(text)] == ["You can't frighten me now."]


@pytest.mark.parametrize(
    "text",
    [
        '"Take the boat. No, wait—" He thought. "Take the cart."\n',
        'He was turning to her and thinking the matter over—"Take the boat."\n',
        'Hal, who thought it a poor sort of day, said nothing, "Take the boat," Ida told him.\n',
    ],
)
def test_thinking_beside_a_line_does_not_make_it_a_thought(text: str) -> None:
    assert thoughts('"Well?" said Ida.\n\n' + text) == []


def test_a_spoken_line_is_no_thought() -> None:
    assert thoughts('"I think you are wrong," said Ida.\n\n"You always think so," said Hal.\n') == []


PIECES = [
    MASKED,
    "'Oh no,' she thought.",
    '"Well," said Ann, "I',
    "I know, he thought.",
    "You.",
    "'",
    "Ann!",
    "…",
    "She ran.",
]


@pytest.mark.parametrize(
    ("line", "thought", "replies"),
    [
        ("I'm so sorry.", "I forgive you.", True),
        ("Look at the harbour.", "I'm looking.", True),
        ("It's me.", "I know it's you.", True),
        ("You would freeze up there.", "I would freeze up there gladly.", True),
        ("Do you sleep at all?", "I don't.", True),
        ("Can I have the oars?", "You idiot.", True),
        ("I have a headache.", "I haven't got a headache.", False),
        ("I'm fine.", "You must never know.", False),
        ("Do you sleep at all?", "I wonder if you dream.", False),
    ],
)
def test_what_turns_a_line_round_answers_it(line: str, thought: str, replies: bool) -> None:
    assert answers(thought, line) is replies


@pytest.mark.parametrize(
    ("text", "order"), [("Look at me.", True), ("Please stay.", True), ("Love is blind.", False), ("He sat.", False)]
)
def test_a_bare_verb_is_told_to_somebody(text: str, order: bool) -> None:
    assert is_order(text) is order


def test_a_thought_that_speaks_of_him_is_hers() -> None:
    text = (
        "Magda sat on the wall. Oskar mended the net beside her and did not look up.\n\n"
        '"It will rain," said Oskar.\n\n"It always does," said Magda.\n\n'
        '"You should go in," said Oskar.\n\nI won\'t give him that.\n\nThe rain came over the harbour.\n'
    )
    assert thoughts(text) == [("I won't give him that.", "Magda", ())]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8))
def test_thoughts_have_ordered_parts_inside_the_text(parts: list[str]) -> None:
    manuscript = sources.load("\n\n".join(parts) + "\n\nAnd then it rained.\n")
    composed = prose.compose(manuscript)
    cast, telling = narration.tell(composed, people.gather(composed, manuscript.metadata))
    found = find_thoughts(composed, cast, telling, ())
    assigned = assign_thoughts(Field(composed, cast, telling), found, ())
    assert [(u.start, u.end) for u in found] == [(u.start, u.end) for u in assigned]
    assert all(one.end <= other.start for one, other in pairwise(found))
    ids = {c.id for c in cast.characters}
    for thought in assigned:
        assert thought.parts[0][0] == thought.start < thought.end == thought.parts[-1][1] <= len(composed.text)
        assert all(a < b for a, b in thought.parts)
        assert thought.speaker in ids or (thought.speaker is None and thought.reason)
        assert set(thought.addressees) <= ids - {thought.speaker}
