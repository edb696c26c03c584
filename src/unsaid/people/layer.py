"""The layer that the people room returns: who is in the story, and where each is mentioned."""

from __future__ import annotations

import msgspec

from unsaid.story import Character, Mention


class Cast(msgspec.Struct, frozen=True):
    """Characters, most mentioned first, and mentions, sorted by start (an outer mention before an inner one).

    Names, nominals and third-person pronouns are resolved here as far as the text around them allows; "I" and
    "you" stay open (``character`` None) until it is known who speaks, and are settled by :func:`unsaid.people.settle`.
    """

    characters: tuple[Character, ...]
    mentions: tuple[Mention, ...]


class Overheard(msgspec.Struct, frozen=True):
    """What a first reading has found of who speaks: it says whom pronouns mean, which say in turn who speaks.

    A person is told by where one of their names starts, since a second walk numbers the cast anew.

    :ivar subjects: whom the pronoun of a cue means ("she said"), by its start.
    :ivar speakers: who speaks a line that no cue reports, by its end; sorted.
    :ivar lines: spans of words of which it is sure who says them, with who does; sorted.
    :ivar described: whom the description of a cue means ("said the girl"), by its start; None where nobody with a name.
    :ivar tellers: who tells each part of the story, by its start; sorted. A part that nobody with a name tells has -1.
    """

    subjects: dict[int, int] = {}
    speakers: tuple[tuple[int, int], ...] = ()
    lines: tuple[tuple[int, int, int], ...] = ()
    described: dict[int, int | None] = {}
    tellers: tuple[tuple[int, int], ...] = ()


UNHEARD = Overheard()
"""Nothing is known yet of who speaks."""
