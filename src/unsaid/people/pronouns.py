"""Pronoun mentions, and what each asks of the one it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.prose import Prose

Class = Literal["I", "you", "we", "he", "she", "they"]
Case = Literal["subject", "object", "possessive", "reflexive"]


class Kind(msgspec.Struct, frozen=True):
    """Person and gender of a pronoun, as its subject form, and its case."""

    of: Class
    case: Case


PRONOUNS: dict[str, Kind] = {
    word: Kind(of, case)  # type: ignore[arg-type]
    for of, forms in {
        "I": {"subject": "i", "object": "me", "possessive": "my mine", "reflexive": "myself"},
        "you": {
            "subject": "you thou ye",
            "object": "thee",
            "possessive": "your yours thy",
            "reflexive": "yourself thyself",
        },
        "we": {"subject": "we", "object": "us", "possessive": "our ours", "reflexive": "ourselves"},
        "he": {"subject": "he", "object": "him", "possessive": "his", "reflexive": "himself"},
        "she": {"subject": "she", "object": "", "possessive": "her hers", "reflexive": "herself"},
        "they": {"subject": "they", "object": "them 'em", "possessive": "their theirs", "reflexive": "themselves"},
    }.items()
    for case, words in forms.items()
    for word in words.split()
}
_OBJECT = Kind("she", "object")
_CONTRACTED = ("'d", "'ll", "'s", "'m", "'re", "'ve")
# "her" before one of these, or before a mark, is no possessive.
_AFTER_OBJECT = frozenset(
    "to in on at by for with from into upon over under about than as that which who when where while if or but and so "
    "up down out off away back again the a an his him he she it they them is was were had has not there here before "
    "after until till since through how what why all very too then now i you my your this these those".split()
)


class Pronoun(msgspec.Struct, frozen=True, gc=False):
    """One pronoun mention at token ``first``."""

    start: int
    end: int
    first: int
    last: int
    kind: Kind


def find(prose: Prose) -> Iterator[Pronoun]:
    """Every personal pronoun that can mean someone ("it" is left out), in the order of the text."""
    tokens = prose.tokens
    starts, lower = tokens.starts, tokens.lower
    for i, word in enumerate(lower):
        kind = PRONOUNS.get(word)
        length = len(tokens.words[i])
        if kind is None:
            if "'" not in word:
                continue
            base, _, tail = word.partition("'")
            kind = PRONOUNS.get(base)
            if kind is None or "'" + tail not in _CONTRACTED or kind.case != "subject":
                continue
            length = tokens.words[i].index("'")
        elif word == "i" and tokens.words[i] == "i" and (i + 1 >= len(lower) or lower[i + 1] in ".)"):
            continue  # a numeral
        elif word == "her":
            after = lower[i + 1] if i + 1 < len(lower) else "."
            if not after[0].isalpha() or after in _AFTER_OBJECT:
                kind = _OBJECT
        yield Pronoun(starts[i], starts[i] + length, i, i + 1, kind)
