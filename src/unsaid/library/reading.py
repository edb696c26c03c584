"""One story read in a worker's process: everything that the store keeps of it, ready to be inserted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from unsaid.corrections.model import Correction
from unsaid.errors import CorrectionError, SourceError
from unsaid.library.indexes import called, indexes_of
from unsaid.library.words import words_in
from unsaid.sources import story_spans
from unsaid.story import Metadata
from unsaid.workers import Refused

if TYPE_CHECKING:
    from unsaid.sources import Manuscript
    from unsaid.story import Story

SHINGLE = 5
"""Words in a shingle; Manku, Jain and Das Sarma 2007 and most who followed take 4 to 10 for prose."""
PERMUTATIONS = 128
"""Numbers in a signature: the estimate of a Jaccard index is within 0.09 of it, two times its standard deviation."""
SEED = 20_261_121
"""The seed of the signatures; another would make those that are kept worthless."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A story to be read.

    :ivar path: its file; None where ``data`` holds what it was, from an archive.
    :ivar name: what to call it.
    :ivar given: metadata of a catalogue beside it, for what the file itself does not say.
    :ivar earlier: the corrections of an earlier version of it, which hold where they still fit.
    """

    path: str | None
    name: str
    data: bytes | None = None
    given: Metadata | None = None
    earlier: tuple[Correction, ...] = ()


class Read(msgspec.Struct, frozen=True):
    """A story read.

    :ivar story: the digest of its file, which is the key of all its rows.
    :ivar tables: its tables and its indexes by name, each as Arrow's stream format.
    :ivar text_hash: the digest of its words alone, the same in every format.
    :ivar signature: the MinHash of its shingles.
    """

    story: str
    words: int
    url: str | None
    tables: dict[str, bytes]
    text_hash: str
    signature: list[int]


def read(task: Task) -> Read:
    """Read a story, and make what the store keeps of it.

    :raises Refused: if it cannot be read.
    """
    from unsaid.formats.tables import frames  # noqa: PLC0415 - a worker loads what it needs when it has work

    story = _story(task)
    words = list(words_in(story.text, story_spans(len(story.text), ((m.start, m.end) for m in story.matter))))
    made = indexes_of(
        story.source.sha256,
        story.text,
        words,
        ((line.id, line.kind, line.parts) for line in story.utterances),
        ((one.id, called(one.name, one.names)) for one in story.characters),
    )
    tables = {name: _stream(table) for name, table in {**frames(story), **made}.items()}
    spoken = [word for word, _ in words]
    digest = hashlib.sha256(" ".join(spoken).encode("utf-8", "surrogatepass")).hexdigest()
    return Read(
        story.source.sha256, story.source.words, _address(story.metadata.source_url), tables, digest, signature(spoken)
    )


def _address(url: str | None) -> str | None:
    """An address that names one work: one without a number is a site's own, and many works may have it."""
    return url if url is not None and any(map(str.isdigit, url)) else None


def _story(task: Task) -> Story:
    from unsaid.reading import kept_beside, read_manuscript  # noqa: PLC0415
    from unsaid.sources import load  # noqa: PLC0415

    try:
        source = task.data if task.data is not None else Path(task.path or task.name)
        manuscript = load(source, name=task.name)
        corrected = kept_beside(source) or task.earlier
    except (SourceError, CorrectionError) as error:
        raise Refused(error.why) from error
    return read_manuscript(_with_given(manuscript, task.given), corrected)


def _with_given(manuscript: Manuscript, given: Metadata | None) -> Manuscript:
    """What a catalogue says fills what the file itself leaves open."""
    if given is None:
        return manuscript
    said = manuscript.metadata
    filled = {name: getattr(said, name) or getattr(given, name) for name in Metadata.__struct_fields__}
    return msgspec.structs.replace(manuscript, metadata=Metadata(**filled))


def signature(words: list[str]) -> list[int]:
    """The MinHash of a text's shingles; empty for a text of no words."""
    from rensa import RMinHash  # noqa: PLC0415

    shingles = (
        {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))} if words else set()
    )
    if not shingles:
        return []
    made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    made.update(sorted(shingles))
    return list(made.digest())


def likeness(one: list[int], other: list[int]) -> float:
    """The estimated Jaccard index of two texts' shingles."""
    if not one or len(one) != len(other):
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def table_of(stream: bytes) -> pa.Table:
    """The table of a stream that :func:`read` made."""
    return pa.ipc.open_stream(stream).read_all()
