"""Time expressions in the project's examples against their gold (``examples/times``): found, and rightly valued."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

import unsaid
from benchmarks import corpus
from benchmarks.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from unsaid.story import Story


class Expected(msgspec.Struct, frozen=True):
    """A time expression as a reader marked it."""

    type: str
    value: str
    passage: str


class Score(msgspec.Struct, frozen=True):
    """How many expressions are in gold, found, of the right type and value, and found that are none."""

    gold: int
    found: int
    valued: int
    spurious: int
    misses: tuple[str, ...] = ()


def gold_files() -> dict[str, Path]:
    """The gold files by the name of their story."""
    return {
        path.name.removesuffix(".gold.txt"): path for path in sorted((corpus.EXAMPLES / "times").glob("*.gold.txt"))
    }


def expected(path: Path) -> list[Expected]:
    """The expressions of a gold file, in the order of the text; "full_moon" is written for the value "full moon"."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    rows = (line.split(" ", 2) for line in lines)
    return [Expected(kind, value.replace("_moon", " moon"), passage) for kind, value, passage in rows]


def score(story: Story, wanted: list[Expected]) -> Score:
    """Go through the gold in order; an expression is found where one overlaps the next place of its passage."""
    left = list(story.times)
    found = valued = at = 0
    misses = []
    for want in wanted:
        place = _next(story.text, want.passage, at)
        at = place[1]
        hit = next((t for t in left if t.start < place[1] and place[0] < t.end), None)
        if hit is not None:
            left.remove(hit)
            found += 1
            valued += (hit.type, hit.value) == (want.type, want.value)
        if hit is None or (hit.type, hit.value) != (want.type, want.value):
            misses.append(f"{want.passage}: {want.type} {want.value}, read as {hit and (hit.type, hit.value)}")
    misses += [f"{story.passage(t)}: read as {t.type} {t.value}, is none" for t in left]
    return Score(len(wanted), found, valued, len(left), tuple(misses))


def _next(text: str, passage: str, at: int) -> tuple[int, int]:
    """Where a passage next stands as words of its own.

    :raises BenchmarkError: if it does not: the gold is not this story's.
    """
    start = text.find(passage, at)
    while start > 0 and (text[start - 1].isalnum() or text[start + len(passage)].isalnum()):
        start = text.find(passage, start + 1)
    if start < 0:
        raise corpus.BenchmarkError(f"the gold's {passage!r} does not stand in the story behind {text[at - 20 : at]!r}")
    return start, start + len(passage)


def scores() -> dict[str, Score]:
    """The score of every example."""
    made = {}
    for name, path in gold_files().items():
        file = next(p for p in sorted(corpus.EXAMPLES.glob(f"{name}.*")) if p.suffix in {".txt", ".html", ".epub"})
        made[name] = score(unsaid.read(file), expected(path))
    return made


def table() -> Table:
    """Recall, precision and values by story and over all."""
    every = scores()
    rows = [_row(name, one) for name, one in every.items()]
    total = Score(
        *(sum(getattr(s, field) for s in every.values()) for field in ("gold", "found", "valued", "spurious"))
    )
    columns = ("story", "expressions", "recall", "precision", "right value")
    note = (
        "Gold written with the finder's output in view; what is spoken of as a time of the story, clock times included."
    )
    return Table("Time expressions in the examples", columns, (*rows, _row("**all**", total)), note)


def _row(name: str, one: Score) -> tuple[str | int | float | None, ...]:
    made = one.found + one.spurious
    return (name, one.gold, one.found / one.gold, one.found / made if made else None, one.valued / max(1, one.found))
