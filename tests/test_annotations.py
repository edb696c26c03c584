"""Web Annotations: selectors that find their passage, and layers that come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import unsaid
from unsaid.errors import NotAStory
from unsaid.formats.annotations import AROUND, layers_of, web_annotations

if TYPE_CHECKING:
    from unsaid.story import Story

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".txt", ".html", ".epub"))


def check_both_selectors_find_the_passage(story: Story) -> None:
    page = json.loads(web_annotations(story))
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage"
    assert len({item["id"] for item in page["items"]}) == len(page["items"]) > 0
    for item in page["items"]:
        assert item["type"] == "Annotation"
        for target in item["target"] if isinstance(item["target"], list) else [item["target"]]:
            quote, position = target["selector"]
            start, end = position["start"], position["end"]
            assert story.text[start:end] == quote["exact"]
            around = quote["prefix"] + quote["exact"] + quote["suffix"]
            assert around == story.text[max(0, start - AROUND) : end + AROUND]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_both_selectors_find_the_passage(path: Path) -> None:
    check_both_selectors_find_the_passage(unsaid.read(path))


def check_layers_come_back(story: Story) -> None:
    found = layers_of(web_annotations(story))
    assert {"utterances", "mentions", "scenes"} <= set(found)
    for layer, items in found.items():
        assert items == getattr(story, layer)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_layers_come_back(path: Path) -> None:
    check_layers_come_back(unsaid.read(path))


def test_people_read_whose_it_is(orchard: Story) -> None:
    items = {item["id"].partition("#")[2]: item for item in json.loads(web_annotations(orchard))["items"]}
    values = [body["value"] for body in items["utterances-1"]["body"]]
    assert values == ["utterances: speech", "Bram"]
    assert len(items["utterances-1"]["target"]) == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "no annotation page"),
        (b"[]", "no annotation page"),
        (b'{"type": "AnnotationPage", "items": [3]}', "annotation 0 is of no layer"),
        (b'{"type": "AnnotationPage", "items": [{"unsaid:layer": "songs"}]}', "annotation 0 is of no layer"),
        (b'{"type": "AnnotationPage", "items": [{"unsaid:layer": "gaps", "unsaid:item": {}}]}', "none of gaps"),
    ],
)
def test_what_is_no_page_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(NotAStory, match=why):
        layers_of(data)
