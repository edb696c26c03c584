"""Voices: who says, thinks and writes what, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.voices import attribution, turns
from unsaid.voices.field import Field
from unsaid.voices.layer import Voices

if TYPE_CHECKING:
    from unsaid.narration import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose

__all__ = ["Voices", "hear"]


def hear(prose: Prose, cast: Cast, telling: Telling) -> Voices:
    """Find every utterance and writing of a story, with who speaks it and to whom."""
    field = Field(prose, cast, telling)
    speech = attribution.attribute(field, turns.build(field, ()))
    ordered = sorted(speech, key=lambda u: (u.start, u.end))
    return Voices(
        utterances=tuple(msgspec.structs.replace(u, id=f"u{n}") for n, u in enumerate(ordered, 1)),
        writings=(),
    )
