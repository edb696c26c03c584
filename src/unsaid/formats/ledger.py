"""The ledger for people: what passes between the people of a story, and what each of them keeps in.

Each entry stands under the number of the line that it begins in, so that an editor can go there.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from unsaid.formats.lines import clip, headline, labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.story import Entry, Story, Utterance

WIDTH = 96
"""Code points of an entry's words before they are cut."""
SOMEONE = "?"
"""Stands for someone who is not known."""

_ALOUD = {"aloud": "", "written": ", in writing", "thought": ", in thought", "never": ", never said"}
_KEPT = {"thought": "thinks", "never": "never says", "aloud": "says, unheard", "written": "writes, unread"}
_NOTHING = "Nothing passes between anybody that the ledger knows.\n"
_NO_SECRETS = "Nobody keeps anything in that the ledger knows.\n"


def ledger(story: Story) -> str:
    """Every entry in the order of the text: its kind, from whom to whom, its words, and what became of it."""
    lines = _line_starts(story.text)
    called = labels(story)
    rows = [row for entry in story.ledger for row in _entry(story, entry, lines, called)]
    return f"{headline(story).upper()}\n\n" + ("\n".join(rows) + "\n" if rows else _NOTHING)


def unsaid(story: Story) -> str:
    """What is kept in, by whom, toward whom: thought, never said, or said where the other cannot hear."""
    lines = _line_starts(story.text)
    called = labels(story)
    said = {u.id: u for u in story.utterances}
    over: dict[str, list[Utterance]] = {}
    for mask in story.masks:
        over.setdefault(mask.meant, []).append(said[mask.said])
    groups: dict[tuple[str | None, str | None], list[Entry]] = {}
    for entry in story.unsaid():
        groups.setdefault((entry.from_, entry.to), []).append(entry)
    rows: list[str] = []
    for (by, to), entries in groups.items():
        toward = f", toward {called.get(to, SOMEONE)}" if to is not None and to != by else ""
        rows += ["", f"{called.get(by or '', SOMEONE)}{toward}"]
        rows += [row for entry in entries for row in _kept_in(story, entry, lines, over)]
    return f"{headline(story).upper()}\n" + ("\n".join(rows) + "\n" if rows else f"\n{_NO_SECRETS}")


def _entry(story: Story, entry: Entry, lines: list[int], called: dict[str, str]) -> Iterator[str]:
    to = f" to {called.get(entry.to, SOMEONE)}" if entry.to is not None else ""
    heard = ", unheard" if entry.heard is False and entry.voice in {"aloud", "written"} else ""
    who = f"{called.get(entry.from_ or '', SOMEONE)}{to}{_ALOUD[entry.voice]}{heard}"
    yield f"{_number(lines, entry.start)}  {entry.kind:<11} {who}: {clip(entry.gist, WIDTH)}"
    yield f"{'':20}{_outcome(story, entry, lines)}"


def _outcome(story: Story, entry: Entry, lines: list[int]) -> str:
    if entry.answer is None:
        return f"{entry.status}: {entry.reason}" if entry.reason else entry.status
    passage = clip(story.text[entry.answer.start : entry.answer.end], WIDTH)
    where = bisect_right(lines, entry.answer.start)
    return f"{entry.status}, line {where}: {passage}"


def _kept_in(story: Story, entry: Entry, lines: list[int], over: dict[str, list[Utterance]]) -> Iterator[str]:
    yield f"{_number(lines, entry.start)}  {_KEPT[entry.voice]} ({entry.kind}): {clip(entry.gist, WIDTH)}"
    for line in over.get(entry.utterance or "", ()):
        yield f"{'':8}while saying: {clip(story.passage(line), WIDTH)}"


def _line_starts(text: str) -> list[int]:
    return [0, *(i + 1 for i, mark in enumerate(text) if mark == "\n")]


def _number(lines: list[int], offset: int) -> str:
    return f"{bisect_right(lines, offset):>6}"
