"""The report as a browser shows it: read by axe for what WCAG 2.1 asks, followed by its links, without the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import unsaid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

from tests.browsing import launched

EXAMPLES = Path(__file__).parents[1] / "examples"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture(scope="module", params=["corran-head.txt", "the-marrow-correspondence.txt", "standing-order.html"])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "story.html"
    unsaid.read(EXAMPLES / request.param).save(path)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, page_file: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(page_file.as_uri())
    found = Axe().run(page, options={"runOnly": RULES}).response
    assert found["passes"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    context.close()


def test_a_link_lands_on_its_passage(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    page.locator("#ledger td a").first.click()
    target = page.locator(":target")
    assert target.count() == 1
    box = target.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 800
    assert page.evaluate("document.documentElement.scrollWidth") <= 390  # a phone need not scroll sideways
    assert {url.partition("#")[0] for url in asked} == {page_file.as_uri()}
    page.close()
