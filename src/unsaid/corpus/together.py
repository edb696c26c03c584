"""A chunk's documents read: one by one, or, with the encoder, as many together as keep it busy."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from unsaid.corpus.documents import fetch
from unsaid.corpus.job import TOGETHER
from unsaid.encoder import sense_all
from unsaid.errors import SourceError
from unsaid.formats.tables import frames
from unsaid.reading import Sensed, compose, read_manuscript, read_sensed
from unsaid.sources import load
from unsaid.workers import At, Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from unsaid.corpus.job import Columns
    from unsaid.corpus.plan import Planned
    from unsaid.encoder import Model, Signals
    from unsaid.prose import Prose
    from unsaid.sources import Manuscript
    from unsaid.story import Story

    Made = tuple[dict[str, pa.Table], int] | Failure
    """A document's tables and its words, or why there are none."""

P = ParamSpec("P")
T = TypeVar("T")

BYTES = 1 << 20
"""Of documents whose windows are given to the encoder together: some 700 windows, 20 batches on a GPU."""


def each(
    documents: Sequence[Planned], columns: Columns, model: Model | None, given_up: Mapping[str, Failure]
) -> Iterator[At | tuple[Planned, Made]]:
    """Documents in their order, each with what was made of it; between them, what is in hand.

    :param given_up: what is not to be tried, by its mark, with the reason.
    """
    for bundle in _bundles(documents, 0 if model is None or TOGETHER in given_up else BYTES):
        tried = [one for one in bundle if one.key not in given_up]
        made: dict[str, Made] = {one.key: given_up[one.key] for one in bundle if one.key in given_up}
        reading = _together(tried, columns, model) if model and len(tried) > 1 else _alone(tried, columns, model)
        for got in reading:
            if isinstance(got, At):
                yield got
            else:
                made[got[0].key] = got[1]
        yield from ((one, made[one.key]) for one in bundle)


def _bundles(documents: Sequence[Planned], most: int) -> Iterator[list[Planned]]:
    """Documents beside each other until they have so many bytes."""
    held: list[Planned] = []
    size = 0
    for one in documents:
        held.append(one)
        size += one.bytes
        if size >= most:
            yield held
            held, size = [], 0
    if held:
        yield held


def _alone(documents: Sequence[Planned], columns: Columns, model: Model | None) -> Iterator[At | tuple[Planned, Made]]:
    for one in documents:
        yield At(one.key)
        yield one, _tried(_read_whole, one, columns, model)


def _together(documents: Sequence[Planned], columns: Columns, model: Model) -> Iterator[At | tuple[Planned, Made]]:
    """Each document's prose; then what the encoder says of all of them; then each one's rooms."""
    opened: list[tuple[Planned, Manuscript, Prose]] = []
    for one in documents:
        yield At(one.key)
        got = _tried(_composed, one, columns)
        if isinstance(got, Failure):
            yield one, got
        else:
            opened.append((one, *got))
    said: list[Signals] = []
    yield At(TOGETHER)
    try:
        for signals in sense_all([composed for _, _, composed in opened], model):
            said.append(signals)
            yield At(TOGETHER)
    except MemoryError:
        raise  # as below
    except Exception:
        yield from _alone([one for one, _, _ in opened], columns, model)
        return
    for (one, manuscript, composed), signals in zip(opened, said, strict=True):
        yield At(one.key)
        yield one, _tried(_read, manuscript, Sensed(composed, signals))


def _tried(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Failure:
    """What a function returns for one document, or why it does not: a run goes on whatever a document does to it."""
    try:
        return function(*args, **kwargs)
    except SourceError as error:
        return Failure("refused", error.why)
    except MemoryError:
        raise  # this process may not be fit for the next document
    except OSError as error:
        return Failure("refused", error.strerror or str(error))
    except Exception as error:  # rooms have raised whatever there is
        return Failure("error", f"{type(error).__name__}: {error}".splitlines()[0])


def _opened(one: Planned, columns: Columns) -> Manuscript:
    data = fetch(one.place, columns)
    if hashlib.sha256(data).hexdigest() != one.key:
        raise SourceError(one.id, "changed while the corpus was read; run again")
    return load(data, name=one.id)


def _composed(one: Planned, columns: Columns) -> tuple[Manuscript, Prose]:
    manuscript = _opened(one, columns)
    return manuscript, compose(manuscript)


def _read_whole(one: Planned, columns: Columns, model: Model | None) -> tuple[dict[str, pa.Table], int]:
    return _tables(read_manuscript(_opened(one, columns), encoder=model or False))


def _read(manuscript: Manuscript, sensed: Sensed) -> tuple[dict[str, pa.Table], int]:
    return _tables(read_sensed(manuscript, sensed))


def _tables(story: Story) -> tuple[dict[str, pa.Table], int]:
    return frames(story), story.source.words
