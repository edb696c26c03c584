"""Novels pushed through the damage that stories take on their way through the web: what each kind costs.

Every kind of damage is a list of edits of the novel's text, drawn by a fixed seed, through which gold's spans are
carried. What is read is the damaged text alone; how it is scored is as in :mod:`benchmarks.pdnc`.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks import corpus
from benchmarks.pdnc import KINDS, Tally
from benchmarks.spread import side_by_side
from benchmarks.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 3
SHARE = 0.1
"""How many marks are lost, and how many names misspelt."""
_BREAK = re.compile(r"\n(?:[ \t]*\n)+[ \t]*")
_WRAP = re.compile(r"(?<=\S)[ \t]*\n[ \t]*(?=[^\s])")
_SHORTEST_NAME = 4
_ARTICLES = frozenset("the a an my his her".split())


class Edit(msgspec.Struct, frozen=True, order=True):
    """``text[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: str


class Novel(msgspec.Struct, frozen=True):
    """A novel's text, its people's names, and its quotations as the scorer has them."""

    text: str
    people: list[dict[str, Any]]
    quotes: list[dict[str, Any]]

    @classmethod
    def open(cls, book: str) -> Novel:
        """Load a novel of PDNC with its gold."""
        people, quotes = corpus.scorer("pdnc_score").load_gold(corpus.folder_of(book))
        return cls(corpus.novel_text(book), people, corpus.attributed(quotes))


def _marked(opening: str, closing: str) -> Callable[[Novel, random.Random], Iterator[Edit]]:
    """All double marks in another form; a mark opens where a word begins behind it."""

    def edits(novel: Novel, _: random.Random) -> Iterator[Edit]:
        for found in re.finditer('"', novel.text):
            behind = novel.text[found.end() : found.end() + 1]
            opens = bool(behind.strip()) and not novel.text[max(0, found.start() - 1) : found.start()].strip()
            yield Edit(found.start(), found.end(), opening if opens else closing)

    return edits


def _marks_lost(novel: Novel, chance: random.Random) -> Iterator[Edit]:
    return (Edit(m.start(), m.end(), "") for m in re.finditer('"', novel.text) if chance.random() < SHARE)


def _italics_lost(novel: Novel, _: random.Random) -> Iterator[Edit]:
    return (Edit(m.start(), m.end(), "") for m in re.finditer("_", novel.text))


def _unwrapped(novel: Novel) -> Iterator[Edit]:
    """One line a paragraph, as pages of the web have it: joined short lines of print leave traces of their own."""
    return (Edit(m.start(), m.end(), " ") for m in _WRAP.finditer(novel.text))


def _joined(novel: Novel, chance: random.Random) -> Iterator[Edit]:
    yield from _unwrapped(novel)
    yield from (Edit(m.start(), m.end(), " ") for m in _BREAK.finditer(novel.text) if chance.random() < 0.5)


def _commas(novel: Novel, _: random.Random) -> Iterator[Edit]:
    """Paragraphs of one speaker after another, run together with a comma between the marks."""
    yield from _unwrapped(novel)
    for found in _BREAK.finditer(novel.text):
        if novel.text[found.start() - 1] == '"' == novel.text[found.end() : found.end() + 1]:
            yield Edit(found.start(), found.end(), ", ")


def _misspelt(novel: Novel, chance: random.Random) -> Iterator[Edit]:
    """One letter inside a name lost, doubled, or in its neighbour's place."""
    words = {w for person in novel.people for alias in person["aliases"] for w in alias.split()} - _ARTICLES
    for found in re.finditer(r"[A-Z][a-z]+", novel.text):
        if len(found[0]) >= _SHORTEST_NAME and found[0].lower() in words and chance.random() < SHARE:
            at = found.start() + chance.randrange(1, len(found[0]) - 1)
            here, behind = novel.text[at], novel.text[at + 1]
            yield Edit(at, at + 2, chance.choice((here, here + here + behind, behind + here)))


def _lower(novel: Novel, _: random.Random) -> Iterator[Edit]:
    return (Edit(m.start(), m.end(), m[0].lower()) for m in re.finditer("[A-Z]+", novel.text))


DAMAGE: dict[str, Callable[[Novel, random.Random], Iterator[Edit]]] = {
    "none": lambda _, __: iter(()),
    "marks: ‘single’": _marked("‘", "’"),
    "marks: «angles»": _marked("«", "»"),
    "one mark in ten lost": _marks_lost,
    "all marks lost": _marked("", ""),
    "italics lost": _italics_lost,
    "half of the paragraphs joined": _joined,
    "turns parted by commas alone": _commas,
    "one name in ten misspelt": _misspelt,
    "all in lower case": _lower,
}


def damaged(novel: Novel, kind: str) -> Novel:
    """A novel after one kind of damage, its quotations where they stand now."""
    edits = sorted(DAMAGE[kind](novel, random.Random(SEED)))
    starts = [edit.start for edit in edits]
    moved = [0, *accumulate(len(edit.new) - (edit.end - edit.start) for edit in edits)]

    def to(offset: int) -> int:
        at = bisect_right(starts, offset)
        if at and offset < edits[at - 1].end:  # inside what was edited
            last = edits[at - 1]
            return last.start + moved[at - 1] + min(offset - last.start, len(last.new))
        return offset + moved[at]

    quotes = [q | {"spans": [(to(a), to(b)) for a, b in q["spans"]]} for q in novel.quotes]
    return msgspec.structs.replace(novel, text=_edited(novel.text, edits), quotes=quotes)


def _edited(text: str, edits: list[Edit]) -> str:
    parts: list[str] = []
    at = 0
    for edit in edits:
        parts += (text[at : edit.start], edit.new)
        at = edit.end
    return "".join((*parts, text[at:]))


def measure(book: str, kind: str, *, encoder: bool = False) -> dict[str, Tally]:
    """Damage a novel, read it, and mark the reading by type of quotation.

    :param encoder: read it with the encoder, too.
    """
    import unsaid  # noqa: PLC0415 - the reader is loaded where it is measured, once in each process

    rules = corpus.scorer("pdnc_score")
    novel = damaged(Novel.open(book), kind)
    reading = msgspec.json.decode(unsaid.read(novel.text.encode(), encoder=encoder).to_json())
    said = rules.from_reading(reading, novel.text.replace("\r\n", "\n"))
    found, speakers = rules.attribute(said, novel.quotes)
    names = rules.name_map(said, novel.people)
    tallies = dict.fromkeys(KINDS, Tally())
    for quote, was_found, who in zip(novel.quotes, found, speakers, strict=True):
        for of in {"all", quote["type"]} & tallies.keys():
            tallies[of] += Tally(1, was_found, names.get(who) == quote["speaker"])
    return tallies


def table(books: list[str], jobs: int, *, encoder: bool = False) -> Table:
    """A row for each kind of damage: what is found and named, and what the damage costs."""
    asked = [(book, kind) for kind in DAMAGE for book in books]
    reading = partial(measure, encoder=encoder)
    marks = dict(zip(asked, side_by_side(reading, *zip(*asked, strict=True), jobs=jobs), strict=True))
    totals = {kind: {of: sum((marks[book, kind][of] for book in books), Tally()) for of in KINDS} for kind in DAMAGE}
    rows = [_row(kind, of, totals["none"]) for kind, of in totals.items()]
    title = f"Damaged texts{', with the encoder' if encoder else ''}: {len(books)} novels"
    return Table(title, COLUMNS, tuple(rows), NOTE)


COLUMNS = ("damage", "n", "found", "named", "lost", "expl.", "anaph.", "impl.")
NOTE = (
    "*found* and *named* as in the table of speakers; *lost*: points of *named* that the damage costs. A mark or a "
    f"name is hit with a chance of {SHARE:.0%}; which are hit is drawn by a fixed seed."
)


def _row(kind: str, of: dict[str, Tally], clean: dict[str, Tally]) -> tuple[Cell, ...]:
    every = of["all"]
    named = {k: t.named / t.n for k, t in of.items() if t.n}
    lost = 100 * (clean["all"].named / clean["all"].n - named["all"])
    return (kind, every.n, every.found / every.n, named["all"], f"{lost:.1f}", *(named.get(k) for k in KINDS[1:]))
