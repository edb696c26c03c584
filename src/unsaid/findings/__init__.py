"""Findings: what does not hold together in the text, one small module for each family of rules.

========  ========================================  ================
rule      what it finds                             module
========  ========================================  ================
``D103``  a quotation that never closes             ``dialogue``
``X101``  lines that seem to be lost                ``text``
``X102``  text that is no English prose             ``text``
========  ========================================  ================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.findings import dialogue, text

if TYPE_CHECKING:
    from unsaid.prose import Prose
    from unsaid.story import Finding
    from unsaid.voices.layer import Voices

__all__ = ["examine"]


def examine(prose: Prose, voices: Voices) -> tuple[Finding, ...]:
    """Every finding, in the order of the first passage that it points at; findings without a passage come first."""
    found = [*text.lost_lines(prose), *text.not_english_prose(prose), *dialogue.unclosed(prose, voices)]
    return tuple(sorted(found, key=lambda f: (f.spans[0].start if f.spans else -1, f.rule)))
