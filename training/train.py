"""`make train`: the encoder and its heads on LitBank and PDNC, in one loss; goes on where it was stopped.

A step is two stretches of novels, for speakers, addressees and whom people's mentions mean, and three windows of
LitBank's samples, for all else. An epoch goes over all of PDNC's novels once, and over some stretches of books that
nobody has marked, each cut anew from another word and under other names. What a run has learned is kept now and then
(`last.pt`), and a line of `log.jsonl` says how each epoch went: losses, seconds, figures on what was kept back.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from torch import nn

from training import distant, figures, speakers, wild
from training.data import BASE, SAMPLES, novels, restore, tokenizer
from training.dialogues import SCALED, is_renamed, pool_of, renamed, sort_of
from training.heads import Model
from training.litbank import HELD_OUT, KEPT_BACK, Sample
from training.pages import Page, pages, spell
from training.stretches import Meant, Stretch, stretches
from unsaid.encoder import LABELS
from unsaid.encoder.decode import BACK
from unsaid.encoder.windows import LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokenizers import Tokenizer

    from training.dialogues import Novel, Sort

STRETCHES, PAGES = 2, 3
"""Of each in a step."""
AGAIN, FAR = 2, 2400
"""How often an epoch goes over each story of the wild sort, which is a hundredth of a novel; and how many stretches of
books that nobody has marked it has, of some 5,500: twice as many as of PDNC's novels."""
RATES = (2e-4, 1e-3, 2e-2)
"""Learning rates of the encoder, of the heads, and of the speakers' tables (one number a class), at their highest."""
WARM_UP, LEAST_RATE = 0.06, 0.02
"""Share of the steps in which the rates rise; what they fall to, as a share of the highest."""
WEIGHTS = {
    "mentions": 4.0,
    "events": 4.0,
    "links": 1.0,
    "meant": 1.0,
    "speakers": 1.0,
    "alone": 1.0,
    "addressees": 1.0,
    "spoken": 1.0,
}
SEED = 11
KEPT_EVERY = 100
"""Steps until what was learned is kept: some minutes' work is lost by a kill at most."""
_RENAMED = 0.8  # share of the times a novel or a sample is read under other names
_BARRED = -5e3  # a score below it stands for a pair that is not compared
_FEW = 0.3  # lines that a stretch counts as having where it is asked for none
_FIRST = 200  # an epoch's windows begin at a random word before this one


class Batch(msgspec.Struct, frozen=True):
    """What is learned from in one step."""

    pages: tuple[Page, ...] = ()
    stretches: tuple[Stretch, ...] = ()


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is trained on and where it is kept."""

    data: Path
    out: Path
    epochs: int = 5
    threads: int = 2


def losses(model: Model, batch: Batch) -> dict[str, torch.Tensor]:
    """The mean loss of each head over a batch, weighted."""
    windows = [page.ids for page in batch.pages] + [w.ids for one in batch.stretches for w in one.windows]
    read = iter(vectors(model, windows))
    each = [_losses(model, next(read)[page.at], page) for page in batch.pages]
    for one in batch.stretches:
        words = torch.cat([next(read)[list(window.at)] for window in one.windows])
        each.append(speakers.losses(model.speakers(words, one.rows), one.rows, one.gold))
        if (one.meant.who >= 0).any():
            each.append({"meant": _meant(model, words, one.meant)})
        if one.spoken is not None:
            heard = model.heads.speech(words)
            each.append({"spoken": nn.functional.binary_cross_entropy_with_logits(heard, one.spoken)})
    names = [name for name in WEIGHTS if any(name in held for held in each)]
    return {name: WEIGHTS[name] * torch.stack([held[name] for held in each if name in held]).mean() for name in names}


def vectors(model: Model, windows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
    """The vectors of the wordpieces of each window; the encoder reckons in 16 bits, which is a third faster."""
    ids = torch.tensor([[*window, *[0] * (LENGTH - len(window))] for window in windows])  # a new shape costs seconds
    attended = torch.tensor([[1] * len(window) + [0] * (LENGTH - len(window)) for window in windows])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        read = model.encoder(ids, attended)
    return list(read.float())


def _losses(model: Model, words: torch.Tensor, page: Page) -> dict[str, torch.Tensor]:
    of = model.heads
    spans = nn.functional.cross_entropy(of.spans(words, page.first, page.last), page.classes, reduction="sum")
    events = nn.functional.binary_cross_entropy_with_logits(of.events(words), page.events)
    return {"mentions": spans / len(words), "events": events, "links": _links(model, words, page)}


def _links(model: Model, words: torch.Tensor, page: Page) -> torch.Tensor:
    """The marginal likelihood of all right antecedents in the window (Lee et al. 2017)."""
    first, last, label, chain = page.mentions
    if len(first) < 2:
        return words.new_zeros(())
    keys = model.heads.keys(words, first, last, label)
    return marginal(model.heads.links(keys, label, page.alike, BACK), chain)


def _meant(model: Model, words: torch.Tensor, of: Meant) -> torch.Tensor:
    """The same over a stretch of a novel, for the mentions of which gold says whom they mean."""
    keys = model.heads.keys(words, of.first, of.last, of.label)
    return marginal(model.heads.links(keys, of.label, of.alike, BACK), of.who, of.who >= 0)


def marginal(scores: torch.Tensor, chain: torch.Tensor, known: torch.Tensor | None = None) -> torch.Tensor:
    """The loss of links: minus the log of the chance of all right antecedents together, or of none where there is none.

    :param chain: each mention's chain in gold.
    :param known: of which mentions gold knows it, where it does not know of all. The others are as if they were not
        there; and what takes up none of the known ones before it may take up one of them, so that it is not asked.
    """
    right = (chain[:, None] == chain[None, :]) & (scores[:, 1:] > _BARRED)
    if known is not None:
        scores = torch.cat([scores[:, :1], scores[:, 1:].masked_fill(~known, 2 * _BARRED)], -1)
        right = right & known
        asked = known & right.any(-1)
        if not asked.any():
            return scores.sum() * 0.0
        scores, right = scores[asked], right[asked]
    right = torch.cat([~right.any(-1, keepdim=True), right], -1)
    return (scores.logsumexp(-1) - scores.masked_fill(~right, 2 * _BARRED).logsumexp(-1)).mean()


def rate(step: int, total: int) -> float:
    """The share of the highest learning rate at a step: it rises, then falls in a straight line."""
    return min((step + 1) / (WARM_UP * total), max(LEAST_RATE, (total - step) / ((1 - WARM_UP) * total)))


class Training:
    """A model under training, and how far it has come: ``done`` steps of this epoch, ``step`` in all."""

    def __init__(self, model: Model, total: int) -> None:
        self.model, self.total = model, total
        tables = list(model.speakers.parameters(recurse=False))
        nets = [*model.heads.parameters(), *(p for net in model.speakers.children() for p in net.parameters())]
        groups = ([p for p in model.encoder.parameters() if p.requires_grad], nets, tables)
        self.optimizer = torch.optim.AdamW(
            [{"params": group, "lr": highest} for group, highest in zip(groups, RATES, strict=True)], weight_decay=0.01
        )
        self.epoch = self.step = self.done = 0

    def learn(self, batch: Batch) -> dict[str, float]:
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
        self.done += 1
        return {name: loss.item() for name, loss in found.items()}

    def keep(self, file: Path) -> None:
        """Write everything that going on needs; what stood there before stands until it is whole."""
        beside = file.with_suffix(".part")
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(
            {**state, "epoch": self.epoch, "step": self.step, "done": self.done, "chance": torch.get_rng_state()},
            beside,
        )
        beside.replace(file)

    def go_on(self, file: Path) -> None:
        """Take over what :meth:`keep` wrote."""
        held: dict[str, Any] = torch.load(file, weights_only=True)
        self.model.load_state_dict(held["model"])
        self.optimizer.load_state_dict(held["optimizer"])
        self.epoch, self.step, self.done = held["epoch"], held["step"], held["done"]
        torch.set_rng_state(held["chance"])  # dropout draws from it


def drawn(samples: Sequence[Sample], taught: Sequence[Novel], tokenizer: Tokenizer, epoch: int) -> list[Batch]:
    """An epoch's batches: the same ones whenever this epoch is drawn."""
    chance = random.Random(SEED * 1000 + epoch)
    pool = pool_of(taught)
    held: list[Stretch] = []
    far: list[Stretch] = []
    for novel in (n for n in taught for _ in range(AGAIN if n.name.startswith(wild.PREFIX) else 1)):
        words = novel.words.spelled
        if chance.random() < _RENAMED:
            words = renamed(words, novel.names, pool, chance)
        cut = stretches(novel, words, tokenizer, chance, begin=chance.randrange(_FIRST))
        (far if novel.name.startswith(distant.PREFIX) else held).extend(cut)
    held += _rich(far, chance)
    chance.shuffle(held)
    further = _pages(samples, pool, tokenizer, chance)
    return [
        Batch(tuple(islice(further, PAGES)), tuple(held[i : i + STRETCHES]))
        for i in range(0, len(held) - STRETCHES + 1, STRETCHES)
    ]


def _rich(far: Sequence[Stretch], chance: random.Random) -> list[Stretch]:
    """``FAR`` stretches, each the likelier the more lines are asked in it (Efraimidis and Spirakis 2006)."""
    asked = [max(_FEW, float(stretch.gold.ruled.sum())) for stretch in far]
    order = sorted(range(len(far)), key=lambda k: -(chance.random() ** (1 / asked[k])))
    return [far[k] for k in order[:FAR]]


def _pages(
    samples: Sequence[Sample], pool: Mapping[Sort, Sequence[str]], tokenizer: Tokenizer, chance: random.Random
) -> Iterator[Page]:
    """The samples' windows in random order, over and over, each time cut from another word and under other names."""
    for _ in repeat(None):
        every: list[Page] = []
        for sample in samples:
            held = sample
            if chance.random() < _RENAMED:
                words = renamed(held.words, names_in(held), pool, chance)
                held = msgspec.structs.replace(held, words=words)
            every += pages(held, spell(held, tokenizer), begin=chance.randrange(_FIRST))
        chance.shuffle(every)
        yield from every


def names_in(sample: Sample) -> dict[str, Sort]:
    """The words of its people's names, without titles, and what each is."""
    named = [m for m in sample.mentions if LABELS[m.label] == ("PER", "name")]
    words = (word for m in named for word in sample.words[m.first : m.last + 1])
    return {word: sort_of(word) for word in words if is_renamed(word)}


def main(options: Options) -> None:
    """Train from the beginning, or from where it was stopped, to the last epoch."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    options.out.mkdir(parents=True, exist_ok=True)
    samples = msgspec.msgpack.decode((options.data / SAMPLES).read_bytes(), type=list[Sample])
    pieces = tokenizer(options.data)
    taught = [s for s in samples if s.name not in (*HELD_OUT, *KEPT_BACK)]
    kept = [s for s in samples if s.name in KEPT_BACK]
    every = novels(options.data)
    apart = {*SCALED, *wild.KEPT}
    read, held = [n for n in every if n.name not in apart], [n for n in every if n.name in SCALED]
    model = Model()
    model.encoder.load_state_dict(restore(options.data / BASE))
    for table in (model.encoder.words, model.encoder.positions):  # half of all weights, and fiction has no new words
        table.weight.requires_grad_(False)
    training = Training(model, total=options.epochs * len(drawn(taught, read, pieces, 0)))
    if (options.out / "last.pt").exists():
        training.go_on(options.out / "last.pt")
    while training.epoch < options.epochs:
        row = _epoch(training, drawn(taught, read, pieces, training.epoch), options.out / "last.pt")
        _log(
            options.out / "log.jsonl", row | figures.measure(model, kept, pieces) | figures.spoken(model, held, pieces)
        )


def _epoch(training: Training, batches: Sequence[Batch], file: Path) -> dict[str, Any]:
    """Learn what is left of an epoch; returns its losses and seconds."""
    began, sums = time.monotonic(), dict.fromkeys(WEIGHTS, 0.0)
    left = batches[training.done :]
    for batch in left:
        for name, loss in training.learn(batch).items():
            sums[name] += loss / len(left)
        if training.done % KEPT_EVERY == 0:
            training.keep(file)
    training.epoch, training.done = training.epoch + 1, 0
    training.keep(file)
    return {"epoch": training.epoch, "loss": sums, "seconds": time.monotonic() - began}


def _log(file: Path, row: dict[str, Any]) -> None:
    line = json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
    with file.open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    print(line, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    main(Options(**vars(parser.parse_args())))
