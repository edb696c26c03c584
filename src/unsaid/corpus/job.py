"""What goes to a process that has a chunk read, and what comes back.

It is loaded where one only waits for another process that reads, so it loads neither Arrow nor what reads.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from unsaid.workers import Bounds, Failure

TOGETHER = "together"
"""The mark, in place of a document's key, of what is done to several at once. Which of them is at fault where that
fails is not known; they are read one by one then, which gives the same."""


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Which columns of JSON Lines and Parquet hold a document's text and its name."""

    text: str = "text"
    id: str = "id"


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """Where a chunk stands in the plan's file, and how many documents and bytes it has."""

    key: str
    at: int
    size: int
    documents: int
    bytes: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk to be read.

    :ivar out: the folder of the output, which every process sees.
    :ivar device: where the encoder runs; None to read without it. ``precision`` is that of its network, and spelt out
        here: the encoder's own name for it would load the encoder.
    :ivar given_up: documents that are not to be tried again, by key, with the reason; and ``TOGETHER``, where they are
        to be read one by one.
    """

    out: str
    plan: str
    entry: Entry
    columns: Columns
    bounds: Bounds
    device: str | None = None
    precision: Literal["int8", "float32"] | None = None
    given_up: dict[str, Failure] = {}


class Quarantined(msgspec.Struct, frozen=True):
    """A document that could not be read, and why; ``kind`` as in :class:`unsaid.workers.Failure`."""

    id: str
    key: str
    kind: str
    why: str


class Shard(msgspec.Struct, frozen=True):
    """A chunk's file of one table."""

    rows: int
    bytes: int
    sha256: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a chunk. It is written last: where it stands, the chunk's files stand whole.

    :ivar bounds: under which a document was given up for its time or memory; None where none was.
    """

    key: str
    documents: int
    stories: int
    words: int
    shards: dict[str, Shard]
    quarantined: tuple[Quarantined, ...] = ()
    bounds: Bounds | None = None


class Done(msgspec.Struct, frozen=True, tag=True):
    """A chunk that has been read: its receipt, and what it cost in seconds and in the reader's resident megabytes."""

    receipt: Receipt
    seconds: float
    megabytes: float | None


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """Why a run cannot go on: what is wrong is no document's fault."""

    why: str
