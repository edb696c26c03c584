"""The reader's server: who is let in, what is shown, and corrections by several at once."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.serving import Served, served
from unsaid import corrections, voices
from unsaid.web.desk import Desk
from unsaid.web.shelf import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def tale(tmp_path: Path) -> Path:
    path = tmp_path / "corran-head.txt"
    shutil.copy(EXAMPLES / "corran-head.txt", path)
    return path


@pytest.fixture
def open_tale(tale: Path) -> Iterator[Served]:
    with served([tale]) as server:
        yield server


def test_only_who_has_the_key_is_let_in(open_tale: Served) -> None:
    plain = httpx.get(open_tale.base + "/w/0/0")
    assert plain.status_code == 403
    assert "Pascoe" not in plain.text
    assert httpx.get(open_tale.base + "/?token=wrong").status_code == 403
    entered = httpx.get(open_tale.address)
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert entered.headers["location"] == "/"
    with open_tale.client() as client:
        page = client.get("/w/0/0")
        assert page.status_code == 200
        assert "Pascoe" in page.text


def test_other_hosts_other_pages_and_other_programs_are_refused(open_tale: Served) -> None:
    with open_tale.client() as client:
        assert client.get("/w/0/0", headers={"host": "evil.example"}).status_code == 421
        assert client.get("/w/0/0", headers={"origin": "http://evil.example"}).status_code == 403
        assert client.post("/w/0/0/change", json={"do": "undo"}).status_code == 403
        own = {"origin": open_tale.base}
        assert client.post("/w/0/0/change", json={"do": "undo"}, headers=own).status_code == 200


def test_pages_may_run_nothing_but_the_reader_s_own_script(open_tale: Served) -> None:
    with open_tale.client() as client:
        policy = client.get("/w/0/0").headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        for path in ("/w/0/0", "/w/0/about", "/w/0/people", "/w/0/findings", "/w/0/search?q=the"):
            answer = client.get(path)
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert not re.search(r"<[^>]*\s(?:style|on\w+)\s*=|<script(?![^>]*src=|[^>]*json)", answer.text), path
        assert client.get("/static/reader.js").headers["content-type"].startswith("text/javascript")
        assert client.get("/static/app.py").status_code == 404


def test_what_is_not_there_and_what_makes_no_sense_is_said(open_tale: Served) -> None:
    own = {"origin": open_tale.base}
    with open_tale.client() as client:
        assert client.get("/w/7/").status_code == 404
        assert client.get("/w/0/99").headers["location"] == "/w/0/0"
        for asked in (
            {"do": "sing"},
            {},
            {"do": "speaker", "line": "u999", "who": "c1"},
            {"do": "speaker", "line": "u1"},
        ):
            answer = client.post("/w/0/0/change", json=asked, headers=own)
            assert answer.status_code == 400
            assert answer.json()["why"]
        assert not corrections.beside(open_tale.paths[0]).exists()


def test_a_correction_is_kept_and_its_undoing_too(open_tale: Served) -> None:
    own = {"origin": open_tale.base}
    with open_tale.client() as client:
        story = open_tale.story(0)
        line = next(u for u in story.utterances if u.kind == "speech")
        who = next(c.id for c in story.characters if c.id != line.speaker)
        answer = client.post("/w/0/0/change", json={"do": "speaker", "line": line.id, "who": who}, headers=own).json()
        assert f'data-line="{line.id}" data-who="{who}"' in answer["html"]
        assert (answer["undo"], answer["redo"]) == (True, False)
        kept = corrections.load(corrections.beside(open_tale.paths[0]))
        assert len(kept.corrections) == 1
        answer = client.post("/w/0/0/change", json={"do": "undo"}, headers=own).json()
        assert f'data-line="{line.id}" data-who="{line.speaker}"' in answer["html"]
        assert client.get("/w/0/about").status_code == 200  # what the correction left is read again


def test_a_change_of_the_file_is_read_and_one_beside_it_too(open_tale: Served) -> None:
    tale = open_tale.paths[0]
    tale.write_text(tale.read_text(encoding="utf-8") + "\n\n“A line that is new,” said Pascoe.\n", encoding="utf-8")
    with open_tale.client() as client:
        assert client.get("/w/0/0").status_code == 303  # it is being read
        open_tale.wait()
        assert "A line that is new" in client.get("/w/0/1").text + client.get("/w/0/0").text
        story = open_tale.story(0)
        other = next(c for c in story.characters if c.name == "Captain Fenwick")
        line = story.utterances[-1].id
        corrections.change(corrections.beside(tale), lambda book: book.add(corrections.speaker(story, line, other.id)))
        shown = client.get(f"/w/0/at/{story.utterances[-1].start}", follow_redirects=True).text
        assert f'data-line="{line}" data-who="{other.id}"' in shown


def test_a_file_that_is_no_story_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.epub"
    broken.write_bytes(b"PK\x03\x04 no archive")
    with served([broken], ready=False) as server, server.client() as client:
        deadline = time.monotonic() + 10
        while (state := client.get("/w/0/state").json())["state"] == "reading" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert state["state"] == "failed"
        assert "broken.epub" in client.get("/w/0/").text


def test_fifty_readers_at_once_and_corrections_from_several(open_tale: Served) -> None:
    story = open_tale.story(0)
    lines = [u for u in story.utterances if u.kind == "speech"][:10]
    who = story.characters[0]

    async def read(client: httpx.AsyncClient) -> int:
        return (await client.get("/w/0/0")).status_code

    async def change(client: httpx.AsyncClient, line: str) -> int:
        asked = {"do": "speaker", "line": line, "who": who.id, "called": who.name}
        return (await client.post("/w/0/0/change", json=asked, headers={"origin": open_tale.base})).status_code

    async def all_at_once() -> list[int]:
        async with open_tale.async_client() as client:
            return await asyncio.gather(
                *(read(client) for _ in range(50)), *(change(client, f"{u.start}-{u.end}") for u in lines)
            )

    assert set(asyncio.run(all_at_once())) == {200}
    kept = corrections.load(corrections.beside(open_tale.paths[0]))
    assert len(kept.corrections) == len(lines)
    read_again = open_tale.story(0)
    given = {start: u.speaker for u in read_again.utterances for start, _ in u.parts}
    assert {given[line.start] for line in lines} == {read_again.character(who.name).id}


def test_what_was_read_before_is_there_at_once(tale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served([tale]) as server, server.client() as client:
        first = client.get("/w/0/0").text
    may_read = threading.Event()
    from unsaid.web import shelf

    opened = shelf.Draft.open

    def slow(*args: Any, **kwargs: Any) -> Any:
        may_read.wait(30)
        return opened(*args, **kwargs)

    monkeypatch.setattr(shelf.Draft, "open", slow)
    with served([tale]) as server, server.client() as client:
        assert client.get("/w/0/0").text == first  # although nothing has been read in this run
        may_read.set()
        story = server.story(0)
        line = next(u for u in story.utterances if u.kind == "speech")
        who = next(c.id for c in story.characters if c.id != line.speaker)
        asked = {"do": "speaker", "line": line.id, "who": who}
        assert client.post("/w/0/0/change", json=asked, headers={"origin": server.base}).status_code == 200
        assert client.get("/w/0/0").text != first


def test_a_damaged_cache_is_read_past(tale: Path) -> None:
    from unsaid.web import cache

    with served([tale]) as server, server.client() as client:
        first = client.get("/w/0/0").text
    for path in cache.folder().glob("*.json"):
        path.write_bytes(b"{")
    with served([tale]) as server, server.client() as client:
        assert client.get("/w/0/0").text == first


def test_several_stories_are_listed(tmp_path: Path) -> None:
    paths = []
    for name in ("three-ways.txt", "corran-head.txt"):
        shutil.copy(EXAMPLES / name, tmp_path / name)
        paths.append(tmp_path / name)
    with served(paths) as server, server.client() as client:
        shelf = client.get("/").text
        assert "Three Ways" in shelf
        assert "corran-head.txt" in shelf


def test_the_command_prints_the_address_and_serves(tale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import click.testing

    from unsaid.cli.open import open_

    said: list[str] = []
    started = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda address: said.append(address) or started.set())
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: sockets[0].close())
    result = click.testing.CliRunner().invoke(open_, [str(tale)], standalone_mode=False)
    assert result.output.startswith("http://127.0.0.1:")
    assert started.is_set()
    assert said[0].strip() == result.output.strip()


def form(client: httpx.Client, base: str, page: str, **fields: str) -> httpx.Response:
    return client.post(f"/w/0/{page}", data=fields, headers={"origin": base})


def test_people_are_set_right_by_forms_and_each_correction_can_be_undone(open_tale: Served) -> None:
    with open_tale.client() as client:
        made = [
            {"do": "rename", "who": "Captain Fenwick", "name": "Old Fenwick"},
            {"do": "add", "name": "Gwil", "pronouns": "he"},
            {"do": "merge", "who": "Old Fenwick", "other": "Gwil"},
            {"do": "narrator", "who": ""},
        ]
        for fields in made:
            answer = form(client, open_tale.base, "people", **fields)
            assert (answer.status_code, answer.headers["location"]) == (303, "/w/0/people")
        kept = corrections.load(corrections.beside(open_tale.paths[0]))
        assert [type(c).__name__ for c in kept.corrections] == ["Rename", "Newcomer", "Merge", "Narrator"]
        page = client.get("/w/0/people").text
        assert "Old Fenwick and Gwil are one" in page
        assert re.search("<option[^>]*>[^<]*Fenwick, [^<]*Gwil", page)  # who can be parted again, by which names
        assert len(re.findall("<option[^>]* selected>", page)) == 1  # nobody is one with themself
        form(client, open_tale.base, "people", do="undo", which=kept.entries[0].id)
        assert "Captain Fenwick" in client.get("/w/0/0").text


def test_a_form_that_cannot_be_done_says_why_and_changes_nothing(open_tale: Served) -> None:
    with open_tale.client() as client:
        for fields in (
            {"do": "merge", "who": "Pascoe", "other": "Pascoe"},
            {"do": "split", "who": "Pascoe", "names": "Nobody"},
            {"do": "add", "name": " "},
            {"do": "rename", "who": "Nobody Here", "name": "Ann"},
            {"do": "meant", "rule": "D101", "at": "x"},
            {},
        ):
            answer = form(client, open_tale.base, "people", **fields)
            assert answer.status_code == 400
            assert 'role="alert"' in answer.text
        assert client.post("/w/0/people", data={"do": "add", "name": "Eve"}).status_code == 403
        assert form(client, open_tale.base, "people", do="add", name="x" * 100_000).status_code == 413
        assert not corrections.beside(open_tale.paths[0]).exists()


def test_a_finding_can_be_meant(tmp_path: Path) -> None:
    night = Path(shutil.copy(EXAMPLES / "opening-night.txt", tmp_path))
    with served([night]) as open_tale, open_tale.client() as client:
        story = open_tale.story(0)
        first = min((f for f in story.findings if f.spans), key=lambda f: f.spans[0].start)
        assert html.escape(first.message) in client.get("/w/0/findings").text.replace("&#39;", "&#x27;")
        form(client, open_tale.base, "findings", do="meant", rule=first.rule, at=str(first.spans[0].start))
        page = client.get("/w/0/findings").text
        assert (
            f'name="rule" value="{first.rule}"><input type="hidden" name="at" value="{first.spans[0].start}"'
            not in page
        )
        assert "1 is meant" in page


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff\xfe", b'{"do": 5}', b'{"do": "speaker", "line": "9-1", "who": "c1"}']
)
def test_what_is_no_correction_is_refused(open_tale: Served, body: bytes) -> None:
    with open_tale.client() as client:
        answer = client.post("/w/0/0/change", content=body, headers={"origin": open_tale.base})
        assert answer.status_code == 400
        assert answer.json()["why"]


def test_a_stale_window_corrects_the_line_and_the_person_that_it_shows(open_tale: Served) -> None:
    with open_tale.client() as client:
        story = open_tale.story(0)
        first, *_, last = (u for u in story.utterances if u.kind == "speech")
        who = story.characters[-1]
        other = corrections.no_utterance(story, first)
        corrections.change(corrections.beside(open_tale.paths[0]), lambda book: book.add(other))
        asked = {"do": "speaker", "line": f"{last.start}-{last.end}", "who": "c1", "called": who.name}
        client.post("/w/0/0/change", json=asked, headers={"origin": open_tale.base}).raise_for_status()
        now = open_tale.story(0)
        line = next(u for u in now.utterances if u.start == last.start)
        assert line.speaker == now.character(who.name).id


def test_words_are_found_over_the_end_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "wrapped.txt"
    path.write_text("It stood beside the coal\nbox for years.\n\n“Yes,” said Ann.\n", encoding="utf-8")
    with served([path]) as server, server.client() as client:
        found = client.get("/w/0/search?q=COAL+box").text
        assert "1 passage " in found
        assert "<mark>coal box</mark>" in found


def test_stories_of_a_folder_are_read_when_they_are_asked_for(tale: Path, tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "three-ways.txt", tmp_path / "other.txt")
    with served([tale, tmp_path / "other.txt"], ready=False) as server, server.client() as client:
        assert "other.txt</small>" in client.get("/").text
        assert client.get("/w/1/", follow_redirects=True).status_code == 200
        server.wait()
        assert "Three Ways" in client.get("/").text


def test_steps_go_through_the_lines_both_ways_and_end(open_tale: Served) -> None:
    def step(client: httpx.Client, **asked: object) -> str:
        location: str = client.get("/w/0/next/line", params=asked).headers["location"]
        return location

    story = open_tale.story(0)
    lines = sorted((u for u in story.utterances if u.is_direct), key=lambda u: u.start)
    with open_tale.client() as client:
        at, seen = -1, []
        while "none=" not in (where := step(client, **{"from": at})):
            at = int(where.partition("at=")[2].partition("#")[0])
            seen.append(where.partition("#")[2])
        assert seen == [u.id for u in lines]
        assert step(client, **{"from": lines[-1].start, "back": 1}).endswith(f"#{lines[-2].id}")
        theirs = [u for u in lines if u.speaker == lines[0].speaker and u.kind == "thought"]
        found = step(client, **{"from": -1, "who": lines[0].speaker, "kind": "thought"})
        assert found.endswith(f"#{theirs[0].id}" if theirs else "none=line")
        assert "none=" in client.get("/w/0/next/nonsense?from=x").headers["location"]


def test_the_line_to_ask_about_is_found_out_before_anybody_asks(
    open_tale: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed, worth = [], voices.worth

    def counted(*layers: Any) -> Iterator[tuple[str, float]]:
        yield from worth(*layers)
        weighed.append(threading.current_thread().name)

    monkeypatch.setattr(voices, "worth", counted)
    before: set[str] = set()
    with open_tale.client() as client:
        for number in range(1, 4):
            client.get("/w/0/0")
            deadline = time.monotonic() + 30
            while len(weighed) < number or any(t.name.startswith("weigh") for t in threading.enumerate()):
                assert time.monotonic() < deadline, "nothing is weighed behind the page"
                time.sleep(0.01)
            asked = client.get("/w/0/next/doubt?from=-1").headers["location"].partition("at=")[2].partition("#")[0]
            line = next(u for u in open_tale.story(0).utterances if str(u.start) == asked)
            assert len(weighed) == number, "the lines are weighed again where nothing has changed"
            assert asked not in before
            before.add(asked)
            other = next(c for c in open_tale.story(0).characters if c.id != line.speaker)
            form = {"do": "speaker", "line": line.id, "who": other.id}
            client.post("/w/0/0/change", json=form, headers={"origin": open_tale.base}).raise_for_status()
    assert {name.partition(" ")[0] for name in weighed} == {"weigh"}


def test_stories_that_are_too_many_for_memory_are_put_away_and_come_back_as_they_were(
    tale: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.txt"
    other.write_text(tale.read_text(encoding="utf-8").replace("Pascoe", "Penrose"), encoding="utf-8")
    monkeypatch.setattr("unsaid.web.desk.MOST", 1)
    with served([tale, other]) as server, server.client() as client:
        line = next(u for u in server.story(0).utterances if u.is_direct and u.speaker)
        whose = next(c for c in server.story(0).characters if c.id != line.speaker)
        own = {"origin": server.base}
        told = {"do": "speaker", "line": f"{line.start}-{line.end}", "who": whose.id}
        for _ in range(3):
            changed = client.post("/w/0/0/change", json=told, headers=own).json()
            assert "Penrose" in client.get("/w/1/0").text
            state = client.get("/w/0/state").json()
            assert (state["state"], state["version"]) == ("waiting", changed["version"])
            page = client.get("/w/0/0")
            assert page.status_code == 200
            assert changed["version"] in page.text
            assert next(u for u in server.story(0).utterances if u.start == line.start).speaker == whose.id
        assert len(corrections.load(corrections.beside(tale)).corrections) == 3
        client.get("/w/1/0")
        tale.write_text(tale.read_text(encoding="utf-8") + "\nAnd that was all.\n", encoding="utf-8")
        assert client.get("/w/0/state").json()["version"] != changed["version"]


def test_a_story_in_use_is_not_put_away(tale: Path) -> None:
    desk = Desk(most=1)
    work = Work(tale, 0, desk)
    assert not work.put_away()  # nothing has been read
    work.begin()
    while work.state != "ready" or work.draft is None:
        time.sleep(0.01)
    title, held = work.title, threading.Event()
    done = threading.Event()

    def correcting(_story: object) -> tuple[()]:
        held.set()
        done.wait(10)
        return ()

    thread = threading.Thread(target=lambda: work.correct(correcting))
    thread.start()
    held.wait(10)
    assert not work.put_away()
    done.set()
    thread.join()
    assert work.put_away()
    assert work.title == title
    assert work.look().story.text


def test_every_room_of_a_reading_has_words_for_whoever_waits(tale: Path) -> None:
    from unsaid.draft import Draft
    from unsaid.web.shelf import DOES

    entered: list[str] = []
    Draft.open(tale, watch=entered.append)
    assert set(entered) == set(DOES)


def test_what_was_overheard_stays_while_a_story_is_corrected(tale: Path) -> None:
    from unsaid.draft import Draft

    entered: list[str] = []
    draft = Draft.open(tale, watch=entered.append)
    entered.clear()
    line = next(u for u in draft.story.utterances if u.kind == "speech")
    other = next(c.name for c in draft.story.characters if c.id != line.speaker)
    draft.correct(corrections.speaker(draft.story, line.id, other))
    assert "hear" in entered
    assert not {"spot", "overhear", "resolve"} & set(entered)
