"""Whether a reading that comes from outside holds together: its spans lie in its text, its ids are somebody's.

A file may be well-formed and typed, and still point behind the end of the text; whoever works with a
:class:`~unsaid.story.Story` may rely on it that none does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.errors import NotAStory

if TYPE_CHECKING:
    from unsaid.story import Story

_APART = frozenset({"metadata", "source", "corrections"})
"""What says nothing of the text, or (corrections) speaks of the text as it was when it was corrected."""
_LARGEST = 2**53 - 1
"""The largest number that every reader of JSON reads alike (RFC 8259, section 6)."""
_PEOPLE = frozenset("speaker addressees narrator focalizer present character sender recipient from_ to who a b".split())
_LINES = frozenset({"said", "meant", "utterance"})


def sound(story: Story) -> Story:
    """The story itself, if all of it holds together.

    :raises NotAStory: if a span does not lie in the text, two items of a layer have one id, or an id is nobody's; says
        which, in the contract's terms.
    """
    known = _Known(story)
    if not 0 <= story.source.words <= _LARGEST:
        raise NotAStory(f"source has {story.source.words} words")
    names = zip(story.__struct_fields__, story.__struct_encode_fields__, strict=True)
    for field, name in names:
        layer = getattr(story, field)
        if field in _APART or not isinstance(layer, tuple):
            continue
        ids: set[str] = set()
        for number, item in enumerate(layer):
            why = known.wrong(item)
            own = getattr(item, "id", None)
            if own is not None and own in ids:
                why = f"has the id {own!r} of another"
            if why:
                raise NotAStory(f"{name}[{number}] {why}")
            ids.add(own or "")
    return story


class _Known:
    """What the items of a story may refer to."""

    def __init__(self, story: Story) -> None:
        self._size = len(story.text)
        self._people = {c.id for c in story.characters}
        self._lines = {u.id for u in story.utterances}

    def wrong(self, item: msgspec.Struct) -> str | None:
        """What is wrong with an item or anything in it; None if nothing is."""
        start = getattr(item, "start", None)
        why = None if start is None else self._outside(start, getattr(item, "end"))  # noqa: B009 - any spanned type
        for field in item.__struct_fields__:
            why = why or self._field(field, getattr(item, field))
        return why

    def _field(self, field: str, value: Any) -> str | None:
        if isinstance(value, msgspec.Struct):
            return self.wrong(value)
        if isinstance(value, tuple):
            if len(value) == 2 and isinstance(value[0], int):
                return self._outside(*value)
            return next((why for one in value if (why := self._field(field, one))), None)
        if isinstance(value, dict):
            return next((why for one in value.values() if (why := self._field(field, one))), None)
        if isinstance(value, int) and not 0 <= value <= (self._size if field == "since" else _LARGEST):
            return f"has {field} {value}, in a text of {self._size} characters"
        if isinstance(value, str):
            if field in _PEOPLE and value not in self._people:
                return f"has {field.rstrip('_')} {value!r}, which is no character's id"
            if field in _LINES and value not in self._lines:
                return f"has {field} {value!r}, which is no utterance's id"
        return None

    def _outside(self, start: int, end: int | None) -> str | None:
        if end is not None and 0 <= start <= end <= self._size:
            return None
        return f"has the span {start} to {end} in a text of {self._size} characters"
