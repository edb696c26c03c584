"""What a notebook shows of a story, a character, a conversation and a bond."""

from __future__ import annotations

import msgspec
from lxml import etree

from unsaid.story import ArcPoint, Bond, Character, Relation, Story, Trait


def words(card: str) -> str:
    """The card's text; it has to be well formed for that."""
    return " ".join(" ".join(etree.fromstring(card.replace("<br>", "<br/>")).itertext()).split())


def test_a_story_shows_who_says_how_much(orchard: Story) -> None:
    card = words(orchard._repr_html_())
    assert card.startswith(
        "The Orchard Wall, by P. Vane 52 words · 1 scene · 5 lines · 1 finding · 1 without a speaker"
    )
    assert card.endswith("Bram 3 Odile 1")


def test_a_character_shows_what_is_known(orchard: Story) -> None:
    bram = msgspec.structs.replace(
        orchard.characters[1], traits=(Trait("eyes", "grey", 0, 1),), relations=(Relation("brother", "c1"),)
    )
    story = msgspec.structs.replace(orchard, characters=(orchard.characters[0], bram))
    card = words(story.character("Bram")._repr_html_())
    assert "1 said, 1 thought, 1 written" in card
    assert "eyes grey brother of Odile speaks to Odile (1)" in card


def test_a_conversation_shows_its_lines(orchard: Story) -> None:
    lines = orchard.between("Odile", "Bram")
    card = words(lines._repr_html_())
    assert "Odile to Bram You came back." in card
    assert f"{len(lines)} lines" in card
    assert tuple(lines) == lines


def test_a_bond_shows_both_directions(orchard: Story) -> None:
    story = msgspec.structs.replace(orchard, bonds=(Bond("c1", "c2", (ArcPoint("s1", 0.5, None, ()),)),))
    bond = story.bond("Odile", "Bram")
    assert words(bond._repr_html_()) == "Odile and Bram 1 scene Odile → Bram Bram → Odile s1 +0.50 ·"
    assert repr(bond) == "<Odile and Bram: 1 scenes>"
    assert bond == story.bond("Odile", "Bram") != story.bond("Bram", "Odile")


def test_a_hostile_name_is_text(orchard: Story) -> None:
    odd = Character("c1", "<script>alert(1)</script>", {"<b>": 1}, "she", "person", 1)
    story = msgspec.structs.replace(orchard, characters=(odd, orchard.characters[1]))
    for card in (story._repr_html_(), story.character("c1")._repr_html_(), story.between("c1", "c2")._repr_html_()):
        assert "<script" not in card
        assert "<b>" not in card
