"""What docs/formats.md says that each format keeps of each layer is what it keeps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

import unsaid
from unsaid import corrections
from unsaid.formats import FORMATS, Format, named
from unsaid.story import Entity, Finding, Gap, Happening, Metadata, Parting, Repair, Span, Story

ROOT = Path(__file__).parents[1]
KEPT, PARTLY, LOST = "●", "◐", "·"


def stated() -> dict[tuple[str, str], str]:
    """The page's table: what is kept, by format and layer."""
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    lines = (line for line in page.splitlines() if re.match(r"\| (?:layer |[a-z_]+ \|.*[●◐·])", line))
    rows = [line.strip("| \n").split("|") for line in lines]
    head, *body = [[cell.strip(" `") for cell in row] for row in rows]
    return {(name, row[0]): cell for row in body for name, cell in zip(head[1:], row[1:], strict=True)}


TABLE = stated()
LAYERS = tuple(dict.fromkeys(layer for _, layer in TABLE))


@pytest.fixture(scope="module")
def rich() -> Story:
    """A story in which no layer is empty."""
    story = unsaid.read(ROOT / "examples" / "standing-order.html")
    who, scene = story.utterances[0].speaker or "c1", story.scenes[0]
    story = story.correct(corrections.rename(story, who, "Somebody Else"))
    blank = story.text.index("\n", scene.start)
    return msgspec.structs.replace(
        story,
        encoder="0" * 64,
        min_confidence=0.25,
        entities=(Entity(scene.start, scene.start + 3, "nominal", "FAC", "e1", 0.75, "encoder"),),
        events=(Happening(scene.start + 4, scene.start + 6, 0.75, "encoder"),),
        repairs=(Repair(scene.start, scene.start + 1, "mojibake", "Ã¤"),),
        gaps=(*story.gaps, Gap(blank, blank + 1, "a turn seems to be missing")),
        findings=(Finding("timeline", "warning", "It was Monday.", (Span(scene.start, scene.start + 3),)),),
        partings=(
            Parting(id="p1", kind="departure", who=who, from_=None, start=scene.start, end=scene.start + 9,
                    farewell=False, scene=scene.id, confidence=0.5),
        ),
    )  # fmt: skip


def without(story: Story, layer: str) -> Story:
    """The story without a layer, and without what only makes sense with it; without a name that somebody has."""
    if layer == "characters":
        people = tuple(msgspec.structs.replace(c, name="Nobody", names={"Nobody": 1}) for c in story.characters)
        return msgspec.structs.replace(story, characters=people)
    nothing: dict[str, Any] = {"metadata": Metadata(), "encoder": None, "min_confidence": None}
    gone: dict[str, Any] = {"entries" if layer == "ledger" else layer: nothing.get(layer, ())}
    if layer == "utterances":
        gone["masks"] = ()
    return msgspec.structs.replace(story, **gone)


def layer_of(story: Story, layer: str) -> object:
    return getattr(story, "entries" if layer == "ledger" else layer)


def test_the_table_knows_every_format_and_every_layer(rich: Story) -> None:
    layers = {name if name != "entries" else "ledger" for name in rich.__struct_fields__} - {"format", "source", "text"}
    assert set(TABLE) == {(form.name, layer) for form in FORMATS for layer in layers}
    assert set(TABLE.values()) <= {KEPT, PARTLY, LOST}
    assert all(layer_of(rich, layer) for layer in layers)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_what_is_lost_is_lost_and_nothing_else(form: Format, rich: Story) -> None:
    whole = form.render(rich)
    alike = {layer for layer in LAYERS if form.render(without(rich, layer)) == whole}
    if form.name == "unsaid":  # a mask is shown under an entry, and its line is the utterance's
        alike.discard("utterances")
    assert alike == {layer for layer in LAYERS if TABLE[form.name, layer] == LOST}


@pytest.mark.parametrize("form", [f for f in FORMATS if f.reader], ids=lambda form: form.name)
def test_what_is_kept_comes_back(form: Format, rich: Story) -> None:
    back = form.parse(form.render(rich))
    kept = {layer for layer in LAYERS if layer_of(back, layer) == layer_of(rich, layer)}
    assert kept == {layer for layer in LAYERS if TABLE[form.name, layer] == KEPT}


def test_csv_keeps_what_parquet_keeps() -> None:
    assert {TABLE["csv", layer] == TABLE[named("parquet").name, layer] for layer in LAYERS} == {True}
