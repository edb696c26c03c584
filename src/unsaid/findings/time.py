"""Findings about time: rules ``T1..``, as the chronology has worked them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.findings.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.chronology import Chronology
    from unsaid.story import Finding


def clashes(chronology: Chronology) -> Iterator[Finding]:
    """T101 to T106: statements about time that cannot all hold, each with the passages that make the circle."""
    for clash in chronology.clashes:
        yield finding(clash.rule, clash.message, list(clash.spans), clash.why)
