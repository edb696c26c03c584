"""Misattributed quotations beside their passage, for reading errors by eye."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from benchmarks.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.verdicts import Comparison, Spurious, Verdict

BEFORE, AFTER = 400, 200  # code points of context: about the two turns before and the cue after
STATES = ("right", "wrong", "unknown", "missed")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which errors to show.

    :ivar rule: only those that this rule decided (an utterance's ``rule``), or all.
    :ivar type: only gold quotations of this type (explicit, anaphoric, implicit), or all.
    :ivar state: ``wrong`` (another speaker), ``unknown`` (none), ``missed`` (not found), or all three.
    :ivar n: how many at most; a sample that is the same each time for the same ``seed``.
    """

    rule: str | None = None
    type: str | None = None
    state: str | None = None
    n: int = 20
    seed: int = 0


def state_of(verdict: Verdict) -> str:
    """``right``, ``wrong``, ``unknown`` or ``missed``."""
    if verdict.utterance is None:
        return "missed"
    if verdict.utterance.speaker is None:
        return "unknown"
    return "right" if verdict.right else "wrong"


def chosen(comparison: Comparison, wanted: Wanted) -> list[Verdict]:
    """A sample of the errors that are wanted, in the order of the text."""
    fitting = [v for v in comparison.verdicts if not v.right and _fits(v, wanted)]
    sample = random.Random(wanted.seed).sample(fitting, min(wanted.n, len(fitting)))
    return sorted(sample, key=lambda v: v.spans)


def _fits(verdict: Verdict, wanted: Wanted) -> bool:
    rule = verdict.utterance.rule if verdict.utterance else None
    return (
        wanted.rule in (None, rule)
        and wanted.type in (None, verdict.type)
        and wanted.state in (None, state_of(verdict))
    )


def by_rule(comparison: Comparison) -> Table:
    """How many gold quotations each rule decided, right, wrong and unknown, worst first."""
    counts: Counter[tuple[str, str]] = Counter()
    for verdict in comparison.verdicts:
        rule = (verdict.utterance.rule or "(no rule)") if verdict.utterance else "(not found)"
        counts[rule, state_of(verdict)] += 1
    rules = sorted({rule for rule, _ in counts}, key=lambda r: -_failed(counts, r))
    rows: list[tuple[Cell, ...]] = [(rule, *(counts[rule, state] for state in STATES)) for rule in rules]
    return Table("Errors by rule", ("rule", *STATES), tuple(rows))


def by_character(comparison: Comparison, most: int = 12) -> Table:
    """Who is taken for whom most often: where the names went wrong, one pair has most of the errors."""
    taken = Counter((v.gold, v.ours or "?", v.counts_as or "nobody") for v in comparison.verdicts if not v.right)
    rows: list[tuple[Cell, ...]] = [(*names, n) for names, n in taken.most_common(most)]
    return Table("Who is taken for whom", ("gold", "ours", "which counts as", "lines"), tuple(rows))


def _failed(counts: Counter[tuple[str, str]], rule: str) -> int:
    return sum(counts[rule, state] for state in ("wrong", "unknown", "missed"))


def show(text: str, verdict: Verdict) -> str:
    """A quotation in its passage (between « and »), the gold speaker, ours, and how it was decided."""
    utterance = verdict.utterance
    how = f"{utterance.rule} {utterance.confidence:.2f} {utterance.id}" if utterance else "not found"
    why = f" ({utterance.reason})" if utterance and utterance.reason else ""
    ours = verdict.ours or "?"
    if verdict.ours and verdict.counts_as != verdict.ours:
        ours += f" (counts as {verdict.counts_as or 'nobody'})"
    to = ", ".join(verdict.wanted)
    head = f"— {verdict.spans[0][0]} [{verdict.type}] gold: {verdict.gold} (to {to}); ours: {ours}{why}; by {how}"
    return f"{head}\n{passage(text, verdict.spans)}\n"


def show_spurious(text: str, item: Spurious) -> str:
    """An utterance that gold does not have, in its passage."""
    who = f"{item.ours or '?'} by {item.utterance.rule} {item.utterance.confidence:.2f} {item.utterance.id}"
    return f"— {item.start} no quotation in gold; ours: {who}\n{passage(text, [(item.start, item.end)])}\n"


def passage(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The passage around spans, each between « and », white space runs as one blank (a paragraph as ¶)."""
    pieces, at = [], max(0, spans[0][0] - BEFORE)
    for start, end in spans:
        pieces += [text[at:start], "«", text[start:end], "»"]
        at = end
    pieces.append(text[at : at + AFTER])
    return re.sub(r"\s+", " ", re.sub(r"\r?\n\s*\n", " ¶ ", "".join(pieces)))
