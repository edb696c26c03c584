"""A story out, in the formats that people and programs read: pure functions from a :class:`~unsaid.story.Story`.

:data:`FORMATS` lists them; :func:`save` and :func:`load` pick one by name or by a path's ending.
"""

from __future__ import annotations

from unsaid.formats.registry import FORMATS, Format, for_path, load, named, save
from unsaid.formats.script import script
from unsaid.formats.summary import summary

__all__ = ["FORMATS", "Format", "for_path", "load", "named", "save", "script", "summary"]
