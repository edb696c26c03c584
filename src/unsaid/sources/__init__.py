"""A file of any supported format -> :class:`Manuscript`: encoding, repairs, matter, metadata, emphasis.

The rest of the house needs only :func:`load`; everything else in this package is how it is done.
"""

from unsaid.errors import SourceError
from unsaid.sources.comments import FIELD as COMMENT_FIELD
from unsaid.sources.limits import Limits
from unsaid.sources.load import is_path, load
from unsaid.sources.manuscript import Manuscript, story_spans

__all__ = ["COMMENT_FIELD", "Limits", "Manuscript", "SourceError", "is_path", "load", "story_spans"]
