"""`make audience`: the trees that tell to whom a line is spoken (``unsaid/voices/audience.json``).

Grown on what the second look is grown on. Each story is read with a second look that learned from the others alone, so
that its lines are as often wrong here as in a story that nobody knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm
import msgspec
import numpy as np

from benchmarks import corpus
from benchmarks.spread import side_by_side
from training import dialogues, rerank, wild
from training.trees import asked, finish, forest
from unsaid.voices.attribution import LEAST_CONFIDENCE, chances_of
from unsaid.voices.audience import FEATURES, LIKELY, Audience
from unsaid.voices.reranking import reranked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from training.dialogues import Novel
    from unsaid.voices.attribution import Talk
    from unsaid.voices.trees import Forest

TREES, LEAVES, RATE, LEAST_IN_LEAF, OF_FEATURES, RIDGE = 100, 15, 0.15, 300, 0.4, 5.0
"""Of ten settings, each story judged by what the others taught, none is better by more than what another seed does;
half as many trees lose a little."""
OF_STORIES = 2.0
"""What a line of a story of the wild sort weighs beside one of a novel: PDNC's gold names a whole company for many
lines that these stories' gold has spoken to one person, and there are three times as many of them."""
SEED = 1


class Line(msgspec.Struct, frozen=True):
    """A line as training sees it: the features of those around, and which of them it is spoken to."""

    story: str
    features: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]


def lines(what: str | Path, second_look: Forest) -> list[Line]:
    """The lines of a novel, or of a story, of which gold knows to whom they are spoken.

    :param second_look: the trees that it is read with.
    """
    if isinstance(what, str):
        read = dialogues.read(what, rerank.FIRST_ONLY)
        return _lines(what, read.lines.talk, dialogues.held(what, read), second_look)
    told = wild.read(what, rerank.FIRST_ONLY)
    return _lines(what.stem, told.lines.talk, wild.held(what, told), second_look)


def _lines(story: str, talk: Talk, gold: Novel, second_look: Forest) -> list[Line]:
    chances = reranked(talk, chances_of(talk, {}), grown=second_look)
    speakers = [_likely(held) for held in chances]
    around = Audience(talk, chances, speakers)
    found = []
    for i, heard in enumerate(gold.heard):
        features = around.of(i) if heard else {}
        if features:
            found.append(Line(story, tuple(features.values()), tuple(who in heard for who in features)))
    return found


def _likely(chances: Mapping[str, float]) -> str | None:
    best = max(chances, key=chances.__getitem__, default=None)
    return best if best is not None and chances[best] >= LEAST_CONFIDENCE else None


def grow(taught: Sequence[Line]) -> Forest:
    """Grow the trees."""
    stories = {line.story for line in taught} - set(corpus.novels())
    rows = np.array([held for line in taught for held in line.features])
    right = np.array([held for line in taught for held in line.right], dtype=float)
    weight = [OF_STORIES if line.story in stories else 1.0 for line in taught for _ in line.right]
    settings = {
        "objective": "binary", "num_leaves": LEAVES, "learning_rate": RATE, "seed": SEED,
        "min_data_in_leaf": LEAST_IN_LEAF, "feature_fraction": OF_FEATURES, "lambda_l2": RIDGE, "verbose": -1,
        "deterministic": True, "num_threads": 2,
    }  # fmt: skip
    data = lightgbm.Dataset(rows, right, weight=weight, feature_name=list(FEATURES))
    return forest(FEATURES, [lightgbm.train(settings, data, TREES)])


def named_and_right(grown: Forest, tried: Sequence[Line]) -> tuple[int, int, int]:
    """How many people are spoken to, how many are named so, and how many of them rightly."""
    meant = named = right = 0
    for line in tried:
        chances = [grown.chance(held) for held in line.features]
        here = [k for k, held in enumerate(chances) if held > LIKELY] or [int(np.argmax(chances))]
        meant, named = meant + sum(line.right), named + len(here)
        right += sum(line.right[k] for k in here)
    return meant, named, right


def tried(every: Sequence[Line]) -> str:
    """What the trees would do for stories that they were not grown on."""
    novels, stories = rerank.tried_apart(every, grow, named_and_right)
    return "; ".join(
        f"{name}: {meant} spoken to, {named} named, {right} rightly"
        for name, (meant, named, right) in (("novels", novels), ("wild", stories))
    )


def main() -> None:
    """Grow the trees and write them."""
    options = asked(__doc__)
    novels, stories = rerank.taught()
    told: list[str | Path] = [*novels, *stories]
    every = [line for found in side_by_side(lines, told, rerank.second_looks(told), jobs=2) for line in found]
    print(f"{len(every)} lines of {len(novels)} novels and {len(stories)} stories")
    finish(options, every, tried, grow)


if __name__ == "__main__":
    main()
