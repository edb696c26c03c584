"""The novels of PDNC (Vishnubhotla, Hammond and Hirst 2022) as words, the rules' turns, and who speaks them in gold."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks import corpus
from benchmarks.verdicts import LOOK_BACK
from training import referents
from training.referents import Referent
from unsaid import sources
from unsaid.encoder.layer import Dialogue
from unsaid.encoder.words import Words, words_of
from unsaid.people.lexicon import first_names, titles
from unsaid.reading import Settings, straight, walk
from unsaid.voices.attribution import chances_of
from unsaid.voices.ear import dialogue_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

    from unsaid.people import Cast
    from unsaid.reading import Reading
    from unsaid.story import Character
    from unsaid.voices.turns import Turn

DEV = tuple(sorted(corpus.APART))
"""Novels that nothing is trained on: what is reported is measured on these."""
SCALED = ("Persuasion", "ThePictureOfDorianGray")
"""Novels of the others that no weight is trained on: choices are made and confidence is scaled on them."""
SAMPLED = ("ARoomWithAView", "NightAndDay", "TheAgeOfInnocence")
"""Novels of which LitBank has a sample that is kept apart: whom their words mean is not learned."""
Sort = str
"""What a word of a name is: "m", "f" (a first name), "s" (a surname)."""


class Novel(msgspec.Struct, frozen=True):
    """A novel as training sees it.

    :ivar right: for each turn those of its candidates who carry a name of the gold speaker; empty, where there is no
        gold, or nobody who does.
    :ivar heard: for each turn those of the cast who carry a name of a gold addressee, where gold has any.
    :ivar spoken: 1 for each word that stands in a gold quotation, else 0.
    :ivar names: the words of its people's names, and what each is.
    :ivar referents: whom its mentions of people mean, as far as gold says so.
    :ivar ruled: for each turn whether it is asked what the rules and the encoder say together; empty: of all.
    """

    name: str
    words: Words
    dialogue: Dialogue
    right: tuple[tuple[str, ...], ...]
    heard: tuple[tuple[str, ...], ...]
    spoken: bytes
    names: dict[str, Sort]
    referents: tuple[Referent, ...] = ()
    ruled: tuple[bool, ...] = ()


class _Gold(msgspec.Struct, frozen=True):
    """Gold quotations by span of the novel's text: speaker and addressees."""

    spans: list[tuple[int, int]]
    speakers: list[str]
    addressees: list[list[str]]

    def over(self, start: int, end: int) -> int | None:
        """The quotation that covers most of a span, where more than half of it is covered."""
        low, high = max(0, bisect_left(self.spans, (start, 0)) - LOOK_BACK), bisect_left(self.spans, (end, 0))
        shared = Counter({k: min(end, self.spans[k][1]) - max(start, self.spans[k][0]) for k in range(low, high)})
        if not shared or shared.most_common(1)[0][1] * 2 < end - start:
            return None
        return shared.most_common(1)[0][0]


def read(book: str, settings: Settings | None = None) -> Reading:
    """Read a novel with the rules."""
    return walk(
        sources.load(corpus.folder_of(book) / "novel_text.txt"), (), straight, settings or Settings(), lines_only=True
    )


def load(book: str) -> Novel:
    """Read a novel with the rules, and hold its turns against gold."""
    return held(book, read(book))


def held(book: str, read: Reading) -> Novel:
    """Hold the turns of a novel that has been read against gold."""
    talk, field = read.lines.talk, read.lines.field
    rules = corpus.scorer("pdnc_score")
    characters, quotes = rules.load_gold(corpus.folder_of(book))
    carried = rules.name_map({"characters": _named(field.cast)}, characters)
    known: dict[str, list[str]] = {}
    for who, name in carried.items():
        known.setdefault(name, []).append(who)
    to = rules.offset_map(read.story.text, corpus.novel_text(book))
    gold = _gold(corpus.attributed(quotes))
    asked = dialogue_of(talk, chances_of(talk, {}))
    right, heard = [], []
    for turn, table in zip(talk.turns, asked.chances, strict=True):
        start, end = longest(turn)
        found = gold.over(to(start), to(end))
        wanted = gold.addressees[found] if found is not None else []
        speaker = gold.speakers[found] if found is not None else None
        right.append(tuple(who for who in table if speaker is not None and carried.get(who) == speaker))
        heard.append(tuple(who for name in dict.fromkeys(wanted) for who in known.get(name, ())))
    words = words_of(field.prose)
    quoted = covered([span for quote in quotes for span in quote["spans"]], len(corpus.novel_text(book)))
    spoken = bytes(quoted[to(start)] for start in words.starts)
    names = names_of(field.cast.characters)
    said = () if book in SAMPLED else referents.quotations(corpus.folder_of(book))
    meant = referents.of(words, asked, said, carried, to) if said else ()
    return Novel(book, words, asked, tuple(right), tuple(heard), spoken, names, meant)


def longest(turn: Turn) -> tuple[int, int]:
    """The longest of a turn's parts."""
    return max(turn.parts, key=lambda part: part[1] - part[0])


def covered(spans: Iterable[tuple[int, int]], length: int) -> bytearray:
    """1 for each code point that a span covers, else 0."""
    found = bytearray(length)
    for start, end in spans:
        found[start:end] = b"\1" * (end - start)
    return found


def _gold(quotes: Iterable[dict[str, Any]]) -> _Gold:
    held = sorted((tuple(span), q["speaker"], q["addressees"]) for q in quotes for span in q["spans"])
    return _Gold([h[0] for h in held], [h[1] for h in held], [h[2] for h in held])


def _named(cast: Cast) -> list[dict[str, object]]:
    return [{"id": c.id, "names": {c.name: 1, **c.names}} for c in cast.characters]


def names_of(characters: Iterable[Character]) -> dict[str, Sort]:
    """The words that people are called by, without titles, and what each is."""
    found: dict[str, Sort] = {}
    for character in characters:
        own = {"he": "m", "she": "f"}.get(character.pronouns or "", "m")
        for word in (word for name in character.names for word in name.split()):
            if is_renamed(word):
                found.setdefault(word, sort_of(word, own))
    return found


def is_renamed(word: str) -> bool:
    """Whether a word of a name can be another one: no title, no initial, nothing in small letters."""
    return word.isalpha() and word.istitle() and len(word) >= 3 and word.lower() not in titles()


def sort_of(word: str, own: Sort = "m") -> Sort:
    """What a word of a name is; ``own`` where it is a first name of women and men alike."""
    given = first_names().get(word.lower(), "")
    return (given or own) if given != "" else "s"


def renamed(
    words: Sequence[str], names: Mapping[str, Sort], pool: Mapping[Sort, Sequence[str]], chance: random.Random
) -> tuple[str, ...]:
    """Words under other names: each word of a name becomes another of its sort, the same everywhere."""
    instead = {word: chance.choice(pool[sort]) for word, sort in names.items()}
    return tuple(instead.get(word, word) for word in words)


def pool_of(novels: Iterable[Novel]) -> dict[Sort, list[str]]:
    """Names to choose from: first names of the lexicon, and the surnames of novels."""
    given = {sort: sorted(n.title() for n, held in first_names().items() if held == sort) for sort in ("m", "f")}
    return {**given, "s": sorted({w for novel in novels for w, sort in novel.names.items() if sort == "s"})}
