"""A reading from outside either holds together or is refused in one line, whatever has been done to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unsaid
from unsaid.errors import NotAStory
from unsaid.formats import FORMATS, named
from unsaid.soundness import sound
from unsaid.story import Mask, Mention, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[1] / "examples" / "standing-order.html"
READING: dict[str, Any] = json.loads(unsaid.read(EXAMPLE).to_json())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(one, (*path, key))
    else:
        yield path


PLACES = [path for path in places(READING) if path[0] not in ("text", "format")]
ODD = st.sampled_from([None, True, -1, 0, 7, 10**6, 10**30, -0.5, "", "c99", "s1", "a b", "\x00\ufffe", [], {}])


@settings(max_examples=60)
@given(st.sampled_from(PLACES), ODD)
def test_whatever_stands_in_a_reading_no_format_breaks(path: tuple[Any, ...], odd: Any) -> None:
    damaged = json.loads(json.dumps(READING))
    inner = damaged
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    try:
        story = Story.from_json(json.dumps(damaged))
    except NotAStory:
        return
    for form in FORMATS:
        assert form.render(story)


@pytest.mark.parametrize(
    ("layer", "item", "why"),
    [
        ("mentions", Mention(3, 2, "name", None), r"mentions\[0\] has the span 3 to 2"),
        ("mentions", Mention(0, 10**9, "name", None), r"mentions\[0\] has the span 0 to 1000000000"),
        ("mentions", Mention(0, 1, "name", "c99"), r"mentions\[0\] has character 'c99', which is no character's id"),
        ("masks", Mask("u99", "u1", False, 0.5), r"masks\[0\] has said 'u99', which is no utterance's id"),
    ],
)
def test_it_says_what_does_not_hold_together(orchard: Story, layer: str, item: Any, why: str) -> None:
    damaged = msgspec.structs.replace(orchard, **{layer: (item,)})
    with pytest.raises(NotAStory, match=why):
        sound(damaged)
    for form in (named("json"), named("parquet")):
        with pytest.raises(NotAStory, match=why):
            form.parse(form.render(damaged))


def test_two_of_one_id_are_refused_by_name(orchard: Story) -> None:
    twice = msgspec.structs.replace(orchard, utterances=(orchard.utterances[0], orchard.utterances[0]))
    with pytest.raises(NotAStory, match=r"utterances\[1\] has the id 'u1' of another"):
        sound(twice)


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(NotAStory, match="recursion"):
        Story.from_json('{"x":' + "[" * 200_000)
