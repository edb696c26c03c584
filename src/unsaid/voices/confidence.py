"""What a decision's probability is worth: how often lines decided in the same way turned out right."""

from __future__ import annotations

import math

_CLIP = 0.005
# Slope and intercept of the logit, by the rule that weighed most (Platt 1999): fitted by
# `python -m benchmarks calibration --fit` on the development novels of PDNC, whose figures docs/benchmarks.md keeps
# apart from those of the novels that were never looked at.
_SCALE: dict[str, tuple[float, float]] = {
    "beat": (0.5, -0.37),
    "cue-first": (0.87, -0.24),
    "cue-name": (0.76, -0.07),
    "cue-nominal": (0.42, -0.63),
    "cue-pronoun": (0.52, -0.18),
    "lead-in": (0.53, -0.13),
    "turn-taking": (0.74, 0.05),
}

# The same where the encoder has been asked, too: fitted by `python -m benchmarks speakers --fit` on the two novels of
# PDNC that choices were made on (training/dialogues.py, SCALED). They hold five lines known by a lead-in, and none by
# "I said": the first goes with "beat", the other as it is.
_ENCODED: dict[str, tuple[float, float]] = {
    "beat": (0.79, -0.45),
    "cue-name": (1.78, 0.92),
    "cue-nominal": (0.71, 0.19),
    "cue-pronoun": (0.72, 0.28),
    "encoder": (0.85, -0.19),
    "lead-in": (0.79, -0.45),
    "turn-taking": (1.01, 0.1),
}

UNMARKED = 0.8
"""How often a line is one at all that was found without quotation marks."""


def logit(probability: float) -> float:
    """The log-odds of a probability, kept finite."""
    clipped = min(1 - _CLIP, max(_CLIP, probability))
    return math.log(clipped / (1 - clipped))


def calibrated(probability: float, rule: str, *, encoded: bool = False) -> float:
    """How often a line is right whose speaker has this probability by this rule.

    :param encoded: the encoder has been asked, too.
    """
    slope, intercept = scale_of(rule, encoded=encoded)
    return round(1 / (1 + math.exp(-(slope * logit(probability) + intercept))), 3)


def scale_of(rule: str, *, encoded: bool = False) -> tuple[float, float]:
    """The slope and intercept in use for a rule, from which a new fit goes on."""
    return (_ENCODED if encoded else _SCALE).get(rule, (1.0, 0.0))
