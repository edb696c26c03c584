"""The floors that the examples' readings must reach (``tests/gate.json``): they rise, and do not fall by accident.

A floor is what was measured less one line: no reading depends on chance, but what mends ten lines may cost one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from benchmarks import corpus, ledger, wild
from benchmarks.stories import example_names, pool, score_example

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.score import Score

PATH = corpus.ROOT / "tests" / "gate.json"
Floors = dict[str, dict[str, float]]
POOLED = ("both", "precision", "addressees", "exact")
"""What is held of the examples as they are read with the encoder, and of the stories of the wild sort."""


class LoweredError(corpus.BenchmarkError):
    """Floors that would fall, without anybody having said that they may."""


def corpus_hash() -> str:
    """The digest of the examples and their gold: floors hold for these and no others."""
    digest = hashlib.sha256()
    for path in sorted(corpus.EXAMPLES.glob("*.*")):
        if path.suffix != ".py":
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def measured(*, encoder: bool = False) -> dict[str, Score]:
    """Every example's score as it is now, read with the encoder or without."""
    return {name: score_example(name, encoder=encoder) for name in example_names()}


def floors_of(scores: dict[str, Score], *, less: int = 1) -> Floors:
    """The floors that scores allow: each example's own, and "all" for every line together.

    :param less: how many lines a floor lies below its score; with 0, what is reached.
    """
    floors = {name: _floor([score], less) for name, score in scores.items()}
    return {**floors, "all": _floor(list(scores.values()), less)}


def _floor(scores: list[Score], less: int) -> dict[str, float]:
    shares = pool(scores)
    line = less / max(1, sum(s.n for s in scores))
    return _below(shares, ("both", "precision"), line)


def _below(shares: Mapping[str, float], which: Sequence[str], less: float) -> dict[str, float]:
    """Shares less something, cut to three digits, none below zero."""
    return {name: max(0.0, int((shares[name] - less) * 1000) / 1000) for name in which}


def renew(old: Floors, new: Floors, *, lower: bool, reached: Floors | None = None) -> Floors:
    """The floors to keep: the higher of old and new, of what there still is.

    :param reached: what is measured; an old floor that it still reaches stays. By default the new floors.
    :param lower: take the new ones even where they are lower.
    :raises LoweredError: if an old floor is no longer reached; names each.
    """
    if lower:
        return new
    reached = reached or new
    fallen = [
        f"{name} {which}: {floor} > {reached[name][which]}"
        for name, floors in old.items()
        if name in new
        for which, floor in floors.items()
        if reached[name][which] < floor
    ]
    if fallen:
        raise LoweredError(f"floors would fall ({'; '.join(fallen)}); mend the rules, or say --lower and why")
    return {name: {w: max(f, old.get(name, {}).get(w, f)) for w, f in floors.items()} for name, floors in new.items()}


def encoded_floors(scores: dict[str, Score], *, less: float = 0.02) -> Floors:
    """The floors for all examples together as they are read with the encoder, addressees among them.

    :param less: how far below what is measured: the last digits of eight-bit numbers differ between processors, and a
        line whose two likeliest speakers are near each other with them.
    """
    shares = pool(list(scores.values()))
    return {"all": _below(shares, POOLED, less)}


def load() -> dict[str, Any]:
    """The gate as it is kept."""
    gate: dict[str, Any] = json.loads(PATH.read_bytes())
    return gate


def measured_ledgers() -> dict[str, float]:
    """F1 over all kinds of the ledger's entries, for each half."""
    return {half or "examples": ledger.every(ledger.measure(half)[0]).f1 for half in ledger.HALVES}


def ledger_floors(measured: dict[str, float], *, less: float = 0.01) -> Floors:
    """The floors for the ledger: what is measured less what one entry in a hundred makes.

    :param less: with 0, what is reached.
    """
    return {name: _below({"f1": f1}, ("f1",), less) for name, f1 in measured.items()}


def measured_wild() -> dict[str, list[Score]]:
    """The scores of the stories of the wild sort, by the rules alone: those looked at, and those that nobody reads."""
    return {half or "looked at": [wild.score_story(path) for path in wild.paths(half)] for half in wild.HALVES}


def wild_floors(measured: dict[str, list[Score]], *, less: float = 0.005) -> Floors:
    """The floors for the stories of the wild sort, a half at a time: what is measured less half a line in a hundred.

    :param less: with 0, what is reached.
    """
    pooled = {name: pool(scores) for name, scores in measured.items()}
    return {name: _below(shares, POOLED, less) for name, shares in pooled.items()}


def save(floors: Floors, encoded: Floors, ledgers: Floors, wilds: Floors) -> None:
    """Keep floors for the examples as they are."""
    gate = {"corpus": corpus_hash(), "examples": floors, "encoder": encoded, "ledger": ledgers, "wild": wilds}
    PATH.write_text(json.dumps(gate, indent=2) + "\n", encoding="utf-8")
