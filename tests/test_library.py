"""The library, through its public API and the command line: what goes in once, what comes out, and what breaks it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.libraries import copied
from unsaid import corrections, read
from unsaid.errors import LibraryError, QueryError
from unsaid.library import Library, check
from unsaid.library.store import FORMAT

FERRY = """The Ferry at Lunt

"I'll be back by Friday," said Cora. "I promise."

"You won't," said Dellow.

Dellow did not look up from the net. He had mended it all spring, with his hands blue from the river, while the old
man from the mill sat beside him and told him how it was done. *Will she ever come back to us?* he thought.
He wanted to tell her that he loved her, but he never told her.


Cora picked up her bag and left without a word.

"Did she say anything?" asked Pim.

"Nothing," said Dellow.
"""
LAMP = """The Lamp Room

I had kept the lamps for eleven years when Hester came down the stairs.

"Is it you who broke the café window?" she asked me.

"It was me," I said. "I broke it, Hester. I’m sorry."

"I forgive you," said Hester, and she took my hand.

"Somebody has to sweep it up," said Wick from the door.
"""
SEQUEL = "\n".join(
    f"\nIn the {n}th year the lamps were lit on the {n} pier, and nobody came to see them." for n in range(30)
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two stories, one of them in two formats, and a library of it."""
    folder = tmp_path_factory.mktemp("shelf")
    stories = folder / "stories"
    stories.mkdir()
    (stories / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (stories / "lamp.txt").write_text(LAMP, encoding="utf-8")
    paragraphs = "".join(f"<p>{part}</p>" for part in FERRY.split("\n\n")[1:])
    page = (
        f"<html><head><title>The Ferry at Lunt</title></head><body><h1>The Ferry at Lunt</h1>{paragraphs}</body></html>"
    )
    (stories / "ferry.html").write_text(page, encoding="utf-8")
    (stories / "cover.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    with Library.open(folder / "kept.duckdb", write=True) as library:
        added = library.add(stories)
    assert (added.new, added.known, [Path(path).name for path, _ in added.failed]) == (2, 1, ["cover.txt"])
    return folder


@pytest.fixture
def place(shelf: Path, tmp_path: Path) -> Path:
    """A library of one's own."""
    return copied(shelf, tmp_path / "own")


def titles(library: Library, query: str) -> set[str]:
    return {hit.title or "" for hit in library.search(query).hits}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("net", "ferry"), ("cafe window", "lamp"), ('"kept the lamps"', "lamp"), ('"lamps the kept"', ""),
        ("i'm", "lamp"), ("said", "ferry lamp"), ("said not net", "lamp"), ("net or window", "ferry lamp"),
        ("-net", "lamp"), ("(net or window) and hester", "lamp"), ('speech:"broke it"', "lamp"), ("speech:net", ""),
        ('speech:"broke the cafe"', "lamp"), ("speech:i'm", "lamp"),
        ('thought:"ever come back"', "ferry"), ('speech:"ever come back"', ""), ("speech:nothing by dellow", "ferry"),
        ("speech:nothing by cora", ""), ("speaker:hester", "lamp"), ("departure:no-farewell", "ferry"),
        ("departure:any by Cora", "ferry"), ("returns:no", "ferry"), ("returns:yes", ""), ("narrator:first", "lamp"),
        ("narrator:third", "ferry"), ("narrators:1", "lamp"), ("narrators:>1", ""), ("promise:any by Cora", "ferry"),
        ("promise:any by Pim", ""), ("words:<80", "lamp"), ("title:ferry", "ferry"), ("title:FERRY not lamp", "ferry"),
        ("apology:any to hester", "lamp"), ('unsaid:"loved her"', "ferry"), ("unsaid:window", ""),
    ],
)  # fmt: skip
def test_a_query_finds_what_it_describes(shelf: Path, query: str, found: str) -> None:
    with Library.open(shelf / "kept.duckdb") as library:
        called = {"The Ferry at Lunt": "ferry", "The Lamp Room": "lamp"}
        assert {called[title] for title in titles(library, query)} == set(found.split())


def test_a_hit_shows_its_passage(shelf: Path) -> None:
    with Library.open(shelf / "kept.duckdb") as library:
        for query, said in (
            ("departure:no-farewell", "left"),
            ('"cafe window"', "café window"),
            ("unsaid:loved", "loved"),
        ):
            (hit,) = library.search(query).hits
            passage = hit.passages[0]
            assert said in passage.text
            text = library.story(hit.work).text
            assert " ".join(text[passage.start : passage.end].split()) == passage.text


def test_a_long_line_is_shown_where_its_words_stand(tmp_path: Path) -> None:
    counted = " ".join(f"There were {n} gulls on the roof." for n in range(30))
    (tmp_path / "roof.txt").write_text(
        f'"{counted} Nobody fed them," said Wick, "since the winter. {counted}"\n\n"And you fed them?" asked Pim.\n',
        encoding="utf-8",
    )
    with Library.open(tmp_path / "l.duckdb", write=True) as library:
        library.add(tmp_path / "roof.txt")
        text = library.story(1).text
        for query, shown in {
            'speech:"nobody fed"': "Nobody fed", 'speech:"them since"': 'them," said Wick, "since',
            'speech:"you fed" by pim': '"And you fed them?"',
        }.items():  # fmt: skip
            (hit,) = library.search(query).hits
            assert [passage.text for passage in hit.passages] == [shown]
            assert text[hit.passages[0].start : hit.passages[0].end] == shown


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("departure:nofarewell", "did you mean departure:no-farewell"), ("depature:any", "did you mean departure:"),
        ("promise:brokn", "did you mean promise:broken"), ("narrators:many", "takes a number"), ("net or", "missing"),
        ("(net", "not closed"), ("net)", "none opens"), ('"net', "not closed"), ("", "nothing is asked"),
        ("or net", "nothing to join"), ("speech:net by", "name is missing"), ("!!! ...", "no word"),
        ("title:", "nothing stands behind"),
    ],
)  # fmt: skip
def test_a_query_without_sense_is_told_what_would_have_one(shelf: Path, query: str, why: str) -> None:
    with Library.open(shelf / "kept.duckdb") as library, pytest.raises(QueryError, match=why):
        library.search(query)


def test_a_word_that_stands_nowhere_has_neighbours(shelf: Path) -> None:
    with Library.open(shelf / "kept.duckdb") as library:
        assert "window" in library.search("windwo").near
        assert library.search("wind").near == ()  # no slip: two letters more


def test_what_is_there_is_not_added_twice(place: Path) -> None:
    with Library.open(place / "kept.duckdb", write=True) as library:
        before = library.query("SELECT * FROM utterances ORDER BY story, row")
        added = library.add(place / "stories")
        assert (added.new, added.again, added.known, added.same) == (0, 0, 0, 4)
        shutil.copy(place / "stories" / "lamp.txt", place / "lamp copy.txt")
        assert library.add(place / "lamp copy.txt").known == 1
        assert library.query("SELECT * FROM utterances ORDER BY story, row").equals(before)
        assert [len(work.files) for work in library.works()] == [2, 2]


def test_the_same_story_in_one_run_is_one_work(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text(LAMP + (SEQUEL if name != "c" else SEQUEL + "\n\nThe end.\n"), "utf-8")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("deep/lamp.txt", LAMP + SEQUEL)
        archive.writestr("deep/readme.bin", b"\0")
    with Library.open(tmp_path / "l.duckdb", write=True) as library:
        library.add(tmp_path)
        (work,) = library.works()
        assert len(work.files) == 4
        assert library.add(tmp_path).same == 4
        assert library.update().same == 4


def test_a_changed_file_is_read_again_under_its_corrections(place: Path) -> None:
    path = place / "stories" / "lamp.txt"
    story = read(path)
    line = next(u for u in story.utterances if "sweep it" in story.passage(u))
    other = story.character("Hester")
    corrections.change(corrections.beside(path), lambda book: book.add(corrections.speaker(story, line.id, other.id)))
    with Library.open(place / "kept.duckdb", write=True) as library:
        assert library.update().again == 1  # the correction alone is a change
        path.write_text(LAMP + SEQUEL, encoding="utf-8")
        updated = library.update()
        assert (updated.again, updated.new, updated.same) == (1, 0, 3)
        work = library.find("lamp")
        assert work.words > 200
        kept = library.story(work.work)
        assert len(kept.corrections) == 1
        again = next(u for u in kept.utterances if "sweep it" in kept.passage(u))
        assert next(c.name for c in kept.characters if c.id == again.speaker) == other.name
        assert library.search("window").total == 1
        assert library.search('"13 pier"').total == 1


def test_a_work_that_is_removed_leaves_nothing(place: Path) -> None:
    with Library.open(place / "kept.duckdb", write=True) as library:
        library.remove(library.find("ferry").work)
        assert [work.title for work in library.works()] == ["The Lamp Room"]
        assert library.search("net").total == 0
        stories = "SELECT count(DISTINCT story) AS n FROM mentions"
        assert library.query(stories).to_pylist() == [{"n": 1}]
        assert library.add(place / "stories").new == 1


def test_a_reading_comes_back_as_it_went_in(shelf: Path) -> None:
    with Library.open(shelf / "kept.duckdb") as library:
        kept = library.story(library.find("lamp").work)
        assert kept == read(shelf / "stories" / "lamp.txt")
        with pytest.raises(LibraryError, match="no work 'owl'"):
            library.find("owl")


def test_an_export_is_what_the_tables_hold(shelf: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    from unsaid.formats import tables

    with Library.open(shelf / "kept.duckdb") as library:
        library.export(tmp_path / "out")
        for name in (tables.STORIES, *tables.LAYERS):
            written = pq.read_table(tmp_path / "out" / f"{name}.parquet")
            assert written.schema.equals(tables.schema(name))
            (count,) = library.query(f'SELECT count(*) AS n FROM "{name}"').to_pylist()
            assert written.num_rows == count["n"]


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("DROP TABLE works", "read-only"), ("SELEC 1", "syntax"),
        ("SELECT * FROM read_text('/etc/hostname')", "disabled"),
        ("COPY works TO '/tmp/w.csv'", "disabled"), ("SELECT 1; SELECT 2", "one statement"), ("", "one statement"),
    ],
)  # fmt: skip
def test_a_query_in_sql_reads_the_tables_and_nothing_else(shelf: Path, sql: str, why: str) -> None:
    with Library.open(shelf / "kept.duckdb") as library, pytest.raises(LibraryError, match=why):
        library.query(sql)


def test_a_damaged_or_foreign_file_is_said_to_be_one(shelf: Path, tmp_path: Path) -> None:
    whole = (shelf / "kept.duckdb").read_bytes()
    cases = {"cut": whole[:5000], "noise": os.urandom(9000), "text": b"not a library", "empty-not": b"\0" * 20000}
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LibraryError, match=r"damaged|no library"):
            Library.open(tmp_path / name)
        with pytest.raises(LibraryError, match="add their folders again"):
            check(tmp_path / name)
    with duckdb.connect(str(tmp_path / "other.duckdb")) as other:
        other.execute("CREATE TABLE birds (name VARCHAR)").fetchall()
    with pytest.raises(LibraryError, match="not Unsaid's"):
        Library.open(tmp_path / "other.duckdb", write=True)


def test_check_finds_the_reading_that_is_damaged_and_update_mends_it(place: Path) -> None:
    with duckdb.connect(str(place / "kept.duckdb")) as inside:
        inside.execute("UPDATE scenes SET tense = 'lost' WHERE story = (SELECT story FROM works LIMIT 1)").fetchall()
    state = check(place / "kept.duckdb")
    assert (state.works, len(state.broken), len(state.refused)) == (1, 1, 1)
    from unsaid.library import Options

    with Library.open(place / "kept.duckdb", write=True) as library:
        library.update(options=Options(again=True))
    assert check(place / "kept.duckdb").broken == ()


def test_an_older_library_is_migrated_and_a_newer_one_refused(place: Path) -> None:
    path = place / "kept.duckdb"
    with duckdb.connect(str(path)) as inside:
        inside.execute("ALTER TABLE partings DROP COLUMN rule").fetchall()
        inside.execute("DROP TABLE gaps").fetchall()
    with pytest.raises(LibraryError, match="made by an older"):
        Library.open(path)
    with Library.open(path, write=True) as library:
        assert library.search("departure:any").total == 1
        assert library.story(library.find("ferry").work).partings[0].rule is None
    with duckdb.connect(str(path)) as inside:
        inside.execute("UPDATE unsaid SET format = ?, made_by = '9.0'", [FORMAT + 1]).fetchall()
    with pytest.raises(LibraryError, match="made by a newer Unsaid"):
        Library.open(path, write=True)
    with duckdb.connect(str(path)) as inside:
        inside.execute("UPDATE unsaid SET format = 1").fetchall()
    with pytest.raises(LibraryError, match="in a form that is no longer read"):
        Library.open(path, write=True)


OLDER = """
CREATE TABLE older AS SELECT story, (unnest(range(0, length(text), 300)) / 300)::INTEGER AS piece,
    substring(text, piece * 300 + 1, 300) AS text
FROM (SELECT story, string_agg(text, '' ORDER BY piece) AS text FROM pieces GROUP BY story);
DROP TABLE pieces;
ALTER TABLE older RENAME TO pieces;
UPDATE unsaid SET format = 2, made_by = '0.0';
"""
OLD = "UPDATE unsaid SET format = 3, made_by = '0.0';"
UNINDEXED = "DROP TABLE names; DROP TABLE ranges;"
ASKED = ("cafe window", "departure:any", "title:lamp", 'speech:"broke the cafe"', "speech:any by dellow")


@pytest.mark.parametrize("older", [OLDER, OLD], ids=["2", "3"])
def test_an_older_library_is_brought_up_to_date_as_a_whole(place: Path, older: str) -> None:
    path = place / "kept.duckdb"
    with Library.open(path) as library:
        before = [library.search(query).hits for query in ASKED]
        stories = [library.story(work.work) for work in library.works()]
    with duckdb.connect(str(path)) as inside:
        inside.execute(UNINDEXED + older).fetchall()
    with pytest.raises(LibraryError, match=r"`unsaid library update` brings it up to date"):
        Library.open(path)
    with Library.open(path, write=True) as library:
        assert [library.search(query).hits for query in ASKED] == before
        assert [library.story(work.work) for work in library.works()] == stories
    with Library.open(path) as library:
        assert library.search("cafe window").total == 1


HOLD = """
import sys, time
from unsaid.library import Library
with Library.open(sys.argv[1], write=True):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_second_process_waits_or_says_that_it_is_in_use(place: Path) -> None:
    from unsaid.library.store import open_store

    command = [sys.executable, "-c", HOLD, str(place / "kept.duckdb"), "1.0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LibraryError, match="in use by another"):
            open_store(place / "kept.duckdb", patience=0.0)
        begun = time.monotonic()
        with Library.open(place / "kept.duckdb", write=True) as library:
            assert len(library.works()) == 2
        assert time.monotonic() - begun > 0.2


def test_the_commands_of_a_library(place: Path, run) -> None:  # type: ignore[no-untyped-def]
    path = place / "kept.duckdb"

    def library(*arguments: object):  # type: ignore[no-untyped-def]
        return run("library", "--library", path, *arguments)

    assert library("add", place / "stories").out == "4 unchanged\n"
    assert [line.split(maxsplit=2)[2] for line in library("list").out.splitlines()] == [
        "The Ferry at Lunt",
        "The Lamp Room",
    ]
    assert json.loads(library("list", "--json").out.splitlines()[1])["title"] == "The Lamp Room"
    assert "ferry.html" in library("show", "ferry").out
    assert json.loads(library("show", "ferry", "--json").out)["format"] == "unsaid-story/1"
    assert "1 work\n" in library("search", 'speech:"broke it"').out
    assert "1 work\n" in library("search", "speech:broke it", "by", "narrator", "or", "title:lamp").out
    assert json.loads(library("search", "net", "--json").out)["passages"][0]["what"] == "text"
    assert "did you mean window" in library("search", "windwo").out
    wrong = library("search", "depature:any")
    assert (wrong.status, wrong.out) == (2, "")
    assert "did you mean departure:?" in wrong.err
    assert (
        library("query", "SELECT title FROM (SELECT metadata.title FROM stories) ORDER BY 1").out.splitlines()[0]
        == "title"
    )
    assert library("update").out == "4 unchanged\n"
    assert "2 works are whole, 0 damaged" in library("check").out
    assert library("remove", "ferry").out.startswith("removed")
    assert library("export", place / "out").status == 0
    assert (place / "out" / "stories.parquet").exists()
    gone = run("library", "--library", place / "none.duckdb", "list")
    assert "there is no library here yet" in gone.err
