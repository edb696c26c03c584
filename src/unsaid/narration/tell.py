"""Who tells the story, in which person and tense, stretch by stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.clues import clues
from unsaid.narration.layer import Stretch, Telling
from unsaid.narration.letters import letter_blocks
from unsaid.narration.narrators import SWITCH_ANYWHERE, SWITCH_AT_BREAK, Site, narrators
from unsaid.narration.profile import Profile, profiles
from unsaid.narration.sections import Section, sections
from unsaid.narration.shifts import taking_turns
from unsaid.people.gender import told_by_names
from unsaid.people.lexicon import PLACEHOLDERS
from unsaid.story import Character

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Person, Tense

NARRATOR = "the narrator"
"""What a first-person narrator is called whom the text does not name."""
YOU = "you"
"""What somebody is called to whom a story is told, and whom it is about, where the text has no name for them."""

FIRST_RATE = 0.012
"""A story is told in the first person from this share of "I", "me" and "my" in its narration on.

Measured on the full books of LitBank: homodiegetic narrators stand between 0.02 and 0.08, the authorial "I" of
*Middlemarch* and *Vanity Fair* at or below 0.005.
"""
FIRST_SPREAD = 0.2
"""... and if this share of its long paragraphs says "I": a thought of some length is one paragraph, a narrator all."""
SECTION_FIRST_RATE = 0.03
"""A section of a story that is not in the first person is, from this share on."""
SECTION_SPREAD = 0.5
"""... if it also says "I" in this share of its paragraphs: a speech whose marks are lost is one paragraph of many."""
SECTION_THIRD_RATE = 0.002
"""A section of a first-person story is in the third person up to this share, if others act in it."""
SECTION_WORDS = 150
"""A section shorter than this many words goes with the story around it."""
SECOND_RATE = 0.04
"""A story is told in the second person from this share of "you" on, where it also outweighs every other person."""
MOSTLY = 0.8
"""A story of which somebody tells this share of the paragraphs is theirs."""
TENSE_MARGIN = 1.5
"""A part changes tense if the verbs of the other one are so many times as many."""
LONG = 16
"""A paragraph of so many words is narration and no bare line of thought; ``ENOUGH_LONG`` of them tell the person."""
ENOUGH_LONG = 3
INNER = 40
"""A paragraph of up to so many words, outside quotations and not told in the past, may be a bare line of thought."""
TO_YOU, TOLD = 3, 2
"""From so many bare lines to a "you" on, beside so many that are told, thoughts alone say "I"."""
BESIDE_SPEECH = 0.08
"""A narrator's "I" stands in this share at least of the paragraphs with both speech and narration ("I said") ..."""
ENOUGH_BESIDE = 5
"""... where so many are there to tell; only much of it elsewhere outweighs that."""


class _Sum(msgspec.Struct, frozen=True):
    """Profiles added up."""

    words: int
    first: int
    spread: float
    second: int
    third: int
    past: int
    present: int
    long: bool
    beside: int
    beside_first: int
    talked: bool

    @property
    def first_rate(self) -> float:
        return self.first / max(1, self.words)


def tell(prose: Prose, cast: Cast) -> tuple[Cast, Telling]:
    """Find person, tense and narrator of every stretch; a narrator without a name joins the cast."""
    if not prose.paragraphs:
        return cast, Telling(())
    letters = _letter_paragraphs(prose, cast)
    shape = profiles(prose)
    cuts = sections(prose, cast)
    persons = _persons(cuts, shape, letters | _after_dash(prose))
    told = [
        index
        for cut, person in zip(cuts, persons, strict=True)
        if person == "first"
        for index in range(cut.first, cut.last)
    ]
    voice = _voices(prose, cast, cuts, told, shape)
    if told and None in voice.values():
        cast, voice = _with_narrator(prose, cast, voice)
    cast = _called_by_nobody(prose, cast, told, voice)
    return cast, Telling(tuple(_stretches(prose, cuts, persons, shape, voice)))


def _letter_paragraphs(prose: Prose, cast: Cast) -> frozenset[int]:
    blocks = letter_blocks(prose, name_words(cast))
    return frozenset(index for block in blocks for index in range(block.first, block.last + 1))


def _after_dash(prose: Prose) -> frozenset[int]:
    """Paragraphs that open with a dash: dialogue, wherever in them it ends."""
    return frozenset(i for i, p in enumerate(prose.paragraphs) if prose.text[p.start] in "—–―-")


def name_words(cast: Cast) -> frozenset[str]:
    """Every word of the people's names, in lower case."""
    return frozenset(
        word.strip(".,'’").lower()
        for character in cast.characters
        for name in (character.name, *character.names)
        for word in name.split()
        if word[:1].isupper()
    )


def _persons(cuts: Sequence[Section], shape: Sequence[Profile], aside: frozenset[int]) -> list[Person]:
    """The grammatical person of each section: the story's own, unless the section clearly goes another way."""
    whole = _total(shape[i] for i in range(len(shape)) if i not in aside)
    overall = _person(whole)
    found: list[Person] = []
    for cut in cuts:
        part = _total(shape[i] for i in range(cut.first, cut.last) if i not in aside)
        if part.words < SECTION_WORDS:
            found.append(overall if not found or cut.reason in {"start", "chapter"} else found[-1])
        elif overall != "first" and part.first_rate >= SECTION_FIRST_RATE and part.spread >= SECTION_SPREAD:
            found.append("first")
        elif overall == "first" and part.first_rate <= SECTION_THIRD_RATE and part.third > 3 * part.first:
            found.append("third")
        else:
            found.append(overall)
    return found


def _total(parts: Iterable[Profile]) -> _Sum:
    """Add profiles up: over long paragraphs alone where there are some, or they hold most of the words.

    A third-person story with its thoughts in bare lines has its "I" in short paragraphs, a first-person story in all.
    Lines that may be thoughts tell nothing where enough is told in the past beside them.
    """
    kept = every = list(parts)
    outer = [p for p in kept if not _may_be_inner(p)]
    if sum(p.past > 0 and p.first + p.third > 0 for p in outer) >= ENOUGH_LONG:
        kept = outer
    long = [p for p in kept if p.words >= LONG]
    enough = len(long) >= ENOUGH_LONG or 2 * sum(p.words for p in long) >= sum(p.words for p in kept)
    if enough:
        kept = long
    words, first, second, third, past, present = (
        sum(getattr(p, field) for p in kept) for field in ("words", "first", "second", "third", "past", "present")
    )
    spread = sum(p.first > 0 for p in kept) / max(1, len(kept))
    beside = [p for p in outer if p.quoted and p.words]
    own = sum(p.first > 0 for p in beside)
    talked = own == 0 and _is_talk(every)
    return _Sum(words, first, spread, second, third, past, present, enough, len(beside), own, talked)


def _is_talk(parts: Sequence[Profile]) -> bool:
    """Whether the bare lines that say "I" are rather two people's thoughts than a narrator's: again and again they say
    "you", and what else is told has "he" and "she" and no "I" at all."""
    bare = [p for p in parts if not p.quoted and 0 < p.words <= INNER]
    to_you = sum(p.second > 0 for p in bare)
    told = sum(p.third > 0 and p.past > 0 and not p.first and not p.second for p in bare)
    return told >= TOLD and to_you >= max(TO_YOU, sum(p.first + p.second > 0 for p in bare) / 3)


def _may_be_inner(profile: Profile) -> bool:
    """A short paragraph that says "I" in the present, or to a "you": what a character thinks as well as a narrator."""
    if profile.quoted or profile.words > INNER or not profile.first + profile.second:
        return False
    return profile.second > 0 or profile.present >= profile.past


def _person(whole: _Sum) -> Person:
    if whole.talked or (not whole.long and whole.third > whole.first):
        # A few short lines: thoughts say "I" as well as a narrator does, but a narrator says it more than "she".
        return "third"
    apart = whole.beside >= ENOUGH_BESIDE and whole.beside_first < BESIDE_SPEECH * whole.beside
    if apart and whole.first_rate < SECTION_FIRST_RATE:
        return "second" if _is_second(whole) else "third"
    if (
        whole.first_rate >= FIRST_RATE
        and whole.spread >= FIRST_SPREAD
        and (whole.first_rate >= SECTION_FIRST_RATE or whole.third < 12 * whole.first)
    ):
        return "first"
    return "second" if _is_second(whole) else "third"


def _is_second(whole: _Sum) -> bool:
    return whole.second >= SECOND_RATE * whole.words and whole.second > whole.third + whole.first


def _voices(
    prose: Prose, cast: Cast, cuts: Sequence[Section], told: Sequence[int], shape: Sequence[Profile]
) -> dict[int, str | None]:
    """The narrator of each paragraph told in the first person."""
    if not told:
        return {}
    reader = _reader(cast) if prose.to_you else None
    if reader is not None:
        return dict.fromkeys(told, reader)
    starts = {cut.first: cut for cut in cuts}
    sites = [_site(prose, index, starts.get(index)) for index in told]
    found = clues(prose, cast, _letter_paragraphs(prose, cast))
    path = dict(zip(told, narrators(sites, found), strict=True))
    if len(set(path.values())) == 1:
        shared = taking_turns(prose, cast, told, found, shape, path[told[0]])
        if shared is not None:
            return {**path, **shared}
    return path


def _reader(cast: Cast) -> str | None:
    """Who is called by what stands for the reader's name: whom "you" means, in a story told to "you"."""
    words = ((c.id, word) for c in cast.characters for name in c.names for word in name.lower().split())
    return next((who for who, word in words if word in PLACEHOLDERS), None)


def _site(prose: Prose, index: int, section: Section | None) -> Site:
    paragraph = prose.paragraphs[index]
    eased = section is not None or paragraph.after_break or paragraph.after_gap
    return Site(
        index,
        SWITCH_AT_BREAK if eased else SWITCH_ANYWHERE,
        section.headed if section else None,
        section.sure if section else False,
    )


def _with_narrator(prose: Prose, cast: Cast, voice: dict[int, str | None]) -> tuple[Cast, dict[int, str | None]]:
    """Add one unnamed narrator to the cast and let it tell what nobody named tells."""
    numbers = [int(c.id[1:]) for c in cast.characters if c.id[:1] == "c" and c.id[1:].isdigit()]
    new = f"c{max(numbers, default=0) + 1}"
    unnamed = {index for index, who in voice.items() if who is None}
    mentions = 0
    for index in unnamed:
        paragraph = prose.paragraphs[index]
        mentions += sum(
            prose.tokens.lower[t] in {"i", "me", "my", "mine", "myself", "i'm", "i'd", "i've", "i'll"}
            and not prose.tokens.quoted[t]
            for t in range(paragraph.first, paragraph.last)
        )
    called = YOU if prose.to_you else NARRATOR
    narrator = Character(new, called, {called: 1}, _narrator_pronouns(prose, unnamed), "person", mentions)
    cast = msgspec.structs.replace(cast, characters=(*cast.characters, narrator))
    return cast, {index: new if who is None else who for index, who in voice.items()}


def _called_by_nobody(prose: Prose, cast: Cast, told: Sequence[int], voice: dict[int, str | None]) -> Cast:
    """The cast, with one narrator's pronouns as their names and those who speak to them have it.

    Whoever says "I" is never "he" or "she" in the narration: the pronouns that stand near their name are others'.
    """
    who = next(iter(voice.values()), None)
    narrator = next((c for c in cast.characters if c.id == who), None)
    if len(set(voice.values())) != 1 or narrator is None or len(told) < MOSTLY * len(prose.paragraphs):
        return cast
    gender = told_by_names(narrator.names)
    pronouns = {"m": "he", "f": "she"}.get(gender or "") or _narrator_pronouns(prose, set(told))
    known = tuple(msgspec.structs.replace(c, pronouns=pronouns) if c.id == who else c for c in cast.characters)
    return msgspec.structs.replace(cast, characters=known)


_HE = frozenset("sir man boy lad fellow mister gentleman son monsieur wife girlfriend".split())
_SHE = frozenset("madam ma'am miss girl lady maid madame mademoiselle husband boyfriend missy".split())


def _narrator_pronouns(prose: Prose, told: set[int]) -> str | None:
    """he or she, by how others address "I" ("sir", "young lady") and by "my wife" or "my husband" in the narration."""
    he = she = 0
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    for index in told:
        paragraph = prose.paragraphs[index]
        for t in range(paragraph.first + 1, paragraph.last):
            word = lower[t]
            if word not in _HE and word not in _SHE:
                continue
            spouse = word in {"wife", "husband", "girlfriend", "boyfriend"}
            fits = (
                (not quoted[t] and lower[t - 1] == "my")
                if spouse
                else (quoted[t] and lower[t - 1] in {",", "young", "my"})
            )
            he, she = he + (fits and word in _HE), she + (fits and word in _SHE)
    if max(he, she) < 2 or min(he, she) * 3 > max(he, she):
        return None
    return "he" if he > she else "she"


def _stretches(
    prose: Prose,
    cuts: Sequence[Section],
    persons: Sequence[Person],
    shape: Sequence[Profile],
    voice: dict[int, str | None],
) -> Iterable[Stretch]:
    """Stretches from sections, cut again where the narrator changes inside one, like neighbours joined."""
    pieces: list[tuple[int, int, Person, str | None, str]] = []
    for cut, person in zip(cuts, persons, strict=True):
        first = cut.first
        for index in range(cut.first + 1, cut.last + 1):
            if index == cut.last or voice.get(index) != voice.get(first):
                reason = cut.reason if first == cut.first else "narrator shift"
                reason = "narrator shift" if reason == "heading" else reason
                pieces.append((first, index, person, voice.get(first), reason))
                first = index
    tenses = _tenses(pieces, shape)
    joined: list[Stretch] = []
    for (first, last, held, narrator, reason), tense in zip(pieces, tenses, strict=True):
        shown: Person = "second" if held == "first" and prose.to_you else held
        end = prose.paragraphs[last].start if last < len(prose.paragraphs) else len(prose.text)
        before = joined[-1] if joined else None
        if before and (before.person, before.tense, before.narrator) == (shown, tense, narrator):
            joined[-1] = msgspec.structs.replace(before, end=end)
        else:
            start = prose.paragraphs[first].start if joined else 0
            joined.append(Stretch(start, end, shown, tense, narrator, reason))
    return joined


def _tenses(pieces: Sequence[tuple[int, int, Person, str | None, str]], shape: Sequence[Profile]) -> list[Tense]:
    whole = _total(shape)
    overall: Tense = "present" if whole.present > whole.past else "past"
    found: list[Tense] = []
    for first, last, *_ in pieces:
        part = _total(shape[first:last])
        if part.past + part.present < 8:
            found.append(found[-1] if found else overall)
        else:
            usual = found[-1] if found else overall
            here, there = (part.present, part.past) if usual == "past" else (part.past, part.present)
            other: Tense = "present" if usual == "past" else "past"
            found.append(other if here > TENSE_MARGIN * there else usual)
    return found
