"""The store: one DuckDB file with every story's tables, its words and its files; opened, locked, checked, migrated."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import platformdirs
import pyarrow as pa

from unsaid import __version__
from unsaid.errors import LibraryError, first_line
from unsaid.formats import tables
from unsaid.library.indexes import numbered
from unsaid.library.migration import migrate
from unsaid.library.reading import table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from unsaid.library.reading import Read

T = TypeVar("T")

FORMAT = 4
"""The version of the store's own tables; the stories' tables follow the contract."""
OLDEST = 2
"""The oldest version that is brought up to date."""
PATIENCE = 5.0
"""Seconds to wait for another process that has the library open."""
BANDS = 32
"""Bands of a signature: two texts with a Jaccard index of 0.7 meet in one with a probability of 0.9998."""
DAMAGED = "damaged"
"""What the reason of an error begins with, where blocks of the file cannot be read."""
CHECK = "`unsaid library check` says what can be saved"
_DAMAGE = ("Corrupt database", "IO Error: Could not read", "INTERNAL Error", "FATAL Error", "Serialization Error")
"""How DuckDB begins to say so. It reads no block whose checksum is another."""
OWN = {
    "unsaid": "format INTEGER, made_by VARCHAR",
    "works": "work INTEGER, story VARCHAR, added TIMESTAMP, words BIGINT, url VARCHAR, text_hash VARCHAR, "
    "signature UINTEGER[], read_by VARCHAR",
    "files": "path VARCHAR, work INTEGER, sha256 VARCHAR, size BIGINT, changed BIGINT, corrections VARCHAR, "
    "refused VARCHAR",
    "bands": "band VARCHAR, work INTEGER",
    "postings": "term VARCHAR, work INTEGER, places UINTEGER[]",
    "names": "term VARCHAR, work INTEGER, places UINTEGER[]",
    "ranges": "work INTEGER, kind VARCHAR, owners VARCHAR[], firsts UINTEGER[], ends UINTEGER[], places UINTEGER[]",
    "vectors": "work INTEGER, made_with VARCHAR, scenes VARCHAR[], starts BIGINT[], ends BIGINT[], vectors BLOB, "
    "made BIGINT",
    "neighbours": "name VARCHAR, last BIGINT, size BIGINT",
    "pieces": "story VARCHAR, piece INTEGER, start BIGINT, first BIGINT, text VARCHAR",
}
"""The store's own tables: its version, the works, their files, and what finds them (``vectors`` when it is asked)."""
INDEXES = ("postings", "names", "ranges")
"""What :mod:`unsaid.library.indexes` makes of a work, beside its text in ``pieces``."""
HEADERS = "headers"
"""The table of the stories without their text, which stands in ``pieces``; ``stories`` is the two joined."""
LAYERS = (tables.STORIES, *tables.LAYERS)
"""The stories' tables, with the columns of ``docs/formats.md``."""


def default_place() -> Path:
    """Where the library lies where nothing else is said: the user's data folder."""
    return Path(os.environ.get("UNSAID_LIBRARY") or Path(platformdirs.user_data_dir("unsaid", False), "library.duckdb"))


class Store:
    """An open library. Close it, or use it in a ``with`` statement; nobody else can open it meanwhile for writing."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, *, write: bool = True) -> None:
        self.path, self.write = path, write
        self._connection = connection
        self._kept: dict[str, Any] = {}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file free."""
        self._connection.close()

    def kept(self, what: str, make: Callable[[], T]) -> T:
        """What was made before under this name, where nothing can have changed since: nobody can write to a library
        that is open for reading."""
        if self.write:
            return make()
        if what not in self._kept:
            self._kept[what] = make()
        made: T = self._kept[what]
        return made

    def rows(
        self, sql: str, parameters: Sequence[object] = (), given: Mapping[str, pa.Table] | None = None
    ) -> list[tuple[Any, ...]]:
        """What a statement returns; it sees the tables that it is given under their names.

        :raises LibraryError: if it fails.
        """
        with self._named(), self._given(given or {}):
            return self._connection.execute(sql, list(parameters)).fetchall()

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """What a query returns, as an Arrow table.

        :raises LibraryError: if it fails.
        """
        with self._named():
            return self._connection.sql(sql, params=list(parameters)).to_arrow_table()

    def ask(self, sql: str) -> pa.Table:
        """What somebody's own query returns; it sees the tables, and no file beside them.

        :raises LibraryError: if it is no query, or fails.
        """
        with self._named():
            self._connection.execute("SET enable_external_access = false").fetchall()
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1:
                raise LibraryError(str(self.path), f"one statement is expected, and there are {len(statements)}")
            answer = self._connection.sql(sql)
            if answer is None:
                raise LibraryError(str(self.path), "this statement returns no table")
            return answer.to_arrow_table()

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """A transaction: all of what is done in it, or nothing.

        :raises LibraryError: if it cannot be kept.
        """
        with self._named():
            self._connection.begin()
        try:
            yield
            with self._named():
                self._connection.commit()
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._connection.rollback()
            raise

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows to a table, column by name.

        :raises LibraryError: if they cannot be kept.
        """
        if not rows.num_rows:
            return
        self.rows(f'INSERT INTO "{table}" BY NAME SELECT * FROM incoming', given={"incoming": rows})

    @contextlib.contextmanager
    def _given(self, tables: Mapping[str, pa.Table]) -> Iterator[None]:
        for name, table in tables.items():
            self._connection.register(name, table)
        yield
        for name in tables:
            self._connection.unregister(name)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            said = first_line(error, 300)
            why = f"{DAMAGED} ({said}); {CHECK}" if said.startswith(_DAMAGE) else said
            raise LibraryError(str(self.path), why) from error


def open_store(path: Path | None = None, *, write: bool = False, patience: float = PATIENCE) -> Store:
    """Open a library; where it is to be written and there is none, it is made.

    :param patience: seconds to wait while another process has it open.
    :raises LibraryError: if there is none, it is in use, damaged, or of a newer version; says what to do.
    """
    place = path or default_place()
    if not place.exists() and not write:
        raise LibraryError(str(place), "there is no library here yet; make one with `unsaid library add PATH`")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(str(place), f"cannot be made: {error.strerror}") from error
    store = Store(place, _connect(place, write=write, until=time.monotonic() + patience), write=write)
    try:
        _settle(store, write=write)
    except BaseException:
        store.close()
        raise
    return store


def _connect(place: Path, *, write: bool, until: float) -> duckdb.DuckDBPyConnection:
    while True:
        try:
            return duckdb.connect(os.fspath(place), read_only=not write)
        except duckdb.Error as error:
            said = str(error)
            if any(sign in said for sign in _BUSY):
                if time.monotonic() < until:
                    time.sleep(0.1)
                    continue
                why = "in use by another process; wait until it is done, or name another library with --library"
            elif "ermission denied" in said or "ead-only" in said:
                why = "permission denied"
            else:
                why = f"{DAMAGED}, or no library ({first_line(error, 300)}); {CHECK}"
            raise LibraryError(str(place), why) from error


_BUSY = ("lock on file", "being used by another process", "different configuration than existing connections")
"""What DuckDB says of a file that another process has open, or this one in another way."""


def _settle(store: Store, *, write: bool) -> None:
    """Make the tables of a new library; bring those of an older one up to date; refuse a newer one."""
    there = _columns(store)
    if not there and write:
        with store.change():
            _make(store, there)
            store.rows("INSERT INTO unsaid VALUES (?, ?)", (FORMAT, __version__))
        return
    if "unsaid" not in there:
        raise LibraryError(str(store.path), "a DuckDB file, but not Unsaid's; name another with --library")
    said = store.rows("SELECT format, made_by FROM unsaid")
    older = bool(said) and said[0][0] < FORMAT
    if older and said[0][0] < OLDEST:
        why = "made by an older Unsaid, in a form that is no longer read; move it away and add the folders again"
        raise LibraryError(str(store.path), why)
    if said and said[0][0] > FORMAT:
        why = f"made by a newer Unsaid ({said[0][1]}, format {said[0][0]}); this is {__version__}, format {FORMAT}"
        raise LibraryError(str(store.path), why)
    wanted = _wanted()
    if not older and all(columns <= there.get(name, frozenset()) for name, columns in wanted.items()):
        return
    if not write:
        why = "made by an older Unsaid; `unsaid library update` brings it up to date"
        raise LibraryError(str(store.path), why)
    with store.change():
        if older:
            migrate(store, {name: OWN[name] for name in (*INDEXES, "pieces")})
            pack(store)
            there = _columns(store)
        _make(store, there)
        store.rows("UPDATE unsaid SET format = ?, made_by = ?", (FORMAT, __version__))


def _columns(store: Store) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for table, column in store.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main'"
    ):
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def _wanted() -> dict[str, frozenset[str]]:
    own = {name: frozenset(part.split()[0] for part in columns.split(", ")) for name, columns in OWN.items()}
    return own | {name: frozenset(_kept(name).names) for name in _tables()}


def _tables() -> tuple[str, ...]:
    return (HEADERS, *tables.LAYERS)


def _kept(name: str) -> pa.Schema:
    """The columns of a table as it is kept."""
    if name != HEADERS:
        return tables.schema(name)
    whole = tables.schema(tables.STORIES)
    return whole.remove(whole.get_field_index("text"))


def _make(store: Store, there: dict[str, frozenset[str]]) -> None:
    """Make the tables and columns that are not there; what older rows hold in a new column is unknown."""
    for name, columns in OWN.items():
        if name not in there:
            store.rows(f"CREATE TABLE {name} ({columns})")
            continue
        for column in columns.split(", "):
            if column.split()[0] not in there[name]:
                store.rows(f"ALTER TABLE {name} ADD COLUMN {column}")
    store.rows("DROP VIEW IF EXISTS stories")
    for name in _tables():
        schema = _kept(name)
        if name not in there:
            _like(store, name, schema)
        elif not set(schema.names) <= there[name]:
            kept = store.arrow(f'SELECT * FROM "{name}"')
            store.rows(f'DROP TABLE "{name}"')
            _like(store, name, schema)
            store.append(name, kept.select([column for column in kept.column_names if column in schema.names]))
    text = "(SELECT string_agg(p.text, '' ORDER BY p.piece) FROM pieces p WHERE p.story = h.story) AS text"
    shown = (text if name == "text" else f'h."{name}"' for name in tables.schema(tables.STORIES).names)
    store.rows(f"CREATE VIEW stories AS SELECT {', '.join(shown)} FROM {HEADERS} h")


def _like(store: Store, name: str, schema: pa.Schema) -> None:
    store.rows(f'CREATE TABLE "{name}" AS SELECT * FROM incoming', given={"incoming": schema.empty_table()})


def insert(store: Store, batch: Sequence[tuple[Read, int]]) -> None:
    """Keep readings, each as the work of a number; inside a transaction."""
    stories = pa.concat_tables(table_of(read.tables[tables.STORIES]) for read, _ in batch)
    store.append(HEADERS, stories.drop_columns(["text"]))
    for name in ("pieces", *tables.LAYERS):
        store.append(name, pa.concat_tables(table_of(read.tables[name]) for read, _ in batch))
    for name in INDEXES:
        store.append(name, pa.concat_tables(numbered(table_of(read.tables[name]), work) for read, work in batch))
    store.append("bands", pa.concat_tables(numbered(_bands(read.signature), work) for read, work in batch))
    for read, work in batch:
        store.rows(
            "INSERT INTO works VALUES (?, ?, now()::TIMESTAMP, ?, ?, ?, ?, ?)",
            (work, read.story, read.words, read.url, read.text_hash, read.signature, __version__),
        )


def _bands(signature: list[int]) -> pa.Table:
    return pa.table({"band": pa.array(bands_of(signature), pa.string())})


def pack(store: Store) -> None:
    """Sort the indexes of words anew, so that a word's rows lie together."""
    for name in ("postings", "names"):
        store.rows(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {name} ORDER BY term, work")


def forget(store: Store, work: int) -> None:
    """Remove a work's reading, but not its files; inside a transaction."""
    for (story,) in store.rows("SELECT story FROM works WHERE work = ?", (work,)):
        for name in (*_tables(), "pieces"):
            store.rows(f'DELETE FROM "{name}" WHERE story = ?', (story,))
    for name in (*INDEXES, "bands", "vectors", "works"):
        store.rows(f"DELETE FROM {name} WHERE work = ?", (work,))


def bands_of(signature: list[int]) -> list[str]:
    """The keys under which texts that are much alike meet."""
    width = len(signature) // BANDS
    return [f"{at}:{'.'.join(map(str, signature[at * width : (at + 1) * width]))}" for at in range(BANDS) if width]
