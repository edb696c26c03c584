"""A story as a script: scene headings, who says what to whom, and the narration between lines in brief.

A line without a word in brackets is said aloud. Narration stands as a stage direction in square brackets, clipped: a
script is for those who want the voices, and the story itself holds the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from unsaid.formats.lines import MARKS, clip, headline, labels, lines_of, one_line, words_of
from unsaid.story import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.story import Scene, Story

DIRECTION_WIDTH = 110  # code points: about a line, enough to know what happens between two turns
LEAST_DIRECTION = 3  # words: fewer are the rest of a cue ("he said softly")
REST_OF_A_LINE = ",.;:!?—- " + MARKS  # what a turn's end leaves in front of the narration
UNKNOWN = "?"
"""What stands for a speaker who is not known."""

_MANNER = {"speech": "", "thought": "thinks", "writing": "writes"}


def script(story: Story) -> str:
    """Write the story as a script; :data:`UNKNOWN` stands for a speaker who is not known."""
    called = labels(story)
    chapters = {c.id: c.title for c in story.chapters}
    numbers = {scene.id: number for number, scene in enumerate(story.scenes, 1)}
    rows, at = [headline(story).upper()], 0
    items: list[Scene | Utterance] = [*story.scenes, *lines_of(story)]
    for item in sorted(items, key=lambda i: (i.start, isinstance(i, Utterance))):
        if isinstance(item, Utterance):
            cue = item.cue
            rows += _direction(story, at, cue.start if cue and at <= cue.start < item.start else item.start)
            rows += _spoken(story, item, called)
            at = max(at, item.end, cue.end if cue else 0)
        else:
            rows += _direction(story, at, item.start)
            rows += ["", _heading(item, numbers[item.id], chapters.get(item.chapter or ""), called), ""]
            at = max(at, item.start)
    rows += _direction(story, at, len(story.text))
    return "\n".join(rows).rstrip() + "\n"


def _heading(scene: Scene, number: int, chapter: str | None, called: dict[str, str]) -> str:
    """``SCENE 2. The kitchen. Chapter One. Told by Ann. Present: Ann, Tom.``, with what is known of it."""
    narrator = called.get(scene.narrator or "")
    present = ", ".join(called[who] for who in scene.present if who in called)
    known = (scene.place, chapter, narrator and f"Told by {narrator}", present and f"Present: {present}")
    return ". ".join([f"SCENE {number}", *(one_line(part).rstrip(".") for part in known if part)]) + "."


def _spoken(story: Story, line: Utterance, called: dict[str, str]) -> Iterator[str]:
    """The line's rows: who (to whom, how), then its words; a further paragraph of one turn is indented."""
    who = called.get(line.speaker or "", UNKNOWN).upper()
    to = ", ".join(called[a] for a in line.addressees if a in called)
    manner = " ".join(part for part in (_MANNER[line.kind], to and f"to {to}") if part)
    unheard = "unheard" if line.heard is False and line.kind != "thought" else ""
    how = ", ".join(part for part in (manner, unheard) if part)
    first, *rest = words_of(story, line) or [""]
    yield f"{who}{f' ({how})' if how else ''}: {first}".rstrip()
    yield from (f"    {paragraph}" for paragraph in rest)


def _direction(story: Story, start: int, end: int) -> Iterator[str]:
    """The narration from ``start`` to ``end`` as one stage direction, or nothing where there is next to none."""
    told = one_line(" ".join(story.text[a:b] for a, b in outside_matter(story, start, end))).lstrip(REST_OF_A_LINE)
    if len(told.split(maxsplit=LEAST_DIRECTION)) >= LEAST_DIRECTION:
        yield f"  [{clip(told, DIRECTION_WIDTH)}]"


def outside_matter(story: Story, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What of ``text[start:end]`` is story; matter is sorted, so that only the pieces inside are looked at."""
    first = bisect_right(story.matter, start, key=lambda m: m.end)
    for matter in story.matter[first:]:
        if matter.start >= end:
            break
        if matter.start > start:
            yield start, matter.start
        start = max(start, matter.end)
    if start < end:
        yield start, end
