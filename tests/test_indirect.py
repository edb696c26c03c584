"""Indirect speech, thought and writing."""

from __future__ import annotations

import pytest

import unsaid

SCENE = "Agathe met Bruno at the lock. Bruno was late, and Agathe had the dog with her.\n\n"


def reports(text: str) -> list[tuple[str, str | None, tuple[str, ...], str]]:
    """Each indirect utterance as (kind, speaker's name, addressees' names, the reported clause)."""
    story = unsaid.read(SCENE + text)
    names = {c.id: c.name for c in story.characters}
    return [
        (u.kind, names.get(u.speaker or ""), tuple(names[a] for a in u.addressees), story.passage(u))
        for u in story.utterances
        if u.mode == "indirect"
    ]


@pytest.mark.parametrize(
    ("sentence", "kind", "addressees", "clause"),
    [
        ("Agathe told Bruno that the boat had sunk.", "speech", ("Bruno",), "that the boat had sunk"),
        ("Agathe asked Bruno whether he could swim.", "speech", ("Bruno",), "whether he could swim"),
        ("Agathe promised Bruno to wait for him.", "speech", ("Bruno",), "to wait for him"),
        ("Agathe said that she had no money.", "speech", (), "that she had no money"),
        ("Agathe wondered why the dog was so quiet.", "thought", (), "why the dog was so quiet"),
        ("Agathe thought that he was lying.", "thought", (), "that he was lying"),
        ("Agathe had written that she was ill.", None, (), None),
        ("Agathe wrote that she was ill.", "writing", (), "that she was ill"),
        ("Agathe told Bruno she would not go.", "speech", ("Bruno",), "she would not go"),
    ],
)
def test_a_report_has_a_speaker_addressees_and_a_clause(
    sentence: str, kind: str | None, addressees: tuple[str, ...], clause: str | None
) -> None:
    expected = [] if kind is None else [(kind, "Agathe", addressees, clause)]
    assert reports(sentence + "\n") == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Agathe never told Bruno that the boat had sunk.",
        "Agathe should have told Bruno that the boat had sunk.",
        "Agathe did not ask whether he could swim.",
        "Agathe wanted to say that she was sorry.",
        "Agathe thought it wise to leave.",
        '"Agathe told me that the boat had sunk," said Bruno.',
        "Agathe told Bruno a long story.",
    ],
)
def test_what_was_not_said_is_no_report(sentence: str) -> None:
    assert reports(sentence + "\n") == []


def test_the_clause_ends_where_the_narration_goes_on() -> None:
    found = reports("Agathe said that she had no money, but Bruno only laughed.\n")
    assert [clause for *_, clause in found] == ["that she had no money"]


def test_the_narrator_reports_what_she_said_herself() -> None:
    text = (
        "I'm Agathe Brandt, and I keep the lock. I have kept it for nine years, and my father kept it before me.\n\n"
        "Bruno came at noon. I told him that the boat had sunk, and I watched his face.\n"
    )
    story = unsaid.read(text)
    (report,) = [u for u in story.utterances if u.mode == "indirect"]
    assert report.speaker == story.scenes[0].narrator
    assert story.character("Bruno").id in report.addressees
