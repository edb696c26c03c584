"""Findings and what a person has said of them: those that are meant, and corrections that no longer fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.corrections.show import shown
from unsaid.findings.comments import Hushed, is_hushed
from unsaid.findings.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.corrections.given import Given, Place
    from unsaid.corrections.model import Unfit
    from unsaid.story import Finding

NOTHING_HUSHED = Hushed()


def judged(
    found: Iterable[Finding], given: Given, unfit: Iterable[Unfit], said: Hushed = NOTHING_HUSHED
) -> tuple[Finding, ...]:
    """The findings in the order of the text, those that are meant marked so.

    Before them X106, one for each correction that does not fit.

    :param said: what the comments in the text silence.
    """
    lost = (finding("X106", f"a correction no longer fits: {shown(u.correction)}; {u.reason}", []) for u in unfit)
    ordered = sorted((*found, *said.unknown), key=lambda f: (f.spans[0].start if f.spans else -1, f.rule))
    kept = (
        msgspec.structs.replace(f, meant=True) if _is_meant(f, given) or is_hushed(f, said.places) else f
        for f in ordered
    )
    return (*lost, *kept)


def _is_meant(finding: Finding, given: Given) -> bool:
    return any(
        silenced.correction.rule == finding.rule and (silenced.at is None or _points_at(finding, silenced.at))
        for silenced in given.silenced
    )


def _points_at(finding: Finding, place: Place) -> bool:
    """Whether the first passage of a finding and a place are the same one, give or take an edit inside."""
    if not finding.spans:
        return False
    first, (start, end) = finding.spans[0], place
    return 2 * (min(first.end, end) - max(first.start, start)) > min(first.end - first.start, end - start)
