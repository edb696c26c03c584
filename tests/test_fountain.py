"""A screenplay, read back by a small parser written from the rules of https://fountain.io/syntax."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

import unsaid
from unsaid.formats.fountain import fountain
from unsaid.formats.lines import labels, lines_of, words_of
from unsaid.story import Character, Story

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))
Element = tuple[str, str]


def parse(screenplay: str) -> list[Element]:
    """Elements by kind; dialogue is (who, words)."""
    blocks = re.split(r"\n\n+", screenplay.strip())
    found: list[Element] = []
    for block in blocks[1:]:
        if block.startswith("@"):
            who, *rows = block.split("\n")
            spoken = [row for row in rows if not re.fullmatch(r"\(.*\)", row)]
            found.append(("dialogue:" + who[1:], "\n".join(spoken)))
        else:
            kind = {".": "scene", "!": "action", "#": "section"}[block[0]]
            found.append((kind, block[1:].strip()))
    return found


def plain(text: str) -> str:
    return re.sub(r"\\([*_\\])", r"\1", text).replace("\u2060", "").replace("\n  \n", "\n")


def check_every_line_is_dialogue_of_its_speaker(story: Story) -> None:
    called = labels(story)
    spoken = [(kind.removeprefix("dialogue:"), plain(words)) for kind, words in parse(fountain(story)) if ":" in kind]
    expected = []
    for line in sorted(lines_of(story), key=lambda u: u.start):
        who = re.sub(r"[()]", "", called.get(line.speaker or "", "UNKNOWN"))
        expected.append((who + ("" if line.kind == "speech" else " (V.O.)"), "\n".join(words_of(story, line)) or "..."))
    assert spoken == expected


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_every_line_is_dialogue_of_its_speaker(path: Path) -> None:
    check_every_line_is_dialogue_of_its_speaker(unsaid.read(path))


def test_scenes_action_and_title_page(orchard: Story) -> None:
    screenplay = fountain(orchard)
    assert screenplay.startswith("Title: The Orchard Wall\nCredit: by\nAuthor: P. Vane\n\n")
    elements = parse(screenplay)
    assert ("section", "Chapter One") in elements
    assert ("scene", "THE ORCHARD") in elements
    assert ("action", "The gate swung shut behind her.") in elements
    assert ("dialogue:Bram (V.O.)", "She cannot know.") in elements


def test_no_text_is_taken_for_another_element(orchard: Story) -> None:
    text = orchard.text.replace("You came back,", "(FADE OUT.)").replace(
        "The gate swung", "INT. GATE [[x]] /* y */ *z*"
    )
    odd = Character("c1", "Odile (V.O.) ^", {}, "she", "person", 1)
    first = orchard.utterances[0]
    end = first.end - len("You came back,") + len("(FADE OUT.)")
    story = msgspec.structs.replace(
        orchard,
        text=text,
        matter=(),
        scenes=(),
        characters=(odd, *orchard.characters[1:]),
        utterances=(msgspec.structs.replace(first, end=end, parts=((first.start, end),), cue=None),),
    )
    elements = parse(fountain(story))
    assert any(kind == "dialogue:Odile V.O." and plain(words) == "(FADE OUT.)" for kind, words in elements)
    (action,) = (words for kind, words in elements if kind == "action" and "INT. GATE" in words)
    assert "[[" not in action
    assert "/*" not in action
    assert r"\*z\*" in action
