"""What is done to a library of an older version before it is written to; inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from unsaid.library.pieces import pieces_of, story_spans
from unsaid.library.words import words_in

if TYPE_CHECKING:
    from unsaid.library.store import Store

AT_ONCE = 64
"""Stories whose texts are held in memory."""


def migrate(store: Store) -> None:
    """Bring a library of version 2 up to date: its pieces get their offset and the number of their first word."""
    store.rows("DROP VIEW IF EXISTS stories")
    store.rows("ALTER TABLE pieces RENAME TO older")
    store.rows("CREATE TABLE pieces (story VARCHAR, piece INTEGER, start BIGINT, first BIGINT, text VARCHAR)")
    stories = [story for (story,) in store.rows("SELECT story FROM headers")]
    for at in range(0, len(stories), AT_ONCE):
        there = (stories[at : at + AT_ONCE],)
        matter: dict[str, list[tuple[int, int]]] = {}
        for story, start, end in store.rows(
            'SELECT story, start, "end" FROM matter WHERE list_contains(?, story) ORDER BY start', there
        ):
            matter.setdefault(story, []).append((start, end))
        texts = store.rows(
            "SELECT story, string_agg(text, '' ORDER BY piece) FROM older WHERE list_contains(?, story) GROUP BY ALL",
            there,
        )
        store.append("pieces", pa.concat_tables(_cut(story, text, matter.get(story, [])) for story, text in texts))
    store.rows("DROP TABLE older")


def _cut(story: str, text: str, matter: list[tuple[int, int]]) -> pa.Table:
    spans = story_spans(len(text), matter)
    return pieces_of(story, text, [at for _, at in words_in(text, spans)])
