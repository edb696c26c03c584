"""Stories of the sort met in the wild, fan fiction and web serials, written for the project (``examples/wild``).

By other hands than the twelve examples. Those in the folder itself may be read while rules are made, and the encoder
may learn from most of them; so may those in ``more/``, whose errors have been read, too, and those in ``posted/``, in
the manner of what amateurs post, with more people who talk at once. The second look has learned from all of these but
six. Nobody reads those in ``clean/`` and ``fresh/``, nor what is got wrong in them: ``fresh`` was written later, for a
wider choice of stories.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import unsaid
from benchmarks import corpus
from benchmarks.gold import cast_lists, parse, utterances
from benchmarks.score import Score, score
from benchmarks.spread import side_by_side
from benchmarks.stories import COLUMNS, ENCODED, NOTE, pool
from benchmarks.table import Cell, Table

if TYPE_CHECKING:
    from pathlib import Path

READ = ("", "more", "posted")
"""The parts that may be read, and learned from."""
HALVES = (*READ, "clean", "fresh")
KEPT = (
    "a-knot-for-fair-weather",
    "closing-time-at-tarrants",
    "gate-nineteen",
    "hinges",
    "the-house-on-cutter-road",
    "things-said-in-a-fever",
)
"""Of those that may be read, six that the encoder does not learn from: choices are made on them."""


def paths(half: str) -> list[Path]:
    """The marked stories of a part, sorted; "clean" and "fresh" nobody reads."""
    return sorted((corpus.EXAMPLES / "wild" / half).glob("*.txt"))


def story_of(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a marked story as a reader finds it, and its gold."""
    marked = parse(path.read_text(encoding="utf-8"))
    lists: dict[str, Any] = utterances(marked)
    lists["optional"] = [[entry["start"], entry["end"]] for entry in lists["optional"]]
    lists |= cast_lists(marked.facts["cast"])
    lists |= {key: marked.facts[key] for key in ("narrators", "person") if key in marked.facts}
    return marked.text, lists


def score_story(path: Path, *, encoder: bool = False) -> Score:
    """Read a marked story's text, with the encoder or without, and score it."""
    text, gold = story_of(path)
    reading = unsaid.read(text.encode("utf-8"), encoder=encoder)
    return score(json.loads(reading.to_json()), gold)


def _encoded(path: Path) -> Score:
    return score_story(path, encoder=True)


def table(*, jobs: int = 1) -> Table:
    """All parts, by the rules alone and with the encoder."""
    rows: list[tuple[Cell, ...]] = []
    for half in HALVES:
        for read, how in ((score_story, ""), (_encoded, ENCODED)):
            every = side_by_side(read, paths(half), jobs=jobs)
            checks = [right for s in every for right in s.story.values()]
            share = f"{sum(checks)} of {len(checks)}"
            rows.append(
                (f"{half or 'looked at'}{how}", sum(s.n for s in every), *pool(every).values(), share),
            )
    parts = ", ".join(f"{len(paths(half))} {half or 'looked at'}" for half in HALVES)
    return Table(f"Stories of the wild sort: {parts}", COLUMNS, tuple(rows), NOTE)
