"""Voices: who says, thinks and writes what, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.voices import attribution, turns
from unsaid.voices.field import Field
from unsaid.voices.indirect import find_indirect
from unsaid.voices.layer import Voices
from unsaid.voices.recognition import recognise
from unsaid.voices.thoughts import assign_thoughts, find_thoughts
from unsaid.voices.writings import find_writings

if TYPE_CHECKING:
    from unsaid.narration import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose

__all__ = ["Voices", "hear", "recognise"]


def hear(prose: Prose, cast: Cast, telling: Telling) -> Voices:
    """Find every utterance and writing of a story, with who speaks it and to whom.

    Writings are found first (a letter may hold quotations), then thoughts; what is left in quotation marks is speech.
    A thought is given to someone last of all, since whoever spoke before it most often thinks it.
    """
    writings, written = find_writings(prose, cast, telling)
    taken = sorted((w.start, w.end) for w in written)
    found = find_thoughts(prose, cast, telling, taken)
    taken = sorted([*taken, *(part for thought in found for part in thought.parts)])
    field = Field(prose, cast, telling, taken)
    speech = attribution.attribute(field, turns.build(field, taken))
    thoughts = assign_thoughts(prose, cast, telling, found, speech)
    indirect = find_indirect(prose, cast, telling)
    ordered = sorted([*written, *thoughts, *speech, *indirect], key=lambda u: (u.start, u.end, u.kind))
    return Voices(
        utterances=tuple(msgspec.structs.replace(u, id=f"u{n}") for n, u in enumerate(ordered, 1)),
        writings=writings,
    )
