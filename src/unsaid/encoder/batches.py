"""Windows of many stories put into batches, so that a GPU has enough to do at once.

A batch has one of six shapes: windows are filled up to a multiple of ``STEP`` wordpieces, those of one length are read
together, and there are always as many rows, the last ones left empty where windows are lacking. So a window goes
through the very same operations, on arrays of the very same size, whatever stands beside it, and what stands beside it
is masked: its vectors do not hang on which stories are read together, nor on how many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.encoder.windows import LENGTH, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unsaid.encoder.heads import Ints

STEP = 64
"""Wordpieces: a window is filled up to a multiple of it. Nearly all are full; what ends a story is shorter."""
ROWS = {"cpu": 2, "cuda": 32}
"""Windows of full length in a batch, of shorter ones more. A processor gains nothing by more. What 32 need at once
is reckoned as half a gigabyte, nearly all of it how much each wordpiece heeds each other one, and fits any GPU."""
AHEAD = 8
"""Batches of windows that may be behind one that waits for its batch to be filled; then it is read in one not full."""


class Batch(msgspec.Struct, frozen=True):
    """Windows that are read together, each with its number; ``rows`` times ``length`` wordpieces."""

    rows: int
    length: int
    windows: tuple[tuple[int, Window], ...]

    def arrays(self) -> dict[str, Ints]:
        """The wordpieces' numbers, and 1 where there is one to be heeded, else 0: (rows, length) each."""
        import numpy as np  # noqa: PLC0415 - only where the encoder reads

        ids = np.zeros((self.rows, self.length), dtype=np.int64)
        attended = np.zeros_like(ids)
        attended[:, 0] = 1  # a row that heeds nothing at all would have no mean
        for row, (_, window) in enumerate(self.windows):
            ids[row, : len(window.ids)] = window.ids
            attended[row, : len(window.ids)] = 1
        return {"ids": ids, "attended": attended}


def alone(windows: Iterable[Window]) -> Iterator[Batch]:
    """Each window by itself, as long as it is."""
    return (Batch(1, len(window.ids), ((number, window),)) for number, window in enumerate(windows))


def batched(windows: Iterable[Window], rows: int) -> Iterator[Batch]:
    """Windows numbered in their order and put into batches; none waits for ever.

    :param rows: how many windows of full length a batch has.
    """
    waiting: dict[int, list[tuple[int, Window]]] = {}
    for number, window in enumerate(windows):
        length = -(-len(window.ids) // STEP) * STEP
        room = rows * LENGTH // length
        beside = waiting.setdefault(length, [])
        beside.append((number, window))
        if len(beside) == room:
            yield Batch(room, length, tuple(waiting.pop(length)))
        late = next((size for size, held in waiting.items() if held[0][0] <= number - AHEAD * rows), None)
        if late is not None:
            yield Batch(rows * LENGTH // late, late, tuple(waiting.pop(late)))
    for length, held in waiting.items():
        yield Batch(rows * LENGTH // length, length, tuple(held))
