"""Unsaid reads fiction and keeps account of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Draft", "Story", "__version__", "read"]

if TYPE_CHECKING:
    from unsaid.draft import Draft
    from unsaid.reading import read
    from unsaid.story import Story


def __getattr__(name: str) -> Any:
    """Import the reader only when it is asked for: `unsaid --version` must not wait for it."""
    if name == "read":
        from unsaid.reading import read  # noqa: PLC0415 - lazy on purpose

        return read
    if name == "Draft":
        from unsaid.draft import Draft  # noqa: PLC0415 - lazy on purpose

        return Draft
    if name == "Story":
        from unsaid.story import Story  # noqa: PLC0415 - lazy on purpose

        return Story
    raise AttributeError(f"module 'unsaid' has no attribute {name!r}")
