"""Encoder: one pass of a small neural model over the prose; its signals are shared by the rooms below."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING

from unsaid.encoder.layer import (
    CATEGORIES,
    LABELS,
    Dialogue,
    Event,
    Link,
    Listener,
    Named,
    Said,
    Second,
    Sighting,
    Signals,
)
from unsaid.encoder.model import Model, Precision, digest_in, load, precision_on, require
from unsaid.encoder.things import entities, happenings
from unsaid.encoder.windows import cut
from unsaid.encoder.words import spelling, words_of
from unsaid.prose import Spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unsaid.encoder.heads import Floats, Halves, Mention
    from unsaid.encoder.windows import Window
    from unsaid.encoder.words import Words
    from unsaid.prose import Prose

__all__ = [
    "CATEGORIES",
    "LABELS",
    "Dialogue",
    "Event",
    "Link",
    "Listener",
    "Model",
    "Named",
    "Precision",
    "Said",
    "Second",
    "Sighting",
    "Signals",
    "digest_in",
    "entities",
    "happenings",
    "load",
    "precision_on",
    "require",
    "sense",
    "sense_all",
    "spelling",
]

_EVENT = 0.5


def sense(prose: Prose, model: Model) -> Signals:
    """Read a story's prose once, window by window, and ask its vectors for mentions, links and events."""
    (signals,) = sense_all([prose], model)
    return signals


def sense_all(stories: Iterable[Prose], model: Model) -> Iterator[Signals]:
    """Read many stories as one stretch of windows, so that a model which reads in batches has full ones.

    What is said of a story is the same whatever others it is read with.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - with NumPy, which these bring

    every = [(words_of(prose), prose.bare) for prose in stories]
    read = model.read(chain.from_iterable(cut(model.pieces(words.spelled), words.sentences) for words, _ in every))
    # The heads' matrices are small: threads of NumPy's own would wait for one another, and in the way of the windows.
    with threadpool_limits(1, user_api="blas"):
        for words, bare in every:
            yield _signals(words, read, model, bare=bare)


def _signals(words: Words, read: Iterator[tuple[Window, Floats]], model: Model, *, bare: bool) -> Signals:
    """What a story's windows say, which are the next ones of all that are read.

    :param bare: it has no quotation marks.
    """
    from unsaid.encoder.decode import Chains, mentions  # noqa: PLC0415
    from unsaid.encoder.speakers import StoryVectors  # noqa: PLC0415

    chains = Chains(model.heads)
    kept: list[Halves] = []
    sightings: list[Sighting] = []
    events: list[Event] = []
    odds: list[float] = []
    at = 0
    while at < len(words.spelled):
        window, vectors = next(read)
        kept.append(vectors.astype("float16"))  # half of the memory, and less than the network's eight bits leave out
        lower = [w.lower() for w in words.spelled[window.first : window.last]]
        found = mentions(*model.heads.spans(vectors, _borders(words, window)), lower)
        links = chains.link(vectors, found, lower)
        sightings += (_sighting(words, window, m, taken) for m, taken in zip(found, links, strict=True))
        events += _events(words, window, model.heads.events(vectors))
        if bare:
            odds += model.heads.spoken(vectors).tolist()
        at = window.last
    listener = StoryVectors(model.speakers, words.starts, kept) if model.speakers else None
    spoken = Spoken(words.starts, tuple(odds)) if bare else None
    return Signals(model.digest, tuple(sightings), tuple(events), listener, spoken)


def _borders(words: Words, window: Window) -> list[int]:
    """Where the sentences of a window begin, counted from its first word, and where the last one ends."""
    low, high = bisect_left(words.sentences, window.first), bisect_left(words.sentences, window.last)
    inside = {window.first, *words.sentences[low:high], window.last}
    return [at - window.first for at in sorted(inside)]


def _sighting(words: Words, window: Window, mention: Mention, links: tuple[Link, ...]) -> Sighting:
    category, kind = LABELS[mention.label]
    start, end = words.starts[window.first + mention.first], words.ends[window.first + mention.last]
    other, how = (None, None) if mention.second is None else LABELS[mention.second]
    return Sighting(start, end, category, kind, mention.chance, links, Second(other, how, mention.second_chance))


def _events(words: Words, window: Window, chances: Floats) -> Iterator[Event]:
    for i in (chances >= _EVENT).nonzero()[0]:
        at = window.first + int(i)
        yield Event(words.starts[at], words.ends[at], float(chances[i]))
