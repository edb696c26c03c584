"""Who says what in short stories with hand-made gold: the project's own examples, and those of the shared folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import unsaid
from benchmarks import corpus
from benchmarks.gold import locate
from benchmarks.score import Score, score
from benchmarks.table import Cell, Table

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("story", "lines", "found", "both", "addressees", "exact", "precision", "of the whole story")
NOTE = (
    "*both*: kind and speaker right. *addressees*: of the lines that gold has spoken to somebody, those of which "
    "everybody is named to whom they are spoken; *exact*: and nobody else. *precision*: of the reading's lines, those "
    "that are lines in gold."
)


def example_names() -> list[str]:
    """The examples that have gold, sorted."""
    return sorted(path.name.removesuffix(".gold.json") for path in corpus.EXAMPLES.glob("*.gold.json"))


def score_example(name: str, *, encoder: bool = False) -> Score:
    """Read one of the examples, with the encoder or without, and score it."""
    gold: dict[str, Any] = json.loads((corpus.EXAMPLES / f"{name}.gold.json").read_bytes())
    path = corpus.EXAMPLES / gold["file"]
    reading = _reading(path, encoder=encoder)
    return score(reading, gold if path.suffix == ".txt" else locate(gold, reading["text"]))


def _reading(path: Path, *, encoder: bool = False) -> dict[str, Any]:
    reading: dict[str, Any] = json.loads(unsaid.read(path, encoder=encoder).to_json())
    return reading


def pool(scores: list[Score]) -> dict[str, float]:
    """The shares over all lines of several stories together."""
    lines, units = sum(s.n for s in scores), sum(s.units for s in scores)
    return {
        "found": sum(s.found for s in scores) / max(1, lines),
        "both": sum(s.both for s in scores) / max(1, lines),
        "addressees": sum(s.addressees for s in scores) / max(1, sum(s.addressed for s in scores)),
        "exact": sum(s.exact for s in scores) / max(1, sum(s.addressed for s in scores)),
        "precision": sum(s.real for s in scores) / max(1, units),
    }


def examples(*, encoder: bool = False) -> Table:
    """The examples of the project, scored by :mod:`benchmarks.score`."""
    scores = {name: score_example(name, encoder=encoder) for name in example_names()}
    rows: list[tuple[Cell, ...]] = [(name, s.n, *pool([s]).values(), _checks(s.story)) for name, s in scores.items()]
    every = list(scores.values())
    checks = [right for s in every for right in s.story.values()]
    rows.append(("**all**", sum(s.n for s in every), *pool(every).values(), f"{sum(checks)} of {len(checks)}"))
    return Table(f"The examples{ENCODED if encoder else ''}", COLUMNS, tuple(rows), NOTE)


ENCODED = ", with the encoder"


def shared_stories(*, encoder: bool = False) -> Table:
    """The stories of the shared folder, scored by its own ``story_score``."""
    rows: list[tuple[Cell, ...]] = []
    for path in sorted((corpus.shared() / "stories").glob("*.gold.json")):
        gold = json.loads(path.read_bytes())
        out, _ = corpus.scorer("story_score").score(_reading(path.parent / gold["file"], encoder=encoder), gold)
        n, addressed = out["n"], max(1, out["addressee_n"])
        shares = (out["found"] / n, out["both"] / n, out["addressee"] / addressed, None, float(out["precision"]))
        rows.append((path.name.removesuffix(".gold.json"), n, *shares, _checks(out["story"])))
    return Table(f"Three stories from the wild{ENCODED if encoder else ''}", COLUMNS, tuple(rows), NOTE)


def _checks(checks: dict[str, bool]) -> str:
    """``7 of 8 (not: person)``."""
    failed = [name for name, right in checks.items() if not right]
    return f"{len(checks) - len(failed)} of {len(checks)}" + (f" (not: {', '.join(failed)})" if failed else "")
