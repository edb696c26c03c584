"""What the heads' scores are divided by, so that their chances are as often right as they say.

Guo et al. 2017, "On calibration of modern neural networks": one temperature for mentions, one for events, one for
links, each the one under which what is right is likeliest in samples that nothing was trained on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from training.links import scores_of
from training.train import marginal
from unsaid.encoder.decode import mentions
from unsaid.encoder.heads import Heads as Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from training.heads import Heads
    from training.links import Read

GRID = tuple(round(0.5 + 0.05 * k, 2) for k in range(71))


def temperatures(heads: Heads, samples: Sequence[Read]) -> tuple[float, float, float]:
    """The best temperatures of mentions, events and links over samples."""
    heads.temperature.fill_(1.0)
    reader = Reader({name: array.numpy() for name, array in heads.state_dict().items()})
    found, right = _mentions(reader, samples)
    odds, told = _events(reader, samples)
    with torch.no_grad():
        links = [(scores_of(heads, read), read.chain) for read in samples]
    return (
        _best(lambda t: _unlikely(_chances(found / t), right)),
        _best(lambda t: float(np.mean(np.logaddexp(0, np.where(told, -odds, odds) / t)))),
        _best(lambda t: sum(marginal(scores / t, chain).item() for scores, chain in links)),
    )


def _best(loss: Callable[[float], float]) -> float:
    return min(GRID, key=loss)


def _mentions(reader: Reader, samples: Sequence[Read]) -> tuple[np.ndarray, np.ndarray]:
    """The scores of every mention that the reader finds, its own label's first; and which of them are gold's."""
    rows, right = [], []
    for window in (w for read in samples for w in read.windows):
        first, last, scores = reader.spans(window.words.numpy(), window.borders)
        at = {span: k for k, span in enumerate(zip(first.tolist(), last.tolist(), strict=True))}
        gold = {(m.first, m.last, m.label) for m in window.mentions}
        for m in mentions(first, last, scores):
            row = scores[at[m.first, m.last]]
            rows.append(np.concatenate([row[[m.label + 1]], np.delete(row, m.label + 1)]))
            right.append((m.first, m.last, m.label) in gold)
    return np.array(rows), np.array(right)


def _chances(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: np.ndarray = shares[:, 0] / shares.sum(axis=1)
    return chances


def _unlikely(chances: np.ndarray, right: np.ndarray) -> float:
    kept = np.clip(chances, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.log(np.where(right, kept, 1 - kept))))


def _events(reader: Reader, samples: Sequence[Read]) -> tuple[np.ndarray, np.ndarray]:
    """The log-odds of every word that it tells of an event, and whether it does."""
    windows = [w for read in samples for w in read.windows]
    chances = np.concatenate([reader.events(w.words.numpy()) for w in windows])
    kept = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept)), np.concatenate([w.events for w in windows])
