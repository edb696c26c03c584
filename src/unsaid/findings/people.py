"""Findings about people: rules ``C1..``."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from unsaid.findings.rules import finding
from unsaid.people import lexicon, stated_traits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.people import Cast, Certain
    from unsaid.prose import Prose
    from unsaid.story import Character, Finding, Mention, Utterance
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
_UNSURE = frozenset("whether if or not n't never like as seemed seem wig dyed dye painted portrait with".split())
_UNIQUE_KIN = frozenset({"father", "mother", "husband", "wife"})
_DIED = frozenset({"died", "perished", "drowned"})
_IS = frozenset({"was", "is", "lay", "lies", "fell", "dropped"})
_KILLED = frozenset({"dead", "killed", "murdered", "slain", "hanged", "beheaded", "buried", "drowned"})
_HAD = frozenset({"had", "has"})
_LIVES_ON = frozenset(
    "away down out not never almost nearly if would could might may should to though thought supposed believed said "
    "reported dreamed as when until till before unless tired asleep drunk weary set certain sure".split()
)
_UNREAL = frozenset({"would", "might", "could", "had", "used"})
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
    for trait, holder in stated_traits(prose.tokens):
        hues = _HUES.get(trait.trait)
        colour = trait.value.rsplit(" ", 1)[-1]
        if hues is None or colour not in hues or _is_unsure(prose, trait.end):
            continue
        who = certain.owner(holder)
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
    for one, other in combinations(stated, 2):
        if hues[one.value].isdisjoint(hues[other.value]):
            return one, other
    return None


def _is_unsure(prose: Prose, offset: int) -> bool:
    """Whether the sentence says that a thing may be so, seems so, or is not so."""
    sentence = prose.sentences[prose.sentence_at(offset - 1)]
    return not _UNSURE.isdisjoint(prose.tokens.lower[sentence.first : sentence.last])


def relative_renamed(prose: Prose, cast: Cast, certain: Certain) -> Iterator[Finding]:
    """C102: someone's father, mother, husband or wife bears two names."""
    tokens = prose.tokens
    called: defaultdict[tuple[str, str], list[tuple[Mention, int]]] = defaultdict(list)
    for i, word in enumerate(tokens.lower):
        if word not in _UNIQUE_KIN or not 0 < i < len(tokens) - 2:
            continue
        after = i + 1 + (tokens.lower[i + 1] == ",")
        mention = certain.starting(tokens.starts[after])
        if mention is None or mention.start != tokens.starts[after] or mention.kind != "name":
            continue
        holder = tokens.starts[i - 1] if tokens.lower[i - 1] == "'s" else tokens.ends[i - 1]
        who = certain.owner(holder)
        if who is not None and who != mention.character and _given(prose.text[mention.start : mention.end]):
            called[who, word].append((mention, tokens.starts[i - 1]))
    people = {c.id: c for c in cast.characters}
    for (who, kin), found in called.items():
        for (one, first), (other, second) in combinations(found, 2):
            if _two_people(prose, people, one, other):
                names = [prose.text[m.start : m.end] for m in (other, one)]
                yield finding(
                    "C102",
                    f"{people[who].name}'s {kin} is called {names[0]} here and {names[1]} elsewhere",
                    [(second, other.end), (first, one.end)],
                    f"nobody has two of a {kin} at once, and nothing says that {names[0]} and {names[1]} are one",
                )
                break


def _given(name: str) -> str | None:
    """The first name in a name; None where it has a title or is none that is known."""
    first = name.split(maxsplit=1)[0].strip(".,")
    return first if first.lower() in lexicon.first_names() and first.lower() not in lexicon.titles() else None


def _two_people(prose: Prose, people: dict[str, Character], one: Mention, other: Mention) -> bool:
    """Whether two names are no forms of one: two characters whose names share no word, and no pet name of another."""
    a, b = (prose.text[m.start : m.end].split()[0].lower() for m in (one, other))
    if a == b or one.character == other.character or a[:3] == b[:3]:
        return False
    pet = lexicon.hypocorisms()
    if b in pet.get(a, ()) or a in pet.get(b, ()) or not pet.get(a, frozenset()).isdisjoint(pet.get(b, ())):
        return False
    forms = [
        {w for name in people[m.character].names for w in name.split()} if m.character in people else set()
        for m in (one, other)
    ]
    return a not in {w.lower() for w in forms[1]} and b not in {w.lower() for w in forms[0]}


def dead_speak(prose: Prose, cast: Cast, voices: Voices) -> Iterator[Finding]:
    """C103: someone has a line, with their name in its tag, after the narration has told that they are dead."""
    lines = _tagged(prose, voices)
    names = {c.id: c.name for c in cast.characters if c.kind == "person"}
    for who, deaths in _deaths(prose, cast).items():
        start, end, form = deaths[0]
        later = [
            u
            for u in lines.get(who, ())
            if u.start > end and u.cue is not None and form in prose.text[u.cue.start : u.cue.end]
        ]
        if who in names and 0 < len(later) <= MANY_LINES:
            yield finding(
                "C103",
                f"{names[who]} speaks here, after the story has told of their death",
                [(later[0].start, later[0].end), (start, end)],
                "the dead say nothing; unless this tells of an earlier time, one of the two passages is wrong",
            )


def _tagged(prose: Prose, voices: Voices) -> dict[str, list[Utterance]]:
    """Lines of speech whose tag holds a name, by speaker."""
    found: defaultdict[str, list[Utterance]] = defaultdict(list)
    for line in voices.utterances:
        if line.kind != "speech" or line.mode != "direct" or line.evidence != "explicit" or line.speaker is None:
            continue
        if line.cue is not None and _UNREAL.isdisjoint(prose.text[line.cue.start : line.cue.end].split()):
            found[line.speaker].append(line)
    return dict(found)


def _deaths(prose: Prose, cast: Cast) -> dict[str, list[tuple[int, int, str]]]:
    """Passages of narration that tell of someone's death by name, with the name; nothing supposed, denied or feared."""
    tokens = prose.tokens
    found: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for mention in cast.mentions:
        if mention.kind != "name" or mention.character is None:
            continue
        i = bisect_left(tokens.starts, mention.end)
        verb = i + 1 if i < len(tokens) and tokens.lower[i] in _HAD else i
        if verb >= len(tokens) - 1 or tokens.quoted[verb]:
            continue
        dead = tokens.lower[verb] in _DIED
        last = verb
        if not dead and tokens.lower[verb] in _IS | {"been"}:
            last = verb + 1
            dead = tokens.lower[last] in _KILLED
        sentence = prose.sentences[prose.sentence_at(mention.start)]
        before = tokens.within(mention.start, mention.end).start - 1
        words = (*tokens.lower[sentence.first : sentence.last], "if" if tokens.lower[before] in _HAD else "")
        if dead and _LIVES_ON.isdisjoint(words):
            found[mention.character].append((sentence.start, sentence.end, prose.text[mention.start : mention.end]))
    return dict(found)
