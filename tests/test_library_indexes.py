"""Whose words follow one another: the index says what looking through every line and every name says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsaid.library.indexes import NAME, indexes_of, numbered
from unsaid.library.postings import Index
from unsaid.library.store import INDEXES, OWN, Store
from unsaid.library.words import words_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

WORDS = st.lists(st.sampled_from("ab"), max_size=12)
SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=3)
LINES = st.lists(st.tuples(st.sampled_from(["speech", "thought"]), SPANS), max_size=4)
PEOPLE = st.lists(st.lists(st.lists(st.sampled_from("ab"), max_size=3).map(" ".join), max_size=3), max_size=3)
STORY = st.tuples(WORDS, LINES, PEOPLE)
Story = tuple[list[str], list[tuple[str, list[tuple[int, int]]]], list[list[str]]]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store(Path("memory"), duckdb.connect()) as store:
        for name in INDEXES:
            store.rows(f"CREATE TABLE {name} ({OWN[name]})")
        yield store


def held(store: Store, stories: list[Story]) -> Index:
    """The index of stories of words of one letter, numbered from 1 on, and kept from the last to the first."""
    for name in INDEXES:
        store.rows(f"DELETE FROM {name}")
    for work, (words, lines, people) in reversed(list(enumerate(stories, 1))):
        text = " ".join(words)
        said = [
            (f"u{n}", kind, [(2 * at, min(2 * (at + size), len(text))) for at, size in spans])
            for n, (kind, spans) in enumerate(lines)
        ]
        called = [(f"c{n}", names) for n, names in enumerate(people)]
        tables = indexes_of("s", text, list(words_in(text, [(0, len(text))])), said, called)
        for name in INDEXES:
            store.append(name, numbered(tables[name], work))
    return Index(store)


def rows(table: pa.Table) -> set[tuple[int, str]]:
    return {(row["work"], row["id"]) for row in table.to_pylist()}


@given(st.lists(STORY, max_size=3), st.lists(st.sampled_from("ab"), min_size=1, max_size=3))
def test_a_phrase_is_found_in_every_line_and_name_that_holds_it(
    store: Store, stories: list[Story], asked: list[str]
) -> None:
    index = held(store, stories)
    phrase = "".join(asked)
    for kind in ("speech", "thought"):
        assert rows(index.owners(kind, tuple(asked))) == {
            (work, f"u{n}")
            for work, (words, lines, _) in enumerate(stories, 1)
            for n, (is_of, spans) in enumerate(lines)
            if is_of == kind and phrase in "".join("".join(words[at : at + size]) for at, size in spans)
        }
    named = {
        (work, f"c{n}")
        for work, (_, _, people) in enumerate(stories, 1)
        for n, names in enumerate(people)
        if any(phrase in name.replace(" ", "") for name in names)
    }
    assert rows(index.owners(NAME, tuple(asked))) == named
    assert rows(index.owners(NAME, tuple(asked), [1])) == {one for one in named if one[0] == 1}
    works, counts = index.counts(tuple(asked))
    found = {
        work: [at for at in range(len(words)) if "".join(words[at : at + len(asked)]) == phrase]
        for work, (words, _, _) in enumerate(stories, 1)
    }
    assert dict(zip(works, counts, strict=True)) == {work: len(places) for work, places in found.items() if places}
    assert {work: index.places(tuple(asked), work) for work in found} == found
