"""What is done to a library of an older version before it is written to; inside one transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from unsaid.library.indexes import called, indexes_of, numbered
from unsaid.library.words import words_in
from unsaid.sources import story_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.library.store import Store

AT_ONCE = 64
"""Stories whose texts are held in memory."""
_TEXTS = "SELECT story, string_agg(text, '' ORDER BY piece) FROM older WHERE list_contains(?, story) GROUP BY story"
_LAYERS = {
    "matter": 'SELECT story, start, "end" FROM matter WHERE list_contains(?, story) ORDER BY start',
    "lines": 'SELECT story, id, kind, parts FROM utterances WHERE list_contains(?, story) ORDER BY "row"',
    "people": 'SELECT story, id, name, map_keys(names) FROM characters WHERE list_contains(?, story) ORDER BY "row"',
}


def migrate(store: Store, make: Mapping[str, str]) -> None:
    """Bring a library up to date that has the layers of every story, and older indexes: these are made anew.

    :param make: the columns of the indexes' tables.
    """
    store.rows("DROP VIEW IF EXISTS stories")
    store.rows("ALTER TABLE pieces RENAME TO older")
    for name, columns in make.items():
        store.rows(f"DROP TABLE IF EXISTS {name}")
        store.rows(f"CREATE TABLE {name} ({columns})")
    works: dict[str, int] = dict(store.rows("SELECT story, work FROM works ORDER BY work"))
    for at in range(0, len(works), AT_ONCE):
        some = list(works)[at : at + AT_ONCE]
        texts = dict(store.rows(_TEXTS, (some,)))
        layers = {name: _by_story(store, sql, some) for name, sql in _LAYERS.items()}
        made: defaultdict[str, list[pa.Table]] = defaultdict(list)
        for story in some:
            said = {name: layer[story] for name, layer in layers.items()}
            for name, table in _indexes(story, texts.get(story, ""), **said).items():
                made[name].append(table if name == "pieces" else numbered(table, works[story]))
        for name, tables in made.items():
            store.append(name, pa.concat_tables(tables))
    store.rows("DROP TABLE older")


def _by_story(store: Store, sql: str, stories: Sequence[str]) -> defaultdict[str, list[tuple[Any, ...]]]:
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for story, *row in store.rows(sql, (stories,)):
        found[story].append(tuple(row))
    return found


def _indexes(
    story: str,
    text: str,
    matter: list[tuple[Any, ...]],
    lines: list[tuple[Any, ...]],
    people: list[tuple[Any, ...]],
) -> dict[str, pa.Table]:
    words = list(words_in(text, story_spans(len(text), ((start, end) for start, end in matter))))
    everybody = ((who, called(name, names)) for who, name, names in people)
    return indexes_of(story, text, words, ((line, kind, parts) for line, kind, parts in lines), everybody)
