"""What is written inside a paragraph, however it is set; and exchanges that no phone leads up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import unsaid

if TYPE_CHECKING:
    from unsaid.story import Story

OPENING = (
    "Nadia put the kettle on. Nadia had been up since five, and she had her phone in her hand. She liked the house "
    "best when nobody else was awake.\n\n“You are early,” said Farah. Nadia said that she was not.\n\n“Is Tom up?” "
    "asked Farah. Tom was not up.\n\n"
)


def written(story: Story) -> list[tuple[str | None, str]]:
    names = {c.id: c.name for c in story.characters}
    return [(names.get(u.speaker or ""), story.text[u.start : u.end]) for u in story.utterances if u.kind == "writing"]


def thought(story: Story) -> list[str]:
    return [story.text[u.start : u.end] for u in story.utterances if u.kind == "thought"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("*Where are you?* Tom texted.", [("Tom", "Where are you?")]),
        ("*Where are you?* texted Tom.", [("Tom", "Where are you?")]),
        ("**On my way,** Nadia quickly typed.", [("Nadia", "On my way,")]),
        ("Nadia typed back, *on my way.*", [("Nadia", "on my way.")]),
        ("Tom texted her a minute later. *Bring milk.*", [("Tom", "Bring milk.")]),
        ("*On my way,* Nadia typed. *Ten minutes.*", [("Nadia", "On my way,"), ("Nadia", "Ten minutes.")]),
        ("There was a text from Farah. *Did you eat?* it said.", [("Farah", "Did you eat?")]),
        ("Tell him yourself, Nadia texted.", [("Nadia", "Tell him yourself,")]),
        ("There was a card under it. Maker unknown, it said. Please do not touch.",
         [(None, "Maker unknown,"), (None, "Please do not touch.")]),
        ("Nadia had written the word *never* on her hand.", [("Nadia", "never")]),
    ],
)  # fmt: skip
def test_what_somebody_is_told_to_write_or_read_is_written(told: str, expected: list[tuple[str | None, str]]) -> None:
    story = unsaid.read(f"{OPENING}{told}\n\nShe put the bread in the oven.\n")
    assert written(story) == expected
    assert thought(story) == []


@pytest.mark.parametrize(
    "told",
    [
        "*Not now,* she thought, and put the phone away.",
        "Her phone buzzed. *Please be him.*",
        "*I hate him.* She typed a reply to somebody else.",
        "She wrote a *very* long letter to Farah.",
        "To her mother, however, she wrote at once, telling her of it.",
        "She was *not* going to say it first.",
    ],
)
def test_what_is_thought_or_stressed_or_told_is_not(told: str) -> None:
    assert written(unsaid.read(f"{OPENING}{told}\n\nShe put the bread in the oven.\n")) == []


def test_whose_phone_it_is_has_not_written_what_stands_on_it() -> None:
    story = unsaid.read(f"{OPENING}Nadia's phone buzzed. *Did you eat?* it said.\n\nShe put the bread in the oven.\n")
    assert [(w.kind, w.sender) for w in story.writings] == [("message", None)]


def test_what_a_sign_says_nobody_says() -> None:
    story = unsaid.read(f"{OPENING}The sign over the door read *No Standing*. She stood.\n")
    assert [w.kind for w in story.writings] == ["sign"]
    assert written(story) == [] == thought(story)


def test_lines_typed_without_care_need_no_phone_before_them() -> None:
    run = ["did u ask", "i asked", "Is he a spy?", "no"]
    told = "\n\n".join(run)
    story = unsaid.read(f"{OPENING}She put the bread in the oven.\n\n*\n\n{told}\n\n*\n\nIt was the ninth of April.\n")
    assert [said for _, said in written(story)] == run


@pytest.mark.parametrize(
    "told",
    [
        "no\n\nyes",  # two are no exchange
        "THE EAST GALLERY\n\nA PASSAGE\n\nBY HER NIECE",  # nobody began them small
        "and beneath that, smaller,\n\nShe looked at it.\n\nand she looked again",  # narration amid them
    ],
)
def test_a_few_bare_lines_are_no_exchange(told: str) -> None:
    assert written(unsaid.read(f"{OPENING}{told}\n\nShe put the bread in the oven.\n")) == []


def test_a_name_in_bold_before_a_colon_says_who_sends() -> None:
    story = unsaid.read(f"{OPENING}Her phone buzzed again.\n\n**Farah:** hurry up\n\n**Nadia:** im hurrying\n")
    assert [who for who, _ in written(story)] == ["Farah", "Nadia"]
