"""Paragraphs to sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A possible end: terminal marks, what closes behind them, white space. The rest is decided by what stands around it.
_END = re.compile(r"(?<![.!?…])([.!?…]++)([\"'”’»›)\]_*]*)(\s+|(?<=[.!?…])(?=[\"“‘«„])|(?<=[.!?…][\"”])(?=[\"“A-Z]))")
TITLES = frozenset("mr mrs ms mme mlle messrs dr st prof rev capt col gen lt lieut maj sgt hon jr sr".split())
"""What is cut short beside a name, in lower case: the full stop behind it ends no sentence."""
_ABBREVIATIONS = TITLES | frozenset(
    "esq vs etc no vol inc ltd fr mt viz i.e e.g cf p pp fig jan feb aug sept oct nov dec".split()
)
_WORD_BEFORE = re.compile(r"[\w.]+$")
_OPENERS = "\"'“‘«„‹([—–-_*¡¿"


def split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of the paragraph ``text[start:end]`` as spans without white space at the ends.

    ``"I know," she said.`` is one sentence: lower case after a closing mark goes on with the sentence.
    """
    at = start
    for match in _END.finditer(text, start, end):
        if match.end() < end and _is_end(text, match, start):
            close = match.end(2)
            if close > at:
                yield at, close
            at = match.end()
    while at < end and text[at].isspace():
        at += 1
    if at < end:
        yield at, end


def _is_end(text: str, match: re.Match[str], start: int) -> bool:
    following = text[match.end()]
    if following in _OPENERS:
        after = text[match.end() + 1 : match.end() + 2]
        following = after if after.isalpha() else "A"
    if following.islower():
        # "… he said. i was tired": careless writers drop the capital after a full stop, but not within "what?" he.
        return match.group(1) == "." and not match.group(2) and not _is_abbreviation(text, match, start)
    if match.group(1) == "." and not match.group(2):
        return not _is_abbreviation(text, match, start)
    return True


def _is_abbreviation(text: str, match: re.Match[str], start: int) -> bool:
    before = _WORD_BEFORE.search(text, max(start, match.start() - 20), match.start())
    if before is None:
        return False
    word = before.group().lower()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word not in "i")
