"""Figures for the log of a training run: what the heads find in samples, window by window."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import torch

from training.pages import pages, spell
from training.stretches import bare, stretches
from unsaid.encoder import LABELS
from unsaid.encoder.decode import BACK, mentions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tokenizers import Tokenizer

    from training.dialogues import Novel
    from training.heads import Model
    from training.litbank import Sample
    from training.pages import Page
    from training.stretches import Stretch
    from unsaid.encoder.windows import Window


def measure(model: Model, samples: Sequence[Sample], tokenizer: Tokenizer) -> dict[str, float]:
    """F1 of people's mentions, of all mentions and of events; the share of gold mentions whose likeliest link is right.

    A mention is right if its span, category and kind are; a link if it leads to a mention of the same chain, or to none
    where there is none before.
    """
    model.eval()
    counts = {name: [0, 0, 0] for name in ("people", "mentions", "events")}
    links: list[bool] = []
    with torch.no_grad():
        for sample in samples:
            for page in pages(sample, spell(sample, tokenizer)):
                for name, (found, gold) in _compared(model, page, links).items():
                    counts[name] = [a + b for a, b in zip(counts[name], _counted(found, gold), strict=True)]
    figures = {name: 2 * right / max(1, found + gold) for name, (right, found, gold) in counts.items()}
    return figures | {"links": sum(links) / max(1, len(links))}


def _counted(found: Collection[object], gold: Collection[object]) -> tuple[int, int, int]:
    return len(set(found) & set(gold)), len(found), len(gold)


def _compared(model: Model, page: Page, links: list[bool]) -> dict[str, tuple[Collection[object], Collection[object]]]:
    words = model.encoder(torch.tensor([page.ids]), torch.ones(1, len(page.ids), dtype=torch.long))[0][page.at]
    scores = model.heads.spans(words, page.first, page.last).log_softmax(-1)
    found = {(m.first, m.last, m.label) for m in mentions(page.first.numpy(), page.last.numpy(), scores.numpy())}
    first, last, label, chain = page.mentions
    gold = set(zip(first.tolist(), last.tolist(), label.tolist(), strict=True))
    if len(first) > 1:
        keys = model.heads.keys(words, first, last, label)
        picked = model.heads.links(keys, label, page.alike, BACK).argmax(-1) - 1
        before = [set(chain[:k].tolist()) for k in range(len(chain))]
        links += (
            int(chain[pick]) == int(chain[k]) if pick >= 0 else int(chain[k]) not in before[k]
            for k, pick in enumerate(picked.tolist())
        )
    people = {label for label, (category, _) in enumerate(LABELS) if category == "PER"}
    events = {int(i) for i in (model.heads.events(words) > 0).nonzero()}
    return {
        "people": ({m for m in found if m[2] in people}, {m for m in gold if m[2] in people}),
        "mentions": (found, gold),
        "events": (events, {int(i) for i in page.events.nonzero()}),
    }


def spoken(model: Model, novels: Sequence[Novel], tokenizer: Tokenizer, most: int = 30) -> dict[str, float]:
    """Of the turns that gold knows in the first stretches of novels, the share that is given to the gold speaker.

    By the rules (``ruled``), by the encoder (``alone``), by both (``speakers``); ``heard``: the share whose gold
    addressees are all among those whom both have it spoken to, ``told`` by the rules; ``bare``: the share of words
    without marks of which it is known whether they are spoken.
    """
    model.eval()
    right: dict[str, list[bool]] = {name: [] for name in ("ruled", "alone", "speakers", "told", "heard", "bare")}
    with torch.no_grad():
        for novel in novels:
            for held in islice(stretches(novel, novel.words.spelled, tokenizer, None), most):
                tally(held, model.speakers(_vectors(model, held.windows), held.rows), right)
                a, b = held.windows[0].first, held.windows[-1].last
                without = [bare(window, novel.words.spelled, novel.spoken) for window in held.windows]
                heard = model.heads.speech(_vectors(model, without)) > 0
                right["bare"] += (heard == torch.tensor(list(novel.spoken[a:b])).bool()).tolist()
    return {name: sum(values) / max(1, len(values)) for name, values in right.items()}


def _vectors(model: Model, windows: Sequence[Window]) -> torch.Tensor:
    """The vectors of the words of windows in a row."""
    ids = [torch.tensor([window.ids]) for window in windows]
    read = [model.encoder(i, torch.ones_like(i))[0] for i in ids]
    return torch.cat([v[list(w.at)] for v, w in zip(read, windows, strict=True)])


def tally(held: Stretch, scores: tuple[torch.Tensor, torch.Tensor], right: dict[str, list[bool]]) -> None:
    """Add to ``right`` whether each turn of a stretch is given to the gold speaker, and is spoken to whom gold says."""
    rows, turn, (alone, both) = held.rows, torch.from_numpy(held.rows.row_turn), scores
    by = {"ruled": torch.from_numpy(rows.row_log), "alone": alone[0], "speakers": both[0]}
    for t in range(len(rows.turns)):
        mine = (turn == t).nonzero()[:, 0]
        if held.gold.right[mine].any():
            for name, score in by.items():
                right[name].append(bool(held.gold.right[mine[score[mine].argmax()]]))
        wanted = held.gold.heard[mine].bool()
        if wanted.any():
            right["told"].append(bool(torch.from_numpy(rows.row_told)[mine][wanted].all()))
            right["heard"].append(bool((both[1][mine] > 0)[wanted].all()))
