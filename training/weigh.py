"""What the heads for speakers say, weighed against what the rules say, on novels that no other weight was fitted to.

An encoder knows the novels that it was trained on too well: there its heads learn to trust it more than they should on
any other. So the few weights that bring the encoder's evidence and the rules' together are fitted again, on the novels
of ``SCALED``: one for the mentions and one for the rules' chance, for each kind of evidence that the rules decided by,
and one for the turns around. With a refit on each of the two novels 0.900 of the other's turns are right; with the
weights as they were trained 0.891, and 0.896 by the rules (measured one round of training before the weights that are
shipped, and with the rules of then).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import torch
from torch import nn

from training.speakers import KEY, NEAR_KEY, Gold, Rows, Weighing, losses
from training.stretches import gold_of
from unsaid.encoder.dialogue import RULES, Arrays, arrays
from unsaid.encoder.windows import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.dialogues import Novel
    from training.speakers import Speakers
    from unsaid.encoder.model import Model

RIDGE = 5e-4
"""How dear it is, beside a turn's loss, for the weights of two kinds of evidence to differ: of this and dearer ones, up
to two hundred times so, the best by a little."""
_STEPS = 200


class Story(msgspec.Struct, frozen=True):
    """A novel's rows, what each part of the heads says of them, and gold; speakers first, then addressees: (2, r).

    :ivar alone: what the mentions around say; ``near`` what the turns around do.
    """

    rows: Arrays
    alone: torch.Tensor
    near: torch.Tensor
    gold: Gold


def read(speakers: Speakers, novel: Novel, model: Model) -> Story:
    """Read a novel with the encoder as it is shipped."""
    windows = cut(model.pieces(novel.words.spelled), novel.words.sentences)
    words = torch.cat([torch.from_numpy(vectors) for _, vectors in model.read(windows)])
    rows = arrays(novel.dialogue, novel.words.starts)
    with torch.no_grad():
        alone, near = speakers.eval().parts(words, Rows(rows))
    right, heard = gold_of(rows, novel.right), gold_of(rows, novel.heard)
    return Story(rows, alone, near, Gold(right, right, heard))


class Weights(Weighing):
    """The weights of what the rules and the heads say, as the heads have them, and ``around``: what the turns around
    weigh."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((2, len(RULES)), 0.5))
        self.rule = nn.Parameter(torch.full((2, len(RULES)), 0.5))
        self.around = nn.Parameter(torch.ones(2))
        self.told, self.even = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))

    def forward(self, story: Story) -> torch.Tensor:
        """Scores of a story's rows: (2, r)."""
        return self.weighed(story.alone, self.around[:, None] * story.near, Rows(story.rows))

    def loss(self, stories: Sequence[Story]) -> torch.Tensor:
        """The mean loss of speakers and addressees, and what it costs that kinds of evidence weigh differently."""
        total = torch.zeros(())
        for story in stories:
            found = losses((story.alone, self(story)), story.rows, story.gold)
            total = total + (found["speakers"] + found["addressees"]) / len(stories)
        for table in (self.weight, self.rule):
            total = total + RIDGE * ((table - table.mean(1, keepdim=True)) ** 2).sum()
        return total


def fit(speakers: Speakers, stories: Sequence[Story]) -> float:
    """Fit the weights of both heads, and put them into ``speakers``; returns the loss that is left."""
    found = Weights()
    optimizer = torch.optim.LBFGS(found.parameters(), max_iter=_STEPS, line_search_fn="strong_wolfe")

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = found.loss(stories)
        loss.backward()
        return loss

    optimizer.step(step)
    with torch.no_grad():
        for name in ("weight", "rule", "told", "even"):
            getattr(speakers, name).copy_(getattr(found, name))
        _scale(speakers, found.around)
        return float(found.loss(stories))


def _scale(speakers: Speakers, around: torch.Tensor) -> None:
    """Scale what the turns around say, which is a product of two keys and a class's own number."""
    last: nn.Linear = speakers.turn[2]
    for k, factor in enumerate(around):
        begin = 2 * KEY + 2 * k * NEAR_KEY
        for held in (last.weight[begin : begin + NEAR_KEY], last.bias[begin : begin + NEAR_KEY], speakers.near[k]):
            held.mul_(factor)
