"""LightGBM's boosted trees as the package ships them (:mod:`unsaid.voices.trees`)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from unsaid.files import write
from unsaid.voices.trees import Forest, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import lightgbm

T = TypeVar("T")
_DIGITS = 5


def asked(description: str | None) -> argparse.Namespace:
    """What the command line says: the ``file`` to write, and whether to say first what is ``tried``."""
    wanted = argparse.ArgumentParser(description=description)
    wanted.add_argument("file", type=Path, help="where the trees are written")
    wanted.add_argument("--tried", action="store_true", help="say first what they do for stories they do not know")
    return wanted.parse_args()


def finish(
    options: argparse.Namespace,
    every: Sequence[T],
    tried: Callable[[Sequence[T]], str],
    grow: Callable[[Sequence[T]], Forest],
) -> None:
    """Say what is tried, if that is asked, then grow the trees and write them.

    :param every: all that they are taught by.
    """
    if options.tried:
        print(tried(every))
    write(options.file, msgspec.json.encode(grow(every)))


def forest(features: Sequence[str], grown: Sequence[lightgbm.Booster], first: float = 0.0) -> Forest:
    """Several boosters as one forest that says what they say in the mean.

    :param features: their names, in order.
    :param first: what the first feature weighs beside them.
    """
    roots = (held["tree_structure"] for booster in grown for held in booster.dump_model()["tree_info"])
    return Forest(tuple(features), first, tuple(_tree(root, len(grown)) for root in roots))


def _tree(root: dict[str, Any], boosters: int) -> Tree:
    inner, leaves = list[dict[str, Any]](), list[float]()
    children: dict[int, tuple[int, int]] = {}

    def place(node: dict[str, Any]) -> int:
        if "leaf_value" in node and "split_feature" not in node:
            leaves.append(round(node["leaf_value"] / boosters, _DIGITS))
            return -len(leaves)
        at = len(inner)
        inner.append(node)
        children[at] = (place(node["left_child"]), place(node["right_child"]))
        return at

    if place(root) < 0:  # a tree that is one leaf
        return Tree(((0, 0.0, -1, -1),), tuple(leaves))
    nodes = (
        (int(node["split_feature"]), float(f"{node['threshold']:.{_DIGITS}g}"), *children[at])
        for at, node in enumerate(inner)
    )
    return Tree(tuple(nodes), tuple(leaves))
