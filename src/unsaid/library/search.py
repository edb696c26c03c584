"""Search: a query's tree turned into SQL; which stories, how well, and the passages that show it.

Each term gives the set of its works first, and passages only of those that are shown. Words come out of the store's own
inverted table (``postings``): DuckDB's full-text extension has to be downloaded, rebuilds its index as a whole and
knows no phrases; an index beside the file would be a second thing to keep true. Ranking is BM25 (Robertson and
Zaragoza 2009).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.errors import QueryError
from unsaid.library.language import Both, Count, Either, Not, Term, near, parse
from unsaid.library.terms import Rows, rows_of
from unsaid.library.words import fold, phrase, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_AMONG = "story IN (SELECT unnest(?))"


def search(store: Store, query: str, *, limit: int = 20, offset: int = 0) -> Found:
    """The works that a query finds, the best first, those of equal score by title.

    :raises QueryError: if it makes no sense.
    """
    tree = parse(query)
    scores = _scores(store, tree)
    if not scores:
        return Found(0, (), _nearby(store, tree))
    chosen = _ranked(store, scores)[offset : offset + limit]
    return Found(len(scores), _hits(store, tree, chosen, scores))


def _scores(store: Store, tree: Query) -> Scores:
    if isinstance(tree, Not):
        inner = _scores(store, tree.inner)
        return {work: 0.0 for (work,) in store.rows("SELECT work FROM works") if work not in inner}
    if isinstance(tree, Either):
        total: Counter[int] = Counter()
        for part in tree.parts:
            total.update(_scores(store, part))
        return dict(total)
    if isinstance(tree, Both):
        each = [_scores(store, part) for part in tree.parts]
        shared = set(each[0]).intersection(*each[1:])
        return {work: sum(scores[work] for scores in each) for work in shared}
    if isinstance(tree, Term) and tree.field == "text":
        return text_scores(store, words_of(tree.value), tree.value)
    rows = rows_of(tree)
    return dict.fromkeys((work for (work,) in store.rows(rows.works(), rows.parameters)), 0.0)


def text_scores(store: Store, words: tuple[str, ...], said: str) -> Scores:
    """The works in which words follow one another, with their BM25.

    :raises QueryError: if there is no word in it.
    """
    if not words:
        raise QueryError(said, 0, "there is no word in this")
    unique = list(dict.fromkeys(words))
    found = store.rows(
        f"SELECT p0.work, {_counted(words, unique)} AS many, w.words FROM postings p0 "
        + " ".join(f"JOIN postings p{n} ON p{n}.work = p0.work AND p{n}.term = ?" for n in range(1, len(unique)))
        + " JOIN works w ON w.work = p0.work WHERE p0.term = ? AND many > 0",
        [*unique[1:], unique[0]],
    )
    works, length = store.rows("SELECT count(*), avg(words) FROM works")[0]
    weight = math.log(1 + (works - len(found) + 0.5) / (len(found) + 0.5))
    ratio = {work: size / (length or 1) for work, _, size in found}
    return {
        work: weight * many * (SATURATION + 1) / (many + SATURATION * (1 - LENGTHS + LENGTHS * ratio[work]))
        for work, many, _ in found
    }


def _counted(words: tuple[str, ...], unique: list[str]) -> str:
    """SQL that counts at how many places the words follow one another."""
    places = f"p{unique.index(words[0])}.places"
    for shift, word in enumerate(words[1:], 1):
        there = f"list_transform(p{unique.index(word)}.places, lambda x: x::BIGINT - {shift})"
        places = f"list_intersect({places}::BIGINT[], {there})"
    return f"len({places})"


def _ranked(store: Store, scores: Scores) -> list[tuple[Any, ...]]:
    described = store.rows(
        "SELECT w.work, w.story, s.metadata.title, s.metadata.author, w.words FROM works w JOIN headers s USING (story)"
    )
    known = [row for row in described if row[0] in scores]
    return sorted(known, key=lambda row: (-scores[row[0]], row[2] is None, (row[2] or "").casefold(), row[0]))


def _hits(store: Store, tree: Query, chosen: list[tuple[Any, ...]], scores: Scores) -> tuple[Hit, ...]:
    """The works that are shown, with their passages: one statement for all of them, not one for each."""
    stories, works = [row[1] for row in chosen], [row[0] for row in chosen]
    texts = _texts(store, stories)
    paths = dict(
        store.rows("SELECT work, min(path) FROM files WHERE work IN (SELECT unnest(?)) GROUP BY work", (works,))
    )
    spans: dict[str, dict[_Place, None]] = {story: {} for story in stories}
    for term in _positive(tree):
        for story, place in _spans(store, term, texts):
            spans[story][place] = None
    return tuple(
        Hit(
            *(work, story, title, author, words, paths.get(work), scores[work]),
            tuple(_passage(texts[story], *place) for place in spans[story]),
        )
        for work, story, title, author, words in chosen
    )


def _texts(store: Store, stories: list[str]) -> dict[str, str]:
    """The texts of these stories. The list is written out: with a subquery, DuckDB would unpack every text there is."""
    there = ", ".join("?" * len(stories)) or "NULL"
    pieces = store.rows(f"SELECT story, text FROM pieces WHERE story IN ({there}) ORDER BY story, piece", stories)
    texts: dict[str, list[str]] = {}
    for story, text in pieces:
        texts.setdefault(story, []).append(text)
    return {story: "".join(parts) for story, parts in texts.items()}


def _positive(tree: Query) -> list[Term | Count]:
    """The terms that a hit may show."""
    if isinstance(tree, Both | Either):
        return [term for part in tree.parts for term in _positive(part)]
    return [] if isinstance(tree, Not) else [tree]


def _spans(store: Store, term: Term | Count, texts: dict[str, str]) -> Iterator[tuple[str, _Place]]:
    """Where a term stands in each of these stories, by digest."""
    if isinstance(term, Term) and term.field == "text":
        yield from _worded(store, words_of(term.value), texts)
        return
    rows: Rows = rows_of(term)
    if (shown := rows.passages(SHOWN)) is not None:
        for story, start, end in store.rows(shown, [list(texts), *rows.parameters]):
            yield story, (rows.what, start, end)


def _worded(store: Store, words: tuple[str, ...], texts: dict[str, str]) -> Iterator[tuple[str, _Place]]:
    """Where words stand in the stories themselves, and not in the matter around them."""
    matter: dict[str, list[tuple[int, int]]] = {}
    for story, start, end in store.rows(
        f'SELECT story, start, "end" FROM matter WHERE {_AMONG} ORDER BY start', (list(texts),)
    ):
        matter.setdefault(story, []).append((start, end))
    for story, text in texts.items():
        around, found = matter.get(story, []), 0
        for match in phrase(words).finditer(fold(text)):
            at = bisect_right(around, (match.start(), len(text))) - 1
            if at < 0 or around[at][1] <= match.start():
                found += 1
                yield story, ("text", match.start(), match.end())
                if found == SHOWN:
                    break


def _passage(text: str, what: str, start: int, end: int) -> Passage:
    cut = text[start:end] if end - start <= LONGEST else text[start : start + LONGEST] + "…"
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Passage(what, start, end, _line(before), _line(cut), _line(after))


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
