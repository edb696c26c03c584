"""A story's people, conversations and bonds as one asks for them: each shows itself in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.story import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.story import ArcPoint, Bond, Character, Mention, Story, UtteranceKind


class Conversation(tuple[Utterance, ...]):
    """Lines that two people say to each other, in the order of the text; a tuple that shows itself in a notebook."""

    story: Story

    def __new__(cls, story: Story, lines: Iterable[Utterance]) -> Conversation:
        """The lines of a story that are the conversation."""
        made = super().__new__(cls, lines)
        made.story = story
        return made

    def _repr_html_(self) -> str:
        from unsaid.formats.cards import conversation_card  # noqa: PLC0415 - the formats know the story

        return conversation_card(self.story, self)


class CharacterView:
    """A character together with the story that it stands in: what one reaches for first.

    >>> story.character("Kagome").said            # doctest: +SKIP
    (Utterance(id='u3', ...), ...)
    """

    def __init__(self, story: Story, character: Character) -> None:
        self.story = story
        self.character = character

    def __repr__(self) -> str:
        return f"<{self.character.name}: {len(self.said)} said, {len(self.thought)} thought>"

    def _repr_html_(self) -> str:
        from unsaid.formats.cards import character_card  # noqa: PLC0415 - the formats know the story

        return character_card(self)

    @property
    def id(self) -> str:
        """The character's id in the story."""
        return self.character.id

    @property
    def name(self) -> str:
        """The name to call the character by."""
        return self.character.name

    @property
    def said(self) -> tuple[Utterance, ...]:
        """Every utterance of kind speech whose speaker this is."""
        return self._uttered("speech")

    @property
    def thought(self) -> tuple[Utterance, ...]:
        """Every utterance of kind thought whose thinker this is."""
        return self._uttered("thought")

    @property
    def wrote(self) -> tuple[Utterance, ...]:
        """Every utterance of kind writing that this character wrote."""
        return self._uttered("writing")

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every mention that refers to this character, in the order of the text."""
        return tuple(m for m in self.story.mentions if m.character == self.id)

    def _uttered(self, kind: UtteranceKind) -> tuple[Utterance, ...]:
        return tuple(u for u in self.story.utterances if u.speaker == self.id and u.kind == kind)


class BondView:
    """A bond together with the story that it stands in; ``a``, ``b`` and ``arc`` are the bond's own."""

    def __init__(self, story: Story, bond: Bond) -> None:
        self.story = story
        self.bond = bond

    def __repr__(self) -> str:
        return f"<{self.story.character(self.a).name} and {self.story.character(self.b).name}: {len(self.arc)} scenes>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BondView) and (self.bond, self.story) == (other.bond, other.story)

    def __hash__(self) -> int:
        return hash(self.bond)

    def _repr_html_(self) -> str:
        from unsaid.formats.cards import bond_card  # noqa: PLC0415 - the formats know the story

        return bond_card(self.story, self.bond)

    @property
    def a(self) -> str:
        """The id of the one whose feeling ``from_a`` is."""
        return self.bond.a

    @property
    def b(self) -> str:
        """The other's id."""
        return self.bond.b

    @property
    def arc(self) -> tuple[ArcPoint, ...]:
        """How the two stand, for each scene that moves them."""
        return self.bond.arc
