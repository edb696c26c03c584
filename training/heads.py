"""The heads that are fitted over the encoder's vectors; :mod:`unsaid.encoder.heads` computes the same with NumPy."""

from __future__ import annotations

import math

import torch
from torch import nn

from training.minilm import WIDTH, Encoder
from training.speakers import Speakers
from unsaid.encoder.heads import DISTANCES, WIDEST
from unsaid.encoder.layer import KINDS, LABELS

KEY, LINK_KEY, LABEL_WIDTH = 160, 192, 64
"""Widths of the spans' keys, of the links' keys, and of what stands for a label."""
DROPOUT = 0.3


def _gelu() -> nn.Module:
    return nn.GELU(approximate="tanh")


class Heads(nn.Module):
    """Mentions, events, links between mentions.

    A mention is scored by a biaffine form of its first and last word (Yu et al. 2020), and by each word in it: that is
    what tells "he had come from Boston, he" from a mention.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        classes, pairs = len(LABELS) + 1, len(KINDS) ** 2
        self.drop = nn.Dropout(DROPOUT)
        self.start, self.end = nn.Linear(width, KEY), nn.Linear(width, KEY)
        self.bilinear = nn.Parameter(torch.randn(classes, KEY, KEY) / KEY)
        self.start_bias, self.end_bias = nn.Linear(KEY, classes), nn.Linear(KEY, classes)
        self.length = nn.Embedding(WIDEST, classes)
        self.inside = nn.Linear(width, classes)
        self.event, self.spoken = (nn.Sequential(nn.Linear(width, KEY), _gelu(), nn.Linear(KEY, 1)) for _ in range(2))
        self.labels = nn.Embedding(len(LABELS), LABEL_WIDTH)
        self.anaphor, self.antecedent = self._key(width), self._key(width)
        self.apart = nn.Embedding(len(DISTANCES) + 1, pairs)
        self.alike = nn.Embedding(3, pairs)
        self.none = nn.Linear(LINK_KEY, 1)
        self.register_buffer("temperature", torch.ones(3))
        for table in (self.length, self.inside, self.apart, self.alike):
            nn.init.zeros_(table.weight)
        nn.init.zeros_(self.inside.bias)

    @staticmethod
    def _key(width: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Linear(3 * width + LABEL_WIDTH, 2 * LINK_KEY), _gelu(), nn.Linear(2 * LINK_KEY, LINK_KEY)
        )

    def spans(self, words: torch.Tensor, first: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        """Scores (spans, 1 + labels), class 0 being none; ``words``: (words, width), ``first`` and ``last`` within."""
        words = self.drop(words)
        gelu = _gelu()
        starts, ends = gelu(self.start(words)), gelu(self.end(words))
        n, classes = len(words), self.bilinear.shape[0]
        turned = torch.einsum("wk,lkj->wlj", starts, self.bilinear).reshape(n * classes, -1)
        every = (
            (turned @ ends.T).view(n, classes, n) + self.start_bias(starts)[:, :, None] + self.end_bias(ends).T[None]
        )
        asked = every.transpose(1, 2).reshape(n * n, classes).index_select(0, first * n + last)
        held = torch.cat([words.new_zeros(1, classes), self.inside(words).cumsum(0)])
        scores: torch.Tensor = asked + self.length(last - first) + held[last + 1] - held[first]
        return scores

    def events(self, words: torch.Tensor) -> torch.Tensor:
        """Log-odds that each word tells of an event: (words,)."""
        scores: torch.Tensor = self.event(self.drop(words))[:, 0]
        return scores

    def speech(self, words: torch.Tensor) -> torch.Tensor:
        """Log-odds that each word is spoken, where no marks show it: (words,)."""
        scores: torch.Tensor = self.spoken(self.drop(words))[:, 0]
        return scores

    def keys(
        self, words: torch.Tensor, first: torch.Tensor, last: torch.Tensor, label: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What each mention asks for as an anaphor and offers as an antecedent: (mentions, key) twice."""
        words = self.drop(words)
        total = torch.cat([words.new_zeros(1, words.shape[1]), words.cumsum(0)])
        mean = (total[last + 1] - total[first]) / (last - first + 1)[:, None]
        held = torch.cat([words[first], words[last], mean, self.labels(label)], -1)
        return self.anaphor(held), self.antecedent(held)

    def links(
        self, keys: tuple[torch.Tensor, torch.Tensor], label: torch.Tensor, alike: torch.Tensor, back: int
    ) -> torch.Tensor:
        """Scores (mentions, 1 + mentions): column 0 that a mention takes up none, 1 + j that it takes up the j-th.

        :param alike: 2 where two mentions have the same words, 1 where the last word is the same, else 0.
        :param back: how many mentions before it a mention is compared with.
        """
        asked, offered = keys
        order = torch.arange(len(label))
        behind = order[:, None] - order[None, :]
        kind = label % len(KINDS)
        pair = kind[:, None] * len(KINDS) + kind[None, :]
        far = torch.bucketize(behind, torch.tensor(DISTANCES))
        scores = asked @ offered.T / math.sqrt(LINK_KEY) + _looked_up(self.apart, far, pair)
        scores = scores + _looked_up(self.alike, alike, pair)
        scores = scores.masked_fill((behind < 1) | (behind > back), -1e4)
        return torch.cat([self.none(asked), scores], -1)


def _looked_up(table: nn.Embedding, row: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
    """``table[row, column]``, by way of a flat index: its gradient is many times faster to compute."""
    return table.weight.reshape(-1)[row * table.weight.shape[1] + column]


class Model(nn.Module):
    """The encoder and its heads."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.heads = Heads()
        self.speakers = Speakers()
