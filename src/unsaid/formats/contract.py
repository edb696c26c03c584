"""The contract itself as a format: JSON, one object to a line."""

from __future__ import annotations

from unsaid.story import Story


def write(story: Story) -> str:
    """The reading as one line of JSON."""
    return story.to_json() + "\n"


def read(data: bytes) -> Story:
    """The story that :func:`write` wrote.

    :raises NotAStory: if it is no such JSON.
    """
    return Story.from_json(data)
