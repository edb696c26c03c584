"""`make minds`: the trees that tell whose a thought is (``unsaid/voices/minds.json``).

Grown on the stories of the wild sort that the second look is grown on: PDNC marks no thoughts but in quotation marks.
Each story is read with a second look that learned from the others alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightgbm
import msgspec
import numpy as np

from benchmarks.spread import side_by_side
from training import rerank, wild
from training.trees import asked, finish, forest
from unsaid.voices.attribution import attribute
from unsaid.voices.minds import FEATURES, Minds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from unsaid.story import Utterance
    from unsaid.voices.trees import Forest

TREES, LEAVES, RATE, LEAST_IN_LEAF, OF_FEATURES, RIDGE = 100, 4, 0.1, 20, 0.5, 5.0
"""There is little to learn from: of six settings, each story judged by what the others taught, those with few leaves
are as good as any."""
SEEDS = (1, 2, 3)


class Thought(msgspec.Struct, frozen=True):
    """A thought as training sees it: the features of those who may think it, which of them are right, and the guess.

    :ivar guessed: which one the rules give it to.
    """

    story: str
    features: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]
    guessed: int | None


def thoughts(path: Path, second_look: Forest) -> list[Thought]:
    """The thoughts of a story that are found, are in its gold, and have no thinker by a cue.

    :param second_look: the trees that it is read with.
    """
    lines = wild.read(path, rerank.FIRST_ONLY).lines
    minds = Minds(lines.field, lines.thoughts, attribute(lines.talk, grown=second_look))
    gold = wild.thinkers(path, lines.field.cast.characters)
    found = []
    for i, thought in enumerate(minds.guesser.thoughts):
        right = _over(gold, thought)
        features = minds.of(i) if right and minds.is_open(i) else {}
        if features:
            whose = [who in right for who in features]
            guess = minds.guesser.guesses[i].who
            guessed = list(features).index(guess) if guess in features else None
            found.append(Thought(path.stem, tuple(features.values()), tuple(whose), guessed))
    return found


def _over(gold: Sequence[tuple[int, int, frozenset[str]]], thought: Utterance) -> frozenset[str]:
    """Those who think the gold thought of which half or more is found."""
    for start, end, who in gold:
        if 2 * (min(thought.end, end) - max(thought.start, start)) >= end - start:
            return who
    return frozenset()


def grow(taught: Sequence[Thought]) -> Forest:
    """Grow the trees, once for each seed."""
    taught = [thought for thought in taught if any(thought.right)]
    rows = np.array([held for thought in taught for held in thought.features])
    right = np.array([held for thought in taught for held in thought.right], dtype=float)
    settings = {
        "objective": rerank.softmax([len(thought.right) for thought in taught], right), "num_leaves": LEAVES,
        "learning_rate": RATE, "min_data_in_leaf": LEAST_IN_LEAF, "feature_fraction": OF_FEATURES, "lambda_l2": RIDGE,
        "verbose": -1, "deterministic": True, "num_threads": 2,
    }  # fmt: skip
    grown = [
        lightgbm.train({**settings, "seed": seed}, lightgbm.Dataset(rows, right, feature_name=list(FEATURES)), TREES)
        for seed in SEEDS
    ]
    return forest(FEATURES, grown)


def counted(grown: Forest, tried: Sequence[Thought]) -> tuple[int, int]:
    """How many thoughts are right by the rules' guess, and by the trees."""
    guessed = sum(thought.guessed is not None and thought.right[thought.guessed] for thought in tried)
    chosen = (int(np.argmax([grown.score(held) for held in thought.features])) for thought in tried)
    return guessed, sum(thought.right[k] for k, thought in zip(chosen, tried, strict=True))


def tried(every: Sequence[Thought]) -> str:
    """What the trees would do for stories that they were not grown on."""
    _, (guessed, weighed) = rerank.tried_apart(every, grow, counted)
    return f"of {len(every)} thoughts {guessed} right by what stands beside them, {weighed} weighed"


def main() -> None:
    """Grow the trees and write them."""
    options = asked(__doc__)
    novels, told = rerank.taught()
    looks = rerank.second_looks([*novels, *told])[len(novels) :]
    every = [thought for found in side_by_side(thoughts, told, looks, jobs=2) for thought in found]
    print(f"{len(every)} thoughts of {len({thought.story for thought in every})} stories")
    finish(options, every, tried, grow)


if __name__ == "__main__":
    main()
