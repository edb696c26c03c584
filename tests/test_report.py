"""The report: whole, self-contained, safe with hostile text, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

import unsaid
from unsaid.report import report
from unsaid.story import Source, Story

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.*t*"))
TALES = [path for path in EXAMPLES if path.suffix in (".txt", ".html")]
HOSTILE = (
    """# <script>alert(1)</script>

"Hello <b>you</b> & 'all'," said Ann <img src=x onerror=alert(1)>.

"\u202eevil\u202c {{ 7*7 }} {% raw %}," said </main><style>*{display:none}</style> Bob.

"I was here," said Mr. """
    + "A" * 5000
    + """.
"""
)


def page_of(text: str) -> html.HtmlElement:
    return html.fromstring(text)


def words(element: html.HtmlElement) -> str:
    return "".join(element.text_content().split())


def text_of(page: str) -> str:
    """The story's text as a page holds it, without white space."""
    article = page_of(page).get_element_by_id("text")
    for extra in article.xpath(".//small | .//summary | .//h2 | .//p[@class='legend' or @class='gap']"):
        extra.drop_tree()
    return words(article)


@pytest.fixture(scope="module", params=TALES, ids=lambda path: path.stem)
def told(request: pytest.FixtureRequest) -> tuple[Story, str]:
    story = unsaid.read(request.param)
    return story, report(story)


def test_the_page_holds_every_word_of_the_story_once(told: tuple[Story, str]) -> None:
    story, text = told
    assert text_of(text) == "".join(story.text.split())


def test_every_link_leads_to_a_place_of_the_page(told: tuple[Story, str]) -> None:
    page = page_of(told[1])
    there = page.xpath("//@id")
    assert len(there) == len(set(there))
    goals = [*page.xpath("//@href"), *re.findall(r'xlink:href="([^"]+)"', told[1])]
    assert goals
    assert {goal.removeprefix("#") for goal in goals} <= set(there)


def test_every_line_has_its_people_in_the_margin(told: tuple[Story, str]) -> None:
    story, text = told
    page = page_of(text)
    for line in story.utterances:
        if line.is_direct:
            shown = page.get_element_by_id(line.id)
            assert line.kind in shown.get("class").split()
    names = [note.text_content() for note in page.xpath("//small[contains(@class, 'm')]")]
    assert names
    thoughts = sum(u.kind == "thought" and u.is_direct for u in story.utterances)
    assert sum("thinks" in name for name in names) == thoughts


def test_nothing_is_loaded_from_anywhere(told: tuple[Story, str]) -> None:
    text = told[1]
    assert "default-src 'none'" in text
    assert not re.findall(r"<(?:script|link|img|iframe|object)\b|\bsrc=|@import|url\(\s*[\"']?http", text)


def test_a_hostile_story_shows_as_text() -> None:
    text = report(unsaid.read(HOSTILE))
    page = page_of(text)
    assert not page.xpath("//script | //img | //b[text()='you']")
    assert len(page.xpath("//style[not(ancestor::*[local-name()='svg'])]")) == 1
    shown = page.get_element_by_id("text").text_content()
    assert "<img src=x onerror=alert(1)>" in shown
    assert "{{ 7*7 }} {% raw %}" in shown
    assert max(len(name.text_content()) for name in page.xpath("//*[contains(@class, 'who')]")) < 100


def test_a_story_without_anything_says_so() -> None:
    nothing = Story(source=Source("empty.txt", "text/plain", "utf-8", "0" * 64, 0), text="")
    text = report(nothing)
    for said in ("Nobody says, thinks or writes a line.", "Nobody leaves or returns.", "No bond shows itself"):
        assert said in text


def test_the_report_is_the_same_each_time() -> None:
    story = unsaid.read(TALES[0])
    assert report(story) == report(story)
