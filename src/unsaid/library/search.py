"""Search: a query's tree turned into SQL; which stories, how well, and the passages that show it.

Each term gives the set of its works first, and passages only of those that are shown. Words come out of the store's own
inverted tables (``indexes``): DuckDB's full-text extension has to be downloaded, rebuilds its index as a whole and
knows no phrases; an index beside the file would be a second thing to keep true. Ranking is BM25 (Robertson and
Zaragoza 2009).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from unsaid.errors import QueryError
from unsaid.library.language import Both, Count, Either, Not, Term, parse, slips
from unsaid.library.pieces import Texts
from unsaid.library.postings import Index
from unsaid.library.shelf import shelf_of
from unsaid.library.terms import Rows, rows_of
from unsaid.library.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from unsaid.library.language import Query
    from unsaid.library.store import Store

SATURATION, LENGTHS = 1.2, 0.75
"""BM25's k1 and b, at the values that Robertson and Zaragoza give as good for most."""
SHOWN = 3
"""Passages of one term that a hit shows."""
AROUND = 60
"""Code points shown on either side of a passage."""
LONGEST = 240
"""Code points of a passage that are shown; the rest is cut."""


class Passage(msgspec.Struct, frozen=True):
    """Why a story is a hit: ``what`` the term found, and where; ``before``, ``text`` and ``after`` on one line each."""

    what: str
    start: int
    end: int
    before: str
    text: str
    after: str


class Hit(msgspec.Struct, frozen=True):
    """A work that a query finds, with the passages that show it."""

    work: int
    story: str
    title: str | None
    author: str | None
    words: int
    path: str | None
    score: float
    passages: tuple[Passage, ...]


class Found(msgspec.Struct, frozen=True):
    """What a query finds: how many works in all, and those that were asked for, the best first.

    ``near`` holds words of the library where a word of the query stands in none of its works.
    """

    total: int
    hits: tuple[Hit, ...]
    near: tuple[str, ...] = ()


Scores = dict[int, float]
_Place = tuple[str, int, int]
"""What was found, and its span."""


class Matches:
    """The works that a query finds, and the passages of those that are shown.

    :ivar scores: each work's number, with how well it fits; 0 where the query asks for no words.
    """

    def __init__(self, store: Store, query: str) -> None:
        """Find them.

        :raises QueryError: if the query makes no sense.
        """
        self._store, self._index, self._tree = store, Index(store), parse(query)
        self.scores = _scores(store, self._index, self._tree)

    def near(self) -> tuple[str, ...]:
        """For each word of the query that stands nowhere in the library, the nearest ones that do."""
        return _nearby(self._store, self._tree)

    def hits(self, works: Sequence[int]) -> tuple[Hit, ...]:
        """Some of the works, in this order, with the passages that show why they are found."""
        return _hits(self._store, self._index, self._tree, works, self.scores)


def search(store: Store, query: str, *, limit: int = 20, offset: int = 0) -> Found:
    """The works that a query finds, the best first, those of equal score by title.

    :raises QueryError: if it makes no sense.
    """
    matches = Matches(store, query)
    if not matches.scores:
        return Found(0, (), matches.near())
    return Found(len(matches.scores), matches.hits(_ranked(store, matches.scores)[offset : offset + limit]))


def _scores(store: Store, index: Index, tree: Query) -> Scores:
    if isinstance(tree, Not):
        inner = _scores(store, index, tree.inner)
        return {work: 0.0 for (work,) in store.rows("SELECT work FROM works") if work not in inner}
    if isinstance(tree, Either):
        total: Counter[int] = Counter()
        for part in tree.parts:
            total.update(_scores(store, index, part))
        return dict(total)
    if isinstance(tree, Both):
        each = [_scores(store, index, part) for part in tree.parts]
        shared = set(each[0]).intersection(*each[1:])
        return {work: sum(scores[work] for scores in each) for work in shared}
    if isinstance(tree, Term) and tree.field == "text":
        return _text_scores(store, index, tree.value)
    return dict.fromkeys(_works(store, index, rows_of(tree)), 0.0)


def _works(store: Store, index: Index, rows: Rows) -> list[int]:
    """The works that have such rows."""
    given = {f"given{n}": index.owners(one.kind, one.words) for n, one in enumerate(rows.owned)}
    if rows.owners_alone:
        works: list[int] = given["given0"]["work"].unique().to_pylist()
        return works
    return [work for (work,) in store.rows(*rows.works(), given)]


def _text_scores(store: Store, index: Index, said: str) -> Scores:
    """The works in which words follow one another, with their BM25.

    :raises QueryError: if there is no word in it.
    """
    words = words_of(said)
    if not words:
        raise QueryError(said, 0, "there is no word in this")
    works, counts = index.counts(words)
    if not len(works):
        return {}
    shelf = shelf_of(store)
    weight = math.log(1 + (len(shelf.works) - len(works) + 0.5) / (len(works) + 0.5))
    sizes = shelf.words[shelf.at(works)]
    length = 1 - LENGTHS + LENGTHS * sizes / (shelf.words.mean() or 1)
    scores = weight * counts * (SATURATION + 1) / (counts + SATURATION * length)
    return dict(zip(works.tolist(), scores.tolist(), strict=True))


def _ranked(store: Store, scores: Scores) -> list[int]:
    shelf = shelf_of(store)
    works = np.fromiter(scores, np.int64, len(scores))
    fits = np.fromiter(scores.values(), np.float64, len(scores))
    ranked: list[int] = works[np.lexsort((shelf.order[shelf.at(works)], -fits))].tolist()
    return ranked


def _hits(store: Store, index: Index, tree: Query, works: Sequence[int], scores: Scores) -> tuple[Hit, ...]:
    """The works that are shown, with their passages: one statement for all of them, not one for each."""
    described = shelf_of(store).described
    stories = {work: described[work].story for work in works if work in described}
    texts = Texts(store, tuple(stories.values()))
    spans: dict[str, dict[_Place, None]] = {story: {} for story in stories.values()}
    for term in _positive(tree):
        for story, place in _spans(store, index, term, stories, texts):
            spans[story][place] = None
    texts.fetch((story, at - AROUND, end + AROUND) for story, places in spans.items() for _, at, end in places)
    hits = []
    for work, story in stories.items():
        one = described[work]
        passages = tuple(passage_of(texts, story, *place) for place in spans[story])
        hits.append(Hit(work, story, one.title, one.author, one.words, one.path, scores[work], passages))
    return tuple(hits)


def _positive(tree: Query) -> list[Term | Count]:
    """The terms that a hit may show."""
    if isinstance(tree, Both | Either):
        return [term for part in tree.parts for term in _positive(part)]
    return [] if isinstance(tree, Not) else [tree]


def _spans(
    store: Store, index: Index, term: Term | Count, stories: dict[int, str], texts: Texts
) -> Iterator[tuple[str, _Place]]:
    """Where a term stands in each of these stories, by digest."""
    if isinstance(term, Term) and term.field == "text":
        yield from _worded(index, words_of(term.value), stories, texts)
        return
    rows = rows_of(term)
    shown = rows.passages(SHOWN)
    if shown is None:
        return
    given = {f"given{n}": index.owners(one.kind, one.words, list(stories)) for n, one in enumerate(rows.owned)}
    said = {} if rows.own is None else _said(given[f"given{rows.own}"], stories)
    found = store.rows(shown, [list(stories.values()), *rows.parameters], given)
    long = {(story, line): said[story, line] for story, start, end, line in found if line and end - start > LONGEST}
    texts.fetch_words((story, word) for (story, _), words in long.items() for word in words)
    for story, start, end, line in found:
        words = _words(texts, story, *long[story, line]) if (story, line) in long else None
        yield story, (rows.what, *(words or (start, end)))


def _said(owners: pa.Table, stories: dict[int, str]) -> dict[tuple[str, str], tuple[int, int]]:
    """For each line of a story, by its id, the first and the last of its words that are asked for, where they come
    first."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for one in owners.to_pylist():
        found.setdefault((stories[one["work"]], one["id"]), (one["first"], one["last"]))
    return found


def _words(texts: Texts, story: str, first: int, last: int) -> tuple[int, int] | None:
    """From a word to another one: what is shown of a line that is too long to be shown whole."""
    begins, ends = texts.span_of(story, first, 1), texts.span_of(story, last, 1)
    return None if begins is None or ends is None else (begins[0], ends[1])


def _worded(
    index: Index, words: tuple[str, ...], stories: dict[int, str], texts: Texts
) -> Iterator[tuple[str, _Place]]:
    """Where words stand in the stories themselves, and not in the matter around them."""
    places = [(story, place) for work, story in stories.items() for place in index.places(words, work)[:SHOWN]]
    texts.fetch_words(places)
    for story, place in places:
        span = texts.span_of(story, place, len(words))
        if span is not None:
            yield story, ("text", *span)


def passage_of(texts: Texts, story: str, what: str, start: int, end: int) -> Passage:
    """A span of a story as it is shown."""
    before = _line(texts.cut(story, start - AROUND, start))
    if end - start > LONGEST:
        return Passage(what, start, end, before, _line(texts.cut(story, start, start + LONGEST)) + "…", "")
    return Passage(
        what, start, end, before, _line(texts.cut(story, start, end)), _line(texts.cut(story, end, end + AROUND))
    )


def _line(text: str) -> str:
    """A text on one line; a space at its ends stays, so that the pieces of a passage can be joined."""
    inner = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if inner and text[-1:].isspace() else ''}"


def _nearby(store: Store, tree: Query) -> tuple[str, ...]:
    """For each word of the query that stands nowhere in the library, the nearest ones that do."""
    words = [
        word
        for term in _positive(tree)
        if isinstance(term, Term) and term.field in ("text", "speech", "thought", "writing", "unsaid")
        for word in words_of(term.value)
    ]
    if not words:
        return ()
    known = [term for (term,) in store.rows("SELECT term FROM postings GROUP BY term ORDER BY count(*) DESC, term")]
    there = set(known)
    return tuple(hint for word in words if word not in there for hint in slips(word, known))
