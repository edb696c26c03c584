"""The heads for speakers and addressees; :mod:`unsaid.encoder.speakers` computes the same with NumPy.

They are fitted to what the rules leave open: a row's score is added to the log of the rules' chance, so that nothing
has to be learned of what the rules know already.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import torch
from torch import nn

from training.minilm import WIDTH
from unsaid.encoder.dialogue import NEIGHBOURS, PLACES, RULES, SORTS

if TYPE_CHECKING:
    from unsaid.encoder.dialogue import Arrays

KEY, HIDDEN, NEAR_KEY = 128, 256, 64
"""Widths of the keys of turns and mentions, of what lies before them, and of the keys of turns for each other."""
DROPOUT = 0.2


def _layers(inward: int, outward: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inward, HIDDEN), nn.GELU(approximate="tanh"), nn.Linear(HIDDEN, outward))


class Weighing(nn.Module):
    """Where what the rules know and what the heads say come together; speakers first, then addressees.

    :ivar weight: what the mentions around weigh, by the kind of evidence that the rules decided by: (2, rules).
    :ivar rule: what the log of the rules' chance weighs, likewise.
    :ivar told: what it weighs that the rules have a turn spoken to somebody; ``even``: what everybody has: (2,) each.
    """

    weight: nn.Parameter
    rule: nn.Parameter
    told: nn.Parameter
    even: nn.Parameter

    def weighed(self, alone: torch.Tensor, near: torch.Tensor, rows: Rows) -> torch.Tensor:
        """Scores of rows (2, r).

        :param alone: what the mentions around say; ``near`` what the turns around do: (2, r) each.
        """
        rule = rows.rule[rows.row_turn]
        ruled = self.rule[:, rule] * rows.row_log + self.told[:, None] * rows.row_told + self.even[:, None]
        return self.weight[:, rule] * alone + near + ruled


class Speakers(Weighing):
    """Who speaks each turn, and to whom: the product of a turn's key and a mention's, and of two turns' keys."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.drop = nn.Dropout(DROPOUT)
        self.turn = _layers(7 * width, 2 * KEY + 4 * NEAR_KEY)
        self.mention = _layers(2 * width, 2 * KEY)
        self.place = nn.Parameter(torch.zeros(2, PLACES, SORTS))
        self.absent = nn.Parameter(torch.zeros(2))
        self.near = nn.Parameter(torch.zeros(2, NEIGHBOURS))
        self.rule = nn.Parameter(torch.stack([torch.ones(len(RULES)), torch.zeros(len(RULES))]))
        self.told = nn.Parameter(torch.tensor([0.0, 2.0]))
        self.even = nn.Parameter(torch.tensor([0.0, -1.5]))
        self.weight = nn.Parameter(torch.stack([torch.full((len(RULES),), 0.5), torch.ones(len(RULES))]))

    def forward(self, words: torch.Tensor, rows: Arrays) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of rows (2, r), speakers then addressees: by the encoder alone, and with the rules.

        :param words: vectors of the stretch's words, (words, width).
        """
        held = Rows(rows)
        alone, near = self.parts(words, held)
        return alone, self.weighed(alone, near, held)

    def parts(self, words: torch.Tensor, held: Rows) -> tuple[torch.Tensor, torch.Tensor]:
        """What the mentions around say of each row, and what the turns around do: (2, r) each."""
        asked, offered = self.keys(words, held)
        alone = torch.stack([self._mentioned(asked, offered, held, k) for k in (0, 1)])
        return alone, torch.stack([self._near(asked, held, k) for k in (0, 1)])

    def keys(self, words: torch.Tensor, rows: Rows) -> tuple[torch.Tensor, torch.Tensor]:
        """What turns ask for, and what mentions offer."""
        words = self.drop(words)
        first, last = rows.turns.T
        total = torch.cat([words.new_zeros(1, words.shape[1]), words.cumsum(0)])
        mean = (total[last] - total[first]) / (last - first)[:, None]
        before, behind = (first - 1).clamp(min=0), last.clamp(max=len(words) - 1)
        cued = (rows.cue[:, :1] >= 0).float()
        said_by = [words[rows.cue[:, 0]] * cued, words[rows.cue[:, 1]] * cued]
        asked = torch.cat([words[first], words[last - 1], mean, words[before], words[behind], *said_by], -1)
        begin, end = rows.mentions.T
        return self.turn(asked), self.mention(torch.cat([words[begin], words[end - 1]], -1))

    def _mentioned(self, asked: torch.Tensor, offered: torch.Tensor, rows: Rows, k: int) -> torch.Tensor:
        """What the mentions of each row's person say together."""
        turn = rows.row_turn[rows.pair_row]
        ours, theirs = asked[:, k * KEY : (k + 1) * KEY], offered[:, k * KEY : (k + 1) * KEY]
        products = (ours[turn] * theirs[rows.pair_mention]).sum(-1) / math.sqrt(KEY)
        scores = products + self.place[k][rows.pair_place, rows.pair_sort]
        ground = self.absent[k].expand(len(rows.row_turn))
        return gathered(torch.cat([scores, ground]), torch.cat([rows.pair_row, torch.arange(len(ground))]), len(ground))

    def _near(self, asked: torch.Tensor, rows: Rows, k: int) -> torch.Tensor:
        """What the turns around say, by who the rules think speaks them."""
        begin = 2 * KEY + 2 * k * NEAR_KEY
        ours, theirs = asked[:, begin : begin + NEAR_KEY], asked[:, begin + NEAR_KEY : begin + 2 * NEAR_KEY]
        turn = rows.row_turn[rows.near_row]
        weight = (ours[turn] * theirs[rows.near_turn]).sum(-1) / math.sqrt(NEAR_KEY) + self.near[k][rows.near_class]
        return torch.zeros(len(rows.row_turn)).index_add(0, rows.near_row, weight * rows.near_chance)


class Rows:
    """Arrays as tensors."""

    def __init__(self, arrays: Arrays) -> None:
        self.turns, self.mentions = torch.from_numpy(arrays.turns), torch.from_numpy(arrays.mentions)
        self.cue = torch.from_numpy(arrays.cue)
        self.rule, self.row_turn = torch.from_numpy(arrays.rule), torch.from_numpy(arrays.row_turn)
        self.row_log, self.row_told = torch.from_numpy(arrays.row_log), torch.from_numpy(arrays.row_told)
        self.pair_row, self.pair_mention = torch.from_numpy(arrays.pair_row), torch.from_numpy(arrays.pair_mention)
        self.pair_place, self.pair_sort = torch.from_numpy(arrays.pair_place), torch.from_numpy(arrays.pair_sort)
        self.near_row, self.near_turn = torch.from_numpy(arrays.near_row), torch.from_numpy(arrays.near_turn)
        self.near_class, self.near_chance = torch.from_numpy(arrays.near_class), torch.from_numpy(arrays.near_chance)


class Gold(msgspec.Struct, frozen=True):
    """What gold says of each row, 1 or 0: (r,) each.

    :ivar right: it is the gold speaker; ``ruled``: the same, of the lines of which the rules have said what they know.
    :ivar heard: it is a gold addressee.
    """

    right: torch.Tensor
    ruled: torch.Tensor
    heard: torch.Tensor


def gathered(scores: torch.Tensor, groups: torch.Tensor, n: int) -> torch.Tensor:
    """The log of the sum of the exponentials of each group's scores: (n,); no group may be empty."""
    top = torch.full((n,), -torch.inf).scatter_reduce(0, groups, scores.detach(), "amax")
    total = torch.zeros(n).index_add(0, groups, (scores - top[groups]).exp())
    return top + total.log()


def losses(scores: tuple[torch.Tensor, torch.Tensor], rows: Arrays, gold: Gold) -> dict[str, torch.Tensor]:
    """The mean loss of speakers (with the rules, and alone) and of addressees, over the turns that gold knows."""
    alone, both = scores
    turn = torch.from_numpy(rows.row_turn)
    told = (torch.zeros(len(rows.turns)).index_add(0, turn, gold.heard) > 0)[turn]
    each = nn.functional.binary_cross_entropy_with_logits(both[1], gold.heard, reduction="none")
    return {
        "speakers": _missed(both[0], turn, gold.ruled),
        "alone": _missed(alone[0], turn, gold.right),
        "addressees": each[told].sum() / max(1, int(told.sum())),
    }


def _missed(scores: torch.Tensor, turn: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Minus the log of the chance of all right rows together, of the turns that have any."""
    known = torch.zeros(int(turn.max()) + 1).index_add(0, turn, right) > 0
    n = int(known.sum())
    if n == 0:
        return scores.sum() * 0.0
    number = known.long().cumsum(0) - 1
    asked, held = known[turn], right.bool()
    total = gathered(scores[asked], number[turn[asked]], n)
    return (total - gathered(scores[held], number[turn[held]], n)).mean()
