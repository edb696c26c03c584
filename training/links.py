"""The second half of `make train`: links fitted over whole samples, on vectors as the shipped encoder gives them.

In training, windows are drawn from all samples, so that a mention never sees what stands in the window before. Here the
encoder is done, each sample's windows stand in order, and a mention is compared with those before it as the reader
compares them, across windows. Nothing else of the model changes.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import torch

from training.litbank import Mention
from training.pages import same, spell
from training.train import SEED, marginal
from unsaid.encoder import spelling
from unsaid.encoder.decode import BACK
from unsaid.encoder.windows import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokenizers import Tokenizer

    from training.heads import Heads
    from training.litbank import Sample
    from unsaid.encoder.heads import Floats

EPOCHS, RATE, DROPOUT = 12, 3e-4, 0.6
"""How the links are fitted over whole samples: the encoder knows these too well, so that most of a vector is left out.
On the six samples kept back 0.762 of the links are right; 0.744 after twenty epochs at 5e-4 and a dropout of 0.3."""
_DROPPED = 0.05  # share of the mentions that are left out of a step: the reader does not find all of them either


class Seen(msgspec.Struct, frozen=True):
    """A window as the encoder has read it.

    :ivar words: the words' vectors; ``borders`` where its sentences begin, and the last one ends.
    :ivar mentions: gold's, counted from the window's first word; ``events`` whether each word tells of one.
    """

    words: torch.Tensor
    borders: tuple[int, ...]
    mentions: tuple[Mention, ...]
    events: tuple[bool, ...]


class Read(msgspec.Struct, frozen=True):
    """A sample as the encoder has read it: vectors and mentions by window; all mentions' chains, labels, likeness."""

    windows: tuple[Seen, ...]
    chain: torch.Tensor
    label: torch.Tensor
    alike: torch.Tensor


def read(sample: Sample, tokenizer: Tokenizer, vectors: Callable[[Sequence[int]], Floats]) -> Read:
    """Read a sample with an encoder."""
    held = []
    found: list[Mention] = []
    for window in cut(spell(sample, tokenizer), sample.sentences):
        a, b = window.first, window.last
        inside = [m for m in sample.mentions if a <= m.first and m.last < b]
        found += inside
        moved = tuple(msgspec.structs.replace(m, first=m.first - a, last=m.last - a) for m in inside)
        borders = {a, *(s for s in sample.sentences if a <= s < b), b}
        held.append(
            Seen(
                words=torch.tensor(vectors(window.ids)[list(window.at)]),
                borders=tuple(border - a for border in sorted(borders)),
                mentions=moved,
                events=tuple(i in sample.events for i in range(a, b)),
            )
        )
    texts = [" ".join(map(spelling, sample.words[m.first : m.last + 1])).lower() for m in found]
    return Read(
        windows=tuple(held),
        chain=torch.tensor([m.chain for m in found]),
        label=torch.tensor([m.label for m in found]),
        alike=same(texts) + same([text.rpartition(" ")[2] for text in texts]),
    )


def fit(heads: Heads, samples: Sequence[Read], *, epochs: int = EPOCHS) -> list[float]:
    """Fit the links of ``heads``; returns each epoch's mean loss."""
    own = [*heads.labels.parameters(), *heads.anaphor.parameters(), *heads.antecedent.parameters()]
    own += [*heads.apart.parameters(), *heads.alike.parameters(), *heads.none.parameters()]
    optimizer = torch.optim.AdamW(own, lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(samples))
    chance = random.Random(SEED)
    means = []
    before, heads.drop.p = heads.drop.p, DROPOUT
    heads.train()
    for _ in range(epochs):
        order = chance.sample(range(len(samples)), len(samples))
        total = 0.0
        for k in order:
            kept = torch.tensor([i for i in range(len(samples[k].chain)) if chance.random() >= _DROPPED])
            loss = loss_of(heads, samples[k], kept)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        means.append(total / len(samples))
    heads.drop.p = before
    heads.eval()
    return means


def loss_of(heads: Heads, sample: Read, kept: torch.Tensor) -> torch.Tensor:
    """The loss over a sample's mentions, those alone that are ``kept``."""
    return marginal(scores_of(heads, sample, kept), sample.chain[kept])


def scores_of(heads: Heads, sample: Read, kept: torch.Tensor | None = None) -> torch.Tensor:
    """The scores of a sample's links, between all its mentions or those that are ``kept``."""
    kept = torch.arange(len(sample.chain)) if kept is None else kept
    both = [_keys(heads, window.words, window.mentions) for window in sample.windows if window.mentions]
    asked, offered = (torch.cat(keys)[kept] for keys in zip(*both, strict=True))
    return heads.links((asked, offered), sample.label[kept], sample.alike[kept][:, kept], BACK)


def _keys(heads: Heads, words: torch.Tensor, mentions: Sequence[Mention]) -> tuple[torch.Tensor, torch.Tensor]:
    first, last, label = (torch.tensor([getattr(m, of) for m in mentions]) for of in ("first", "last", "label"))
    return heads.keys(words, first, last, label)
