"""Folders as people have them: downloads of AO3 and FanFicFare, calibre's books, serials that grow, files that rot."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_sources_formats import CHAPTER, archive_download, make_epub, page, paragraphs
from unsaid import corrections, read
from unsaid.errors import LibraryError
from unsaid.library import Library, check

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Ran
    from unsaid.story import Story

TALK = "".join(
    f"<p>“Bring the {n} lamp,” said {who}.</p><p>Nobody in the house had lit the {n} lamp since the {n} winter.</p>"
    for n, who in enumerate(("Maren", "Tobias") * 6)
)
SECOND = CHAPTER.replace("Chapter 1: The Door", "Chapter 2: Lamps").replace("<hr/>", TALK)
THIRD = SECOND.replace("Chapter 2: Lamps", "Chapter 3: Rain").replace("lamp", "barrel").replace("winter", "flood")
LEAD = paragraphs("The ferry was late.", "“We shall walk,” said Ines.", "They walked until it was dark over the dunes.")
OPF = """<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"><dc:title>Salt Flats</dc:title>
<dc:creator opf:role="aut">Ida Bergström</dc:creator><dc:subject>Seafaring</dc:subject><dc:language>en</dc:language>
</metadata></package>"""


PLACES = {"ao3": "tea", "fff": "walk", "Salt Flats (12)": "salt"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An AO3 download, FanFicFare's EPUB of another story, and a book of a calibre library."""
    (tmp_path / "ao3").mkdir()
    (tmp_path / "ao3" / "cold tea.html").write_text(archive_download(CHAPTER + SECOND), encoding="utf-8")
    title = """<h3><a href="https://example.org/s/77">Dune Walk</a> by
    <a class="authorlink" href="u">sandpiper</a></h3><div><b>Category:</b> Harbour Tales<br /><b>Genre:</b> Drama<br />
    <b>Rating:</b> T<br /></div>"""
    pages = {
        "title_page.xhtml": page(title, kind=' class="fff_titlepage"'),
        "file0001.xhtml": page(f"<h3 class='fff_chapter_title'>1. Sand</h3>{LEAD}", kind=' class="fff_chapter"'),
    }
    (tmp_path / "fff").mkdir()
    (tmp_path / "fff" / "Dune Walk.epub").write_bytes(make_epub(pages))
    book = tmp_path / "calibre" / "Ida Bergstrom" / "Salt Flats (12)"
    book.mkdir(parents=True)
    (book / "metadata.opf").write_text(OPF, encoding="utf-8")
    (book / "Salt Flats.txt").write_text("The salt lay white to the edge of the sky.\n\n“Dig,” said Per.\n", "utf-8")
    return tmp_path


def test_downloads_and_catalogues_are_found_by_what_they_say_of_themselves(folder: Path) -> None:
    with Library.open(folder / "l.duckdb", write=True) as library:
        assert library.add(folder).new == 3
        for query, found in {
            'fandom:"harbour tales"': "tea walk", "pairing:finch": "tea", "rating:teen": "tea", "rating:mature": "",
            "genre:drama": "walk", "author:bergstrom": "salt", "title:salt": "salt",
            "tag:letters status:complete": "tea",
        }.items():  # fmt: skip
            hits = library.search(query).hits
            assert {PLACES[Path(hit.path or "").parts[-2]] for hit in hits} == set(found.split()), query
        (folder / "calibre" / "Ida Bergstrom" / "Salt Flats (12)" / "metadata.opf").write_text(
            OPF.replace("Salt Flats", "Salt and Silence"), encoding="utf-8"
        )
        assert library.update().again == 1  # the catalogue's entry alone is a change
        assert library.search("title:silence").total == 1


def corrected(path: Path) -> None:
    story = read(path)
    line = next(u for u in story.utterances if "the 3 lamp" in story.passage(u))
    made = corrections.speaker(story, line.id, story.character("Maren").id)
    corrections.change(corrections.beside(path), lambda book: book.add(made))


def speaker_of(story: Story, words: str) -> str | None:
    line = next(u for u in story.utterances if words in story.passage(u))
    return next((c.name for c in story.characters if c.id == line.speaker), None)


@pytest.mark.parametrize("name", ["cold tea.html", "cold tea (1).html"])
def test_a_serial_that_has_grown_keeps_its_corrections(folder: Path, name: str) -> None:
    path = folder / "ao3" / "cold tea.html"
    corrected(path)
    with Library.open(folder / "l.duckdb", write=True) as library:
        library.add(folder / "ao3")
        before = library.find("cold tea")
        assert speaker_of(library.story(before.work), "the 3 lamp") == "Maren"
        (folder / "ao3" / name).write_text(archive_download(CHAPTER + SECOND + THIRD), encoding="utf-8")
        added = library.add(folder / "ao3")
        assert (added.new, added.again) == (0, 1)
        (work,) = library.works()
        assert work.work == before.work
        assert work.words > before.words
        story = library.story(work.work)
        assert speaker_of(story, "the 3 lamp") == "Maren"
        assert library.search("barrel").total == 1
        assert len(work.files) == len({path.name, name})


def test_a_file_that_rots_is_named_or_answers_as_before(folder: Path, run: Callable[..., Ran]) -> None:
    path, rotten = folder / "l.duckdb", folder / "rotten.duckdb"
    with Library.open(path, write=True) as library:
        library.add(folder)
        sound = [library.story(work.work) for work in library.works()], library.search("said").hits
    whole = path.read_bytes()
    chance = random.Random(7)
    named = sounded = 0
    for _ in range(12):
        data, at = bytearray(whole), chance.randrange(len(whole))
        data[at : at + 64] = bytes(byte ^ 0xFF for byte in data[at : at + 64])
        rotten.write_bytes(data)
        try:
            state = check(rotten)
        except LibraryError as error:
            named += "damaged" in error.why and "add their folders again" in error.why
            continue
        if state.damaged is None:
            sounded += 1
            with Library.open(rotten) as library:
                assert ([library.story(work.work) for work in library.works()], library.search("said").hits) == sound
        else:
            named += 1
            assert state.folders == (
                str(folder / "ao3"),
                str(folder / "calibre/Ida Bergstrom/Salt Flats (12)"),
                str(folder / "fff"),
            )
            said = run("library", "--library", rotten, "check")
            assert said.status == 2
            assert f"add again what it was read from: {folder / 'ao3'}" in said.err
    assert named + sounded == 12
    assert named > 2
    shutil.copy(path, rotten)
    rotten.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LibraryError, match="damaged"):
        Library.open(rotten)
