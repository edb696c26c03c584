"""The library in the browser's server: listed, narrowed, sorted, searched, and opened where a hit is."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.libraries import copied
from tests.serving import Served, served, shelved
from unsaid import corrections
from unsaid.library import Library, Work
from unsaid.web.catalogue import SHOWN, Asked, asked_of, length_of, listed
from unsaid.web.library import Held

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelved(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def place(shelf: Path, tmp_path: Path) -> Path:
    return copied(shelf, tmp_path / "own")


@pytest.fixture(scope="module")
def looked(shelf: Path) -> Iterator[Served]:
    """A server of a library that is only looked at."""
    held = Held(shelf / "kept.duckdb")
    with served([], library=held) as server:
        yield server
    held.close()


@pytest.fixture
def shown(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    held = Held(place / "kept.duckdb")
    with served([], library=held) as server:
        yield server
    held.close()


def titles(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/library/\d+"><bdi>(.*?)</bdi>', page)


@pytest.mark.parametrize(("asked", "found"), [
    ("", ["An Empty Quay", "The Ice Road", "Zinc"]), ("sort=author", ["Zinc", "An Empty Quay", "The Ice Road"]),
    ("sort=long", ["Zinc", "An Empty Quay", "The Ice Road"]), ("sort=short", ["The Ice Road", "An Empty Quay", "Zinc"]),
    ("sort=nonsense&page=99", ["An Empty Quay", "The Ice Road", "Zinc"]), ("fandom=Nothing", []),
    ("fandom=Harbour+Lights", ["An Empty Quay", "The Ice Road"]), ("length=under+1,000+words", ["The Ice Road"]),
    ("fandom=Harbour+Lights&rating=Mature", ["An Empty Quay"]),
    ('q=speech:"come home"', ["The Ice Road", "Zinc"]), ("q=harbour&fandom=Tin+Soldiers", ["Zinc"]),
    ("q=speech:any+by+bram&sort=short", ["The Ice Road", "An Empty Quay"]),
])  # fmt: skip
def test_works_are_found_narrowed_and_sorted(looked: Served, asked: str, found: list[str]) -> None:
    with looked.client() as client:
        for path in ("/", "/library/found"):
            got = titles(client.get(f"{path}?{asked}").text)
            assert [title.partition(" &lt;")[0] for title in got] == found


def test_what_a_story_says_of_itself_is_looked_as_text(looked: Served) -> None:
    with looked.client() as client:
        page = client.get("/?q=zinc%22%3E%3Cscript%3E").text + client.get("/").text
    assert "<script>" not in page
    assert "Zinc &lt;b&gt;" in page


def test_every_facet_leads_to_as_many_works_as_it_says_and_back(looked: Served) -> None:
    with looked.client() as client:
        page = client.get("/?q=harbour").text
        links = re.findall(r'<li><a href="(/\?[^"]*)">([^<]*)</a> <small>([\d,]+)</small>', page)
        assert {name for _, name, _ in links} >= {"Harbour Lights", "Teen And Up", "wren", "under 1,000 words"}
        for address, name, count in links:
            narrowed = client.get(address.replace("&amp;", "&")).text
            assert len(titles(narrowed)) == int(count), name
            (back,) = re.findall(r'<a href="([^"]*)" aria-current="true">', narrowed)
            assert parse_qs(urlsplit(back).query) == {"q": ["harbour"]}


@pytest.mark.parametrize(("query", "said", "leads"), [
    ("departure:nofarewell tram", "departure is never", "departure:no-farewell tram"), ("(ice", "not closed", None),
    ("depature:any", "no field", "departure:any"), ("harbuor", "No work has these words", "harbour"),
    ("speech:", "nothing stands behind", None),
])  # fmt: skip
def test_a_query_without_sense_is_told_what_would_have_one(
    looked: Served, query: str, said: str, leads: str | None
) -> None:
    with looked.client() as client:
        page = client.get("/library/found", params={"q": query, "rating": "Mature"}).text
    assert said in page
    offered = [parse_qs(urlsplit(a.replace("&amp;", "&")).query) for a in re.findall(r'mean <a href="([^"]*)"', page)]
    assert offered == ([{"q": [leads], "rating": ["Mature"]}] if leads else [])


def test_a_hit_opens_its_work_where_it_stands_and_a_correction_goes_beside_its_file(shown: Served, place: Path) -> None:
    with shown.client() as client:
        page = client.get("/?q=speech:wait&rating=Mature").text
        (address,) = re.findall(r'href="(/library/\d+/at/\d+)"', page)
        there = client.get(address)
        there = client.get(there.headers["location"])
        target = there.headers["location"]
        assert there.status_code == 303
        read = client.get(target.partition("#")[0]).text
        anchor = re.search(rf'id="{target.partition("#")[2]}"', read)
        assert anchor
        assert "I will wait" in read[anchor.start() : anchor.start() + 400]
        number = target.split("/")[2]
        line = re.search(r'data-line="(u\d+)"[^>]*>[^<]*I will wait', read)
        assert line
        asked = {"do": "speaker", "line": line[1], "who": "Zeb", "new": "1"}
        client.post(f"/w/{number}/0/change", json=asked, headers={"origin": shown.base}).raise_for_status()
    kept = corrections.load(corrections.beside(place / "stories" / "1.txt")).corrections
    assert [type(one).__name__ for one in kept] == ["Newcomer", "Speaker"]


def test_a_work_whose_file_is_gone_is_shown_and_not_corrected(shown: Served, place: Path) -> None:
    (place / "stories" / "0.txt").unlink()
    with shown.client() as client:
        (address,) = re.findall(r'href="(/library/\d+)"', client.get("/?q=title:ice").text)
        number = address.rpartition("/")[2]
        client.get(address)
        assert "I will wait" in client.get(f"/w/{number}/0").text
        asked = {"do": "speaker", "line": "u1", "who": "Zeb", "new": "1"}
        answer = client.post(f"/w/{number}/0/change", json=asked, headers={"origin": shown.base})
        assert "is not there" in answer.json()["why"]
        assert client.get(f"/w/{number}/about").status_code == 200
        assert client.get("/library/99").status_code == 404
        assert client.get("/w/99/0").status_code == 404


def test_a_library_that_rests_can_be_written_to_and_shows_what_is_new(
    shown: Served, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unsaid.web.library.REST", 0.05)
    with shown.client() as client:
        assert len(titles(client.get("/").text)) == 3
        deadline = time.monotonic() + 10
        with Library.open(place / "kept.duckdb", write=True) as library:  # waits until the reader rests
            assert time.monotonic() < deadline
            library.remove(library.find("ice").work)
        assert titles(client.get("/").text)[0] == "An Empty Quay"
        assert len(titles(client.get("/").text)) == 2
        (place / "kept.duckdb").unlink()
        assert "No such file" in client.get("/").text


def test_a_long_list_comes_in_pages_and_each_work_once() -> None:
    works = [
        Work(n, f"{n:064}", f"T{n % 7}", None, n * 90, (), (), None, (), "2026-01-01", ()) for n in range(2 * SHOWN + 3)
    ]
    seen = [listed(works, Asked(page=page), None) for page in (1, 2, 3, 4)]
    assert [len(one.works) for one in seen] == [SHOWN, SHOWN, 3, 3]
    assert sorted(work.work for one in seen[:3] for work in one.works) == list(range(2 * SHOWN + 3))
    assert {one.total for one in seen} == {2 * SHOWN + 3}
    best = listed(works, asked_of({"q": "x", "page": "nonsense"}), {5: 0.1, 9: 3.0, 2: 0.1})
    assert [work.work for work in best.works] == [9, 2, 5]
    assert [length_of(words) for words in (0, 999, 1000, 99_999, 100_000)] == [
        "under 1,000 words", "under 1,000 words", "1,000 to 5,000", "20,000 to 100,000", "over 100,000",
    ]  # fmt: skip
