"""What a paragraph's own words, those outside quotations, show of the telling: person and tense."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from weakref import ref

import msgspec

from unsaid.narration import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable

    from unsaid.prose import Prose
    from unsaid.prose.layer import Paragraph


class Profile(msgspec.Struct, frozen=True):
    """Counts over the words of one paragraph that stand outside quotations.

    :ivar words: how many words there are; ``quoted`` how many stand inside quotations.
    :ivar first: first person singular pronouns; ``plural`` first person plural ones.
    :ivar second: second person pronouns.
    :ivar he: masculine third person pronouns; ``she`` feminine ones; ``they`` plural ones.
    :ivar past: verb forms that are clearly past; ``present`` verb forms that are clearly present.
    """

    words: int = 0
    quoted: int = 0
    first: int = 0
    plural: int = 0
    second: int = 0
    he: int = 0
    she: int = 0
    they: int = 0
    past: int = 0
    present: int = 0

    @property
    def third(self) -> int:
        """Third person pronouns of any kind."""
        return self.he + self.she + self.they


_HELD: dict[str, tuple[ref[Prose], tuple[Profile, ...]]] = {}
_FIELDS = ("first", "plural", "second", "he", "she", "they")
_SETS = (
    lexicon.FIRST,
    lexicon.FIRST_PLURAL,
    lexicon.SECOND,
    lexicon.MASCULINE,
    lexicon.FEMININE,
    lexicon.PLURAL,
)
_FIELD_OF = {word: name for name, group in zip(_FIELDS, _SETS, strict=True) for word in group}
_PLAIN_SUBJECTS = frozenset({"i", "we", "you", "they"})
_NOT_PAST = frozenset("need indeed bed red feed seed speed deed weed shed led wed hundred sacred naked wicked".split())


def profiles(prose: Prose) -> tuple[Profile, ...]:
    """One profile for each paragraph, in one pass over the tokens; the last prose's are held while it lives.

    Four rooms ask for them, one behind the other.
    """
    held = _HELD.get("last")
    if held is not None and held[0]() is prose:
        return held[1]
    tense = tense_reader()
    made = tuple(_profile(prose, paragraph, tense) for paragraph in prose.paragraphs)
    _HELD["last"] = ref(prose), made
    return made


def _profile(prose: Prose, paragraph: Paragraph, tense: Callable[[str, str], str | None]) -> Profile:
    lower, inside = prose.tokens.lower, prose.tokens.quoted
    counts = dict.fromkeys(("words", "quoted", "past", "present", *_FIELDS), 0)
    before = ""
    for index in range(paragraph.first, paragraph.last):
        word = lower[index]
        if not word[0].isalnum():
            before = word
            continue
        if inside[index]:
            counts["quoted"] += 1
            before = ""
            continue
        counts["words"] += 1
        name = _FIELD_OF.get(word)
        if name is not None:
            counts[name] += 1
        kind = tense(before, word)
        if kind is not None:
            counts[kind] += 1
        before = word
    return Profile(**counts)


@cache
def tense_reader() -> Callable[[str, str], str | None]:
    """What tells of a word, by itself and the word before it, whether it is a verb in the past or present tense."""
    past, present, base = lexicon.word_list("past"), lexicon.word_list("present"), lexicon.word_list("base")

    def tense(before: str, word: str) -> str | None:
        if word in past or (word.endswith("ed") and len(word) > 4 and word not in _NOT_PAST):
            return "past"
        if word in present or (before in _PLAIN_SUBJECTS and word in base):
            return "present"
        if before in {"he", "she", "it"} and word.endswith("s") and word not in {"his", "as", "always", "was", "this"}:
            return "present"
        return None

    return tense
