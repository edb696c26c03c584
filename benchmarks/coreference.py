"""Coreference metrics over clusters of spans: MUC, B³ and CEAF-e, and their mean, as CoNLL-2012 scores them.

Vilain et al. 1995; Bagga and Baldwin 1998; Luo 2005; Pradhan et al. 2012. A cluster is a frozen set of whatever stands
for a mention. Clusters of one mention count, since LitBank marks them (Bamman et al. 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain

import msgspec

Cluster = frozenset[Hashable]


class Rate(msgspec.Struct, frozen=True):
    """A numerator and a denominator for recall, and for precision; rates of several texts add up."""

    hit_gold: float = 0.0
    gold: float = 0.0
    hit_found: float = 0.0
    found: float = 0.0

    def __add__(self, other: Rate) -> Rate:
        """Both together, as if they were one text."""
        return Rate(*map(sum, zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)))

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision; 0 where there is nothing."""
        recall = self.hit_gold / self.gold if self.gold else 0.0
        precision = self.hit_found / self.found if self.found else 0.0
        return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


class Scores(msgspec.Struct, frozen=True):
    """The three metrics of one text or several."""

    muc: Rate = Rate()
    b3: Rate = Rate()
    ceafe: Rate = Rate()

    def __add__(self, other: Scores) -> Scores:
        """Both together."""
        return Scores(self.muc + other.muc, self.b3 + other.b3, self.ceafe + other.ceafe)

    @property
    def mean(self) -> float:
        """The mean of the three F1."""
        return (self.muc.f1 + self.b3.f1 + self.ceafe.f1) / 3


def compare(gold: Sequence[Cluster], found: Sequence[Cluster]) -> Scores:
    """Score the clusters that were found against gold's."""
    b3_gold, b3_found = _b3(gold, found), _b3(found, gold)
    muc_gold, muc_found = _muc(gold, found), _muc(found, gold)
    best = _aligned(gold, found)
    return Scores(
        muc=Rate(*muc_gold, *muc_found), b3=Rate(*b3_gold, *b3_found), ceafe=Rate(best, len(gold), best, len(found))
    )


def _home(clusters: Iterable[Cluster]) -> dict[Hashable, int]:
    return {mention: k for k, cluster in enumerate(clusters) for mention in cluster}


def _muc(these: Sequence[Cluster], those: Sequence[Cluster]) -> tuple[float, float]:
    """Links of these clusters that those keep, and all there are."""
    home = _home(those)
    kept = total = 0
    for cluster in these:
        parts = {home.get(m, ("alone", m)) for m in cluster}
        kept += len(cluster) - len(parts)
        total += len(cluster) - 1
    return kept, total


def _b3(these: Sequence[Cluster], those: Sequence[Cluster]) -> tuple[float, float]:
    """Over mentions: the share of their cluster here that is in their cluster there too."""
    home = _home(those)
    hit = 0.0
    for cluster in these:
        shared = Counter(home[m] for m in cluster if m in home)
        hit += sum(n * n for n in shared.values()) / len(cluster)
    return hit, sum(map(len, these))


def _aligned(gold: Sequence[Cluster], found: Sequence[Cluster]) -> float:
    """The similarity (φ4) of the best one-to-one alignment of clusters."""
    import numpy as np  # noqa: PLC0415 - only where coreference is measured
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    home = _home(found)
    table = np.zeros((len(gold), len(found)))
    for k, cluster in enumerate(gold):
        for other, n in Counter(home[m] for m in cluster if m in home).items():
            table[k, other] = 2 * n / (len(cluster) + len(found[other]))
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum())


def mentions(clusters: Iterable[Cluster]) -> set[Hashable]:
    """Every mention of any cluster."""
    return set(chain.from_iterable(clusters))
