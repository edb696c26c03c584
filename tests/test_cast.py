"""Scripts for voices: nothing lost or said twice, valid where there is a schema, and voices given as a file says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import unsaid
from unsaid.formats import cast
from unsaid.formats.segments import segments
from unsaid.story import Cue, Source, Story, Trait, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Ran

    Run = Callable[..., Ran]

EXAMPLES = sorted(p for p in (Path(__file__).parents[1] / "examples").iterdir() if p.suffix in (".txt", ".html"))

# The elements of SSML 1.1 that a cast script uses (https://www.w3.org/TR/speech-synthesis11/).
SCHEMA = etree.RelaxNG(
    etree.fromstring(
        """<element name="speak" ns="http://www.w3.org/2001/10/synthesis" xmlns="http://relaxng.org/ns/structure/1.0"
            datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
          <attribute name="version" ns=""><value>1.1</value></attribute>
          <attribute name="xml:lang"><data type="language"/></attribute>
          <mixed><zeroOrMore><element name="voice">
            <attribute name="name" ns=""><data type="token"/></attribute>
            <optional><attribute name="gender" ns="">
              <choice><value>male</value><value>female</value><value>neutral</value></choice></attribute></optional>
            <optional><attribute name="age" ns=""><data type="nonNegativeInteger"/></attribute></optional>
            <mixed><optional><element name="mark">
              <attribute name="name" ns=""><data type="token"/></attribute><empty/></element></optional></mixed>
          </element></zeroOrMore></mixed>
        </element>"""
    )
)


def read_out(story: Story) -> str:
    """The text without the matter that nobody reads: cut out by hand, not by the segments."""
    text = story.text
    for matter in reversed(story.matter):
        if matter.kind not in cast.READ_OUT:
            text = text[: matter.start] + text[matter.end :]
    return text


def check_nothing_of_a_story_is_lost_or_said_twice(story: Story) -> None:
    rows = json.loads(cast.segments_json(story))["segments"]
    assert "".join(row["text"] for row in rows) == story.text
    script = etree.fromstring(cast.ssml(story))
    SCHEMA.assertValid(script)
    assert "".join(script.itertext()) == read_out(story)
    assert re.sub(r"\[/?voice[^\]]*\]", "", cast.voice_tags(story)) == read_out(story)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_nothing_of_a_story_is_lost_or_said_twice(path: Path) -> None:
    check_nothing_of_a_story_is_lost_or_said_twice(unsaid.read(path))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)), max_size=12), st.text(min_size=60, max_size=60))
def test_any_spans_make_segments_that_are_the_text(spans: list[tuple[int, int]], text: str) -> None:
    lines = tuple(
        Utterance(f"u{i}", s, s + n, ((s, s + n),), "speech", "direct", None, (), None, None, None, 0.5)
        for i, (s, n) in enumerate(spans)
    )
    story = Story(source=Source("x", "text/plain", None, "0" * 64, 1), text=text, utterances=lines)
    found = segments(story)
    assert "".join(text[s.start : s.end] for s in found) == text
    for segment in found:  # the shortest line over each character reads it
        over = [u for u in lines if u.start <= segment.start and segment.end <= u.end]
        least = min((u.end - u.start for u in over), default=None)
        chosen = next((u for u in lines if u.id == segment.utterance), None)
        assert (chosen.end - chosen.start if chosen else None) == least


def test_a_line_inside_a_letter_is_cut_out_of_it(orchard: Story) -> None:
    start = orchard.text.index("the ladder")
    inner = Utterance(
        "u9", start, start + 10, ((start, start + 10),), "speech", "direct", "c1", (), None, None, None, 1.0
    )
    story = msgspec.structs.replace(orchard, utterances=(*orchard.utterances, inner))
    kinds = [(s.kind, story.text[s.start : s.end]) for s in segments(story)]
    assert ("speech", "the ladder") in kinds
    assert [text for kind, text in kinds if kind == "writing"][-1].startswith(". B.")


@pytest.mark.parametrize(
    ("after", "style"),
    [
        ("she said.", None),
        ("she whispered.", "whispered"),
        ("she said softly.", "softly"),
        ("she hissed angrily.", "hissed angrily"),
        ("she said suddenly.", None),
    ],
)
def test_how_a_line_is_said_is_what_the_cue_says(after: str, style: str | None) -> None:
    text = f'"No," {after}'
    cue = Cue(6, 6 + len(after.split(" ", maxsplit=1)[0]) + 1 + len(after.split(" ")[1].rstrip(".")))
    line = Utterance("u1", 0, 5, ((0, 5),), "speech", "direct", None, (), cue, None, None, 1.0)
    story = Story(source=Source("x", "text/plain", None, "0" * 64, 1), text=text, utterances=(line,))
    assert segments(story)[0].style == style


def test_roles_have_lines_sex_and_age(orchard: Story) -> None:
    bram = msgspec.structs.replace(orchard.characters[1], traits=(Trait("age", "40", 0, 1),))
    story = msgspec.structs.replace(orchard, characters=(orchard.characters[0], bram))
    roles = {role.name: role for role in cast.roles(story)}
    assert (roles["Bram"].lines, roles["Bram"].sex, roles["Bram"].age) == (3, "male", "40")
    assert (roles["Odile"].lines, roles["Odile"].sex, roles["Odile"].age) == (1, "female", None)
    assert roles["unknown"].lines == 1
    assert next(iter(roles)) == "narrator"


def test_a_voices_file_gives_voices_and_bit_parts_take_turns(orchard: Story, tmp_path: Path) -> None:
    path = tmp_path / "voices.toml"
    path.write_text('narrator = "alba"\n[roles]\nOdile = "emma"\n[fallback]\nmale = ["adam", "ben"]\n')
    given = cast.assign(orchard, cast.load_voices(path))
    assert given == {"narrator": "alba", "c1": "emma", "c2": "adam", "unknown": "alba"}
    assert cast.assign(orchard, None)["c1"] == "odile"


def test_no_two_roles_share_a_voice_that_nobody_named(orchard: Story) -> None:
    names = ("The Kid!", "the kid", "narrator")
    people = [msgspec.structs.replace(orchard.characters[0], id=f"c{n}", name=name) for n, name in enumerate(names, 1)]
    lines = [msgspec.structs.replace(u, speaker=f"c{1 + n % 3}") for n, u in enumerate(orchard.utterances)]
    story = msgspec.structs.replace(orchard, characters=tuple(people), utterances=tuple(lines))
    given = cast.assign(story, None)
    assert set(given) == {"narrator", "c1", "c2", "c3"}
    assert len(set(given.values())) == len(given)


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ('[roles]\nOdil = "emma"', "nobody is called 'Odil' in this story; near it are Odile"),
        ('[roles]\nOdile = "emma"', "no voice for 'narrator'"),
        ('narator = "alba"', "there is no setting narator"),
        ("narrator = 3", "Expected `str"),
        ("[[[", "voices.toml: "),
        ('narrator = "al]ba"', "no voice can be called 'al]ba'"),
        ('narrator = " "', "no voice can be called ' '"),
    ],
)
def test_a_voices_file_that_cannot_be_is_one_line(run: Run, tmp_path: Path, toml: str, why: str) -> None:
    story = tmp_path / "orchard.txt"
    story.write_text('"You came back," said Odile.\n\n"I never left," Bram said.\n')
    voices = tmp_path / "voices.toml"
    voices.write_text(toml)
    ran = run("cast", story, "--voices", voices)
    assert (ran.status, ran.out) == (2, "")
    assert why in ran.err
    assert ran.err.count("\n") == 1


def test_the_cast_of_a_story_is_listed_and_scripted(run: Run, tmp_path: Path) -> None:
    story = tmp_path / "orchard.txt"
    story.write_text('"You came back," whispered Odile.\n\n"I never left," Bram said. He was nineteen.\n')
    rows = [row.split() for row in run("cast", story).out.splitlines()]
    assert rows[0] == ["role", "lines", "words", "sex", "age"]
    assert {row[0] for row in rows[1:]} == {"narrator", "Odile", "Bram"}
    script = run("cast", story, "--format", "ssml").out
    assert '<mark name="style:whispered"/>"You came back,"</voice>' in script
    assert run("cast", tmp_path / "none.txt").status == 2


def test_a_tag_in_the_text_is_no_tag(orchard: Story) -> None:
    text = "He typed [voice:x] and [/VOICE]. " + orchard.text
    story = Story(source=orchard.source, text=text)
    assert "[voice" not in cast.voice_tags(story).lower()
    assert cast.voice_tags(story).replace("\u2060", "") == text
