"""Scenes that are like a passage: the nearest is found, nothing is left out unsaid, and what was made is kept."""

from __future__ import annotations

import io
import json
import shutil
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.libraries import copied
from unsaid.errors import LibraryError, MissingExtra, QueryError
from unsaid.library import Library, Scene, check, neighbours, vectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Ran

pytest.importorskip("onnxruntime", reason="unsaid[similar] is not installed")
pytest.importorskip("tokenizers", reason="unsaid[similar] is not installed")

BREAD = """The Oven at Six

Mara lit the oven before it was light and weighed the flour by hand. She kneaded until her wrists ached, and set the
loaves to rise under a wet cloth by the window.

"You'll want more salt," said her grandmother from the stairs.

* * *

In the afternoon the inspector came about the chimney. He wrote in a small book, and would not take any tea.

"There is a crack behind the flue," he said. "I shall have to close you until it is mended."
"""
BOAT = """Low Water

The dinghy went over a mile from the harbour wall. Perrin came up beside the hull and could not find the boy. He dived
three times in the cold green water, and the third time his hand closed on a sleeve.

"Hold on to me," said Perrin. "Kick, if you can."
"""
FLUE = """A Cold Flue

The man from the council looked up the chimney of the chip shop and shook his head. Tobin turned the sign on the door.

"How long will it take?" asked Tobin.
"""
BAKER = "A baker gets up early to make bread, and an old woman tells her that it needs salt."
DROWNING = "Their boat capsizes, and a man saves a child from drowning in the sea."
CHIMNEY = "An official closes a shop because of a damaged chimney."


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alike")
    (folder / "stories").mkdir()
    for name, text in (("bread", BREAD), ("boat", BOAT)):
        (folder / "stories" / f"{name}.txt").write_text(text, encoding="utf-8")
    with Library.open(folder / "kept.duckdb", write=True) as library:
        library.add(folder / "stories")
        assert library.lacking() == 2
        assert library.prepare() == 2
    return folder


@pytest.fixture
def place(shelf: Path, tmp_path: Path) -> Path:
    """A library of one's own, whose works have no vectors yet."""
    own = copied(shelf, tmp_path / "own")
    with Library.open(own / "kept.duckdb", write=True) as library:
        library._store.rows("DELETE FROM vectors")
    return own


@pytest.mark.parametrize(("said", "title", "words"), [
    (BAKER, "The Oven at Six", "kneaded"), (DROWNING, "Low Water", "dinghy"), (CHIMNEY, "The Oven at Six", "inspector"),
])  # fmt: skip
def test_the_scene_that_tells_of_the_same_comes_first(shelf: Path, said: str, title: str, words: str) -> None:
    with Library.open(shelf / "kept.duckdb") as library:
        found = library.like(said)
        first, *rest = found.scenes
        assert (first.title, found.lacking) == (title, 0)
        assert [scene.likeness for scene in rest] == sorted((scene.likeness for scene in rest), reverse=True)
        assert first.likeness > rest[0].likeness
        story = library.story(first.work)
        scene = next(scene for scene in story.scenes if scene.id == first.scene)
        assert scene.start <= first.passage.start < first.passage.end <= scene.end
        assert words in story.text[first.passage.start : first.passage.end]


def test_a_file_is_compared_as_its_text_is(shelf: Path) -> None:
    with Library.open(shelf / "kept.duckdb") as library:
        by_path = library.like(shelf / "stories" / "boat.txt", limit=1)
        assert by_path == library.like((shelf / "stories" / "boat.txt").read_bytes(), limit=1)
        assert by_path.scenes[0].likeness > 0.9
        for nothing in ("...", "\n—\n"):
            with pytest.raises(QueryError, match="no word"):
                library.like(nothing)


def test_works_without_vectors_are_counted_and_an_interrupted_run_is_gone_on_with(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unsaid.library.alike.AT_ONCE", 1)

    def interrupt(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with Library.open(place / "kept.duckdb", write=True) as library:
        assert library.like(BAKER) == library.like(DROWNING)
        assert (library.like(BAKER).scenes, library.like(BAKER).lacking) == ((), 2)
        with pytest.raises(KeyboardInterrupt):
            library.prepare(progress=interrupt)
        assert (library.lacking(), library.like(BAKER).lacking) == (1, 1)
        assert library.prepare() == 1
        assert library.prepare() == 0
        assert {scene.title for scene in library.like(BAKER).scenes} == {"The Oven at Six", "Low Water"}


def test_what_is_read_again_or_removed_leaves_no_old_vector(place: Path) -> None:
    with Library.open(place / "kept.duckdb", write=True) as library:
        library.prepare()
        (place / "stories" / "boat.txt").write_text(BOAT.replace("dinghy", "kite").replace("sleeve", "string"), "utf-8")
        assert library.update().again == 1
        assert library.lacking() == 1
        assert "dinghy" not in " ".join(scene.passage.text for scene in library.like(DROWNING).scenes)
        library.prepare()
        assert "kite" in " ".join(scene.passage.text for scene in library.like(DROWNING).scenes)
        library.remove(library.find("low water").work)
        assert {scene.title for scene in library.like(DROWNING).scenes} == {"The Oven at Six"}
        library._store.rows("UPDATE vectors SET made_with = 'another model'")
        assert (library.like(BAKER).scenes, library.like(BAKER).lacking) == ((), 1)


def test_the_command_makes_what_is_lacking_and_shows_scenes(
    place: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    def like(*arguments: object) -> Ran:
        return run("library", "--library", place / "kept.duckdb", "like", *arguments)

    asis = like(DROWNING, "--as-is")
    assert (asis.status, asis.out) == (0, "")
    assert "2 works were not looked into" in asis.err
    shown = like(DROWNING, "--limit", "1")
    assert shown.out.startswith("Low Water · ")
    assert "dinghy" in shown.out
    monkeypatch.setattr(sys.modules["unsaid.library.search"], "LONGEST", 80)
    cut = like(DROWNING, "--limit", "1").out.splitlines()[1]
    assert cut.startswith("    …Low Water The dinghy went over")
    assert cut.count("…") == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAKER.encode())))
    assert json.loads(like("-", "--json").out.splitlines()[0])["title"] == "The Oven at Six"
    assert "no such file" in like("gone.txt").err


def test_a_missing_library_or_a_damaged_model_is_one_line(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(vectors.FOLDER, tmp_path / "model")
    (tmp_path / "model" / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(LibraryError, match=r"model\.onnx: damaged"):
        vectors.load(tmp_path / "model")
    (tmp_path / "model" / "tokenizer.json").unlink()
    shutil.copy(vectors.FOLDER / "model.onnx", tmp_path / "model")
    with pytest.raises(LibraryError, match=r"tokenizer\.json: No such file"):
        vectors.load(tmp_path / "model")
    vectors.load.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with Library.open(shelf / "kept.duckdb") as library, pytest.raises(MissingExtra, match=r"unsaid\[similar\]"):
        library.like(BAKER)


def test_a_graph_of_neighbours_answers_as_looking_at_all_does(
    place: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Ran]
) -> None:
    pytest.importorskip("usearch", reason="unsaid[similar] is not installed")
    kept = place / "kept.duckdb"
    with Library.open(kept, write=True) as library:
        library.prepare()
        before = [library.like(said).scenes for said in (BAKER, DROWNING, CHIMNEY)]
        monkeypatch.setattr(neighbours, "FROM", 1)
        told: list[tuple[int, int]] = []
        assert library.prepare(linked=lambda done, of: told.append((done, of))) == 0
        assert told == [(2, 2)]
    assert check(kept).graph is None
    (graph,) = place.glob("kept.duckdb-near-*")

    def proposing(proposals: list[list[int] | None]) -> list[tuple[Scene, ...]]:
        seen = neighbours.proposed
        monkeypatch.setattr(neighbours, "proposed", lambda *a: proposals.append(seen(*a)) or proposals[-1])
        with Library.open(kept) as library:
            found = [library.like(said).scenes for said in (BAKER, DROWNING, CHIMNEY)]
        monkeypatch.setattr(neighbours, "proposed", seen)
        return found

    proposals: list[list[int] | None] = []
    assert proposing(proposals) == before
    assert proposals == [[1, 2]] * 3
    (place / "stories" / "flue.txt").write_text(FLUE, encoding="utf-8")
    monkeypatch.setattr(neighbours, "LATER", 9.0)  # what is new is not taken into the graph, and found all the same
    with Library.open(kept, write=True) as library:
        library.remove(library.find("Low Water").work)
        library.add(place / "stories" / "flue.txt")
        library.prepare()
        assert {scene.title for scene in library.like(CHIMNEY).scenes} == {"The Oven at Six", "A Cold Flue"}
    assert [*place.glob("kept.duckdb-near-*")] == [graph]
    monkeypatch.setattr(neighbours, "LATER", 0.0)
    with Library.open(kept, write=True) as library:
        library.prepare()
        whole = [library.like(said).scenes for said in (BAKER, DROWNING, CHIMNEY)]
    (renewed,) = place.glob("kept.duckdb-near-*")
    assert renewed != graph
    held = bytearray(renewed.read_bytes())
    held[len(held) // 2] ^= 1
    renewed.write_bytes(held)
    assert check(kept).graph == f"{renewed}: damaged; delete it"
    renewed.write_bytes(b"no graph")
    proposals = []
    assert proposing(proposals) == whole
    assert proposals == [None] * 3
    renewed.unlink()
    ran = run("library", "--library", kept, "check")
    assert ran.status == 2
    assert f"{renewed}: No such file or directory; `like` compares every passage until" in ran.err
    with Library.open(kept, write=True) as library:
        library.prepare()
    assert run("library", "--library", kept, "check").status == 0


@given(st.integers(0, 3_000), st.one_of(st.none(), st.integers(1, 6)))
def test_what_is_read_of_a_scene_is_spread_over_all_of_it(count: int, most: int | None) -> None:
    words = [(at * 5, at * 5 + 4) for at in range(count)]
    found = vectors.windows(words, most=most)
    assert len(found) <= (most or len(found))
    assert bool(found) == bool(words)
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    assert all(start in starts and end in ends and start < end for start, end in found)
    assert all(end - start <= vectors.WINDOW * 5 for start, end in found)
    if len(found) > 1:
        assert (found[0][0], found[-1][1]) == (words[0][0], words[-1][1])
    if found and most is None and len(found) > 1:
        gaps = [after[0] - before[1] for before, after in pairwise(found)]
        assert max(gaps) <= 2 * vectors.EVERY * 5
