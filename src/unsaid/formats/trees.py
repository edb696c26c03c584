"""Spans that may cross, made into a tree."""

from __future__ import annotations

import heapq
from typing import Any

import msgspec


class Node(msgspec.Struct):
    """A span with what it marks, and the spans inside it.

    :ivar part: which part of ``item`` it is, counted from 0.
    """

    start: int
    end: int
    kind: str
    item: Any
    part: int = 0
    children: list[Node] = []

    def clipped(self, start: int, end: int) -> Node:
        """The node inside ``text[start:end]``."""
        return Node(max(self.start, start), min(self.end, end), self.kind, self.item, self.part)


def nested(nodes: list[Node], start: int, end: int) -> list[Node]:
    """The nodes as trees, in order. One that crosses the edge of another is split there, the later one always.

    Of two with the same span the one that comes first in ``nodes`` is the outer one.
    """
    queue = [(node.start, -node.end, order, node) for order, node in enumerate(nodes) if node.start < node.end]
    heapq.heapify(queue)
    top = Node(start, end, "", None, children=[])
    stack = [top]
    while queue:
        _, _, order, node = heapq.heappop(queue)
        while stack[-1].end <= node.start:
            stack.pop()
        outer = stack[-1]
        if node.end > outer.end:
            rest = Node(outer.end, node.end, node.kind, node.item, node.part, [])
            heapq.heappush(queue, (rest.start, -rest.end, order, rest))
        piece = Node(node.start, min(node.end, outer.end), node.kind, node.item, node.part, [])
        outer.children.append(piece)
        stack.append(piece)
    return top.children
