"""Comments to Unsaid inside a story: ``<!-- unsaid: ignore V102 -->`` silences a rule in one paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unsaid.story import Matter

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELD = "comment"
"""The field of the matter that a comment is; its value names the rules, and is empty for all of them."""
COMMENT = re.compile(r"<!--[ \t]{0,20}unsaid:[ \t]{0,20}ignore\b([^<>\n]{0,200}?)-->", re.IGNORECASE)


def find_comments(text: str) -> Iterator[Matter]:
    """The comments in a text, in order."""
    for found in COMMENT.finditer(text):
        yield Matter(found.start(), found.end(), "boilerplate", FIELD, " ".join(found[1].replace(",", " ").split()))
