"""A story that breaks off, wherever that is, can be read: a download that stopped, a draft."""

from __future__ import annotations

import re

import pytest

import unsaid

SETTING = "Ann Grey and Martin Lee sat in the hall. She was tired. He was not.\n\n"
ENDINGS = (
    '"It is late," said Martin to Ann, who answered softly: "It is."',
    '"It is late," came Martin\'s voice from the stairs.',
    '"It is late," rang out the voice of Martin.',
    '"It is late," was all that Martin could say to himself.',
    '"It is late!" It was Martin who spoke. "Is it?" The speaker was Ann.',
    'Ann heard Martin\'s voice saying, "It is late."',
    'Ann was interrupted by Martin. "It is late," Martin goes.',
    'Ann stared. And he was just like, "No way," and Martin is all, "Yes way."',
    'There was a cry from Martin. "It is late!" Her reply was a curt "It is."',
    'Martin told Ann that she had "never been late".',
    "— It's Tuesday, Martin told himself, and it was Ann's.",
    "Ann, meanwhile, was in Leeds with her brother's voice in her ear.",
    "'It is late,' he thought, and the old man with the stick told her so.",
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_story_that_breaks_off_can_be_read(ending: str) -> None:
    for word in re.finditer(r"\w+|[^\w\s]", ending):
        for rest in ("", "\n"):
            text = SETTING + ending[: word.end()] + rest
            assert unsaid.read(text.encode()).text.startswith("Ann Grey")
