"""What stands in quotation marks and is not said: "“I love you,” he doesn't say."."""

from __future__ import annotations

import pytest

import unsaid

OPENING = (
    "Harry pushed the door open. The kitchen was cold, and Draco was already at the table with his coat on.\n\n"
    "“You are late,” said Draco.\n\n“I know,” said Harry. “I was held up.”\n\n"
)


def line(told: str) -> tuple[str, str | None]:
    story = unsaid.read(f"{OPENING}{told}\n\nOutside it had begun to snow.\n")
    names = {c.id: c.name for c in story.characters}
    found = next(u for u in story.utterances if u.start >= len(OPENING) - 1)
    return found.kind, names.get(found.speaker or "")


@pytest.mark.parametrize(
    "told",
    [
        "“I love you,” Harry doesn't say.",
        "“I love you,” Harry did not say. “Pass the salt,” he said.",
        "“Stay,” Harry almost said.",
        "“I missed you,” Harry wanted to say.",
        "“Do you love me?” Harry doesn't ask.",
        "“I missed you,” Harry could have told him.",
    ],
)
def test_what_nobody_says_is_thought(told: str) -> None:
    assert line(told) == ("thought", "Harry")


@pytest.mark.parametrize(
    "told",
    [
        "“I never said that,” Draco said.",
        "“Where were you?” Harry didn't say. He looked at the wall.",
        "“Where were you?” Harry didn't answer.",
        "“Where were you?” Harry never said anything to that.",
    ],
)
def test_what_somebody_says_and_the_other_does_not_answer_is_spoken(told: str) -> None:
    assert line(told) == ("speech", "Draco")
