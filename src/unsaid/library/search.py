"""Search: a query's tree turned into SQL; which stories, how well, and the passages that show it.

Each term gives the set of its works first, and passages only of those that are shown. Words come out of the store's own
inverted table (``postings``): DuckDB's full-text extension has to be downloaded, rebuilds its index as a whole and
knows no phrases; an index beside the file would be a second thing to keep true. Ranking is BM25 (Robertson and
Zaragoza 2009).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.errors import QueryError
from unsaid.library.language import Both, Count, Either, Not, Term, near, parse
from unsaid.library.pieces import Texts
from unsaid.library.postings import Index
from unsaid.library.terms import Rows, rows_of
from unsaid.library.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    return dict.fromkeys((work for (work,) in store.rows(*rows_of(tree).works())), 0.0)


def _text_scores(store: Store, index: Index, said: str) -> Scores:
    """The works in which words follow one another, with their BM25.

    :raises QueryError: if there is no word in it.
    """
    words = words_of(said)
    if not words:
        raise QueryError(said, 0, "there is no word in this")
    counts = index.counts(words)
    sizes = dict(store.rows("SELECT work, words FROM works"))
    weight = math.log(1 + (len(sizes) - len(counts) + 0.5) / (len(counts) + 0.5))
    mean = sum(sizes.values()) / max(1, len(sizes)) or 1
    return {
        work: weight * many * (SATURATION + 1) / (many + SATURATION * (1 - LENGTHS + LENGTHS * sizes[work] / mean))
        for work, many in counts.items()
    }


def _ranked(store: Store, scores: Scores) -> list[int]:
    titles = store.rows("SELECT w.work, s.metadata.title FROM works w JOIN headers s USING (story)")
    known = [(-scores[work], title is None, (title or "").casefold(), work) for work, title in titles if work in scores]
    return [work for *_, work in sorted(known)]


def _hits(store: Store, index: Index, tree: Query, works: Sequence[int], scores: Scores) -> tuple[Hit, ...]:
    """The works that are shown, with their passages: one statement for all of them, not one for each."""
    described = {row[0]: row for row in store.rows(_DESCRIBED, (list(works),))}
    paths = dict(
        store.rows("SELECT work, min(path) FROM files WHERE list_contains(?, work) GROUP BY work", (list(works),))
    )
    stories = {work: described[work][1] for work in works if work in described}
    texts = Texts(store, tuple(stories.values()))
    spans: dict[str, dict[_Place, None]] = {story: {} for story in stories.values()}
    for term in _positive(tree):
        for story, place in _spans(store, index, term, stories, texts):
            spans[story][place] = None
    texts.fetch((story, at - AROUND, end + AROUND) for story, places in spans.items() for _, at, end in places)
    hits = []
    for work, story in stories.items():
        _, _, title, author, words = described[work]
        passages = tuple(passage_of(texts, story, *place) for place in spans[story])
        hits.append(Hit(work, story, title, author, words, paths.get(work), scores[work], passages))
    return tuple(hits)


_DESCRIBED = """SELECT w.work, w.story, s.metadata.title, s.metadata.author, w.words
FROM works w JOIN headers s USING (story) WHERE list_contains(?, w.work)"""


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
    rows: Rows = rows_of(term)
    if (shown := rows.passages(SHOWN)) is not None:
        for story, start, end in store.rows(shown, [list(stories.values()), *rows.parameters]):
            yield story, (rows.what, start, end)


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
    return tuple(hint for word in words if word not in there for hint in near(word, known))
