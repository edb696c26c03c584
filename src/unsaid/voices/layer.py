"""The layer that the voices room returns: who says, thinks and writes what, to whom."""

from __future__ import annotations

import msgspec

from unsaid.story import Utterance, Writing


class Voices(msgspec.Struct, frozen=True):
    """Utterances and writings, each sorted by start."""

    utterances: tuple[Utterance, ...]
    writings: tuple[Writing, ...]
