"""The library as people use it, in a real browser: search as one types, narrowing, keys, and what axe finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browsing import launched
from tests.serving import Served, served, shelved
from tests.test_web_in_browser import RULES
from unsaid import corrections
from unsaid.web.library import Held

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelved(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def shown(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    held = Held(shelf / "kept.duckdb")
    with served([], library=held) as server:
        yield server
    held.close()


def test_what_is_typed_is_found_narrowed_opened_and_corrected(browser: Browser, shown: Served, shelf: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    page.goto(shown.address)
    works = page.locator(".works h3 a")
    assert works.count() == 3
    page.keyboard.press("/")
    page.keyboard.type('speech:"come home"', delay=20)
    page.locator(".passages mark").nth(1).wait_for()
    assert works.all_inner_texts() == ["The Ice Road", "Zinc <b>&amp; Salt</b>"]
    assert page.locator("#told").inner_text() == "2 works"
    page.keyboard.type(" naratr:first")
    page.locator(".refused").wait_for()
    assert works.count() == 2  # what was found stays while the query makes no sense
    assert "Did you mean narrator:" in page.locator(".refused").inner_text()
    page.fill("#q", "speech:wait")
    page.locator("#found .count", has_text="3 works").wait_for()
    page.get_by_role("link", name="Mature").click()
    page.locator(".count", has_text="1 work of 3").wait_for()
    assert page.input_value("#q") == "speech:wait"
    page.wait_for_load_state()  # the link led to a new page, whose script listens once it is loaded
    page.select_option("#sort", "long")
    page.wait_for_url(re.compile("rating=Mature&sort=long|sort=long&rating=Mature"))
    page.focus("#q")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    with page.expect_navigation(url=re.compile(r"/w/\d+/0\?at=\d+#o\d+")):
        page.keyboard.press("Enter")
    line = page.locator("[data-line]", has_text="I will wait").first
    box = line.bounding_box()
    assert box
    assert 0 < box["y"] < 800
    line.click()
    page.locator("#undo:disabled").wait_for()
    with page.expect_response(re.compile("/change$")):
        page.keyboard.press("x")
    page.locator("#undo:enabled").wait_for()
    assert corrections.beside(shelf / "stories" / "1.txt").exists()
    page.get_by_role("link", name="Stories").click()
    page.locator(".works h3 a").nth(2).wait_for()
    page.close()
    assert wrong == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_axe_finds_nothing_in_the_library(browser: Browser, shown: Served, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    how = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    context = browser.new_context(**how)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(shown.address)
    for path in ("/", "/?q=speech:wait&rating=Mature", "/?q=depature:any", "/?q=harbuor"):
        page.goto(shown.base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page, options={"runOnly": RULES}).response
        assert found["passes"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], path
    page.goto(shown.base)
    assert page.locator(".works h3 a").first.is_visible()
    assert page.get_by_role("link", name="Mature").is_visible() == (width > 800)
    context.close()
