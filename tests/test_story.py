"""The types of a read story: the contract, its schema, and the lookups a person reaches for first."""

from __future__ import annotations

import json

import jsonschema
import msgspec
import pytest

from unsaid.errors import NoSuchCharacter, NotAStory
from unsaid.story import Story, json_schema

CONTRACT = """format source text repairs metadata matter chapters scenes characters mentions utterances writings ledger
masks partings times chronology bonds findings""".split()


def test_json_goes_out_and_comes_back(orchard: Story) -> None:
    assert Story.from_json(orchard.to_json()) == orchard
    assert Story.from_json(orchard.to_json(indent=2).encode()) == orchard


def test_the_json_has_every_field_of_the_contract_and_keeps_to_the_schema(orchard: Story) -> None:
    reading = json.loads(orchard.to_json())
    assert set(CONTRACT) <= set(reading)
    assert reading["format"] == "unsaid-story/1"
    jsonschema.validate(reading, json_schema())


@pytest.mark.parametrize("field", ["utterances", "text", "source"])
def test_the_schema_misses_a_missing_field(orchard: Story, field: str) -> None:
    reading = json.loads(orchard.to_json())
    del reading[field]
    with pytest.raises(jsonschema.ValidationError, match=field):
        jsonschema.validate(reading, json_schema())


@pytest.mark.parametrize("data", ["", "{", "[]", '{"format": "unsaid-story/2"}', b"\xff\xfe", "null"])
def test_what_is_no_story_is_refused_by_name(data: str | bytes) -> None:
    with pytest.raises(NotAStory, match="not an unsaid-story/1 object"):
        Story.from_json(data)


def test_a_character_is_found_by_any_name_or_id_in_any_case(orchard: Story) -> None:
    assert {orchard.character(who).id for who in ("Bram", "bram", "B.", "c2")} == {"c2"}


def test_nobody_of_that_name_says_who_comes_near(orchard: Story) -> None:
    with pytest.raises(NoSuchCharacter, match="Odile") as raised:
        orchard.character("Odille")
    assert isinstance(raised.value, KeyError)


def test_what_one_said_thought_and_wrote(orchard: Story) -> None:
    bram = orchard.character("Bram")
    assert [u.id for u in bram.said] == ["u2"]
    assert [u.id for u in bram.thought] == ["u3"]
    assert [u.id for u in bram.wrote] == ["u5"]
    assert [orchard.passage(m) for m in bram.mentions] == ["Bram"]


def test_what_passed_between_two_in_either_order(orchard: Story) -> None:
    assert [u.id for u in orchard.between("Odile", "Bram")] == ["u1", "u2", "u5"]
    assert orchard.between("Odile", "Bram") == orchard.between("Bram", "Odile")
    assert orchard.between("Odile", "the apples") == ()


def test_what_nobody_is_known_to_have_said_carries_its_reason(orchard: Story) -> None:
    assert [(u.id, bool(u.reason)) for u in orchard.unknown()] == [("u4", True)]


def test_a_story_cannot_be_changed(orchard: Story) -> None:
    with pytest.raises(AttributeError):
        orchard.text = "another"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        orchard.utterances[0].speaker = "c2"  # type: ignore[misc]
    assert msgspec.structs.replace(orchard, text="another").text == "another"
