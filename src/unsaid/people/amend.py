"""The cast and its narrators as a person has corrected them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from unsaid.corrections.given import Told
from unsaid.corrections.model import Merge, Newcomer, Rename, Split, Unfit
from unsaid.narration.layer import Telling
from unsaid.people.joining import join
from unsaid.people.layer import Cast
from unsaid.story import Character, Mention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from unsaid.narration.layer import Stretch
    from unsaid.prose import Prose
    from unsaid.story import MentionKind

_PRONOUN = {"he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "herself": "she"}
_MENTION_ORDER = 4  # of how many pronouns one kind must have the most to be someone's own


class Amended(msgspec.Struct, frozen=True):
    """The cast and the telling under what is given, and whom every name means that a correction may use.

    :ivar called: what characters are to be called, by id; :func:`call` calls them so when all is read, since who speaks
        does not hang on it.
    :ivar known: ids by name, as written and in lower case; names that a correction has taken away are there too.
    :ivar unfit: corrections of someone whom nobody is called.
    """

    cast: Cast
    telling: Telling
    called: Mapping[str, str]
    known: Mapping[str, str]
    unfit: tuple[Unfit, ...]

    def whom(self, name: str) -> str | None:
        """The id of the character that a correction calls so, or None."""
        return self.known.get(name) or self.known.get(name.casefold())


def amend(
    prose: Prose, cast: Cast, telling: Telling, given: Sequence[Merge | Split | Newcomer | Rename | Told]
) -> Amended:
    """Merge, split, name and add characters and narrators, one after the other."""
    editor = _Editor(prose, cast, telling)
    for change in given:
        editor.apply(change)
    return Amended(editor.cast, editor.telling, editor.called, editor.known, tuple(editor.unfit))


def call(cast: Cast, called: Mapping[str, str]) -> Cast:
    """The cast with the names that characters are to be called by."""
    people = (msgspec.structs.replace(c, name=called[c.id]) if c.id in called else c for c in cast.characters)
    return Cast(tuple(people), cast.mentions) if called else cast


def directory(cast: Cast) -> dict[str, str]:
    """Ids by name: ids themselves, what characters are called, then every form of their names; the most named first."""
    ranked = sorted(cast.characters, key=lambda c: -c.mentions)
    known = {c.id: c.id for c in ranked}
    for names in ([(c.name, c.id) for c in ranked], [(n, c.id) for c in ranked for n in c.names]):
        for name, who in names:
            known.setdefault(name, who)
    for name, who in list(known.items()):
        known.setdefault(name.casefold(), who)
    return known


class _Editor:
    """Applies one change after the other; the layers that it holds are always whole."""

    def __init__(self, prose: Prose, cast: Cast, telling: Telling) -> None:
        self.prose, self.cast, self.telling = prose, cast, telling
        self.known = directory(cast)
        self.called: dict[str, str] = {}
        self.unfit: list[Unfit] = []

    def apply(self, change: Merge | Split | Newcomer | Rename | Told) -> None:
        """Make one change, or note why it cannot be made."""
        correction = change.correction if isinstance(change, Told) else change
        reason: str | None
        if isinstance(change, Merge):
            reason = self._merge(change)
        elif isinstance(change, Split):
            reason = self._split(change)
        elif isinstance(change, Newcomer):
            reason = self._add(change)
        elif isinstance(change, Rename):
            reason = self._rename(change)
        else:
            reason = self._tell(change)
        if reason:
            self.unfit.append(Unfit(correction, reason))

    def _whom(self, name: str) -> str | None:
        return self.known.get(name) or self.known.get(name.casefold())

    def _merge(self, change: Merge) -> str | None:
        one, other = self._whom(change.one), self._whom(change.other)
        if one is None or other is None:
            return _nobody(change.other if one else change.one)
        if one != other:
            self._fold(other, one)
        return None

    def _fold(self, gone: str, stays: str) -> None:
        """Everything of ``gone`` is now that of ``stays``."""
        self.cast = join(self.cast, {gone: stays})
        self.known = {name: stays if who == gone else who for name, who in self.known.items()}
        self.called.pop(gone, None)
        self.telling = _retold(self.telling, lambda s: stays if s.narrator == gone else s.narrator)

    def _split(self, change: Split) -> str | None:
        one = self._whom(change.one)
        if one is None:
            return _nobody(change.one)
        held = next(c for c in self.cast.characters if c.id == one)
        wanted = {name.casefold() for name in change.names}
        moving = {name: n for name, n in held.names.items() if name.casefold() in wanted}
        staying = {name: n for name, n in held.names.items() if name not in moving}
        if not moving or not staying:
            return f"{change.one} is not called by both some of these names and others"
        new = self._fresh()
        mentions = tuple(_parted(self.prose, self.cast.mentions, one, new, wanted))
        name = next(n for n in change.names if n.casefold() in {m.casefold() for m in moving})
        parts = [
            _part(held, one, held.name if held.name in staying else max(staying, key=lambda n: staying[n]), staying),
            _part(held, new, name, moving),
        ]
        parts = [self._counted(part, mentions) for part in parts]
        others = [c for c in self.cast.characters if c.id != one]
        self.cast = Cast(tuple(sorted([*others, *parts], key=lambda c: -c.mentions)), mentions)
        self._learn(dict.fromkeys((name, *moving), new))
        return None

    def _counted(self, part: Character, mentions: Sequence[Mention]) -> Character:
        """A part of someone with its own mentions and the pronouns that they show."""
        own = [m for m in mentions if m.character == part.id]
        shown = Counter(_PRONOUN.get(self.prose.text[m.start : m.end].lower(), "") for m in own if m.kind == "pronoun")
        most = max(("he", "she"), key=lambda p: shown[p])
        pronouns = most if shown[most] * _MENTION_ORDER > 3 * (shown["he"] + shown["she"]) else None
        return msgspec.structs.replace(part, mentions=len(own), pronouns=pronouns)

    def _add(self, change: Newcomer) -> str | None:
        if self._whom(change.name) is not None and change.name in self.known:
            return None
        new = self._fresh()
        mentions = _with_name(self.prose, self.cast.mentions, change.name, new)
        found = sum(m.character == new for m in mentions)
        made = Character(new, change.name, {change.name: max(1, found)}, change.pronouns, "person", found)
        self.cast = Cast((*self.cast.characters, made), mentions)
        self._learn({change.name: new})
        return None

    def _rename(self, change: Rename) -> str | None:
        one = self._whom(change.one)
        if one is None:
            return _nobody(change.one)
        self.called[one] = change.name
        self._learn({change.name: one})
        return None

    def _tell(self, change: Told) -> str | None:
        named = change.correction.narrator
        who = self._whom(named) if named is not None else None
        if named is not None and who is None:
            return _nobody(named)
        before = {s.narrator for s in self.telling.stretches}

        def told(stretch: Stretch) -> str | None:
            here = change.at is None or stretch.start <= change.at[0] < stretch.end
            return who if here else stretch.narrator

        self.telling = _retold(self.telling, told)
        left = before - {s.narrator for s in self.telling.stretches}
        for gone in left - {None, who}:
            if who is not None and not any(m.character == gone for m in self.cast.mentions):
                self._fold(str(gone), who)  # a narrator whom only "I" mentions was this one all along
        return None

    def _learn(self, names: Mapping[str, str]) -> None:
        for name, who in names.items():
            self.known[name] = self.known[name.casefold()] = who
            self.known[who] = who

    def _fresh(self) -> str:
        taken = {c.id for c in self.cast.characters} | set(self.known)
        number = len(taken) + 1
        while f"c{number}" in taken:
            number += 1
        return f"c{number}"


def _nobody(name: str) -> str:
    return f"nobody in the story is called “{name}”"


def _retold(telling: Telling, narrator: Callable[[Stretch], str | None]) -> Telling:
    """The telling with another narrator for some of its stretches, who says "I"."""

    def told(stretch: Stretch) -> Stretch:
        who = narrator(stretch)
        if who == stretch.narrator:
            return stretch
        person = stretch.person
        if person != "second":
            person = "first" if who is not None else "third"
        return msgspec.structs.replace(stretch, narrator=who, person=person)

    return msgspec.structs.replace(telling, stretches=tuple(map(told, telling.stretches)))


def _part(held: Character, id_: str, name: str, names: Mapping[str, int]) -> Character:
    kept = held.relations if id_ == held.id else ()
    traits = held.traits if id_ == held.id else ()
    return msgspec.structs.replace(held, id=id_, name=name, names=dict(names), relations=kept, traits=traits)


def _parted(prose: Prose, mentions: Sequence[Mention], one: str, new: str, wanted: set[str]) -> Iterator[Mention]:
    """The mentions of one character given to two: by name, and a pronoun to whoever of them was named last."""
    last = one
    for mention in mentions:
        if mention.character != one:
            yield mention
            continue
        if mention.kind != "pronoun":
            words = " ".join(prose.text[mention.start : mention.end].split()).casefold()
            last = new if words in wanted else one
        yield mention if last == one else msgspec.structs.replace(mention, character=last)


def _with_name(prose: Prose, mentions: Sequence[Mention], name: str, who: str) -> tuple[Mention, ...]:
    """The mentions with every place where a name stands that was nobody's."""
    words = name.split()
    if not words:
        return tuple(mentions)
    spaced = r"\s+".join(map(re.escape, words))
    pattern = re.compile(rf"(?<!\w){spaced}(?!\w)")
    kind: MentionKind = "name" if name[0].isupper() else "nominal"
    added = []
    held = {(m.start, m.end): m for m in mentions}
    for found in pattern.finditer(prose.text):
        mention = held.get(found.span())
        if mention is None or mention.character is None:
            held.pop(found.span(), None)
            added.append(Mention(*found.span(), kind, who))
    return tuple(sorted([*held.values(), *added], key=lambda m: (m.start, -m.end)))
