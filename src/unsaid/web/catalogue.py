"""A library as its page shows it: works that are found, narrowed by facets, sorted, and one page of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

import msgspec

from unsaid.library import called
from unsaid.library.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from unsaid.library import Hit, Work

SHOWN = 50
"""Works on a page."""
MOST_VALUES = 12
"""Values of a facet that are offered, those of most works first."""
LENGTHS = ((1_000, "under 1,000 words"), (5_000, "1,000 to 5,000"), (20_000, "5,000 to 20,000"),
           (100_000, "20,000 to 100,000"), (None, "over 100,000"))  # fmt: skip
"""Upper bounds of the lengths that one can choose from, and what they are called."""
FACETS: dict[str, Callable[[Work], Iterable[str]]] = {
    "fandom": lambda work: work.fandoms,
    "pairing": lambda work: work.relationships,
    "rating": lambda work: (work.rating,) if work.rating else (),
    "author": lambda work: (work.author,) if work.author else (),
    "tag": lambda work: work.tags,
    "length": lambda work: (length_of(work.words),),
}
"""What works can be narrowed by, and what each work has of it."""
SORTS: dict[str, tuple[str, Callable[[Work], object]]] = {
    "title": ("title", lambda work: (work.title is None, _filed(title_of(work)), work.work)),
    "author": ("author", lambda work: (work.author is None, _filed(work.author or ""), _filed(title_of(work)))),
    "long": ("longest first", lambda work: (-work.words, work.work)),
    "short": ("shortest first", lambda work: (work.words, work.work)),
    "new": ("last added first", lambda work: (-_day(work.added), -work.work)),
}
"""How works can be sorted: what it is called, and the key. Nothing of these is by how well they fit, else by title."""
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)|^\W+")


class Asked(msgspec.Struct, frozen=True):
    """What a page is asked for: a query, values of facets, an order, and which page."""

    query: str = ""
    chosen: dict[str, str] = {}
    sort: str = ""
    page: int = 1

    def address(self, **changed: object) -> str:
        """The address of a page that differs in some of this; the first page, where another is not named."""
        one = msgspec.structs.replace(self, **{"page": 1, **changed})
        said = {"q": one.query, **one.chosen, "sort": one.sort, "page": "" if one.page == 1 else str(one.page)}
        return "/?" + urlencode({name: value for name, value in said.items() if value})


class Value(msgspec.Struct, frozen=True):
    """A value of a facet: of how many works, and the address that chooses it, or lets go of it where it is chosen."""

    name: str
    works: int
    chosen: bool
    address: str


class Row(NamedTuple):
    """A work as it is listed; ``hit`` has the passages that show why it is found."""

    work: Work
    title: str
    hit: Hit | None


class Listed(NamedTuple):
    """The works that are found, and the facets that narrow them."""

    works: tuple[Work, ...]
    total: int
    facets: tuple[tuple[str, tuple[Value, ...]], ...]
    page: int
    pages: int


def asked_of(given: Mapping[str, str]) -> Asked:
    """What the fields of an address ask for; what makes no sense there is left out."""
    chosen = {name: value for name in FACETS if (value := given.get(name, ""))}
    page = given.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    return Asked(given.get("q", "").strip(), chosen, given.get("sort", ""), max(1, number))


def listed(works: Sequence[Work], asked: Asked, scores: Mapping[int, float] | None) -> Listed:
    """The works of a page.

    :param scores: the works that the query finds, with how well they fit; None where nothing is asked for.
    """
    found = [work for work in works if scores is None or work.work in scores]
    kept = [work for work in found if _fits(work, asked.chosen)]
    if scores is not None and asked.sort not in SORTS:
        kept.sort(key=lambda work: (-scores[work.work], SORTS["title"][1](work)))
    else:
        kept.sort(key=SORTS.get(asked.sort, SORTS["title"])[1])  # type: ignore[arg-type]
    pages = max(1, -(-len(kept) // SHOWN))
    page = min(asked.page, pages)
    facets = tuple((name, _values(name, found, asked)) for name in FACETS)
    return Listed(tuple(kept[(page - 1) * SHOWN : page * SHOWN]), len(kept), facets, page, pages)


def _fits(work: Work, chosen: Mapping[str, str]) -> bool:
    return all(value in FACETS[name](work) for name, value in chosen.items())


def _values(name: str, found: Sequence[Work], asked: Asked) -> tuple[Value, ...]:
    """The values of a facet among the works that the query and all other facets leave."""
    others = {facet: value for facet, value in asked.chosen.items() if facet != name}
    counts = Counter(value for work in found if _fits(work, others) for value in set(FACETS[name](work)))
    order = counts.most_common() if name != "length" else [(said, counts[said]) for _, said in LENGTHS if counts[said]]
    here = asked.chosen.get(name)
    values = order[:MOST_VALUES]
    if here is not None and here not in dict(values):
        values.append((here, counts[here]))
    if len(values) < 2 and here is None:
        return ()  # what all works share, or none has, narrows nothing
    return tuple(
        Value(value, works, value == here, asked.address(chosen=others if value == here else {**others, name: value}))
        for value, works in values
    )


def title_of(work: Work) -> str:
    """What to call a work: its title, or else its file's name."""
    return called(work.title, *work.files[:1])


def length_of(words: int) -> str:
    """Which of :data:`LENGTHS` a work of so many words has."""
    return next(said for bound, said in LENGTHS if bound is None or words < bound)


def _filed(name: str) -> str:
    """A name as it is filed: without its case, its accents, its article and what stands before its first word."""
    return _ARTICLE.sub("", fold(name))


def _day(added: str) -> int:
    return int(added.replace("-", ""))
