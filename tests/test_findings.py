"""Findings: lost lines, quotations that never close, text that is no English prose."""

from __future__ import annotations

import pytest

import unsaid

PROSE = (
    "The ferry had stopped running by the time that they came down to the water, and there was nobody in the hut.\n\n"
    '"We could swim," said Ulla.\n\n"You could," said Jens. He sat down on his trunk and took off his boots, one by '
    "one, and looked across at the lights of the other shore.\n\n"
)


def rules(text: str) -> list[str]:
    return [finding.rule for finding in unsaid.read(text).findings]


def test_sound_prose_has_no_findings() -> None:
    assert rules(PROSE) == []


def test_a_quotation_that_never_closes_is_pointed_at() -> None:
    text = PROSE + '"I will not go back, said Ulla, and she meant it.\n\nThe wind had turned by then.\n'
    story = unsaid.read(text)
    (finding,) = [f for f in story.findings if f.rule == "D103"]
    assert story.passage(finding.spans[0]).startswith('"I will not go back')


def test_a_speech_of_several_paragraphs_is_no_open_quotation() -> None:
    tale = ["There was a bridge once.", "It went in the flood.", "I was nine.", "We watched it from the hill."]
    text = PROSE + "".join(f'"{line}\n\n' for line in tale) + '"My father had built it," said Jens.\n'
    assert rules(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Das Haus lag am Ende des Weges, und niemand war mehr hineingegangen, seit der alte Müller gestorben war. "
        "Die Fenster standen offen, der Regen kam herein, und auf dem Tisch lag noch das Brot, das seine Tochter ihm "
        "gebracht hatte, bevor sie zum Bahnhof ging und nicht wieder nach Hause kam.\n\nSie schrieb ihm nie.\n",
        "12.4 | 18.9 | 33.1\n\n11.0 | 17.2 | 30.8\n\n14.9 | 19.3 | 35.5\n\n10.1 | 16.6 | 28.4\n",
        "def area(width, height):\n    total = width * height\n    return total\n\nfor shape in shapes:\n"
        "    result[shape.name] = area(shape.width, shape.height)\n    print(shape.name, result[shape.name])\n\n"
        "class Shape:\n    def __init__(self, name, width, height):\n        self.name = name\n"
        "        self.width = width\n        self.height = height\n\nshapes = [Shape(n, w, h) for n, w, h in rows]\n",
    ],
    ids=["German", "table", "source code"],
)
def test_what_is_no_english_prose_is_read_with_a_warning(text: str) -> None:
    story = unsaid.read(text)
    found = [f for f in story.findings if f.rule == "X102"]
    assert [f.severity for f in found] == ["warning"]
    assert story.passage(found[0].spans[0]).strip()


def test_a_short_text_is_not_judged_by_its_words() -> None:
    assert "X102" not in rules("Silence. Snow. Stars.\n\nNothing moved.\n")


def test_lost_lines_are_pointed_at() -> None:
    # A blank where a turn must have stood: a doubled blank line amid single ones, between lines of dialogue.
    lines = [
        '"Where were you?" asked Ulla.',
        '"Out," said Jens.',
        '"Out where?"',
        '"Just out."',
        '"I waited," said Ulla.',
    ]
    text = PROSE + "\n\n".join(lines) + '\n\n\n"That is not an answer," said Ulla.\n\nJens shrugged.\n'
    story = unsaid.read(text)
    found = [f for f in story.findings if f.rule == "X101"]
    assert len(found) == len(story.gaps) == 1
    assert found[0].severity == "warning"
    assert not story.passage(found[0].spans[0]).strip()
