"""`make train`: the encoder and its heads on LitBank, in one loss; goes on where it was stopped.

A step is a handful of windows drawn from all samples; each epoch cuts the samples anew from another word. Every epoch
is kept (`last.pt`), and a line of `log.jsonl` says how it went: losses, seconds, figures on the samples kept back.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from torch import nn

from training import figures
from training.data import BASE, SAMPLES, restore, tokenizer
from training.heads import Model
from training.litbank import HELD_OUT, KEPT_BACK, Sample
from training.pages import pages, spell
from unsaid.encoder.decode import BACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

    from training.pages import Page

BATCH = 5
RATES = (2e-4, 1e-3)
"""Learning rates of the encoder and of the heads, at their highest."""
WARM_UP, LEAST_RATE = 0.06, 0.02
"""Share of the steps in which the rates rise; what they fall to, as a share of the highest."""
WEIGHTS = {"mentions": 4.0, "events": 4.0, "links": 1.0}
SEED = 11
_BARRED = -5e3  # a score below it stands for a pair that is not compared
_FIRST = 200  # an epoch's windows begin at a random word before this one


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is trained on and where it is kept."""

    data: Path
    out: Path
    epochs: int = 8
    threads: int = 2


def losses(model: Model, batch: Sequence[Page]) -> dict[str, torch.Tensor]:
    """The mean loss of each head over a batch."""
    each = [_losses(model, words, page) for words, page in zip(vectors(model, batch), batch, strict=True)]
    return {name: torch.stack([held[name] for held in each]).mean() for name in WEIGHTS}


def vectors(model: Model, batch: Sequence[Page]) -> list[torch.Tensor]:
    """The vectors of each page's words."""
    longest = max(len(p.ids) for p in batch)
    ids = torch.tensor([[*p.ids, *[0] * (longest - len(p.ids))] for p in batch])
    attended = torch.tensor([[1] * len(p.ids) + [0] * (longest - len(p.ids)) for p in batch])
    return [held[p.at] for held, p in zip(model.encoder(ids, attended), batch, strict=True)]


def _losses(model: Model, words: torch.Tensor, page: Page) -> dict[str, torch.Tensor]:
    of = model.heads
    spans = nn.functional.cross_entropy(of.spans(words, page.first, page.last), page.classes, reduction="sum")
    events = nn.functional.binary_cross_entropy_with_logits(of.events(words), page.events)
    found = {"mentions": spans / len(words), "events": events, "links": _links(model, words, page)}
    return {name: WEIGHTS[name] * loss for name, loss in found.items()}


def _links(model: Model, words: torch.Tensor, page: Page) -> torch.Tensor:
    """The marginal likelihood of all right antecedents in the window (Lee et al. 2017)."""
    first, last, label, chain = page.mentions
    if len(first) < 2:
        return words.new_zeros(())
    keys = model.heads.keys(words, first, last, label)
    return marginal(model.heads.links(keys, label, page.alike, BACK), chain)


def marginal(scores: torch.Tensor, chain: torch.Tensor) -> torch.Tensor:
    """The loss of links: minus the log of the chance of all right antecedents together, or of none where there is none.

    :param chain: each mention's chain in gold.
    """
    right = (chain[:, None] == chain[None, :]) & (scores[:, 1:] > _BARRED)
    right = torch.cat([~right.any(-1, keepdim=True), right], -1)
    return (scores.logsumexp(-1) - scores.masked_fill(~right, -1e4).logsumexp(-1)).mean()


def rate(step: int, total: int) -> float:
    """The share of the highest learning rate at a step: it rises, then falls in a straight line."""
    return min((step + 1) / (WARM_UP * total), max(LEAST_RATE, (total - step) / ((1 - WARM_UP) * total)))


class Training:
    """A model under training, and how far it has come."""

    def __init__(self, model: Model, total: int) -> None:
        self.model, self.total = model, total
        groups = ((model.encoder, RATES[0]), (model.heads, RATES[1]))
        self.optimizer = torch.optim.AdamW(
            [{"params": part.parameters(), "lr": highest} for part, highest in groups], weight_decay=0.01
        )
        self.epoch = self.step = 0

    def learn(self, batch: Sequence[Page]) -> dict[str, float]:
        """One step; returns each head's loss."""
        self.model.train()
        for group, highest in zip(self.optimizer.param_groups, RATES, strict=True):
            group["lr"] = highest * rate(self.step, self.total)
        found = losses(self.model, batch)
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return {name: loss.item() for name, loss in found.items()}

    def keep(self, file: Path) -> None:
        """Write everything that going on needs; what stood there before stands until it is whole."""
        beside = file.with_suffix(".part")
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**state, "epoch": self.epoch, "step": self.step, "chance": torch.get_rng_state()}, beside)
        beside.replace(file)

    def go_on(self, file: Path) -> None:
        """Take over what :meth:`keep` wrote."""
        held: dict[str, Any] = torch.load(file, weights_only=True)
        self.model.load_state_dict(held["model"])
        self.optimizer.load_state_dict(held["optimizer"])
        self.epoch, self.step = held["epoch"], held["step"]
        torch.set_rng_state(held["chance"])  # dropout draws from it


def drawn(samples: Sequence[Sample], tokenizer: Tokenizer, epoch: int) -> list[list[Page]]:
    """An epoch's batches: the same ones whenever this epoch is drawn."""
    chance = random.Random(SEED * 1000 + epoch)
    every = [p for s in samples for p in pages(s, spell(s, tokenizer), begin=chance.randrange(_FIRST))]
    chance.shuffle(every)
    return [every[i : i + BATCH] for i in range(0, len(every) - BATCH + 1, BATCH)]


def main(options: Options) -> None:
    """Train from the beginning, or from where it was stopped, to the last epoch."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    options.out.mkdir(parents=True, exist_ok=True)
    samples = msgspec.msgpack.decode((options.data / SAMPLES).read_bytes(), type=list[Sample])
    pieces = tokenizer(options.data)
    taught = [s for s in samples if s.name not in (*HELD_OUT, *KEPT_BACK)]
    kept = [s for s in samples if s.name in KEPT_BACK]
    model = Model()
    model.encoder.load_state_dict(restore(options.data / BASE))
    training = Training(model, total=options.epochs * len(drawn(taught, pieces, 0)))
    if (options.out / "last.pt").exists():
        training.go_on(options.out / "last.pt")
    while training.epoch < options.epochs:
        began, sums = time.monotonic(), dict.fromkeys(WEIGHTS, 0.0)
        batches = drawn(taught, pieces, training.epoch)
        for batch in batches:
            for name, loss in training.learn(batch).items():
                sums[name] += loss / len(batches)
        training.epoch += 1
        training.keep(options.out / "last.pt")
        row = {"epoch": training.epoch, "loss": sums, "seconds": time.monotonic() - began}
        _log(options.out / "log.jsonl", row | figures.measure(model, kept, pieces))


def _log(file: Path, row: dict[str, Any]) -> None:
    line = json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
    with file.open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    print(line, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    main(Options(**vars(parser.parse_args())))
