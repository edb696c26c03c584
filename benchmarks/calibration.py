"""How often a line with a given ``confidence`` is right: ``confidence`` must mean what it says.

The expected calibration error is that of Naeini, Cooper and Hauskrecht (2015): over ten equal bins, the mean distance
between mean confidence and accuracy, weighted by the share of lines in the bin.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

import unsaid
from benchmarks import corpus
from benchmarks.table import Table
from benchmarks.verdicts import compare
from unsaid.voices.confidence import logit, scale_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.verdicts import Verdict
    from unsaid.voices.confidence import Judge

BINS = 10


class Claim(msgspec.Struct, frozen=True):
    """A line that was given a speaker: who decided, how sure, and whether it is right."""

    rule: str
    confidence: float
    right: bool


def claims(verdicts: Iterable[Verdict]) -> list[Claim]:
    """Every gold quotation that was found and given a speaker; one whose speaker is unknown claims nothing."""
    return [
        Claim(v.utterance.rule or "(no rule)", v.utterance.confidence, v.right)
        for v in verdicts
        if v.utterance is not None and v.utterance.speaker is not None
    ]


def claims_in(books: list[str]) -> list[Claim]:
    """The claims that a reading makes of some novels of PDNC."""
    return [
        claim
        for book in books
        for claim in claims(compare(book, unsaid.read(corpus.folder_of(book) / "novel_text.txt")).verdicts)
    ]


def by_bin(made: list[Claim]) -> dict[int, list[Claim]]:
    """Claims by tenth of confidence; 1.0 falls into the last bin."""
    bins: dict[int, list[Claim]] = defaultdict(list)
    for claim in made:
        bins[min(BINS - 1, int(claim.confidence * BINS))].append(claim)
    return dict(sorted(bins.items()))


def mean_confidence(made: list[Claim]) -> float:
    """The mean of what the claims say of themselves."""
    return sum(c.confidence for c in made) / len(made)


def accuracy(made: list[Claim]) -> float:
    """The share of claims that are right."""
    return sum(c.right for c in made) / len(made)


def expected_calibration_error(made: list[Claim]) -> float:
    """Zero where every bin is right as often as it says; at most one.

    >>> expected_calibration_error([Claim("r", 0.75, True), Claim("r", 0.75, False)])
    0.25
    """
    return sum(len(b) * abs(accuracy(b) - mean_confidence(b)) for b in by_bin(made).values()) / max(1, len(made))


def fit(made: list[Claim], judge: Judge = "again") -> dict[str, tuple[float, float]]:
    """Slope and intercept that would make each rule's confidence true (Platt 1999), for voices/confidence.py.

    Two parameters a rule, by Newton's method, drawn a little to (1, 0) so that a rule of few lines stays as it is.

    :param judge: who had the last word in them.
    """
    rules: dict[str, list[Claim]] = defaultdict(list)
    for claim in made:
        rules[claim.rule].append(claim)
    fitted = {}
    for rule, own in rules.items():
        slope, intercept = _logistic([(logit(c.confidence), c.right) for c in own])
        old_slope, old_intercept = scale_of(rule, judge)
        fitted[rule] = (round(slope * old_slope, 2), round(slope * old_intercept + intercept, 2))
    return dict(sorted(fitted.items()))


def _logistic(points: list[tuple[float, bool]], prior: float = 5.0) -> tuple[float, float]:
    slope, intercept = 1.0, 0.0
    for _ in range(30):
        g0, g1 = prior * (intercept - 0.0), prior * (slope - 1.0)
        h00, h01, h11 = prior, 0.0, prior
        for x, right in points:
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, slope * x + intercept))))
            g0 += p - right
            g1 += (p - right) * x
            h00 += p * (1 - p)
            h01 += p * (1 - p) * x
            h11 += p * (1 - p) * x * x
        det = h00 * h11 - h01 * h01
        # A step of more than one in either would leave the region where the second derivative tells anything.
        intercept -= max(-1.0, min(1.0, (h11 * g0 - h01 * g1) / det))
        slope -= max(-1.0, min(1.0, (h00 * g1 - h01 * g0) / det))
    return slope, intercept


def tables(made: list[Claim]) -> list[Table]:
    """A table by bin and one by rule, the rules that decide most first."""
    error = f"Expected calibration error {expected_calibration_error(made):.3f} over {len(made):,} lines."
    bins = [
        (f"{b / BINS:.1f}–{(b + 1) / BINS:.1f}", len(cs), mean_confidence(cs), accuracy(cs))
        for b, cs in by_bin(made).items()
    ]
    rules: dict[str, list[Claim]] = defaultdict(list)
    for claim in made:
        rules[claim.rule].append(claim)
    ranked = sorted(rules.items(), key=lambda item: -len(item[1]))
    rows = [(rule, len(cs), mean_confidence(cs), accuracy(cs)) for rule, cs in ranked]
    columns = ("lines", "mean confidence", "right")
    return [
        Table("Confidence by bin", ("confidence", *columns), tuple(bins), error),
        Table("Confidence by rule", ("rule", *columns), tuple(rows)),
    ]
