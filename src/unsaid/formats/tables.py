"""A story as Arrow tables, one a layer; as a folder of Parquet or CSV files; and back from Parquet.

The columns are the fields of the types in :mod:`unsaid.story`, under the names that the contract gives them, so that a
layer's table and its JSON never drift apart. Every table begins with the story's key (its digest) and the row's
number, which together are unique over any number of stories; then come the fields, and last what repeats other tables.
Strings, lists and structs are Arrow's own: pandas, Polars and DuckDB take a table over without a copy.
"""

from __future__ import annotations

import io
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from unsaid.errors import NotAStory
from unsaid.soundness import sound
from unsaid.story import Story, other_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from unsaid.formats.registry import Files

KEY, ROW = "story", "row"
"""The first two columns of every table: the digest of the story's source, and the number of the row in its layer."""
STORIES = "stories"
"""The table with one row for a story: its text, source and metadata."""
LAYERS: Mapping[str, type[msgspec.Struct]] = {
    field.encode_name: field.type.item_type.cls
    for field in msgspec.inspect.type_info(Story).fields  # type: ignore[attr-defined]
    if isinstance(field.type, msgspec.inspect.VarTupleType)
    and isinstance(field.type.item_type, msgspec.inspect.StructType)
}
"""The layers of a story, by the name of their table, with the type of their rows."""
DERIVED = {"utterances": ("text", "speaker_name"), "mentions": ("text", "character_name")}
"""Columns that repeat what other tables hold, so that one table can be read alone."""


def frames(*stories: Story) -> dict[str, pa.Table]:
    """The tables of one or several stories, by name: :data:`STORIES` and one for each of :data:`LAYERS`."""
    tables = {STORIES: pa.Table.from_pylist([_story_row(story) for story in stories], schema=schema(STORIES))}
    for name in LAYERS:
        rows = [row for story in stories for row in _layer_rows(story, name)]
        tables[name] = pa.Table.from_pylist(rows, schema=schema(name))
    return tables


@cache
def schema(table: str) -> pa.Schema:
    """The schema of a table; the same for every story.

    :raises KeyError: if there is no such table.
    """
    columns = [pa.field(KEY, pa.string(), nullable=False), pa.field(ROW, pa.int64(), nullable=False)]
    if table == STORIES:
        fields = [f for f in msgspec.inspect.type_info(Story).fields if f.encode_name not in LAYERS]  # type: ignore[attr-defined]
    else:
        fields = msgspec.inspect.type_info(LAYERS[table]).fields  # type: ignore[attr-defined]
    columns += [pa.field(field.encode_name, _arrow(field.type)) for field in fields]
    columns += [pa.field(name, pa.string()) for name in DERIVED.get(table, ())]
    return pa.schema(columns)


def to_parquet(story: Story) -> Files:
    """A story as Parquet, a file for each table."""
    files = {}
    for name, table in frames(story).items():
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd")
        files[f"{name}.parquet"] = sink.getvalue()
    return files


def to_csv(story: Story) -> Files:
    """A story as CSV (RFC 4180, UTF-8), a file for each table; a list or struct stands in its cell as JSON."""
    files = {}
    options = pa.csv.WriteOptions(quoting_style="needed")
    for name, table in frames(story).items():
        sink = io.BytesIO()
        pa.csv.write_csv(_flat(table), sink, options)
        files[f"{name}.csv"] = sink.getvalue()
    return files


def from_parquet(files: Files) -> Story:
    """The story that :func:`to_parquet` wrote.

    :raises NotAStory: if a table is missing or damaged, or there is not exactly one story.
    """
    try:
        tables = {name: pq.read_table(io.BytesIO(files[f"{name}.parquet"])) for name in (STORIES, *LAYERS)}
    except KeyError as error:
        raise NotAStory(f"the table {error.args[0]} is missing") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise NotAStory(f"a Parquet file is damaged: {error}") from error
    return from_frames(tables)


def from_frames(tables: Mapping[str, pa.Table]) -> Story:
    """The story that :func:`frames` made the tables of.

    :raises NotAStory: if there is not exactly one story.
    """
    stories = list(_rows_back(tables[STORIES], Story))
    if len(stories) != 1:
        raise NotAStory(f"{len(stories)} stories where one is expected")
    if why := other_version(str(stories[0].get("format"))):
        raise NotAStory(why)
    layers = {name: list(_rows_back(tables[name], kind)) for name, kind in LAYERS.items()}
    try:
        corrections = [msgspec.json.decode(text) for text in stories[0]["corrections"]]
        return sound(msgspec.convert({**stories[0], "corrections": corrections, **layers}, Story))
    except (msgspec.ValidationError, msgspec.DecodeError, KeyError) as error:
        raise NotAStory(str(error)) from error


# --- rows -------------------------------------------------------------------------------------------------------------


def _story_row(story: Story) -> dict[str, Any]:
    names = zip(story.__struct_fields__, story.__struct_encode_fields__, strict=True)
    row = {name: getattr(story, name) for name, encoded in names if encoded not in LAYERS}
    return {KEY: story.source.sha256, ROW: 0, **_listed(msgspec.to_builtins(row), schema(STORIES))}


def _layer_rows(story: Story, layer: str) -> Iterator[dict[str, Any]]:
    columns = schema(layer)
    called = {c.id: c.name for c in story.characters}
    mapped = any(_holds_map(column.type) for column in columns)
    for number, item in enumerate(getattr(story, layer)):
        row = msgspec.to_builtins(item)
        if mapped:
            row = _listed(row, columns)
        row[KEY], row[ROW] = story.source.sha256, number
        if layer == "utterances":
            row["text"] = " ".join(story.text[start:end] for start, end in item.parts)
            row["speaker_name"] = called.get(item.speaker)
        elif layer == "mentions":
            row["text"] = story.text[item.start : item.end]
            row["character_name"] = called.get(item.character)
        yield row


def _rows_back(table: pa.Table, kind: type[msgspec.Struct]) -> Iterator[dict[str, Any]]:
    """The rows as the contract's JSON has them."""
    known = {field.encode_name for field in msgspec.inspect.type_info(kind).fields}  # type: ignore[attr-defined]
    columns = [column for column in table.schema if column.name in known]
    for row in table.select([column.name for column in columns]).to_pylist():
        yield {column.name: _unlisted(row[column.name], column.type) for column in columns}


# --- types ------------------------------------------------------------------------------------------------------------

_PLAIN: dict[type, pa.DataType] = {
    msgspec.inspect.IntType: pa.int64(),
    msgspec.inspect.FloatType: pa.float64(),
    msgspec.inspect.StrType: pa.string(),
    msgspec.inspect.LiteralType: pa.string(),
    msgspec.inspect.BoolType: pa.bool_(),
}


def _arrow(kind: msgspec.inspect.Type) -> pa.DataType:
    """The Arrow type that holds values of a contract type."""
    if type(kind) in _PLAIN:
        return _PLAIN[type(kind)]
    if isinstance(kind, msgspec.inspect.UnionType):
        inner, *others = (t for t in kind.types if not isinstance(t, msgspec.inspect.NoneType))
        return pa.string() if others else _arrow(inner)  # what may have several shapes stands as JSON
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return pa.list_(_arrow(kind.item_type))
    if isinstance(kind, msgspec.inspect.TupleType):
        return pa.list_(_arrow(kind.item_types[0]), len(kind.item_types))
    if isinstance(kind, msgspec.inspect.DictType):
        return pa.map_(_arrow(kind.key_type), _arrow(kind.value_type))
    if isinstance(kind, msgspec.inspect.StructType):
        return pa.struct([pa.field(field.encode_name, _arrow(field.type)) for field in kind.fields])
    raise TypeError(f"the contract holds a type that no table has: {kind!r}")


def _holds_map(kind: pa.DataType) -> bool:
    if pa.types.is_map(kind):
        return True
    if pa.types.is_struct(kind):
        return any(_holds_map(kind.field(i).type) for i in range(kind.num_fields))
    return pa.types.is_list(kind) and _holds_map(kind.value_type)


def _listed(row: dict[str, Any], columns: Iterable[pa.Field]) -> dict[str, Any]:
    """A row whose mappings are lists of pairs, as Arrow takes them."""
    kinds = {column.name: column.type for column in columns}
    return {name: _pairs(value, kinds[name]) for name, value in row.items()}


def _pairs(value: Any, kind: pa.DataType) -> Any:
    if isinstance(value, dict) and pa.types.is_string(kind):
        return msgspec.json.encode(value).decode()
    if isinstance(value, list | tuple) and pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return [_pairs(item, kind.value_type) for item in value]
    if isinstance(value, dict) and pa.types.is_map(kind):
        return list(value.items())
    if isinstance(value, dict):
        fields = (kind.field(i) for i in range(kind.num_fields))
        return {field.name: _pairs(value[field.name], field.type) for field in fields}
    return value


def _unlisted(value: Any, kind: pa.DataType) -> Any:
    """A value whose lists of pairs are mappings again."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return dict(value)
    if pa.types.is_struct(kind):
        fields = (kind.field(i) for i in range(kind.num_fields))
        return {field.name: _unlisted(value[field.name], field.type) for field in fields}
    return value


def _flat(table: pa.Table) -> pa.Table:
    """The table with every list, struct and mapping as JSON."""
    columns = []
    for column, field in zip(table.columns, table.schema, strict=True):
        if pa.types.is_nested(field.type):
            cells = (None if v is None else _unlisted(v, field.type) for v in column.to_pylist())
            written = [None if v is None else json.dumps(v, ensure_ascii=False) for v in cells]
            columns.append(pa.array(written, pa.string()))
        else:
            columns.append(column)
    return pa.table(columns, names=table.column_names)
