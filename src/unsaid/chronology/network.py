"""A simple temporal network (Dechter, Meiri and Pearl 1991): times, and how far apart any two of them may be.

A constraint ``low <= t[b] - t[a] <= high`` is two edges of the distance graph. The network is consistent where that
graph holds no negative cycle (Bellman and Ford); the shortest paths from the origin then bound every time. A negative
cycle is the explanation of a contradiction: its constraints cannot all hold.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_CLASHES = 20
"""A story that contradicts itself so often is read no further: it means to. Nothing that it says bounds a time then."""
MOST_TURNS = 64
"""How often the edges are gone over at most, so that time grows with their number alone. Stories are chains, which one
turn to and one fro settle; what is not settled by then is bounded too widely, and never wrongly."""
_NEVER = -1
_SLACK = 1e-6


class Constraint(msgspec.Struct, frozen=True):
    """``low <= t[after] - t[before] <= high`` in days.

    :ivar said: whether the text says so, or the order of the telling; what it says may be wrong.
    """

    before: int
    after: int
    low: float
    high: float
    said: bool = True


class Solution(msgspec.Struct, frozen=True):
    """Bounds of each time from the origin in days (None where the text sets none), and the contradictions.

    :ivar clashes: indices of constraints that cannot all hold, in the order of the circle that they make.
    """

    earliest: tuple[float | None, ...]
    latest: tuple[float | None, ...]
    clashes: tuple[tuple[int, ...], ...]


def solve(count: int, constraints: Sequence[Constraint], origin: int = 0) -> Solution:
    """Bounds of ``count`` times; of constraints that contradict one another the last one said is left out of them."""
    left = set(range(len(constraints)))
    clashes: list[tuple[int, ...]] = []
    while circle := _negative_cycle(count, [(i, constraints[i]) for i in sorted(left)]):
        if len(clashes) == MOST_CLASHES:
            left = {i for i in left if not constraints[i].said}
            break
        said = [i for i in circle if constraints[i].said]
        if not said:
            break  # the order of the telling alone never contradicts itself
        clashes.append(tuple(dict.fromkeys(circle)))
        left.discard(max(said))
    edges = list(_edges((i, constraints[i]) for i in sorted(left)))
    latest = _shortest(count, edges, origin)
    earliest = _shortest(count, [(b, a, w, i) for a, b, w, i in edges], origin)
    return Solution(
        tuple(None if d == inf else -d for d in earliest),
        tuple(None if d == inf else d for d in latest),
        tuple(clashes),
    )


def _edges(constraints: Iterable[tuple[int, Constraint]]) -> Iterable[tuple[int, int, float, int]]:
    """The distance graph: from, to, weight, and the constraint it comes from."""
    for i, c in constraints:
        if c.high < inf:
            yield c.before, c.after, c.high, i
        if c.low > -inf:
            yield c.after, c.before, -c.low, i


def _shortest(count: int, edges: Sequence[tuple[int, int, float, int]], origin: int) -> list[float]:
    """Bellman and Ford from one node of a graph without a negative cycle, to and fro (Yen 1970): stories are chains."""
    distance = [inf] * count
    if count:
        distance[origin] = 0.0
    for turn in range(min(count, MOST_TURNS)):
        changed = False
        for a, b, weight, _i in edges if turn % 2 == 0 else edges[::-1]:
            if distance[a] + weight < distance[b] - _SLACK:
                distance[b] = distance[a] + weight
                changed = True
        if not changed:
            break
    return distance


def _negative_cycle(count: int, constraints: Sequence[tuple[int, Constraint]]) -> list[int]:
    """The constraints along a negative cycle, or none: relax all edges, and look for a circle among the parents."""
    edges = list(_edges(constraints))
    distance = [0.0] * count
    parent = [_NEVER] * count  # the edge by which a node was last reached
    order = range(len(edges))
    for turn in range(min(count + 1, MOST_TURNS)):
        changed = False
        for number in order if turn % 2 == 0 else order[::-1]:
            a, b, weight, _i = edges[number]
            if distance[a] + weight < distance[b] - _SLACK:
                distance[b] = distance[a] + weight
                parent[b] = number
                changed = True
        if not changed:
            return []
        circle = _circle(edges, parent)
        if circle:
            return [edges[number][3] for number in circle]
    return []


def _circle(edges: Sequence[tuple[int, int, float, int]], parent: Sequence[int]) -> list[int]:
    """A circle in the graph of parents, as edges in the order of time; empty where there is none."""
    seen = [0] * len(parent)
    for start in range(len(parent)):
        node, path = start, []
        while seen[node] == 0 and parent[node] != _NEVER:
            seen[node] = start + 1
            path.append(parent[node])
            node = edges[parent[node]][0]
        if parent[node] != _NEVER and seen[node] == start + 1:
            nodes = [edges[number][1] for number in path]
            return path[nodes.index(node) :][::-1]
        seen[node] = seen[node] or start + 1
    return []
