"""The reader as people use it, in a real browser: keys, corrections, links, hostile stories, and what axe finds."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsing import launched
from tests.serving import Served, served
from unsaid import corrections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

EXAMPLES = Path(__file__).parents[1] / "examples"
HOSTILE = (
    """# <script>document.title='owned'</script>

"Hello <img src=x onerror=document.title='owned'> you," said Ann.

"\u202eevil\u202c </script><script>document.title='owned'</script>," said Bob. "{{ 7*7 }}"

"I was here," said """
    + "Zed" * 1666
    + """.

"No," said Ann.
"""
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def open_tale(tmp_path: Path) -> Iterator[Served]:
    shutil.copy(EXAMPLES / "corran-head.txt", tmp_path / "tale.txt")
    with served([tmp_path / "tale.txt"]) as server:
        yield server


@pytest.fixture
def page(browser: Browser, open_tale: Served) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    page.goto(open_tale.address)
    page.wait_for_selector("[data-line]")
    yield page
    page.close()
    assert wrong == []


def margin(page: Page, line: str) -> str:
    return page.locator(f'.m[data-of="{line}"]').inner_text()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose(page: Page, words: str) -> str:
    """Choose the line that holds some words by a click; its id."""
    line = page.locator("[data-line]", has_text=words).first
    line.click()
    return line.get_attribute("data-line") or ""


def give(page: Page, letters: str) -> None:
    """Give the chosen line to whoever begins with some letters, and wait until the page shows the text anew."""
    press(page, "a")
    page.keyboard.type(letters)
    page.evaluate("document.getElementById('text').firstElementChild.dataset.before = ''")
    with page.expect_response(re.compile("/change$")):
        press(page, "Enter")
    page.locator("#text [data-before]").wait_for(state="detached")


def test_a_speaker_is_corrected_others_follow_and_it_is_kept(page: Page, open_tale: Served) -> None:
    line = choose(page, "They all say that")
    assert margin(page, line).startswith("the ferryman")
    before = {u.id: u.speaker for u in open_tale.story(0).utterances}
    give(page, "capt")
    assert margin(page, line).startswith("Captain Fenwick")
    assert page.locator(".sel").first.get_attribute("data-line") == line
    now = {u.id: u.speaker for u in open_tale.story(0).utterances}
    shown = {
        e.get_attribute("data-line"): e.get_attribute("data-who") or None for e in page.locator("[data-line]").all()
    }
    assert shown == {line: now[line] for line in shown}
    page.reload()
    assert margin(page, line).startswith("Captain Fenwick")
    assert len(corrections.load(corrections.beside(open_tale.paths[0])).corrections) == 1
    with page.expect_response(re.compile("/change$")):
        press(page, "z")
    page.locator("#undo:disabled").wait_for()
    assert {u.id: u.speaker for u in open_tale.story(0).utterances} == before
    with page.expect_response(re.compile("/change$")):
        press(page, "y")
    page.locator("#redo:disabled").wait_for()
    assert margin(page, line).startswith("Captain Fenwick")


def test_one_line_set_right_sets_the_lines_behind_it_right(browser: Browser, tmp_path: Path) -> None:
    tale = tmp_path / "two.txt"
    said = ["Who is there?", "Nobody you know.", "I know everybody.", "Then you know me.", "I doubt it."]
    tale.write_text(
        "Ida and Tom sat by the stove. Ida was knitting, and Tom was not.\n\n" + "\n\n".join(f"“{s}”" for s in said)
    )
    with served([tale]) as server:
        page = browser.new_page()
        page.goto(server.address)
        first = choose(page, said[0])
        other = "Tom" if margin(page, first).startswith("Ida") else "Ida"
        before = [e.inner_text().split()[0] for e in page.locator(".m").all()]
        give(page, other)
        page.locator("#said", has_text="follow").wait_for()
        after = [e.inner_text().split()[0] for e in page.locator(".m").all()]
        assert after[0] == other
        assert all(a != b for a, b in zip(before, after, strict=True))
        page.close()


def test_a_correction_stays_on_its_line_when_the_file_is_edited(page: Page, open_tale: Served) -> None:
    choose(page, "They all say that")
    give(page, "capt")
    tale = open_tale.paths[0]
    text = tale.read_text(encoding="utf-8")
    tale.write_text(text.replace("The ferry to", "“All aboard,” said Pascoe.\n\nThe ferry to", 1), encoding="utf-8")
    page.reload()
    open_tale.wait()
    page.wait_for_selector("[data-line]")
    assert page.locator("[data-line]").first.inner_text() == "“All aboard,”"
    line = page.locator("[data-line]", has_text="They all say that").first.get_attribute("data-line") or ""
    assert margin(page, line).startswith("Captain Fenwick")


def test_a_character_is_followed_and_lines_are_filtered(page: Page) -> None:
    page.locator(".m", has_text="Pascoe").first.click()
    who = page.locator("#person").input_value()
    assert who
    for piece in page.locator("[data-line]:not(.away)").all():
        assert piece.get_attribute("data-who") == who
    press(page, "j")
    first = page.locator(".sel").first
    assert first.get_attribute("data-who") == who
    press(page, "Escape")
    assert page.locator(".away").count() == 0
    page.locator("#kind").select_option("thought")
    assert {e.get_attribute("class").split()[0] for e in page.locator("[data-line]:not(.away)").all()} == {"thought"}  # type: ignore[union-attr]


def test_keys_go_to_lines_and_doubts(page: Page, open_tale: Served) -> None:
    press(page, "j", "j", "k")
    first = page.locator("[data-line]").first.get_attribute("data-line")
    assert page.locator(".sel").first.get_attribute("data-line") == first
    press(page, "u")
    page.wait_for_url(re.compile(r"\?at=\d+#u\d+"))
    line = page.url.partition("#")[2]
    story = open_tale.story(0)
    doubted = next(u for u in story.utterances if u.id == line)
    assert doubted.speaker is None or doubted.confidence < 0.6
    assert page.locator(".sel").first.get_attribute("data-line") == line
    press(page, "?")
    assert page.locator("#help").is_visible()


def test_a_key_goes_to_the_next_finding(browser: Browser, tmp_path: Path) -> None:
    with served([Path(shutil.copy(EXAMPLES / "opening-night.txt", tmp_path))]) as server:
        page = browser.new_page()
        page.goto(server.address)
        press(page, "f")
        page.wait_for_url(re.compile(r"\?at=\d+#o\d+"))
        assert int(page.url.rpartition("#o")[2]) in {f.spans[0].start for f in server.story(0).findings if f.spans}


def test_links_and_plots_of_the_account_land_on_the_passage(page: Page, open_tale: Served) -> None:
    page.goto(open_tale.base + "/w/0/about")
    page.locator("#ledger td a").first.click()
    page.wait_for_selector(":target", state="attached")
    page.goto(open_tale.base + "/w/0/about")
    page.locator("#presence svg a").first.click()
    page.wait_for_url(re.compile(r"/w/0/0\?at=\d+#o\d+"))


def test_words_are_found(page: Page) -> None:
    press(page, "/")
    page.keyboard.type("so-called")
    press(page, "Enter")
    page.locator(".hits a").first.click()
    page.wait_for_url(re.compile(r"/w/0/0\?at=\d+"))
    assert "so-called" in page.locator("#text").inner_text()


def test_a_hostile_story_is_text(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    with served([tmp_path / "hostile.txt"]) as server:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(server.address)
        page.wait_for_selector("[data-line]")
        choose(page, "Hello")
        give(page, "B")
        for path in ("/w/0/0", "/w/0/about", "/w/0/search?q=%3Cscript%3E"):
            page.goto(server.base + path)
            assert page.evaluate("document.title") != "owned"
            assert page.locator("main img").count() == 0
        page.goto(server.base + "/w/0/0")
        assert "<img src=x onerror=" in page.locator("#text").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert all(url.startswith((server.base, "data:")) for url in asked)
        page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_axe_finds_nothing_on_any_page(browser: Browser, open_tale: Served, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    how = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    context = browser.new_context(**how)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(open_tale.address)
    for path in ("/w/0/0", "/w/0/about", "/w/0/search?q=the", "/w/0/people", "/w/0/findings"):
        page.goto(open_tale.base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if path.endswith("/0"):
            press(page, "j", "a")
        found = Axe().run(page, options={"runOnly": RULES}).response
        assert found["passes"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], path
    context.close()


def test_a_person_is_followed_from_chapter_to_chapter(browser: Browser, tmp_path: Path) -> None:
    tale = tmp_path / "two.txt"
    rain = "\n\n".join(f"It rained on day {n}." for n in range(3))
    chapter = "“Is it you?” said Ida.\n\n“It is not,” said Tom.\n\n"
    tale.write_text("".join(f"Chapter {n}\n\n{chapter}{rain}\n\n" for n in ("One", "Two")), encoding="utf-8")
    with served([tale]) as server:
        page = browser.new_page()
        page.goto(server.address)
        choose(page, "It is not")
        assert "A name beside the line says so" in page.locator("#why").inner_text()
        press(page, "g")
        assert page.locator(".away[data-line]").inner_text() == "“Is it you?”"
        press(page, "j")
        page.wait_for_url(re.compile(r"/w/0/1\?at=\d+#u\d+"))
        assert page.locator(".sel").inner_text() == "“It is not,”"
        assert page.locator(".away[data-line]").inner_text() == "“Is it you?”"
        press(page, "k")
        page.wait_for_url(re.compile(r"/w/0/0\?at=\d+#u\d+"))
        press(page, "g")
        assert page.locator(".away").count() == 0
        page.close()


def test_a_line_is_given_by_a_digit_and_to_somebody_new(page: Page) -> None:
    line = choose(page, "They all say that")
    with page.expect_response(re.compile("/change$")):
        press(page, "1")
    page.locator("#undo:enabled").wait_for()
    assert "You have said so." in page.locator("#why").inner_text()
    give(page, "Gwendolen")
    page.locator(f'.m[data-of="{line}"]', has_text="Gwendolen").wait_for()
    press(page, "d")
    page.wait_for_url(re.compile(r"\?at=\d+#u\d+"))
    assert "You have said so." not in page.locator("#why").inner_text()


def test_single_keys_can_be_switched_off_and_the_theme_is_kept(page: Page) -> None:
    press(page, "?")
    page.uncheck("#single")
    page.locator("#help button").click()
    press(page, "j")
    assert page.locator(".sel").count() == 0
    page.click("#theme")
    page.click("#theme")
    page.reload()
    press(page, "j")
    assert page.locator(".sel").count() == 0
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(page.url.rpartition("/")[0] + "/people")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_what_another_window_corrects_comes_up(page: Page, open_tale: Served) -> None:
    line = choose(page, "They all say that")
    story = open_tale.story(0)
    made = corrections.speaker(story, line, "Captain Fenwick")
    corrections.change(corrections.beside(open_tale.paths[0]), lambda book: book.add(made))
    page.locator(f'.m[data-of="{line}"]', has_text="Captain Fenwick").wait_for()
