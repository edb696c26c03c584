"""What a decision's probability is worth: how often lines decided in the same way turned out right."""

from __future__ import annotations

import math
from typing import Literal

_CLIP = 0.005
# Slope and intercept of the logit, by the rule that weighed most (Platt 1999). Of the first decision: fitted to the
# development novels of PDNC.
_FIRST: dict[str, tuple[float, float]] = {
    "beat": (0.5, -0.37),
    "cue-first": (0.87, -0.24),
    "cue-name": (0.76, -0.07),
    "cue-nominal": (0.42, -0.63),
    "cue-pronoun": (0.52, -0.18),
    "lead-in": (0.53, -0.13),
    "turn-taking": (0.74, 0.05),
}

# Of the second look. The reranker was grown on most of those novels, so it was fitted to what choices are made on and
# nothing is grown on: two novels of PDNC (training/dialogues.py, SCALED), six stories of the wild sort
# (benchmarks/wild.py, KEPT), and the examples.
_AGAIN: dict[str, tuple[float, float]] = {
    "beat": (0.5, 0.22),
    "cue-first": (1.03, 0.01),
    "cue-name": (0.88, -0.03),
    "cue-nominal": (0.5, -0.15),
    "cue-pronoun": (0.36, 0.46),
    "lead-in": (0.54, -0.27),
    "reranker": (1.06, -0.04),
    "turn-taking": (0.83, 0.3),
}

# Where the encoder has been asked, too: fitted to the same.
_ENCODED: dict[str, tuple[float, float]] = {
    "beat": (0.64, 0.26),
    "cue-first": (1.04, 0.01),
    "cue-name": (0.95, -0.09),
    "cue-nominal": (0.65, -0.11),
    "cue-pronoun": (0.6, 0.24),
    "encoder": (0.93, -0.12),
    "lead-in": (0.81, -0.09),
    "reranker": (1.3, -0.05),
    "turn-taking": (0.83, 0.3),
}

Judge = Literal["first", "again", "encoder"]
"""Who had the last word: the first decision, the second look, or the encoder."""
_SCALES: dict[Judge, dict[str, tuple[float, float]]] = {"first": _FIRST, "again": _AGAIN, "encoder": _ENCODED}

UNMARKED = 0.8
"""How often a line is one at all that was found without quotation marks."""


def logit(probability: float) -> float:
    """The log-odds of a probability, kept finite."""
    clipped = min(1 - _CLIP, max(_CLIP, probability))
    return math.log(clipped / (1 - clipped))


def calibrated(probability: float, rule: str, judge: Judge = "again") -> float:
    """How often a line is right whose speaker has this probability by this rule."""
    slope, intercept = scale_of(rule, judge)
    return round(1 / (1 + math.exp(-(slope * logit(probability) + intercept))), 3)


def scale_of(rule: str, judge: Judge = "again") -> tuple[float, float]:
    """The slope and intercept in use for a rule, from which a new fit goes on."""
    return _SCALES[judge].get(rule, (1.0, 0.0))
