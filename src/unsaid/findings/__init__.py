"""Findings: what does not hold together in the text, one small module for each family of rules.

``rules.RULES`` lists them all; each has its page in ``pages/``.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from unsaid.findings import dialogue, names, people, places, text, time, viewpoint
from unsaid.findings.account import left_open
from unsaid.findings.choice import Choice, Chosen, Silence, beyond, choose, fingerprint
from unsaid.findings.comments import hushed
from unsaid.findings.given import judged
from unsaid.findings.rules import FAMILIES, RULES, Rule, rule
from unsaid.narration import profiles
from unsaid.people import Certain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.chronology import Chronology
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Finding, Matter, Scene
    from unsaid.voices.layer import Voices

__all__ = [
    "FAMILIES",
    "RULES",
    "Choice",
    "Chosen",
    "Rule",
    "Silence",
    "beyond",
    "choose",
    "examine",
    "fingerprint",
    "hushed",
    "judged",
    "left_open",
    "rule",
]


def examine(
    prose: Prose,
    matter: Sequence[Matter],
    cast: Cast,
    scenes: Sequence[Scene],
    voices: Voices,
    chronology: Chronology,
) -> tuple[Finding, ...]:
    """Every finding, in the order of the first passage that it points at; findings without a passage come first."""
    shape = profiles(prose)
    certain = Certain(prose, cast)
    found = chain(
        text.lost_lines(prose),
        text.not_english_prose(prose),
        text.doubled(prose, voices),
        text.garbled(prose),
        text.left_in(prose, matter),
        dialogue.unclosed(prose, voices),
        dialogue.unclear(voices),
        dialogue.untagged(prose, voices),
        dialogue.self_address(prose, cast, voices),
        time.clashes(chronology),
        people.trait_changes(prose, cast, certain),
        people.relative_renamed(prose, cast, certain),
        people.dead_speak(prose, cast, voices),
        places.in_two_places(prose, cast, chronology),
        names.misspelt(prose, cast),
        names.alike(cast),
        names.varies(prose, cast),
        viewpoint.two_minds(cast, scenes, voices),
        viewpoint.shifts(prose, voices, shape),
        viewpoint.narrator_changes(prose, cast, scenes),
    )
    return tuple(sorted(found, key=lambda f: (f.spans[0].start if f.spans else -1, f.rule)))
