"""Traits that the text states: eyes, hair, age, build.

"His golden eyes", "her eyes were blue", "Ana's long black hair", "a boy of twelve", "she was nineteen", "he was tall".
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.prose import concordance
from unsaid.story import Trait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Prose, Tokens
    from unsaid.story import Character, Mention

_COLOURS = frozenset(
    "blue green brown grey gray hazel black golden gold amber violet purple red silver dark chocolate emerald azure "
    "blond blonde auburn chestnut raven white fair copper ginger sandy yellow orange pink crimson pale light".split()
)
_BODY = {
    "eyes": "eyes", "eye": "eyes", "orbs": "eyes", "hair": "hair", "locks": "hair", "curls": "hair", "braid": "hair",
}  # fmt: skip
_SHADES = frozenset({"dark", "light", "pale", "fair", "bright", "deep"})
_HAIR = frozenset("long short curly wavy straight shaggy spiky knee length waist shoulder".split()) | _SHADES
_BUILD = frozenset("tall short thin slim slender plump stout fat lean lanky muscular petite".split())
_UNITS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split(),
        range(1, 20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_IS = frozenset("was is were are 's".split())
_WHICH = frozenset((",", "which", verb) for verb in ("was", "is", "were", "are"))
_LINKS = frozenset("was is were are the a an his her their of very so only just about nearly almost now".split())
_HAS = frozenset({"had", "has"})
_STOPS = frozenset("his her 's my your".split()) | _HAS
_INHERITED = 16
"""How many tokens before another's eyes it may stand that somebody has them."""
_OWNERS = frozenset({"his", "her", "my"})
_PLAIN = frozenset({"and", "or", ",", "his", "her", "'s"})
# Between whose eyes they are and the eyes these begin another phrase: "her pale face and eyes", "his look at the eyes".
_OTHER_THING = frozenset(
    "the a an of to in at on with from into by for upon over under as than who which that face head arm arms hand "
    "hands voice skin mouth lips brow brows eyebrows eyebrow forehead cheek cheeks figure coat dress hat gown".split()
)
# How many words may stand between whose eyes they are and the eyes.
_REACH = 5


def add(prose: Prose, people: Sequence[Character], mentions: Sequence[Mention]) -> list[Character]:
    """Give the characters the traits that the text states of them, each once, at its first passage."""
    found: defaultdict[str, dict[tuple[str, str], Trait]] = defaultdict(dict)
    ends = {m.end: m.character for m in mentions if m.character is not None}
    starts = [m.start for m in mentions]
    for trait, holder in stated(prose.tokens):
        who = ends.get(holder)
        if who is None:
            i = bisect_right(starts, holder) - 1
            within = mentions[i] if i >= 0 and mentions[i].end >= holder else None
            who = within.character if within is not None else None
        if who is not None:
            found[who].setdefault((trait.trait, trait.value), trait)
    return [msgspec.structs.replace(c, traits=tuple(found[c.id].values())) if c.id in found else c for c in people]


_STATING = frozenset({*_BODY, *_IS, "of"})
"""Words that a trait is stated with."""


def stated(tokens: Tokens) -> Iterator[tuple[Trait, int]]:
    """Each statement of a trait, and the offset where the mention ends that says whose it is."""
    words = concordance(tokens)
    for i in words.of({*_STATING, *(word for word in words.lower if word.endswith("'s"))}):
        word = tokens.lower[i]
        if word in _BODY:
            yield from _body(tokens, i)
        elif word != "of":
            yield from _state(tokens, i)
        elif i + 1 < len(tokens.lower):
            yield from _of_age(tokens, i)


def looks(tokens: Tokens) -> Iterator[tuple[Trait, int]]:
    """Of :func:`stated` only eyes and hair."""
    for i in concordance(tokens).of(_BODY):
        yield from _body(tokens, i)


def _body(tokens: Tokens, i: int) -> Iterator[tuple[Trait, int]]:
    """ "his golden eyes", "her eyes were blue", "Ana had black hair"."""
    lower = tokens.lower
    kind = _BODY[lower[i]]
    at = i - 1
    while at >= max(0, i - _REACH) and lower[at] not in _STOPS and (lower[at][0].isalpha() or lower[at] == ","):
        at -= 1
    if at < 1 or lower[at] not in _STOPS:
        return
    has = lower[at] in _HAS
    holder = tokens.starts[at] if lower[at] == "'s" else tokens.ends[at - has]
    between = lower[at + 1 : i]
    value = [w for w in between if w in _COLOURS or (kind == "hair" and w in _HAIR)]
    if not _OTHER_THING.isdisjoint(between):
        return
    if any(w in _COLOURS for w in value):
        trait = Trait(kind, " ".join(value), tokens.starts[at + (lower[at] == "'s")], tokens.ends[i])
        yield trait, holder
        heir = _heir(lower, at)
        if heir is not None:
            yield trait, tokens.ends[heir]
    elif not has and i + 2 < len(lower) and (lower[i + 1] in _IS or lower[i + 1 : i + 4] in _WHICH):
        first = i + 2 if lower[i + 1] in _IS else i + 4
        after = [w for w in lower[first : first + 3] if w not in _LINKS]
        colours = after[: 2 if after and after[0] in _SHADES else 1]
        if colours and colours[-1] in _COLOURS:
            end = lower.index(colours[-1], first)
            yield Trait(kind, " ".join(colours), tokens.starts[at], tokens.ends[end]), holder


def _heir(lower: tuple[str, ...], at: int) -> int | None:
    """The last token of whoever has another's eyes: "She had her father's chin, and his blue eyes"; None if nobody."""
    for j in range(at - 1, max(0, at - _INHERITED), -1):
        if lower[j] in _HAS:
            owned = lower[j + 1] in _OWNERS or "'s" in lower[j + 1 : j + 4]
            return j - 1 if owned and j > 0 else None
        if lower[j] not in _PLAIN and lower[j][0].isalpha() and lower[j].endswith(("ed", "ing")):
            return None
        if lower[j] in {".", "!", "?", ";", '"', "“", "”", "that", "who", "which"}:
            return None
    return None


def _state(tokens: Tokens, i: int) -> Iterator[tuple[Trait, int]]:
    """ "she was nineteen", "he's eighteen", "Tom was tall and thin"."""
    lower = tokens.lower
    contracted = lower[i] not in _IS
    before = i if contracted else i - 1
    if before < 0:
        return
    holder = tokens.ends[before] if not contracted else tokens.starts[i] + len(lower[i]) - 2
    at = i + 1
    while at < len(lower) and lower[at] in ("very", "only", "just", "about", "nearly", "almost", "now", "quite", "so"):
        at += 1
    age, size = _number(tokens, at)
    after = lower[at + size] if at + size < len(lower) else "."
    start = tokens.starts[before]
    if age is not None and (not after[0].isalnum() or after in ("years", "year-old", "and", "when", "then", "now")):
        if after != "years" or lower[at + size + 1 : at + size + 2] in (("old",), ("of",)):
            yield Trait("age", str(age), start, tokens.ends[at + size - 1]), holder
    elif at < len(lower) and lower[at] in _BUILD and (not after[0].isalpha() or after in ("and", "for", "with")):
        yield Trait("build", lower[at], start, tokens.ends[at]), holder


def _of_age(tokens: Tokens, i: int) -> Iterator[tuple[Trait, int]]:
    """ "a boy of twelve"."""
    lower = tokens.lower
    age, size = _number(tokens, i + 1)
    after = lower[i + 1 + size] if i + 1 + size < len(lower) else "."
    noun = lexicon.person_nouns().get(lower[i - 1]) if i else None
    if (
        age is not None
        and noun is not None
        and not noun.plural
        and (not after[0].isalnum() or after in ("years", "or", "who", "with"))
    ):
        yield Trait("age", str(age), tokens.starts[i - 1], tokens.ends[i + size]), tokens.ends[i - 1]


def _number(tokens: Tokens, at: int) -> tuple[int | None, int]:
    """The age that token ``at`` writes, and how many tokens it takes; ages outside 1 to 120 are none."""
    if at >= len(tokens.lower):
        return None, 1
    word = tokens.lower[at]
    if word.isdecimal() and word.isascii():
        return (int(word), 1) if len(word) <= 3 and 0 < int(word) <= 120 else (None, 1)
    tens, _, unit = word.partition("-")
    if tens in _TENS:
        return _TENS[tens] + (_UNITS.get(unit, 0) if unit in _UNITS else 0), 1
    return (_UNITS[word], 1) if word in _UNITS and word != "one" else (None, 1)
