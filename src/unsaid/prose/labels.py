"""Lines that begin with whose they are, as chats set them: "Ann: ok", "[Ann]: ok", "<ann> ok", "[2:14] Ann: ok"."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.prose.layer import Paragraph, Prose

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
_SET_APART = frozenset("[]<>()")
_LONGEST = 400  # characters of a line that are looked at


class Label(msgspec.Struct, frozen=True):
    """What a line begins with.

    :ivar head: the name, as it is written; ``body``: where, in the line, what is said begins.
    :ivar marked: it is set in brackets, or with the time, as no play is.
    """

    head: str
    body: int
    marked: bool


def label_of(line: str) -> Label | None:
    """The label that a line begins with, if it does."""
    found = _LABEL.match(line)
    if found is None:
        return None
    head = (found["name"] or found["nick"]).strip()
    return Label(head, found.end(), not _SET_APART.isdisjoint(found.group()))


def labels(prose: Prose) -> Iterator[tuple[Paragraph, str]]:
    """The paragraphs that begin with a label, each with what it is."""
    for paragraph in prose.paragraphs:
        label = label_of(prose.text[paragraph.start : min(paragraph.end, paragraph.start + _LONGEST)])
        if label is not None:
            yield paragraph, label.head


def often_labelled(prose: Prose) -> frozenset[str]:
    """What two lines or more begin with, if there are two such names at least."""
    heads = Counter(head for _, head in labels(prose))
    often = frozenset(head for head, count in heads.items() if count > 1)
    return often if len(often) > 1 else frozenset()
