"""What XML can hold: the characters that XML 1.0 allows, and a way to keep those that it does not."""

from __future__ import annotations

import re

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold (https://www.w3.org/TR/xml/#charsets): control characters and surrogates."""


def clean(text: str) -> str:
    """The text with U+FFFD in place of what XML cannot hold: for labels, not for a story's own text."""
    return ILLEGAL.sub("\ufffd", text)


def identifier(name: str) -> str:
    """An XML id that stands for an id of the story: the same one where it is a name already, and never another's."""
    if re.fullmatch(r"[A-Za-z_][\w.-]*", name, re.ASCII):
        return name
    return "_" + "".join(c if re.match(r"[A-Za-z0-9]", c) else f".{ord(c):x}." for c in name)
