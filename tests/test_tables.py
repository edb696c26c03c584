"""A story as tables: the contract's columns, CSV that nothing breaks, and Parquet that is the story again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unsaid
from unsaid import corrections, errors
from unsaid.formats import load, tables
from unsaid.story import Character, Mention, Metadata, Source, Story, json_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLES = sorted(
    p for p in (Path(__file__).parents[1] / "examples").iterdir() if p.suffix in (".txt", ".html", ".epub")
)


def rows_of(data: bytes) -> list[dict[str, str]]:
    """An independent reader: Python's own CSV module."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def check_parquet_is_the_story_again(story: Story) -> None:
    assert tables.from_parquet(tables.to_parquet(story)) == story


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_parquet_is_the_story_again(path: Path) -> None:
    check_parquet_is_the_story_again(unsaid.read(path))


def test_a_folder_of_parquet_is_read_back(orchard: Story, tmp_path: Path) -> None:
    orchard.save(tmp_path / "out", format="parquet")
    assert load(tmp_path / "out", format="parquet") == orchard


def test_what_was_corrected_is_in_the_tables_too() -> None:
    story = unsaid.read('"Who?" said Ann.\n\n"I," said Ben.\n')
    story = story.correct(corrections.speaker(story, "Who?", "Ben"), corrections.rename(story, "Ann", "Anna"))
    assert tables.from_parquet(tables.to_parquet(story)) == story


def test_tables_and_columns_are_those_of_the_contract(orchard: Story) -> None:
    frames = orchard.to_frames()
    properties = json_schema()["$defs"]["Story"]["properties"]
    assert set(frames) == {"stories"} | {
        name for name, kind in properties.items() if kind.get("type") == "array" and "$ref" in kind["items"]
    }
    for name, table in frames.items():
        assert table.column_names[:2] == ["story", "row"]
        assert table.schema == tables.schema(name)
        rows = msgspec.to_builtins(getattr(orchard, name, ()))
        assert all(set(row) <= set(table.column_names) for row in rows)


def test_what_repeats_other_tables_is_right(orchard: Story) -> None:
    said = orchard.to_frames()["utterances"].to_pylist()
    assert said[0]["text"] == '"You came back,"'
    assert said[0]["speaker_name"] == "Odile"
    assert said[1]["text"] == '"I never left," "not really. I was in the shed,\nwith the apples."'
    assert said[3]["speaker_name"] is None


def test_several_stories_share_their_tables(orchard: Story) -> None:
    other = msgspec.structs.replace(orchard, source=msgspec.structs.replace(orchard.source, sha256="1" * 64))
    both = tables.frames(orchard, other)
    assert both["stories"].num_rows == 2
    keys = [(row["story"], row["row"]) for row in both["utterances"].select(["story", "row"]).to_pylist()]
    assert len(set(keys)) == len(keys) == 2 * len(orchard.utterances)


HOSTILE = st.text(alphabet=st.sampled_from("\",;\n\r\t\x00\x1a\u2028\ufeff=@'\\ ab é\U0001f600"), max_size=40)


@settings(deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_no_text_breaks_a_csv(names: list[str]) -> None:
    text = "|".join(names)
    story = Story(
        source=Source("x", "text/plain", None, "0" * 64, 1),
        text=text,
        metadata=Metadata(title=names[0], other={n: n for n in names}),
        characters=tuple(Character(f"c{i}", n, {n: 1}, None, "person", 1) for i, n in enumerate(names)),
        mentions=(Mention(0, len(text), "name", None),),
    )
    files = tables.to_csv(story)
    assert [row["name"] for row in rows_of(files["characters.csv"])] == names
    assert [json.loads(row["names"]) for row in rows_of(files["characters.csv"])] == [{n: 1} for n in names]
    assert [row["text"] for row in rows_of(files["mentions.csv"])] == [text]
    assert tables.from_parquet(tables.to_parquet(story)) == story


def _with(files: dict[str, bytes], **changed: bytes) -> dict[str, bytes]:
    return {**files, **{f"{name}.parquet": data for name, data in changed.items()}}


def _parquet(rows: Iterable[dict[str, object]], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), sink)
    return sink.getvalue()


def test_what_is_no_story_is_refused(orchard: Story) -> None:
    files = tables.to_parquet(orchard)
    with pytest.raises(errors.NotAStory, match="scenes"):
        tables.from_parquet({name: data for name, data in files.items() if name != "scenes.parquet"})
    with pytest.raises(errors.NotAStory, match="damaged"):
        tables.from_parquet(_with(files, scenes=files["scenes.parquet"][:-9]))
    with pytest.raises(errors.NotAStory, match="0 stories"):
        tables.from_parquet(_with(files, stories=_parquet([], tables.schema("stories"))))
    newer = pq.read_table(io.BytesIO(files["stories.parquet"])).to_pylist()
    newer[0]["format"] = "unsaid-story/2"
    with pytest.raises(errors.NotAStory, match="unsaid-story/2, of a newer Unsaid"):
        tables.from_parquet(_with(files, stories=_parquet(newer, tables.schema("stories"))))
