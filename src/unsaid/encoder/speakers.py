"""Who speaks a turn, and to whom, as the encoder's vectors have it; beside what the rules make of it.

A reading asks for speakers alone: to whom a line is spoken is known better without (:mod:`unsaid.voices.audience`). The
heads for it are trained with the others, and kept.

The shapes are those of :mod:`training.speakers`, which fits the weights; a test holds the two to the same scores. ``r``
stands for rows, a turn and one who may speak it (:mod:`unsaid.encoder.dialogue`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from unsaid.encoder.dialogue import NEIGHBOURS, PLACES, RULES, SORTS, again, arrays, by_turn
from unsaid.encoder.heads import gelu
from unsaid.encoder.layer import Said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.encoder.dialogue import Arrays
    from unsaid.encoder.heads import Floats, Halves, Ints
    from unsaid.encoder.layer import Dialogue

_LAYERS = ("turn.0", "turn.2", "mention.0", "mention.2")
NAMES = (
    *(f"{layer}.{part}" for layer in _LAYERS for part in ("weight", "bias")),
    *("place", "absent", "near", "rule", "told", "even", "weight"),
)
"""Every array of the heads for speakers, as they are named among the heads' arrays behind ``PREFIX``."""
PREFIX = "speakers."
PASSES = 2
"""How often the turns are asked: the second time, their neighbours are spoken by whom the first one made likeliest.
On the two novels that choices were made on, two are right in 0.897 of the turns, one in 0.893, three in 0.895 (with the
weights before these)."""
SPOKEN, HEARD = 0, 1
"""Where the weights for speakers and for addressees stand along their first axis."""


class SpeakerHeads:
    """The weights of the heads for speakers and addressees, by the names that training gives them."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Hold weights.

        :raises KeyError: if one is missing; :raises ValueError: if one has another shape than the arrays ask for.
        """
        self._of = {name: np.asarray(weights[PREFIX + name], dtype=np.float32) for name in NAMES}
        shapes = {
            "place": (2, PLACES, SORTS),
            "near": (2, NEIGHBOURS),
            "rule": (2, len(RULES)),
            "weight": (2, len(RULES)),
        }
        for name, shape in shapes.items():
            if self._of[name].shape != shape:
                raise ValueError(f"heads for speakers: {name} is {self._of[name].shape}, {shape} wanted")
        self._near = (self._of["turn.2.bias"].shape[0] - self._of["mention.2.bias"].shape[0]) // 4

    def hear(self, dialogue: Dialogue, starts: Sequence[int], words: Floats | Halves) -> Said:
        """What is said of a dialogue.

        :param starts: the code point at which each word starts; ``words`` their vectors (words, width).
        """
        if not any(dialogue.chances):
            none: tuple[dict[str, float], ...] = tuple({} for _ in dialogue.turns)
            return Said(none, none)
        rows = arrays(dialogue, starts)
        asked, offered = self.keys(words, rows)
        alone = self._mentioned(asked, offered, rows, SPOKEN)
        both = self._with_rules(alone, asked, rows, SPOKEN)
        for _ in range(PASSES - 1):
            rows = again(rows, msgspec.structs.replace(dialogue, chances=_chances(rows, both)))
            both = self._with_rules(alone, asked, rows, SPOKEN)
        return Said(by_turn(rows, alone), _chances(rows, both))

    def scores(self, keys: tuple[Floats, Floats], rows: Arrays) -> tuple[Floats, Floats]:
        """Scores (2, r), speakers then addressees: by the encoder alone, and with the rules.

        :param keys: of :meth:`keys`.
        """
        asked, offered = keys
        alone = [self._mentioned(asked, offered, rows, k) for k in (SPOKEN, HEARD)]
        both = [self._with_rules(alone[k], asked, rows, k) for k in (SPOKEN, HEARD)]
        return np.stack(alone), np.stack(both)

    def _with_rules(self, alone: Floats, asked: Floats, rows: Arrays, k: int) -> Floats:
        """What the mentions around say, and the turns around, and the rules."""
        both: Floats = self._of["weight"][k][rows.rule[rows.row_turn]] * alone + self._further(asked, rows, k)
        return both

    def keys(self, words: Floats | Halves, rows: Arrays) -> tuple[Floats, Floats]:
        """What turns ask for (t, key), and what mentions offer (m, key).

        :param words: the vectors of the story's words (words, width).
        """
        first, last = rows.turns.T
        mean = np.stack([words[a:b].mean(axis=0, dtype=np.float32) for a, b in rows.turns.tolist()])
        before, behind = np.maximum(first - 1, 0), np.minimum(last, len(words) - 1)
        held = [words[first], words[last - 1], mean, words[before], words[behind]]
        cued = (rows.cue[:, :1] >= 0).astype(np.float32)
        held += [words[rows.cue[:, 0]] * cued, words[rows.cue[:, 1]] * cued]
        asked = self._through("turn", np.concatenate(held, axis=1, dtype=np.float32))
        begin, end = rows.mentions.T
        return asked, self._through("mention", np.concatenate([words[begin], words[end - 1]], 1, dtype=np.float32))

    def _mentioned(self, asked: Floats, offered: Floats, rows: Arrays, k: int) -> Floats:
        """What the mentions of each row's person say together."""
        key = offered.shape[1] // 2
        ours, theirs = asked[:, k * key : (k + 1) * key], offered[:, k * key : (k + 1) * key]
        scores = _products(ours, rows.row_turn[rows.pair_row], theirs, rows.pair_mention)
        scores = scores + self._of["place"][k][rows.pair_place, rows.pair_sort]
        ground = np.full(len(rows.row_turn), self._of["absent"][k], dtype=np.float32)
        top = ground.copy()
        np.maximum.at(top, rows.pair_row, scores)
        total = np.exp(ground - top)
        np.add.at(total, rows.pair_row, np.exp(scores - top[rows.pair_row]))
        summed: Floats = top + np.log(total)
        return summed

    def _further(self, asked: Floats, rows: Arrays, k: int) -> Floats:
        """What the turns around say, by who the rules think speaks them; and what the rules say of the turn itself."""
        of = self._of
        begin = asked.shape[1] - 4 * self._near + 2 * k * self._near
        ours, theirs = asked[:, begin : begin + self._near], asked[:, begin + self._near : begin + 2 * self._near]
        weight = _products(ours, rows.row_turn[rows.near_row], theirs, rows.near_turn) + of["near"][k][rows.near_class]
        known = np.zeros(len(rows.row_turn), dtype=np.float32)
        np.add.at(known, rows.near_row, weight * rows.near_chance)
        ruled = of["rule"][k][rows.rule[rows.row_turn]] * rows.row_log
        added: Floats = known + ruled + of["told"][k] * rows.row_told + of["even"][k]
        return added

    def _through(self, name: str, held: Floats) -> Floats:
        of = self._of
        hidden = gelu(held @ of[f"{name}.0.weight"].T + of[f"{name}.0.bias"])
        key: Floats = hidden @ of[f"{name}.2.weight"].T + of[f"{name}.2.bias"]
        return key


def _chances(rows: Arrays, both: Floats) -> tuple[dict[str, float], ...]:
    """What log-scores make of the chances of each turn's candidates."""
    found = []
    for logs in by_turn(rows, both):
        top = max(logs.values(), default=0.0)
        mass = {who: math.exp(score - top) for who, score in logs.items()}
        total = sum(mass.values())
        found.append({who: held / total for who, held in mass.items()})
    return tuple(found)


class StoryVectors:
    """What the encoder has read of a story, kept until its lines are known, and can then be asked who says them.

    :ivar starts: the code point at which each word of the story starts.
    """

    def __init__(self, heads: SpeakerHeads, starts: Sequence[int], windows: Sequence[Halves]) -> None:
        """Keep the vectors of a story's words, which come window by window, in 16 bits."""
        self.starts = starts
        self._heads = heads
        self._words: Halves = np.concatenate(windows) if windows else np.zeros((0, 0), np.float16)

    def hear(self, dialogue: Dialogue) -> Said:
        """What the encoder says of the story's dialogue."""
        return self._heads.hear(dialogue, self.starts, self._words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoryVectors) and np.array_equal(self._words, other._words)

    __hash__ = None  # type: ignore[assignment]


_AT_ONCE = 65536  # pairs whose keys are multiplied together: what they need at once stays small


def _products(ours: Floats, at: Ints, theirs: Floats, to: Ints) -> Floats:
    """The product of each pair of keys, by the root of their width as in attention."""
    found = np.empty(len(at), dtype=np.float32)
    for k in range(0, len(at), _AT_ONCE):
        some = slice(k, k + _AT_ONCE)
        found[some] = np.einsum("pk,pk->p", ours[at[some]], theirs[to[some]])
    return found / np.float32(np.sqrt(ours.shape[1]))
