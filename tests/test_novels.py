"""Every writer on two texts of a novel's length: made of the examples, again and again, with other names each time."""

from __future__ import annotations

import re
import textwrap
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import unsaid
from tests import (
    test_annotations,
    test_cast,
    test_columns,
    test_fountain,
    test_graphs,
    test_report,
    test_tables,
    test_tei,
)
from unsaid import formats
from unsaid.formats import FORMATS, Format
from unsaid.report import report

if TYPE_CHECKING:
    from collections.abc import Callable

    from unsaid.story import Story

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))
WORDS = 60_000
NAMES = (
    "Adela Bruno Carys Dimitri Elspeth Fyodor Greta Hamish Iona Jonas Kirsten Lorcan Mirela Niall Oona Piers Quilla "
    "Ruben Sorcha Tobias Ursula Viktor Wanda Xenia Yorick Zelda Anselm Beatrix Corin Dilys Emeric Fenella Gawain "
    "Hestia Ivo Jocasta Kester Leonie Magnus Nerys Osric Petra"
).split()
_TITLES = frozenset("Mr Mrs Miss Captain Uncle Auntie Aunt Sir Dr The Papa Mama".split())


def renamed(text: str, names: set[str], turn: int) -> str:
    """The text with every word of a name replaced by another name, others at each turn."""
    words = sorted({w for name in names for w in re.findall(r"[A-Z][a-z]{2,}", name)} - _TITLES)
    others = {w: NAMES[(n + 7 * turn) % len(NAMES)] + ("" if n < len(NAMES) else "a") for n, w in enumerate(words)}
    return re.sub(r"[A-Z][a-z]{2,}", lambda m: others.get(m[0], m[0]), text)


def novel(marks: Callable[[str], str]) -> str:
    """Chapters of the examples until there are words enough, one line a paragraph.

    :param marks: what is done to each chapter.
    """
    tales = [(path.read_text(encoding="utf-8"), unsaid.read(path)) for path in EXAMPLES]
    chapters: list[str] = []
    length = 0
    for turn in count():
        for text, story in tales:
            names = {name for c in story.characters for name in c.names if c.kind == "person"}
            told = "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", renamed(text, names, turn)))
            chapters.append(f"CHAPTER {len(chapters) + 1}\n\n{marks(told).strip()}\n")
            length += len(text.split())
        if length > WORDS:
            return "\n\n".join(chapters)
    raise AssertionError


def set_as_a_book(text: str) -> str:
    """With curly double quotation marks, and hard-wrapped as Project Gutenberg has it."""
    curly = re.sub(r'(^|[\s(—-])"', "\\1“", text, flags=re.M).replace('"', "”")
    return "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in curly.split("\n\n"))


@pytest.fixture(scope="module", params=["one-line", "wrapped"])
def long_story(request: pytest.FixtureRequest) -> Story:
    story = unsaid.read(novel(str if request.param == "one-line" else set_as_a_book))
    assert story.source.words > WORDS
    return story


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_takes_a_novel(form: Format, long_story: Story, tmp_path: Path) -> None:
    long_story.save(tmp_path / "novel", format=form.name)
    if form.reader:
        back = formats.load(tmp_path / "novel", format=form.name)
        assert back.text == long_story.text
        assert back.utterances == long_story.utterances
        assert back.entries == long_story.entries


@pytest.mark.parametrize(
    "check",
    [
        test_tei.check_a_story_comes_back,
        test_fountain.check_every_line_is_dialogue_of_its_speaker,
        test_cast.check_nothing_of_a_story_is_lost_or_said_twice,
        test_annotations.check_both_selectors_find_the_passage,
        test_annotations.check_layers_come_back,
        test_graphs.check_edges_are_who_speaks_to_whom,
        test_columns.check_booknlp_s_files_agree_with_each_other_and_the_text,
        test_columns.check_chains_are_the_story_s_mentions,
        test_tables.check_parquet_is_the_story_again,
    ],
    ids=lambda check: check.__module__.rpartition("_")[2],
)
def test_what_holds_of_a_story_holds_of_a_novel(check: Callable[[Story], None], long_story: Story) -> None:
    check(long_story)


def test_the_report_of_a_novel_holds_its_text_and_stays_small(long_story: Story) -> None:
    page = report(long_story)
    assert test_report.text_of(page) == "".join(long_story.text.split())
    assert len(page.encode("utf-8")) - len(long_story.text.encode("utf-8")) <= 1_500_000
