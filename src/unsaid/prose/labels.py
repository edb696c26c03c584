"""Lines that begin with whose they are, as chats set them: "Ann: ok", "[Ann]: ok", "<ann> ok", "[2:14] Ann: ok"."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.prose.layer import Prose

_LABEL = re.compile(
    r"""[*_~\s]*
    (?:[\[(]\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?[\])]\s*[-–—]?\s*)?      # [2:14]
    (?:
        \[?(?P<name>[^\W\d_][^:\n<>\[\]()*]{0,23}?)\]?\s*              # Ann, [Ann]
        (?:[\[(][^\])\n]{1,16}[\])])?[*_~]*\s*:[*_~]*\s+               # (2:14 am):
        | <(?P<nick>[^\s<>:]{1,24})>:?\s+                              # <ann>
    )(?=\S)""",
    re.VERBOSE | re.IGNORECASE,
)
_FLOURISH = re.compile(r"[^\w.]+$")
"""What some set behind their name: a heart, stars."""
_SET_APART = frozenset("[]<>()")
_LONGEST = 400  # characters of a line that are looked at


class Label(msgspec.Struct, frozen=True):
    """What a line begins with.

    :ivar head: the name, as it is written; ``said`` what stands behind it.
    :ivar marked: it is set in brackets, or with the time, as no play is.
    """

    head: str
    said: str
    marked: bool


def label_of(line: str) -> Label | None:
    """The label that a line begins with, if it does."""
    found = _LABEL.match(line)
    if found is None:
        return None
    head = _FLOURISH.sub("", found["name"] or found["nick"])
    return Label(head, line[found.end() :], not _SET_APART.isdisjoint(found.group()))


def labels(prose: Prose) -> dict[int, Label]:
    """The labels that paragraphs begin with, by the paragraph's index; a long one is looked at no further than it may
    be somebody's line in a chat."""
    lines = (prose.text[p.start : min(p.end, p.start + _LONGEST)] for p in prose.paragraphs)
    return {i: label for i, line in enumerate(lines) if (label := label_of(line)) is not None}


def often_labelled(found: Iterable[Label]) -> frozenset[str]:
    """What two lines or more begin with, if there are two such names at least."""
    heads = Counter(label.head for label in found)
    often = frozenset(head for head, count in heads.items() if count > 1)
    return often if len(often) > 1 else frozenset()
