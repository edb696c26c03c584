"""What a person has corrected: the frozen types, one for each thing that can be said.

A correction points at a passage by quotation and context (:class:`Anchor`) and at a person by name, never by offset
or id, so that it still means the same when the draft was edited and the story is read again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

UtteranceKind = Literal["speech", "thought", "writing"]


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passage by its words and what stands around it: the TextQuoteSelector of the W3C Web Annotation Data Model.

    ``prefix`` and ``suffix`` are as long as it takes to tell the passage from others with the same words.
    """

    exact: str
    prefix: str = ""
    suffix: str = ""


class Speaker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="speaker"):
    """This line is theirs: who says, thinks or writes it, by name."""

    line: Anchor
    speaker: str


class Retype(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="retype"):
    """This passage is speech, a thought or a writing, whether or not it was taken for an utterance before."""

    line: Anchor
    to: UtteranceKind


class NoUtterance(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="no-utterance"
):
    """This passage is no utterance: a title, a word as a word, narration in quotation marks."""

    line: Anchor


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="merge"):
    """These two are one character, called as the first."""

    one: str
    other: str


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="split"):
    """This one is two characters: whoever is called by one of ``names`` is someone else than ``one``."""

    one: str
    names: tuple[str, ...]


class Newcomer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="newcomer"):
    """There is someone whom the reading does not know; ``pronouns`` is "he", "she", "they", "it" or None."""

    name: str
    pronouns: str | None = None


class Rename(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="rename"):
    """This character is to be called so."""

    one: str
    name: str


class Narrator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="narrator"):
    """This character tells the story, or, where ``at`` is given, the stretch of it that holds that passage.

    ``narrator`` None: nobody in the story tells it.
    """

    narrator: str | None = None
    at: Anchor | None = None


class Meant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="meant"):
    """This finding is meant: the rule is right about the passage, and the passage stays. None: wherever it applies."""

    rule: str
    at: Anchor | None = None


Correction = Speaker | Retype | NoUtterance | Merge | Split | Newcomer | Rename | Narrator | Meant
"""Anything a person can correct."""


class Unfit(msgspec.Struct, frozen=True):
    """A correction that no longer fits the story, and why: it is kept and reported, never dropped."""

    correction: Correction
    reason: str
