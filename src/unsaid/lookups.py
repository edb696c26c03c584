"""What a story can be asked: its people, its conversations, what is promised, kept in and unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from unsaid.errors import NoSuchCharacter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

    from unsaid.corrections.model import Correction
    from unsaid.ledger.view import Ledger
    from unsaid.story import Character, Entry, Knowing, Story, Utterance, Writing
    from unsaid.views import BondView, CharacterView, Conversation


class Lookups:
    """The questions that :class:`~unsaid.story.Story` answers beside its fields."""

    __slots__ = ()

    @property
    def _story(self) -> Story:
        return cast("Story", self)

    def character(self, who: str) -> CharacterView:
        """Look a character up by id, by any of its names, or by name without regard to case.

        :raises NoSuchCharacter: if nobody is called so; names those who come near.
        """
        from unsaid.views import CharacterView  # noqa: PLC0415 - the views know the story, not the other way round

        called = who.casefold()
        tests: tuple[Callable[[Character], bool], ...] = (
            lambda c: who in (c.id, c.name),
            lambda c: who in c.names,
            lambda c: called in {n.casefold() for n in (c.name, *c.names)},
        )
        for test in tests:
            found = [c for c in self._story.characters if test(c)]
            if found:
                return CharacterView(self._story, max(found, key=lambda c: c.mentions))
        raise NoSuchCharacter(who, [c.name for c in self._story.characters])

    def between(self, one: str, other: str) -> Conversation:
        """Every utterance that one of the two addresses to the other, in the order of the text.

        :raises NoSuchCharacter: if one of the names is nobody's.
        """
        from unsaid.views import Conversation  # noqa: PLC0415

        a, b = self.character(one).id, self.character(other).id
        pairs = ((a, b), (b, a))
        lines = (u for u in self._story.utterances if any(u.speaker == x and y in u.addressees for x, y in pairs))
        return Conversation(self._story, lines)

    def _repr_html_(self) -> str:
        from unsaid.formats.cards import story_card  # noqa: PLC0415 - the formats know the story

        return story_card(self._story)

    def correct(self, *corrections: Correction, beside: str | PathLike[str] | None = None) -> Story:
        """The story read again under more corrections; :mod:`unsaid.corrections` makes them.

        :param beside: the story's file: the corrections are then kept in the file beside it (``NAME.unsaid.toml``).
        :raises CorrectionError: if they cannot be kept.
        """
        from unsaid.draft import Draft  # noqa: PLC0415 - the rooms are loaded when a story is read again

        return Draft.of(self._story, beside).correct(*corrections)

    @property
    def ledger(self) -> Ledger:
        """The entries, as a tuple that can be asked: ``.open()``, ``.unsaid()``, ``.of(kind)``, ``.between(a, b)``."""
        from unsaid.ledger.view import Ledger  # noqa: PLC0415 - the view knows the story, not the other way round

        return Ledger(self._story.entries, self._story)

    @property
    def promises(self) -> tuple[Entry, ...]:
        """The ledger's promises, in the order of the text."""
        return tuple(self.ledger.of("promise"))

    @property
    def letters(self) -> tuple[Writing, ...]:
        """Letters, notes, messages and diary entries, in order; ``reply_to`` ties a correspondence together."""
        return self._story.writings

    def unsaid(self) -> tuple[Entry, ...]:
        """What is kept in: entries only thought or never voiced, and those that the other did not hear."""
        return tuple(self.ledger.unsaid())

    def bond(self, one: str, other: str) -> BondView:
        """How two stand to each other, scene by scene; ``a`` is the first one asked for.

        :raises NoSuchCharacter: if one of the names is nobody's.
        """
        from unsaid.ledger.view import bond_between  # noqa: PLC0415
        from unsaid.views import BondView  # noqa: PLC0415

        return BondView(self._story, bond_between(self._story, self.character(one).id, self.character(other).id))

    def knows(self, who: str, entry: Entry) -> Knowing | None:
        """Since when and how someone knows of an entry; None where the story does not show that they do.

        :raises NoSuchCharacter: if nobody is called so.
        """
        knower = self.character(who).id
        return next((known for known in entry.known if known.who == knower), None)

    def unknown(self) -> Iterator[Utterance]:
        """Utterances whose speaker is not known; each carries its reason."""
        return (u for u in self._story.utterances if u.speaker is None)
