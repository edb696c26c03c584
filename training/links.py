"""The second half of `make train`: links fitted over whole samples, on vectors as the shipped encoder gives them.

In training, windows are drawn from all samples, so that a mention never sees what stands in the window before. Here the
encoder is done, each sample's windows stand in order, and a mention is compared with those before it as the reader
compares them, across windows. Beside the samples stand stretches of novels, for the mentions whose meaning PDNC knows.
Nothing else of the model changes.
"""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
import torch

from training.litbank import Mention
from training.pages import alike, spell
from training.stretches import meant_in
from training.train import SEED, marginal
from unsaid.encoder import spelling
from unsaid.encoder.decode import BACK
from unsaid.encoder.windows import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tokenizers import Tokenizer

    from training.dialogues import Novel
    from training.heads import Heads
    from training.litbank import Sample
    from unsaid.encoder.heads import Floats
    from unsaid.encoder.model import Model

EPOCHS, RATE, DROPOUT = 12, 3e-4, 0.6
"""How the links are fitted over whole samples: the encoder knows these too well, so that most of a vector is left out.
On the six samples kept back 0.762 of the links are right; 0.744 after twenty epochs at 5e-4 and a dropout of 0.3."""
STRETCH = 6
"""Windows of a novel that are read as one stretch: about as many words as a sample has."""
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
    """A sample as the encoder has read it: vectors and mentions by window; all mentions' chains, labels, likeness.

    :ivar known: of which mentions gold knows the chain, where it does not know of all.
    """

    windows: tuple[Seen, ...]
    chain: torch.Tensor
    label: torch.Tensor
    alike: torch.Tensor
    known: torch.Tensor | None = None


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
        alike=alike(texts),
    )


def heard(novel: Novel, model: Model) -> Iterator[Read]:
    """Read a novel with the encoder as it is shipped, stretch by stretch; gold is whom its mentions mean."""
    if not novel.referents:
        return
    spelled = novel.words.spelled
    read = model.read(cut(model.pieces(spelled), novel.words.sentences))
    for windows in iter(lambda: tuple(islice(read, STRETCH)), ()):
        begin, end = windows[0][0].first, windows[-1][0].last
        meant = meant_in(novel.referents, spelled, begin, end)
        rows = torch.stack([meant.first, meant.last, meant.label, meant.who], 1).tolist()
        found = [Mention(*row) for row in rows]
        words = torch.cat([torch.from_numpy(vectors) for _, vectors in windows])
        if (meant.who >= 0).any():
            seen = Seen(words.half(), (), tuple(found), ())
            yield Read((seen,), meant.who, meant.label, meant.alike, meant.who >= 0)


def fit(heads: Heads, samples: Sequence[Read], novels: Sequence[Read] = (), *, epochs: int = EPOCHS) -> list[float]:
    """Fit the links of ``heads``; returns each epoch's mean loss.

    :param novels: stretches of which an epoch sees as many as there are samples.
    """
    own = [*heads.labels.parameters(), *heads.anaphor.parameters(), *heads.antecedent.parameters()]
    own += [*heads.apart.parameters(), *heads.alike.parameters(), *heads.none.parameters()]
    optimizer = torch.optim.AdamW(own, lr=RATE, weight_decay=0.01)
    steps = len(samples) + min(len(samples), len(novels))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * steps)
    chance = random.Random(SEED)
    means = []
    before, heads.drop.p = heads.drop.p, DROPOUT
    heads.train()
    for _ in range(epochs):
        drawn = [*samples, *chance.sample(novels, steps - len(samples))]
        total = 0.0
        for read in chance.sample(drawn, steps):
            kept = torch.tensor([i for i in range(len(read.chain)) if chance.random() >= _DROPPED])
            loss = loss_of(heads, read, kept)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        means.append(total / steps)
    heads.drop.p = before
    heads.eval()
    return means


def loss_of(heads: Heads, sample: Read, kept: torch.Tensor) -> torch.Tensor:
    """The loss over a sample's mentions, those alone that are ``kept``."""
    known = sample.known[kept] if sample.known is not None else None
    return marginal(scores_of(heads, sample, kept), sample.chain[kept], known)


def scores_of(heads: Heads, sample: Read, kept: torch.Tensor | None = None) -> torch.Tensor:
    """The scores of a sample's links, between all its mentions or those that are ``kept``."""
    kept = torch.arange(len(sample.chain)) if kept is None else kept
    both = [_keys(heads, window.words, window.mentions) for window in sample.windows if window.mentions]
    asked, offered = (torch.cat(keys)[kept] for keys in zip(*both, strict=True))
    return heads.links((asked, offered), sample.label[kept], sample.alike[kept][:, kept], BACK)


def _keys(heads: Heads, words: torch.Tensor, mentions: Sequence[Mention]) -> tuple[torch.Tensor, torch.Tensor]:
    first, last, label = (torch.tensor([getattr(m, of) for m in mentions]) for of in ("first", "last", "label"))
    return heads.keys(words.float(), first, last, label)
