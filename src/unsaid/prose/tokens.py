"""Text to tokens. Emphasis marks (``_``, ``*``) and white space are no tokens; everything else in the story is."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from unsaid.prose.layer import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.prose.layer import Quotation

# "Y/N" stands for the reader's name, "Y/L/N" for the surname.
_TOKEN = re.compile(
    r"\b[Yy]/(?:[Ll]/)?[Nn]\b|"
    r"\d+(?:[.,:]\d+)*(?:st|nd|rd|th)?(?![^\W_])|[^\W_]+(?:['’‘\-‐‑][^\W_]+)*|(?P<mark>[^\w\s*])(?P=mark)*"
)
_CONTRACTED = frozenset(
    "it he she that what who there here where how let when why this one everyone everybody someone somebody nobody "
    "something nothing everything anyone anybody anything else".split()
)


def tokenise(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Yield ``(start, end, word)`` for each token in the given spans of ``text``; curly apostrophes become straight.

    A possessive ``'s`` is a token of its own ("Anna" + "'s"); in a contraction it stays ("it's").
    """
    for low, high in spans:
        for match in _TOKEN.finditer(text, low, high):
            start, end = match.span()
            word = match.group()
            if "’" in word or "‘" in word:
                word = word.replace("’", "'").replace("‘", "'")
            if word.endswith(("'s", "'S")) and end - start > 2 and word[:-2].lower() not in _CONTRACTED:
                yield start, end - 2, word[:-2]
                yield end - 2, end, "'s"
            else:
                yield start, end, word


def build(triples: Sequence[tuple[int, int, str]], quotations: Sequence[Quotation]) -> Tokens:
    """Put tokens into the layer's parallel tuples and mark those that lie inside a quotation."""
    starts = tuple(t[0] for t in triples)
    words = tuple(t[2] for t in triples)
    lower = tuple(w.lower() for w in words)
    return Tokens(starts, tuple(t[1] for t in triples), words, lower, quoted(starts, quotations))


def quoted(starts: Sequence[int], quotations: Iterable[Quotation]) -> bytes:
    """1 for each token that lies inside a quotation, else 0, by where the tokens start."""
    found = bytearray(len(starts))
    for quotation in quotations:
        low, high = bisect_left(starts, quotation.start), bisect_left(starts, quotation.end)
        found[low:high] = b"\x01" * (high - low)
    return bytes(found)
