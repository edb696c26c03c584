"""Who speaks, over a whole conversation at once.

Each turn has candidates with a score from its own evidence. Two habits of conversation tie turns together: a turn is
seldom followed by another of the same speaker, and the one who spoke before last often speaks again (Sacks, Schegloff
and Jefferson 1974). Both are factors of a chain over pairs of neighbouring speakers, whose marginals the
forward-backward algorithm gives exactly, in time linear in the turns and quadratic in the candidates.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

Grid = list[list[float]]


# Whoever is so much less likely than another by the turn alone, as log-odds, is not followed through the conversation:
# no turns around speak for anybody so strongly, and each person more costs time as each turn does.
_HOPELESS = 10.0


class Link(msgspec.Struct, frozen=True):
    """How a turn hangs on the turns before it, as log-odds.

    :ivar stay: for the speaker of the turn before speaking again.
    :ivar back: for the speaker of the turn before that one.
    """

    stay: float
    back: float


def marginals(scores: Sequence[dict[str, float]], links: Sequence[Link]) -> list[dict[str, float]]:
    """The probability of each candidate of each turn, given the whole conversation.

    :param scores: for each turn its candidates' log-scores; no turn may be without candidates.
    :param links: for each turn its link; the first turn's is not used.
    """
    tops = [max(turn.values()) for turn in scores]
    names = [[c for c in turn if turn[c] >= top - _HOPELESS] for turn, top in zip(scores, tops, strict=True)]
    weight = [[math.exp(turn[c] - top) for c in held] for turn, top, held in zip(scores, tops, names, strict=True)]
    forward = _forward(names, weight, links)
    backward = _backward(names, weight, links)
    result = []
    for t, turn in enumerate(names):
        mass = [0.0] * len(turn)
        for row, back_row in zip(forward[t], backward[t], strict=True):
            mass = [m + f * b for m, f, b in zip(mass, row, back_row, strict=True)]
        total = sum(mass) or 1.0
        held = {name: m / total for name, m in zip(turn, mass, strict=True)}
        result.append({name: held.get(name, 0.0) for name in scores[t]})
    return result


def _scaled(grid: Grid) -> Grid:
    total = sum(map(sum, grid)) or 1.0
    return [[v / total for v in row] for row in grid]


def _forward(names: list[list[str]], weight: list[list[float]], links: Sequence[Link]) -> list[Grid]:
    """``grid[i][j]``: mass of all histories in which ``i`` spoke the turn before and ``j`` this one."""
    grids: list[Grid] = [[list(weight[0])]]
    for t in range(1, len(names)):
        before, here, link = names[t - 1], names[t], links[t]
        stay, back = math.exp(link.stay), math.exp(link.back) - 1.0
        earlier = names[t - 2] if t > 1 else []
        again = {name: j for j, name in enumerate(here)}
        place = {name: i for i, name in enumerate(earlier)}
        returning = [place.get(name) for name in here]
        grid = []
        for a, column in zip(before, zip(*grids[-1], strict=True), strict=True):
            mass = sum(column)
            row = [
                max(mass if k is None else mass + back * column[k], 0.0) * w
                for k, w in zip(returning, weight[t], strict=True)
            ]
            if a in again:
                row[again[a]] *= stay
            grid.append(row)
        grids.append(_scaled(grid))
    return grids


def _backward(names: list[list[str]], weight: list[list[float]], links: Sequence[Link]) -> list[Grid]:
    """``grid[i][j]``: mass of all futures after ``i`` spoke the turn before and ``j`` this one."""
    count = len(names)
    grids: list[Grid] = [[] for _ in names]
    grids[-1] = [[1.0] * len(names[-1]) for _ in (names[-2] if count > 1 else [""])]
    for t in range(count - 2, -1, -1):
        here, after, link = names[t], names[t + 1], links[t + 1]
        stay, back = math.exp(link.stay), math.exp(link.back) - 1.0
        place = {name: k for k, name in enumerate(after)}
        step = [[w * mass for w, mass in zip(weight[t + 1], row, strict=True)] for row in grids[t + 1]]
        for row, name in zip(step, here, strict=True):
            if name in place:
                row[place[name]] *= stay
        total = [sum(row) for row in step]
        grid = []
        for name in names[t - 1] if t else [""]:
            k = place.get(name)
            grid.append(total if k is None else [m + back * row[k] for m, row in zip(total, step, strict=True)])
        grids[t] = _scaled(grid)
    return grids
