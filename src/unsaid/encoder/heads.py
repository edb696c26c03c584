"""What the encoder's vectors are asked: mentions, events, and which earlier mention a mention takes up.

The shapes are those of :mod:`training.heads`, which fits the weights; a test holds the two to the same scores. ``w``
stands for words, ``s`` for spans, ``m`` for mentions, ``d`` for the encoder's width.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from unsaid.encoder.layer import KINDS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Halves = NDArray[np.float16]
    Ints = NDArray[np.int64]

WIDEST = 20
"""Words in the longest mention that is looked for: 99.5 in 100 of LitBank's are no longer."""
DISTANCES = (1, 2, 3, 4, 6, 9, 13, 20, 30, 45, 70, 110)
"""Upper bounds of the classes of how many mentions one mention stands behind another."""


class Mention(msgspec.Struct, frozen=True):
    """A mention among a window's words: ``first`` to ``last``, both within; its label's index in ``LABELS``.

    :ivar second: the label that is next likeliest, None being no mention; ``second_chance`` how likely.
    """

    first: int
    last: int
    label: int
    chance: float = 1.0
    second: int | None = None
    second_chance: float = 0.0


class Heads:
    """The heads' weights, by the names that training gives them.

    ``temperature`` is what the scores of mentions, events and links are divided by before they become chances (Guo et
    al. 2017), so that a chance is as often right as it says; it changes no decision.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Hold weights.

        :raises KeyError: if one is missing; :raises ValueError: if one has another shape than the labels ask for.
        """
        self._of = {name: np.asarray(weights[name], dtype=np.float32) for name in NAMES}
        classes = self._of["bilinear"].shape[0]
        if classes != len(LABELS) + 1 or self._of["length.weight"].shape != (WIDEST, classes):
            raise ValueError(f"heads for {classes - 1} labels, {len(LABELS)} wanted")
        self._turning = self._of["bilinear"].transpose(1, 0, 2).reshape(self._of["bilinear"].shape[1], -1)

    def spans(self, words: Floats, borders: Sequence[int]) -> tuple[Ints, Ints, Floats]:
        """Every span inside a sentence: first and last word, and scores (s, 1 + labels), class 0 being none.

        :param borders: where sentences begin and the last one ends.
        """
        of = self._of
        starts, ends = self._hidden("start", words), self._hidden("end", words)
        within = words @ of["inside.weight"].T + of["inside.bias"]
        held = np.concatenate([np.zeros_like(within[:1]), np.cumsum(within, axis=0, dtype=np.float32)])
        from_start = starts @ of["start_bias.weight"].T + of["start_bias.bias"] - held[:-1]
        from_end = ends @ of["end_bias.weight"].T + of["end_bias.bias"] + held[1:]
        classes, key = of["bilinear"].shape[:2]
        turned = starts @ self._turning  # (w, classes * key)
        firsts, lasts, scores = [], [], []
        for low, high in pairwise(borders):
            size = high - low
            every = turned[low:high].reshape(size * classes, key) @ ends[low:high].T
            first, last = _near(size)
            found = every.reshape(size, classes, size)[first, :, last] + of["length.weight"][last - first]
            found += from_start[low + first]
            found += from_end[low + last]
            found /= of["temperature"][0]
            firsts.append(low + first)
            lasts.append(low + last)
            scores.append(found)
        return np.concatenate(firsts), np.concatenate(lasts), np.concatenate(scores)

    def events(self, words: Floats) -> Floats:
        """How likely each word tells of an event: (w,)."""
        chances: Floats = 1 / (1 + np.exp(-self._odds("event", words) / self._of["temperature"][1]))
        return chances

    def spoken(self, words: Floats) -> Floats:
        """Log-odds that each word is spoken, in a story without quotation marks: (w,)."""
        return self._odds("spoken", words)

    def keys(self, words: Floats, mentions: Sequence[Mention]) -> tuple[Floats, Floats]:
        """What each mention asks for as an anaphor and offers as an antecedent: (m, key) twice."""
        of = self._of
        first = np.array([m.first for m in mentions], dtype=np.int64)
        last = np.array([m.last for m in mentions], dtype=np.int64)
        at = np.arange(len(words))
        inside = (at >= first[:, None]) & (at <= last[:, None])
        mean = inside.astype(np.float32) @ words / (last - first + 1)[:, None].astype(np.float32)
        label = of["labels.weight"][[m.label for m in mentions]]
        held = np.concatenate([words[first], words[last], mean, label], axis=1)
        return self._key("anaphor", held), self._key("antecedent", held)

    def links(self, asked: Floats, offered: Floats, kinds: Ints, apart: Ints, alike: Ints) -> Floats:
        """Log-chances (m, 1 + n): column 0 that a mention takes up none, column 1 + j that it takes up the j-th.

        :param asked: keys of mentions as anaphors (m, key); ``offered``: of those before them as antecedents (n, key).
        :param kinds: the pair's kinds, as :func:`pair_kinds` numbers them (m, n).
        :param apart: how many mentions one stands behind the other (m, n); below 1, it is none before it.
        :param alike: 2 where both have the same words, 1 where the last word is the same, else 0 (m, n).
        """
        of = self._of
        far = np.searchsorted(np.array(DISTANCES), apart)
        scores = asked @ offered.T / np.sqrt(np.float32(asked.shape[1]))
        scores = scores + of["apart.weight"][far, kinds] + of["alike.weight"][alike, kinds]
        scores = np.where(apart >= 1, scores, np.float32(-1e4))
        none = asked @ of["none.weight"].T + of["none.bias"]
        return log_softmax(np.concatenate([none, scores], axis=1) / of["temperature"][2])

    def _odds(self, name: str, words: Floats) -> Floats:
        """The one number that a head has for each word."""
        of = self._of
        odds: Floats = self._hidden(f"{name}.0", words) @ of[f"{name}.2.weight"][0] + of[f"{name}.2.bias"][0]
        return odds

    def _hidden(self, name: str, words: Floats) -> Floats:
        return gelu(words @ self._of[f"{name}.weight"].T + self._of[f"{name}.bias"])

    def _key(self, name: str, held: Floats) -> Floats:
        of = self._of
        hidden = gelu(held @ of[f"{name}.0.weight"].T + of[f"{name}.0.bias"])
        key: Floats = hidden @ of[f"{name}.2.weight"].T + of[f"{name}.2.bias"]
        return key


NAMES = (
    "start.weight start.bias end.weight end.bias bilinear start_bias.weight start_bias.bias end_bias.weight "
    "end_bias.bias length.weight inside.weight inside.bias event.0.weight event.0.bias event.2.weight event.2.bias "
    "labels.weight spoken.0.weight spoken.0.bias spoken.2.weight spoken.2.bias "
    "anaphor.0.weight anaphor.0.bias anaphor.2.weight anaphor.2.bias antecedent.0.weight antecedent.0.bias "
    "antecedent.2.weight antecedent.2.bias apart.weight alike.weight none.weight none.bias temperature"
).split()
"""Every array of the heads."""


def pair_kinds(anaphors: Sequence[Mention], antecedents: Sequence[Mention]) -> Ints:
    """A number for each pair of kinds (name, nominal, pronoun), anaphor first: (m, n)."""
    rows = np.array([m.label % len(KINDS) for m in anaphors], dtype=np.int64)
    columns = np.array([m.label % len(KINDS) for m in antecedents], dtype=np.int64)
    return rows[:, None] * len(KINDS) + columns[None, :]


@cache
def _near(size: int) -> tuple[Ints, Ints]:
    """First and last word of every span of a sentence of ``size`` words, by first, then by last."""
    first, last = np.triu_indices(size)
    near = last - first < WIDEST
    return first[near], last[near]


def gelu(x: Floats) -> Floats:
    """GELU as its tanh approximation (Hendrycks and Gimpel 2016), which is what the heads are trained with."""
    curve: Floats = (
        x * np.float32(0.5) * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)))
    )
    return curve


def log_softmax(scores: Floats) -> Floats:
    """Scores to log-chances, along the last axis."""
    top = scores - scores.max(axis=-1, keepdims=True)
    logs: Floats = top - np.log(np.exp(top).sum(axis=-1, keepdims=True))
    return logs
