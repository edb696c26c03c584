"""Corrections made from a story as it was read: lines by id or words, people by id or name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from unsaid.corrections.anchors import anchor
from unsaid.corrections.model import (
    Anchor,
    Meant,
    Merge,
    Narrator,
    Newcomer,
    NoUtterance,
    Rename,
    Retype,
    Speaker,
    Split,
    UtteranceKind,
)
from unsaid.errors import CorrectionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.story import Finding, Story, Utterance


Where: TypeAlias = "Utterance | tuple[int, int] | str"
"""A line: an utterance, its id, a span of the text, or words of it that no other line has."""


def speaker(story: Story, line: Where, who: str) -> Speaker:
    """This line is theirs.

    :param who: a character's id or name.
    :raises CorrectionError: if there is no such line, or several.
    :raises NoSuchCharacter: if nobody is called so.
    """
    return Speaker(line=passage(story, line), speaker=name_of(story, who))


def retype(story: Story, line: Where, to: UtteranceKind) -> Retype:
    """This line, or this passage, is speech, a thought or a writing.

    :raises CorrectionError: if there is no such passage, or several.
    """
    return Retype(line=passage(story, line), to=to)


def no_utterance(story: Story, line: Where) -> NoUtterance:
    """This line is no utterance.

    :raises CorrectionError: if there is no such line, or several.
    """
    return NoUtterance(line=passage(story, line))


def merge(story: Story, one: str, other: str) -> Merge:
    """These two are one, called as the first.

    :raises NoSuchCharacter: if one of the names is nobody's.
    :raises CorrectionError: if both are the same already.
    """
    if story.character(one).id == story.character(other).id:
        raise CorrectionError(story.source.name, f"{one!r} and {other!r} are one character already")
    return Merge(one=name_of(story, one), other=name_of(story, other))


def split(story: Story, one: str, names: Iterable[str]) -> Split:
    """This one is two: whoever is called by one of the names is somebody else.

    :raises NoSuchCharacter: if nobody is called ``one``.
    :raises CorrectionError: if they are not called by some of the names, or by no others.
    """
    held = story.character(one).character.names
    wanted = {name.casefold() for name in names}
    moving = tuple(name for name in held if name.casefold() in wanted)
    if len(moving) < len(wanted) or len(moving) == len(held):
        called = ", ".join(held)
        raise CorrectionError(
            story.source.name, f"{one!r} cannot be parted so: the names are {called}; give some of them"
        )
    return Split(one=name_of(story, one), names=moving)


def newcomer(story: Story, name: str, pronouns: str | None = None) -> Newcomer:
    """There is somebody of this name.

    :raises CorrectionError: if the name is empty, or somebody's already.
    """
    name = " ".join(name.split())
    if not name:
        raise CorrectionError(story.source.name, "a character needs a name")
    if any(name in (c.name, *c.names) for c in story.characters):
        raise CorrectionError(story.source.name, f"there is somebody called {name!r} already")
    return Newcomer(name=name, pronouns=pronouns)


def rename(story: Story, one: str, name: str) -> Rename:
    """This one is called so.

    :raises NoSuchCharacter: if nobody is called ``one``.
    :raises CorrectionError: if the new name is empty, or somebody else's.
    """
    name = " ".join(name.split())
    if not name:
        raise CorrectionError(story.source.name, "a character needs a name")
    held = story.character(one).id
    if any(name == c.name for c in story.characters if c.id != held):
        raise CorrectionError(story.source.name, f"somebody else is called {name!r}; are the two one? then merge them")
    return Rename(one=name_of(story, one), name=name)


def narrator(story: Story, who: str | None, at: Where | None = None) -> Narrator:
    """This one tells the story, or the stretch of it that holds a passage; None: nobody in it does.

    :raises NoSuchCharacter: if nobody is called so.
    :raises CorrectionError: if there is no such passage, or several.
    """
    return Narrator(
        narrator=None if who is None else name_of(story, who), at=None if at is None else passage(story, at)
    )


def meant(story: Story, finding: Finding) -> Meant:
    """This finding is meant; what it points at stays."""
    first = finding.spans[0] if finding.spans else None
    return Meant(rule=finding.rule, at=anchor(story.text, first.start, first.end) if first else None)


def passage(story: Story, line: Where) -> Anchor:
    """The anchor of a line.

    :raises CorrectionError: if there is no such line, or several; says which.
    """
    start, end = line if isinstance(line, tuple) else _span(story, line)
    if not 0 <= start < end <= len(story.text) or not story.text[start:end].strip():
        raise CorrectionError(
            story.source.name, f"there is nothing at {start} to {end}; the text ends at {len(story.text)}"
        )
    return anchor(story.text, start, end)


def _span(story: Story, line: Utterance | str) -> tuple[int, int]:
    if not isinstance(line, str):
        return line.start, line.end
    found = [u for u in story.utterances if u.id == line]
    found = found or [u for u in story.utterances if line in story.passage(u)]
    if len(found) > 1 and (whole := [u for u in found if _bare(story.passage(u)) == _bare(line)]):
        found = whole
    if len(found) == 1:
        return found[0].start, found[0].end
    if found:
        ids = ", ".join(u.id for u in found[:5])
        raise CorrectionError(
            story.source.name, f"{len(found)} lines hold {line!r} ({ids}…): give more words, or an id"
        )
    at = story.text.find(line) if line else -1
    if at < 0:
        raise CorrectionError(story.source.name, f"no line holds {line!r}")
    if story.text.find(line, at + 1) >= 0:
        raise CorrectionError(story.source.name, f"{line!r} stands in the text several times: give more words")
    return at, at + len(line)


def _bare(words: str) -> str:
    return words.strip("\"“”'‘’«»„_*.,!?…—- \n").casefold()


def name_of(story: Story, who: str) -> str:
    """The name that means a character, and nobody else, to a correction.

    :param who: an id or a name.
    :raises NoSuchCharacter: if nobody is called so.
    """
    held = story.character(who).character
    others = {name for c in story.characters if c.id != held.id for name in (c.name, *c.names)}
    return next((name for name in (held.name, *held.names) if name not in others), held.id)
