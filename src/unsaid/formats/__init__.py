"""A story out, in forms that people read: pure functions from a :class:`~unsaid.story.Story` to a string.

JSON, the form that programs read, is :meth:`~unsaid.story.Story.to_json`.
"""

from __future__ import annotations

from unsaid.formats.script import script
from unsaid.formats.summary import summary

__all__ = ["script", "summary"]
