"""Passages as vectors: MiniLM's sentence vectors (Reimers and Gurevych 2019), made on this machine by ONNX Runtime.

The model lies in ``minilm/``, with a note of where it comes from. A vector is kept as 384 numbers of eight bits,
which find the same as 32 bits do (docs/library.md has what was measured).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unsaid import models
from unsaid.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "minilm"
"""Where the model lies."""
FILES = {
    "model.onnx": "6b73232e0251c91102184fdc2be1cda14a4837d32e92b53ec98b9ddea3c4ebef",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""The model's files and their SHA-256 digests."""
WIDTH = 384
SCALE = 127
"""What a vector of length 1 is multiplied by before it is rounded to eight bits."""
LONGEST = 256
"""Wordpieces of a passage that are read; the model was made with passages of at most so many."""
WINDOW, EVERY = 150, 300
"""Words of a passage that is read, and of the story for each such passage. Half of the text is read: reading all
of it takes twice as long and finds little more (docs/library.md)."""


class Model:
    """The model, open."""

    def __init__(self, tokenizer: Any, session: Any) -> None:
        self._tokenizer, self._session = tokenizer, session

    def vector(self, text: str) -> NDArray[np.int8]:
        """A passage's vector.

        Passages are read one by one: numbers of eight bits are scaled by all that is read at once, so that a passage's
        vector would hang on its neighbours if it were read with them.
        """
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        found = self._session.run(None, {"ids": ids, "attended": np.ones_like(ids)})[0][0]
        rounded: NDArray[np.int8] = np.rint(found * SCALE).astype(np.int8)
        return rounded


def digest() -> str:
    """Names the model and how passages are cut: vectors made with another cannot be compared."""
    return f"{FILES['model.onnx'][:16]}/{WINDOW}/{EVERY}/tokens"


@cache
def load(folder: Path = FOLDER) -> Model:
    """Open the model; a second call returns the same one.

    :raises LibraryError: if a file is missing or damaged; :raises MissingExtra: if a library that it needs is.
    """
    models.has("cpu", what="finding scenes that are alike", extra="similar")
    try:
        altered = models.altered(folder, FILES)
    except OSError as error:
        raise LibraryError(str(error.filename), f"{error.strerror}; install Unsaid again") from error
    if altered is not None:
        raise LibraryError(str(altered), "damaged: its digest is another; install Unsaid again")
    return Model(models.tokenizer(folder / "tokenizer.json", LONGEST), models.session(folder / "model.onnx"))


def windows(words: Sequence[tuple[int, int]], *, most: int | None = None) -> list[tuple[int, int]]:
    """The passages of a scene that are read, spread evenly over it, given the spans of its :func:`tokens`.

    :param most: so many at most.
    """
    if not words:
        return []
    count = max(1, round(len(words) / EVERY))
    count = min(count, most or count)
    room = max(0, len(words) - WINDOW)
    firsts = [room // 2] if count == 1 else [room * n // (count - 1) for n in range(count)]
    return [(words[first][0], words[min(first + WINDOW, len(words)) - 1][1]) for first in firsts]


def tokens(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The words of some spans of a text, with the marks that stand right at them: without its full stop, a sentence has
    another vector."""
    found = (match.span() for start, end in spans for match in _TOKEN.finditer(text, start, end))
    return [(start, end) for start, end in found if any(map(str.isalnum, text[start:end]))]


_TOKEN = re.compile(r"\S+")


def likeness(one: NDArray[np.int8], others: NDArray[np.int8]) -> NDArray[np.float32]:
    """The cosines of some vectors, one a row, with others: (rows of others, rows of one)."""
    wanted = one.astype(np.float32)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    turned = np.ascontiguousarray(wanted.T)
    found = np.empty((len(others), len(wanted)), np.float32)
    for at in range(0, len(others), _BLOCK):
        block = others[at : at + _BLOCK].astype(np.float32)
        norms = np.sqrt(np.einsum("ij,ij->i", block, block))
        found[at : at + _BLOCK] = (block @ turned) / np.maximum(norms, 1)[:, None]
    return found


_BLOCK = 256
"""Vectors at once: as many as the processor's nearest cache holds; of 2,048 each takes ten times as long."""
