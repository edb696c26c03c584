"""The layer that the voices room returns: who says, thinks and writes what, to whom."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from unsaid.story import Utterance, Writing


class Voices(msgspec.Struct, frozen=True):
    """Utterances and writings, each sorted by start.

    :ivar subjects: the speakers of lines by the span of their cue's subject, where it is "he", "she" or a noun phrase:
        whoever a line was given to is who "said the old man" means.
    """

    utterances: tuple[Utterance, ...]
    writings: tuple[Writing, ...]
    subjects: dict[tuple[int, int], str] = {}


def only_sure(voices: Voices, least: float) -> Voices:
    """The same, where nobody is named for an utterance whose ``confidence`` is below ``least``.

    Whom it is said to goes with the speaker: who speaks and who listens are decided together.
    """
    if least <= 0:
        return voices
    reason = f"whoever is likeliest is less sure than {least:g}"
    utterances = tuple(
        replace(u, speaker=None, addressees=(), reason=reason) if u.speaker is not None and u.confidence < least else u
        for u in voices.utterances
    )
    return replace(voices, utterances=utterances)
