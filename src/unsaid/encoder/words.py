"""The story as the words that the encoder reads: the Penn Treebank's, as in LitBank, which it was trained on."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from unsaid.prose import Prose

_CONTRACTED = re.compile(r"(?i)(?<=[^\W\d_])(?:n't|'(?:ll|re|ve|d|m|s))$")
# One spelling for what books print in many: the marks of speech, apostrophes, dashes.
_SPELLED = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("—–‒―‐‑", "-"),
        "…": "...",
    }
)


class Words(msgspec.Struct, frozen=True):
    """The words of a story in order.

    :ivar starts: code point offset of each word; ``ends`` likewise, exclusive.
    :ivar spelled: each word as :func:`spelling` writes it.
    :ivar sentences: index of the first word of each sentence that holds any.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    spelled: tuple[str, ...]
    sentences: tuple[int, ...]


def spelling(word: str) -> str:
    """A word in the one spelling that the encoder was trained on: straight quotation marks, "--" for a dash."""
    plain = word.translate(_SPELLED)
    return "--" if plain.strip("-") == "" and plain != "" and word != "-" else plain


def words_of(prose: Prose) -> Words:
    """A story's words: its tokens, contractions cut in two ("do" and "n't")."""
    tokens = prose.tokens
    starts: list[int] = []
    ends: list[int] = []
    spelled: list[str] = []
    sentences: list[int] = []
    for sentence in prose.sentences:
        if sentence.first < sentence.last:
            sentences.append(len(starts))
        for i in range(sentence.first, sentence.last):
            cuts = [tokens.starts[i], *_cuts(tokens.words[i], tokens.starts[i]), tokens.ends[i]]
            for start, end in pairwise(cuts):
                starts.append(start)
                ends.append(end)
                spelled.append(spelling(prose.text[start:end]))
    return Words(tuple(starts), tuple(ends), tuple(spelled), tuple(sentences))


def _cuts(word: str, start: int) -> list[int]:
    found = _CONTRACTED.search(word) if "'" in word else None
    return [start + found.start()] if found and found.start() else []
