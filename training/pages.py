"""A sample's windows as tensors, cut as the reader cuts a story."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import torch

from unsaid.encoder import spelling
from unsaid.encoder.heads import WIDEST
from unsaid.encoder.windows import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokenizers import Tokenizer

    from training.litbank import Sample
    from unsaid.encoder.windows import Pieces, Window


class Page(msgspec.Struct, frozen=True):
    """One window: its wordpieces, what may be a mention in it, and what gold says.

    :ivar first: first word of each span inside a sentence, counted from the window's; ``last`` the last one, within.
    :ivar classes: gold of each span: 0 none, 1 + a label's index.
    :ivar events: gold of each word, 0 or 1.
    :ivar mentions: gold mentions: first word, last word, label, chain (four tensors of one length).
    :ivar alike: of each two mentions 2, where they have the same words, 1, where the last word is the same, else 0.
    """

    ids: tuple[int, ...]
    at: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor
    classes: torch.Tensor
    events: torch.Tensor
    mentions: tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
    alike: torch.Tensor


def spell(sample: Sample, tokenizer: Tokenizer) -> list[Pieces]:
    """Each word's wordpieces."""
    words = [spelling(word) for word in sample.words]
    return [tuple(e.ids) for e in tokenizer.encode_batch(words, add_special_tokens=False)]


def pages(sample: Sample, pieces: Sequence[Pieces], *, begin: int = 0) -> Iterator[Page]:
    """A sample's windows from a word on."""
    for window in cut(pieces, sample.sentences, begin=begin, margin=0):
        yield page(sample, window)


def page(sample: Sample, window: Window) -> Page:
    """One window as tensors."""
    a, b = window.first, window.last
    spans = [*_spans(sorted({a, *(s for s in sample.sentences if a <= s < b), b}), a)]
    inside = [m for m in sample.mentions if a <= m.first and m.last < b]
    gold = {(m.first - a, m.last - a): m.label + 1 for m in inside}
    texts = [" ".join(map(spelling, sample.words[m.first : m.last + 1])).lower() for m in inside]
    return Page(
        ids=window.ids,
        at=torch.tensor(window.at),
        first=torch.tensor([s[0] for s in spans]),
        last=torch.tensor([s[1] for s in spans]),
        classes=torch.tensor([gold.get(s, 0) for s in spans]),
        events=torch.tensor([float(i in sample.events) for i in range(a, b)]),
        mentions=(
            torch.tensor([m.first - a for m in inside], dtype=torch.long),
            torch.tensor([m.last - a for m in inside], dtype=torch.long),
            torch.tensor([m.label for m in inside], dtype=torch.long),
            torch.tensor([m.chain for m in inside], dtype=torch.long),
        ),
        alike=alike(texts),
    )


def _spans(borders: Sequence[int], begin: int) -> Iterator[tuple[int, int]]:
    for low, high in pairwise(borders):
        for i in range(low, high):
            for j in range(i, min(high, i + WIDEST)):
                yield i - begin, j - begin


def alike(texts: Sequence[str]) -> torch.Tensor:
    """Of each two texts 2, where they are the same, 1, where their last word is, else 0: (texts, texts)."""
    return _same(texts) + _same([text.rpartition(" ")[2] for text in texts])


def _same(texts: Sequence[str]) -> torch.Tensor:
    """1 where two texts are the same, else 0: (texts, texts)."""
    numbers: dict[str, int] = {}
    held = torch.tensor([numbers.setdefault(text, len(numbers)) for text in texts], dtype=torch.long)
    return (held[:, None] == held[None, :]).long()
