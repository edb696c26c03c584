"""Whose something is, where no reader could take it for another's."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.layer import Cast
    from unsaid.prose import Prose
    from unsaid.story import Mention

_FIRST = frozenset({"i", "i'm", "i'd", "i've", "i'll", "me", "my", "mine", "myself"})
_KINDS = {**dict.fromkeys(("he", "him", "his"), "he"), **dict.fromkeys(("she", "her", "hers"), "she")}
BEFORE = 2
"""A pronoun alone in its sentence refers to the one person whom so many paragraphs up to it speak of, if it is one."""


_MOST = 60
"""So many mentions back at most are asked: a sentence of a thousand mentions refers to nobody beyond doubt."""


class Certain:
    """Looks mentions up and tells those that are beyond doubt."""

    def __init__(self, prose: Prose, cast: Cast) -> None:
        self.prose = prose
        self.mentions: Sequence[Mention] = cast.mentions
        self.starts = [m.start for m in cast.mentions]
        self.by_end = {m.end: m for m in cast.mentions}
        self.kin = {(r.kind, r.to): c.id for c in cast.characters for r in c.relations}
        called = {c.name: c.id for c in reversed(cast.characters)}
        for character in cast.characters:  # someone without a name is called "Martha's father"
            owner, _, noun = character.name.rpartition("'s ")
            if owner in called:
                self.kin.setdefault((noun, called[owner]), character.id)
        self.pronouns = {c.id: c.pronouns for c in cast.characters}

    def owner(self, end: int) -> str | None:
        """The character whose mention ends at an offset, if that is beyond doubt."""
        mention = self.by_end.get(end)
        return self.who(mention) if mention is not None else None

    def who(self, mention: Mention) -> str | None:
        """The character that a mention refers to, if that is beyond doubt: by a name, by "I", by its only choice.

        A pronoun is sure where its sentence has named the one that it refers to and nobody else, or where it has named
        nobody and the sentence before did. The first pronoun behind the only name of its sentence is that one's,
        whoever it was taken for: "Lydia turned away, but her eyes …".
        """
        if mention.character is None or mention.kind == "name":
            return mention.character
        word = self.prose.text[mention.start : mention.end].lower()
        if word in _FIRST:
            return mention.character
        if mention.kind == "nominal":
            return self._kin(mention, word)
        if not self._agrees(mention, word):
            return None
        named = self._named(mention)
        return mention.character if named == {mention.character} else self._just_named(mention, word)

    def _agrees(self, mention: Mention, word: str = "") -> bool:
        """Whether a pronoun may be said of whom it was taken for: no "she" of one who is "he" throughout the story."""
        kind = _KINDS.get(word or self.prose.text[mention.start : mention.end].lower())
        return kind is None or self.pronouns.get(mention.character or "") in {kind, None, "they"}

    def _kin(self, mention: Mention, words: str) -> str | None:
        """Who "his father" is: the father of whoever "his" surely is, where that is not whom it was taken for."""
        owner, _, noun = words.partition(" ")
        if _KINDS.get(owner) is None:
            return mention.character
        sure = self._just_named(mention, owner)
        return mention.character if sure is None else self.kin.get((noun, sure), mention.character)

    def _just_named(self, mention: Mention, word: str) -> str | None:
        """Whom the sentence, or the one before it, has named as the only one right before its first pronoun."""
        at = self.prose.sentence_at(mention.start)
        sentence, last = self.prose.sentences[at], self.prose.sentences[max(0, at - 1)]
        before = self._between(sentence.start, mention.start)
        if not before and last.paragraph == sentence.paragraph:
            before = self._between(last.start, mention.start)
        kind = _KINDS.get(word)
        if kind is None or len(before) != 1 or before[0].kind != "name":
            return None
        who = before[0].character
        return who if who is not None and self.pronouns.get(who) == kind else None

    def mostly(self, mention: Mention) -> str | None:
        """Like :meth:`who`; a pronoun is also taken for the only one of its kind in the last paragraphs."""
        sure = self.who(mention)
        if sure is not None or mention.character is None or not self._agrees(mention):
            return sure
        prose = self.prose
        paragraph = max(0, prose.paragraph_at(mention.start) - BEFORE)
        around = self._between(prose.paragraphs[paragraph].start, mention.end)
        same = self.pronouns.get(mention.character)
        others = {m.character for m in around if m.character and self.pronouns.get(m.character) in {same, None}}
        return mention.character if others <= {mention.character} else None

    def starting(self, offset: int) -> Mention | None:
        """The first mention that starts at or after an offset."""
        index = bisect_left(self.starts, offset)
        return self.mentions[index] if index < len(self.mentions) else None

    def _between(self, start: int, end: int) -> Sequence[Mention]:
        last = bisect_left(self.starts, end)
        return self.mentions[max(last - _MOST, bisect_left(self.starts, start)) : last]

    def _named(self, mention: Mention) -> set[str | None]:
        """Whom the sentence has named so far; where nobody, whom the one before it in the paragraph names."""
        prose = self.prose
        at = prose.sentence_at(mention.start)
        here, before = prose.sentences[at], prose.sentences[max(0, at - 1)]
        named = {m.character for m in self._between(here.start, mention.start) if m.kind == "name"}
        if named or before.paragraph != here.paragraph:
            return named
        return {m.character for m in self._between(before.start, here.start) if m.kind == "name"}
