"""Words as the library's index knows them: folded, so that "Café" is found as "cafe" and "don’t" as "don't".

Folding never changes a text's length, so that an offset into the folded text is one into the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = "’‘ʼ＇"


class _Folding(dict[int, str]):
    """Each character's folded form, made when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = unicodedata.normalize("NFKD", char)[:1].lower()
        folded = "'" if char in _APOSTROPHES else base if len(base) == 1 and base.isalnum() else char
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text in small letters, without accents, with straight apostrophes; as long as it was."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


@cache
def _unfoldings() -> dict[str, str]:
    """For each folded character, those that fold to it, in the scripts with accents that English prose borrows from."""
    found: dict[str, str] = {}
    for code in (*range(0x80, 0x250), *range(0x1E00, 0x1F00), *map(ord, _APOSTROPHES)):
        base = _FOLDING[code]
        if base != chr(code):
            found[base] = found.get(base, base) + chr(code)
    return found


def unfolded(char: str) -> str:
    """A regular expression for everything that folds to a character."""
    variants = _unfoldings().get(char)
    return f"[{variants}]" if variants else re.escape(char)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text or a query, folded, in order."""
    return tuple(WORD.findall(fold(text)))


def words_in(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, int]]:
    """The words of these spans of a text, folded, each with its offset, in order."""
    folded = fold(text)
    for start, end in spans:
        for found in WORD.finditer(folded, start, end):
            yield found.group(), found.start()
