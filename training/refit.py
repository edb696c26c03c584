"""The last steps for the heads for speakers: fitted once more, on vectors as the shipped encoder gives them.

While the encoder learns, its heads run after it. Here it is done and in eight bits, novels are whole and undamaged, and
nothing but the heads changes: what the rules' chances are worth beside the encoder's is weighed on what will be read.
The epoch that names most lines of the novels kept back is taken, or none, if it is none.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import torch

from training.dialogues import pool_of, renamed
from training.figures import tally
from training.speakers import losses
from training.stretches import Stretch, stretches
from training.train import SEED, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tokenizers import Tokenizer

    from training.dialogues import Novel
    from training.speakers import Speakers
    from unsaid.encoder.heads import Floats

EPOCHS, RATES = 6, (3e-4, 5e-3)
"""Epochs at most, and the learning rates of the heads and of their tables, which fall in a straight line."""
_BATCH = 8  # stretches in a step


class Heard(msgspec.Struct, frozen=True):
    """A stretch, and the vectors of its words in 16 bits."""

    stretch: Stretch
    words: torch.Tensor


class Shares(msgspec.Struct, frozen=True):
    """Shares of turns: given to the gold speaker by the rules, alone and by both; spoken to whom gold says, twice."""

    ruled: float
    alone: float
    both: float
    told: float
    heard: float


def read(
    novels: Sequence[Novel], tokenizer: Tokenizer, vectors: Callable[[Sequence[int]], Floats], *, rename: bool
) -> Iterator[Heard]:
    """Read novels with an encoder, stretch by stretch.

    :param rename: under other names, so that none is learned by heart.
    """
    chance = random.Random(SEED)
    pool = pool_of(novels)
    for novel in novels:
        words = renamed(novel, pool, chance) if rename else novel.words.spelled
        for held in stretches(novel, words, tokenizer, None):
            found = [torch.tensor(vectors(w.ids)[list(w.at)], dtype=torch.float16) for w in held.windows]
            yield Heard(held, torch.cat(found))


def fit(heads: Speakers, taught: Sequence[Heard], kept: Sequence[Heard]) -> list[Shares]:
    """Fit the heads; returns how they do on what was kept back, before and after each epoch."""
    tables = list(heads.parameters(recurse=False))
    nets = [p for net in heads.children() for p in net.parameters()]
    groups = [{"params": nets, "lr": RATES[0]}, {"params": tables, "lr": RATES[1]}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = EPOCHS * (len(taught) // _BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, max(1, steps))
    chance = random.Random(SEED)
    found = [shares(heads, kept)]
    best = {name: array.clone() for name, array in heads.state_dict().items()}
    for _ in range(EPOCHS):
        order = chance.sample(taught, len(taught))
        for k in range(0, len(order) - _BATCH + 1, _BATCH):
            _step(heads, order[k : k + _BATCH], optimizer)
            schedule.step()
        now = shares(heads, kept)
        if now.both > max(one.both for one in found):
            best = {name: array.clone() for name, array in heads.state_dict().items()}
        found.append(now)
    heads.load_state_dict(best)
    return found


def _step(heads: Speakers, batch: Sequence[Heard], optimizer: torch.optim.Optimizer) -> None:
    heads.train()
    total = torch.zeros(())
    for one in batch:
        rows = one.stretch.rows
        for name, loss in losses(heads(one.words.float(), rows), rows, one.stretch.gold).items():
            total = total + WEIGHTS[name] * loss / len(batch)
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(heads.parameters(), 1.0)
    optimizer.step()


def shares(heads: Speakers, held: Sequence[Heard]) -> Shares:
    """How the heads do on stretches."""
    heads.eval()
    right: dict[str, list[bool]] = {name: [] for name in ("ruled", "alone", "speakers", "told", "heard")}
    with torch.no_grad():
        for one in held:
            tally(one.stretch, heads(one.words.float(), one.stretch.rows), right)
    return Shares(*(sum(values) / max(1, len(values)) for values in right.values()))
