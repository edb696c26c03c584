"""Boosted regression trees (Friedman 2001, "Greedy function approximation"), as the package ships them."""

from __future__ import annotations

import math
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """One tree.

    :ivar nodes: inner nodes, the root first: index of the feature that each asks for, the bound up to which it goes to
        the left, and where it goes to the left and right; below zero is the leaf of that number, counted from -1.
    :ivar leaves: what each leaf adds.
    """

    nodes: tuple[tuple[int, float, int, int], ...]
    leaves: tuple[float, ...]


class Forest(msgspec.Struct, frozen=True):
    """Trees, and what the first feature weighs beside them.

    :ivar features: the names of the features that the trees were grown on.
    """

    features: tuple[str, ...]
    first: float
    trees: tuple[Tree, ...]

    def score(self, features: Sequence[float]) -> float:
        """What the first feature and all trees add up to."""
        total = 0.0
        for tree in self.trees:  # most of a reading's second look is spent here, so nothing is called
            nodes, at = tree.nodes, 0
            while at >= 0:
                feature, bound, left, right = nodes[at]
                at = left if features[feature] <= bound else right
            total += tree.leaves[-at - 1]
        return self.first * features[0] + total

    def shares(self, candidates: Mapping[str, Sequence[float]]) -> dict[str, float]:
        """The chances of candidates of whom one is right, by their features: the softmax of their scores."""
        scores = {who: self.score(features) for who, features in candidates.items()}
        most = max(scores.values())
        weights = {who: math.exp(score - most) for who, score in scores.items()}
        total = sum(weights.values())
        return {who: weight / total for who, weight in weights.items()}

    def chance(self, features: Sequence[float]) -> float:
        """The chance of somebody who may be right whoever else is, by their features."""
        return 1 / (1 + math.exp(-self.score(features)))


def shipped(file: str, features: Sequence[str], make: str) -> Forest:
    """The trees in a file of the package.

    :param features: those that are told of each candidate, in their order.
    :param make: what makes the file anew.
    :raises ValueError: if the trees were grown on other features.
    """
    grown = msgspec.json.decode(files("unsaid.voices").joinpath(file).read_bytes(), type=Forest)
    if grown.features != tuple(features):
        raise ValueError(f"unsaid/voices/{file} was grown on other features; make it anew: {make}")
    return grown
