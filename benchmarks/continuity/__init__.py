"""Errors planted into untouched novels, how many are found, and what is found where nothing was planted."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import unsaid
from benchmarks.continuity import library
from benchmarks.continuity.plant import PLANTERS, plant
from benchmarks.spread import side_by_side
from benchmarks.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.continuity.plant import Planted
    from unsaid.story import Finding, Story

NAMES = {
    "trait": "eyes or hair change colour (C101)",
    "relative": "a relative renamed (C102)",
    "dead": "the dead speak (C103)",
    "duration": "impossible span of time (T101)",
    "age": "impossible age (T102)",
    "weekday": "weekday off by one (T103)",
    "places": "in two places at once (C104, a note)",
    "gone": "gone, and speaks (C105, a note)",
    "misspelt": "a name misspelt (N101)",
    "person": "person shifts for a page (V102)",
    "turn": "a turn lost, its line left empty (X101)",
    "doubled": "a paragraph doubled (X103)",
}
JUDGED = Path(__file__).parent / "judged.md"
"""Twenty warnings on untouched novels, drawn at random and judged by eye."""
HALVES = {"pdnc": "PDNC, novels looked at", "seen": "LitBank, seen half", "unseen": "LitBank, kept half"}


class Tried(msgspec.Struct, frozen=True):
    """One novel: how many errors of each kind were planted and found, its words, and its findings as it is."""

    book: str
    words: int
    planted: tuple[str, ...]
    found: tuple[str, ...]
    missed: tuple[tuple[str, str], ...]
    false: tuple[tuple[str, str, tuple[str, ...]], ...]


def measure(half: str, *, seed: int = 0, jobs: int = 2) -> list[Tried]:
    """Try every book of a half."""
    work = [(book, text, seed) for book, text in library.books(half).items()]
    return side_by_side(_try, work, jobs=jobs)


def _try(work: tuple[str, str, int]) -> Tried:
    book, text, seed = work
    story = unsaid.read(text)
    written, errors = plant(story, f"{book} {seed}")
    checked = unsaid.read(written)
    found = [e for e in errors if _is_found(e, checked)]
    missed = [(e.kind, " / ".join(written[a:b][:120] for a, b in e.spans[:2])) for e in errors if e not in found]
    heavy = [f for f in story.findings if f.severity != "note"]
    shown = [(f.rule, f.message, tuple(_around(story, s.start, s.end) for s in f.spans[:2])) for f in heavy]
    return Tried(
        book,
        story.source.words,
        tuple(e.kind for e in errors),
        tuple(e.kind for e in found),
        tuple(missed),
        tuple(shown),
    )


def _is_found(error: Planted, checked: Story) -> bool:
    """Whether a finding of the right rule points at a planted passage."""
    return any(f.rule in PLANTERS[error.kind][1] and _points_at(f, error.spans) for f in checked.findings)


def _points_at(finding: Finding, spans: Iterable[tuple[int, int]]) -> bool:
    return any(s.start <= end and start <= s.end for s in finding.spans for start, end in spans)


def _around(story: Story, start: int, end: int) -> str:
    before, after = story.text[max(0, start - 80) : start], story.text[end : end + 80]
    return " ".join(f"{before}[[{story.text[start : min(end, start + 160)]}]]{after}".split())


def table(tried: Mapping[str, Sequence[Tried]]) -> Table:
    """Recall by kind and half, and warnings for 100,000 words where nothing was planted."""
    rows: list[tuple[str | int | float | None, ...]] = []
    counts = {
        half: (Counter(k for t in some for k in t.planted), Counter(k for t in some for k in t.found))
        for half, some in tried.items()
    }
    for kind, name in NAMES.items():
        cells: list[str | int | float | None] = [name]
        for planted, found in counts.values():
            cells += [planted[kind], found[kind] / planted[kind] if planted[kind] else None]
        rows.append(tuple(cells))
    every: list[str | int | float | None] = ["**all**"]
    alarms: list[str | int | float | None] = ["untouched: warnings for 100,000 words"]
    for half, some in tried.items():
        planted, found = counts[half]
        every += [planted.total(), found.total() / max(1, planted.total())]
        words = sum(t.words for t in some)
        alarms += [words, round(sum(len(t.false) for t in some) / words * 100_000, 2)]
    columns = ("planted error", *(c for half in tried for c in (HALVES[half], "found")))
    return Table("Errors planted into novels", columns, (*rows, tuple(every), tuple(alarms)), NOTE)


NOTE = (
    "One error of each kind in each novel, by seed; found if a finding of the rule points at it. The sentences are "
    "planted in the novel's own paragraphs, their lines joined as on a page. The last row is the novels as they are: "
    "words, and findings of severity warning or above for 100,000 of them, true ones among them."
)


def drawn(tried: Sequence[Tried], count: int, seed: int = 0) -> list[str]:
    """Warnings on untouched novels, drawn at random, to be judged by eye."""
    every = [(t.book, *f) for t in tried for f in t.false]
    some = random.Random(seed).sample(every, min(count, len(every)))
    return ["\n  ".join([f"{book}: {rule} {message}", *passages]) for book, rule, message, passages in some]
