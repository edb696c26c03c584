"""Where each word of a story stands, so that whoever looks for a few words need not pass by all the others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unsaid.prose.layer import Tokens


class Concordance:
    """The indices of a story's tokens by word.

    :ivar written: by the word as it is written; :ivar lower: by the word in lower case. Each list ascends.
    """

    def __init__(self, tokens: Tokens) -> None:
        written: defaultdict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(tokens.words):
            written[word].append(at)
        lower: dict[str, list[int]] = {}
        for word, places in written.items():
            small = word.lower()
            before = lower.get(small)
            lower[small] = places if before is None else sorted(before + places)
        self.written: Mapping[str, list[int]] = dict(written)
        self.lower: Mapping[str, list[int]] = lower

    def of(self, wanted: Iterable[str]) -> list[int]:
        """The indices, ascending, of all tokens that are one of some words (in lower case, each named once)."""
        lower = self.lower
        found: list[int] = []
        for word in wanted:
            places = lower.get(word)
            if places is not None:
                found += places
        found.sort()  # runs that ascend already: merged in linear time
        return found


_HELD: dict[str, tuple[ref[Tokens], Concordance]] = {}


def concordance(tokens: Tokens) -> Concordance:
    """The concordance of a story's tokens; the last one made is held while they live, since many rooms ask for it."""
    held = _HELD.get("last")
    if held is not None and held[0]() is tokens:
        return held[1]
    made = Concordance(tokens)
    _HELD["last"] = ref(tokens, _let_go), made
    return made


def _let_go(gone: ref[Tokens]) -> None:
    held = _HELD.get("last")
    if held is not None and held[0] is gone:
        del _HELD["last"]
