"""The word lists of this room, read once when they are first needed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

Gender = Literal["m", "f"]


class Noun(msgspec.Struct, frozen=True):
    """A noun for people: the gender it gives (None: either) and its sort.

    :ivar sort: "kin", "person", "role", "animal" or "group"; see ``lexica/person_nouns.txt``.
    """

    gender: Gender | None
    sort: str
    plural: bool = False


class Title(msgspec.Struct, frozen=True):
    """A title before a name: the gender it gives, and its sort ("plain", "rank", "kin", "epithet")."""

    gender: Gender | None
    sort: str


AUXILIARIES = frozenset(
    "had has have was were is are did does do would could should might may must will shall can never always only then "
    "now just also still".split()
)
"""What may stand between a subject and its verb."""

PLACEHOLDERS = frozenset({"y/n", "y/l/n"})
"""What stands for the reader's own name and surname in fan fiction, in lower case."""


def _rows(name: str) -> Iterator[list[str]]:
    text = files("unsaid.people").joinpath("lexica", f"{name}.txt").read_text(encoding="utf-8")
    return (line.split() for line in text.splitlines() if line and line[0] != "#")


def _gender(code: str) -> Gender | None:
    return "m" if code == "m" else "f" if code == "f" else None


@cache
def first_names() -> dict[str, Gender | None]:
    """First names in lower case and the gender each mostly goes with."""
    return {row[0]: _gender(row[1]) for row in _rows("first_names")}


@cache
def common_words() -> frozenset[str]:
    """Words that fiction writes in lower case."""
    return frozenset(row[0] for row in _rows("common_words"))


@cache
def not_persons() -> dict[str, str]:
    """Capitalised words that name no person, with their sort ("time", "nation", "place", "thing")."""
    return {row[0]: row[1] for row in _rows("not_persons")}


@cache
def place_heads() -> frozenset[str]:
    """Nouns that end the name of a place or an institution."""
    return frozenset(row[0] for row in _rows("place_heads"))


@cache
def person_verbs() -> frozenset[str]:
    """Verbs whose subject is someone."""
    return frozenset(row[0] for row in _rows("person_verbs"))


@cache
def worn() -> frozenset[str]:
    """Clothes, hair and the like, by which someone without a name is told from others."""
    return frozenset(row[0] for row in _rows("worn"))


@cache
def titles() -> dict[str, Title]:
    """Titles in lower case, without full stop."""
    return {row[0]: Title(_gender(row[1]), row[2]) for row in _rows("titles")}


@cache
def _spellings() -> dict[str, str]:
    return {row[0]: row[3] for row in _rows("titles") if len(row) > 3}


def title_of(word: str) -> str:
    """The title that a word in lower case stands for: "doctor" for "dr", "mr" for "mister"; else the word itself."""
    return _spellings().get(word, word)


@cache
def honorifics() -> dict[str, Gender | None]:
    """Borrowed honorific suffixes ("sama") and the gender each leans to."""
    return {row[0]: _gender(row[1]) for row in _rows("honorifics")}


@cache
def hypocorisms() -> dict[str, frozenset[str]]:
    """Short and pet names to the full names that each stands for."""
    return {row[0]: frozenset(row[1:]) for row in _rows("hypocorisms")}


@cache
def person_nouns() -> dict[str, Noun]:
    """Nouns for people, singular and plural; a plural that is no group noun of the list has ``plural`` set."""
    nouns = {row[0]: Noun(_gender(row[1]), row[2], plural=row[2] == "group") for row in _rows("person_nouns")}
    plurals = {}
    for word, noun in nouns.items():
        if not noun.plural:
            plurals[_plural(word)] = Noun(noun.gender, "group", plural=True)
    return {**plurals, **nouns}


def _plural(word: str) -> str:
    if word.endswith("man"):
        return word[:-3] + "men"
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith("f"):
        return word[:-1] + "ves"
    if word.endswith("wife"):
        return word[:-2] + "ves"
    return word + "s"
