"""Findings about people: rules ``C1..``."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from unsaid.findings.rules import finding
from unsaid.people import lexicon, looks
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.people import Cast, Certain
    from unsaid.prose import Prose
    from unsaid.story import Finding, Mention, Utterance
    from unsaid.voices.layer import Voices

_EYES = {
    "blue": "blue",
    "azure": "blue",
    "violet": "blue violet",
    "gray": "grey blue green",
    "grey": "grey blue green",
    "silver": "grey",
    "green": "green",
    "emerald": "green",
    "hazel": "green brown",
    "brown": "brown dark",
    "chocolate": "brown dark",
    "amber": "brown golden",
    "golden": "brown golden",
    "black": "dark",
}
_HAIR = {
    "black": "black",
    "raven": "black",
    "brown": "brown",
    "chestnut": "brown red",
    "auburn": "brown red",
    "red": "red",
    "copper": "red",
    "ginger": "red",
    "sandy": "red fair",
    "blond": "fair",
    "blonde": "fair",
    "golden": "fair",
    "gold": "fair",
    "yellow": "fair",
    "fair": "fair",
}
_HUES = {
    kind: {colour: frozenset(hues.split()) for colour, hues in table.items()}
    for kind, table in {"eyes": _EYES, "hair": _HAIR}.items()
}
"""Colours and the hues that they may stand for; two colours without a hue in common cannot be one person's.

Grey and white hair are left out, since hair turns so, and so are eyes that weep red, and "dark" and "light", which are
no colours. Writers call one pair of eyes blue and grey, brown and hazel.
"""
_UNSURE = frozenset("whether if seemed seem wig dyed dye painted portrait".split())
_UNSURE_NEAR = frozenset({"or", "not", "never", "as", "than", "like", "almost", "nearly"})
_UNIQUE_KIN = frozenset({"father", "mother", "husband", "wife"})
_DIED = frozenset({"died", "perished", "drowned"})
_IS = frozenset({"was", "is", "lay", "lies", "fell", "dropped"})
_KILLED = frozenset({"dead", "killed", "murdered", "slain", "hanged", "beheaded", "buried", "drowned"})
_HAD = frozenset({"had", "has"})
_UNTRUE = frozenset(
    "not never almost nearly if would could might may should though thought supposed believed said reported dreamed "
    "dreamt wished hoped feared unless whether perhaps".split()
)
"""Before a death these say that it was none, or that it is only feared."""
_BUT = frozenset("away down out of tired asleep drunk weary set certain sure to against".split())
"""Right behind "died" and "dead" these make something else of them: died away, dead tired."""
_WHEN = frozenset({"when", "before", "until", "till", "as", "had", "has", "after"})
_BESIDE = 12
"""Tokens before a word of dying in which the name begins that it is said of."""
_FOUND = frozenset({"found", "buried", "killed", "murdered"})
_UNREAL = frozenset({"would", "might", "could", "had", "used"})
_WINDOW = 80
"""Tokens on either side of a word that its sentence can bear on it with, where it runs on for pages."""
_MOST_NAMES = 20
MANY_LINES = 3
"""Someone with so many lines after their death did not die there: the reading is wrong, or the story goes back."""


class _Claim(msgspec.Struct, frozen=True):
    """A value that the text states of someone, with its passage."""

    value: str
    start: int
    end: int


def trait_changes(prose: Prose, cast: Cast, certain: Certain) -> Iterator[Finding]:
    """C101: someone's eyes or hair are of two colours that cannot be one."""
    claims: defaultdict[tuple[str, str], list[_Claim]] = defaultdict(list)
    for trait, holder in looks(prose.tokens):
        hues = _HUES.get(trait.trait)
        colour = trait.value.rsplit(" ", 1)[-1]
        if hues is None or colour not in hues or _is_unsure(prose, trait.start, trait.end):
            continue
        mention = certain.by_end.get(holder)
        who = certain.mostly(mention) if mention is not None else None
        if who is not None:
            claims[who, trait.trait].append(_Claim(colour, trait.start, trait.end))
    names = {c.id: c.name for c in cast.characters}
    for (who, kind), stated in claims.items():
        clash = _first_clash(stated, _HUES[kind])
        if clash is not None:
            first, second = clash
            yield finding(
                "C101",
                f"{names[who]}'s {kind} are {second.value} here and {first.value} elsewhere",
                [(second.start, second.end), (first.start, first.end)],
                f"one person's {kind} are not both {first.value} and {second.value}",
            )


def _first_clash(stated: Sequence[_Claim], hues: dict[str, frozenset[str]]) -> tuple[_Claim, _Claim] | None:
    """The first two statements that cannot both be."""
    first: dict[str, _Claim] = {}
    for claim in stated:
        first.setdefault(claim.value, claim)
    for one, other in combinations(first.values(), 2):
        if hues[one.value].isdisjoint(hues[other.value]):
            return one, other
    return None


def _is_unsure(prose: Prose, start: int, end: int) -> bool:
    """Whether the sentence says that a thing may be so, seems so, is not so, or is so of rage."""
    sentence = prose.sentences[prose.sentence_at(start)]
    words = prose.tokens.lower
    around = prose.tokens.within(start, end)
    near = words[max(sentence.first, around.start - 2) : around.stop]
    after = words[around.stop : around.stop + 1]
    if not _UNSURE_NEAR.isdisjoint(near) or (after == ("with",) and words[around.stop - 1] not in {"eyes", "hair"}):
        return True
    low, high = max(sentence.first, around.start - _WINDOW), min(sentence.last, around.stop + _WINDOW)
    return not _UNSURE.isdisjoint(words[low:high])


class _Relative(msgspec.Struct, frozen=True):
    """A first name that a relative is given, with the passage."""

    name: str
    start: int
    end: int


def relative_renamed(prose: Prose, cast: Cast, certain: Certain) -> Iterator[Finding]:
    """C102: someone's father, mother, husband or wife bears two names."""
    tokens = prose.tokens
    called: defaultdict[tuple[str, str], list[_Relative]] = defaultdict(list)
    for i in concordance(tokens).of(_UNIQUE_KIN):
        word = tokens.lower[i]
        if not 0 < i < len(tokens) - 2:
            continue
        after = i + 1 + (tokens.lower[i + 1] == ",")
        if not _is_given(prose, after, apposed=after > i + 1):
            continue
        holder = tokens.starts[i - 1] if tokens.lower[i - 1] == "'s" else tokens.ends[i - 1]
        who = certain.owner(holder)
        if who is not None:
            called[who, word].append(_Relative(tokens.words[after], tokens.starts[i - 1], tokens.ends[after]))
    people = {c.id: c for c in cast.characters}
    forms = {w.lower(): c.id for c in reversed(cast.characters) for name in c.names for w in name.split()}
    for (who, kin), found in called.items():
        first = {relative.name.lower(): relative for relative in reversed(found)}
        for one, other in combinations(sorted(first.values(), key=lambda r: r.start)[:_MOST_NAMES], 2):
            if who in people and _two_people(forms, one.name.lower(), other.name.lower()):
                yield finding(
                    "C102",
                    f"{people[who].name}'s {kin} is called {other.name} here and {one.name} elsewhere",
                    [(other.start, other.end), (one.start, one.end)],
                    f"nobody has two of a {kin} at once, and nothing says that {other.name} and {one.name} are one",
                )
                break


def _is_given(prose: Prose, at: int, *, apposed: bool) -> bool:
    """Whether a token is a first name that stands for a whole one; behind a comma, whether the name is set off."""
    tokens = prose.tokens
    word = tokens.lower[at]
    known = word in lexicon.first_names() or (
        not apposed and word.isalpha() and word not in lexicon.common_words() and word not in lexicon.not_persons()
    )
    if not tokens.words[at][0].isupper() or not known or word in lexicon.titles():
        return False
    after = tokens.words[at + 1] if at + 1 < len(tokens) else "."
    following = tokens.words[at + 2] if at + 2 < len(tokens) and after[0].isupper() else after
    return not apposed or not following[0].isalnum()


def _two_people(forms: dict[str, str], one: str, other: str) -> bool:
    """Whether two first names are no forms of one: no pet name, no beginning, no two names of one character."""
    if one == other or one[:3] == other[:3]:
        return False
    pet = lexicon.hypocorisms()
    if other in pet.get(one, ()) or one in pet.get(other, ()):
        return False
    if not pet.get(one, frozenset()).isdisjoint(pet.get(other, ())):
        return False
    return one not in forms or forms.get(one) != forms.get(other)


def dead_speak(prose: Prose, cast: Cast, voices: Voices) -> Iterator[Finding]:
    """C103: someone has a line, with their name beside it, after the narration has told that they are dead."""
    lines = tagged(prose, voices)
    names = {c.id: c.name for c in cast.characters if c.kind == "person"}
    for who, deaths in _deaths(prose, cast).items():
        start, end, form = deaths[0]
        named = [u for u in lines.get(who, ()) if u.start > end and named_beside(prose, u, form)]
        if who in names and named and len(named) <= MANY_LINES:
            yield finding(
                "C103",
                f"{names[who]} speaks here, after the story has told of their death",
                [(named[0].start, named[0].end), (start, end)],
                "the dead say nothing; unless this tells of an earlier time, one of the two passages is wrong",
            )


def tagged(prose: Prose, voices: Voices) -> dict[str, list[Utterance]]:
    """Lines of speech whose tag says who speaks, by speaker."""
    found: defaultdict[str, list[Utterance]] = defaultdict(list)
    for line in voices.utterances:
        if line.kind != "speech" or line.mode != "direct" or line.evidence == "implicit" or line.speaker is None:
            continue
        if line.cue is not None and _UNREAL.isdisjoint(prose.text[line.cue.start : line.cue.end].split()):
            found[line.speaker].append(line)
    return dict(found)


def named_beside(prose: Prose, line: Utterance, form: str) -> bool:
    """Whether a name stands in a line's tag, or opens the paragraph in front of it."""
    if line.cue is None:
        return False
    paragraph = prose.paragraphs[prose.paragraph_at(line.start)]
    opening = prose.text[paragraph.start : line.start]
    owned = rf"{re.escape(form)}(?!['’]s\b)"
    return bool(re.search(owned, prose.text[line.cue.start : line.cue.end + 2]) or re.match(owned, opening))


def _deaths(prose: Prose, cast: Cast) -> dict[str, list[tuple[int, int, str]]]:
    """Passages of narration that tell of someone's death by name, with the name; nothing supposed, denied or feared."""
    found: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for mention in _beside_death(prose, cast.mentions):
        if mention.kind == "name" and mention.character is not None and _dies(prose, mention):
            sentence = prose.sentences[prose.sentence_at(mention.start)]
            found[mention.character].append((sentence.start, sentence.end, prose.text[mention.start : mention.end]))
    return dict(found)


def _beside_death(prose: Prose, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, in order, beside which a word of dying stands."""
    starts, tokens = [m.start for m in mentions], prose.tokens
    near: set[int] = set()
    for at in concordance(tokens).of(_DIED | _KILLED):
        low, high = tokens.starts[max(0, at - _BESIDE)], tokens.starts[min(at + 1, len(tokens) - 1)]
        near.update(range(bisect_left(starts, low), bisect_right(starts, high)))
    return [mentions[i] for i in sorted(near)]


def _dies(prose: Prose, mention: Mention) -> bool:
    """ "Tom died", "Tom was killed", "they found Tom dead", "they buried Tom"."""
    tokens = prose.tokens
    first = bisect_left(tokens.starts, mention.start)
    after = bisect_left(tokens.starts, mention.end)
    if not first or after >= len(tokens) - 2 or tokens.quoted[first]:
        return False
    sentence = prose.sentences[prose.sentence_at(mention.start)]
    before = tokens.lower[first - 1]
    if before in _WHEN or not _UNTRUE.isdisjoint(tokens.lower[max(sentence.first, first - _WINDOW) : after + 4]):
        return False
    if before in _FOUND:
        return before == "buried" or tokens.lower[after] == "dead"
    verb = after + (tokens.lower[after] in _HAD)
    last = verb + (tokens.lower[verb] in _IS | {"been"})
    word = tokens.lower[last]
    dead = word in _KILLED if last > verb else word in _DIED
    return dead and (last + 1 >= len(tokens) or tokens.lower[last + 1] not in _BUT)
