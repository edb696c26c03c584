"""A person's work replayed on novels with gold speakers: how far do a few corrected lines go?

*Worst line*: in each of some conversations the least certain wrong line is corrected, and the other lines that become
right (less those that become wrong) are counted. *Two in a hundred*: the line that :meth:`Draft.doubtful` puts first is
corrected, or confirmed where it is right, again and again, until 2 % of the novel's quotations are. *Plain*: the same
with the line that is least certain, whatever stands around it.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from benchmarks import corpus
from benchmarks.spread import side_by_side
from benchmarks.table import Cell, Table
from benchmarks.verdicts import LOOK_BACK, compare
from unsaid import Draft, corrections, sources
from unsaid.corrections.doubts import conversations
from unsaid.voices import CORRECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from unsaid.corrections import Correction
    from unsaid.story import Story, Utterance

SHARE = 0.02
CONVERSATIONS = 15
"""Conversations of each novel, drawn at random by a fixed seed, in which the worst line is corrected."""


class Replayed(msgspec.Struct, frozen=True):
    """What a person's work on one novel came to.

    :ivar before: quotations with the right speaker, of ``n``; ``after`` when ``asked`` lines were looked at, of which
        ``wrong`` were wrong and ``spurious`` no quotation in gold; ``plain`` when the least certain were.
    :ivar tried: conversations whose worst line was corrected; ``others`` lines that became right, less those lost.
    :ivar seconds: what one correction took, in the mean.
    """

    book: str
    n: int
    before: int
    after: int
    plain: int
    asked: int
    wrong: int
    spurious: int
    tried: int
    others: int
    seconds: float


class Person:
    """Somebody who knows the novel: says of each line whose it is, as gold has it."""

    def __init__(self, book: str) -> None:
        rules = corpus.scorer("pdnc_score")
        self.book, self.rules = book, rules
        self.draft = Draft(sources.load(corpus.folder_of(book) / "novel_text.txt"))
        self.characters, quotes = rules.load_gold(corpus.folder_of(book))
        self.quotes = corpus.attributed(quotes)
        self.to = rules.offset_map(self.draft.story.text, corpus.novel_text(book))
        self.spans = sorted((start, end, q["speaker"]) for q in self.quotes for start, end in q["spans"])
        self.starts = [start for start, *_ in self.spans]

    def gold(self, line: Utterance) -> str | None:
        """The gold speaker of a line, or None where it is no quotation."""
        cover: Counter[str] = Counter()
        for start, end in ((self.to(a), self.to(b)) for a, b in line.parts):
            near = self.spans[max(0, bisect_left(self.starts, start) - LOOK_BACK) : bisect_left(self.starts, end)]
            for begin, stop, who in near:
                cover[who] += max(0, min(end, stop) - max(start, begin))
        return max(cover, key=lambda who: cover[who]) if cover.total() else None

    def correct(self, line: Utterance) -> None:
        """Say whose a line is, and bring the speaker in first where the reading does not know them."""
        story, who = self.draft.story, self.gold(line)
        made: list[Correction] = []
        if who is None:
            made.append(corrections.no_utterance(story, line))
        else:
            known = self.known_as(story, who)
            if known is None:
                made.append(corrections.newcomer(story, who))
            name = who if known is None else corrections.name_of(story, known)
            made.append(corrections.Speaker(line=corrections.passage(story, line), speaker=name))
        self.draft.correct(*made, lines_only=True)

    def known_as(self, story: Story, who: str) -> str | None:
        """The id of the character that carries a gold speaker's names, or is at least called so."""
        carried = self.carried(story)
        found = [c for c in story.characters if carried.get(c.id) == who]
        found = found or [c for c in story.characters if who in (c.name, *c.names)]
        return max(found, key=lambda c: c.mentions).id if found else None

    def carried(self, story: Story) -> dict[str, str]:
        """The gold character whose names each character carries."""
        named = [{"id": c.id, "names": {c.name: 1, **c.names}} for c in story.characters]
        carried: dict[str, str] = self.rules.name_map({"characters": named}, self.characters)
        return carried

    def right(self) -> dict[tuple[tuple[int, int], ...], bool]:
        """For each gold quotation whether it is given to the right speaker."""
        return {v.spans: v.right for v in compare(self.book, self.draft.story).verdicts}


def replay(book: str) -> Replayed:
    """Replay a person's work on one novel."""
    person = Person(book)
    before = person.right()
    tried, others = _worst_lines(person)
    asked = round(SHARE * len(before))
    plain, _, _ = _worked(person, asked, _least_certain)
    begun = time.perf_counter()
    after, wrong, spurious = _worked(person, asked, lambda draft: draft.doubtful()[0])
    seconds = (time.perf_counter() - begun) / max(1, asked)
    right = sum(before.values())
    return Replayed(book, len(before), right, after, plain, asked, wrong, spurious, tried, others, seconds)


def _worked(person: Person, asked: int, which: Callable[[Draft], Utterance]) -> tuple[int, int, int]:
    """Have lines looked at: quotations that are right then, lines that were wrong, and lines that are no quotations."""
    wrong = spurious = 0
    for _ in range(asked):
        story, line = person.draft.story, which(person.draft)
        gold = person.gold(line)
        spurious += gold is None
        wrong += gold is not None and person.carried(story).get(line.speaker or "") != gold
        person.correct(line)
    after = sum(person.right().values())
    _undo_all(person)
    return after, wrong, spurious


def _least_certain(draft: Draft) -> Utterance:
    lines = [u for u in draft.story.utterances if u.kind == "speech" and u.is_direct and u.rule != CORRECTED]
    return min(lines, key=lambda u: u.confidence if u.speaker else 0.0)


def _undo_all(person: Person) -> None:
    while person.draft.book.undoable:
        person.draft.undo(lines_only=True)


def _worst_lines(person: Person) -> tuple[int, int]:
    """Correct the worst line of some conversations, one at a time, and count what becomes of the others."""
    story, before = person.draft.story, person.right()
    carried = person.carried(story)
    spoken = [u for u in story.utterances if u.kind == "speech" and u.is_direct]
    worst = []
    for span in conversations(spoken):
        lines = [(u, person.gold(u)) for u in spoken[span.start : span.stop]]
        bad = [u for u, gold in lines if gold is not None and carried.get(u.speaker or "") != gold]
        if bad and len(lines) > 2:
            worst.append(min(bad, key=lambda u: u.confidence))
    drawn = random.Random(0).sample(worst, min(CONVERSATIONS, len(worst)))
    others = 0
    for line in drawn:
        person.correct(line)
        after = person.right()
        own = {(person.to(a), person.to(b)) for a, b in line.parts}
        others += sum(after[spans] - right for spans, right in before.items() if not _meets(spans, own))
        _undo_all(person)
    return len(drawn), others


def _meets(spans: Iterable[tuple[int, int]], own: Iterable[tuple[int, int]]) -> bool:
    held = list(own)
    return any(start < stop and begin < end for start, end in spans for begin, stop in held)


def replay_all(books: list[str], jobs: int) -> list[Replayed]:
    """Replay a person's work on novels in ``jobs`` processes."""
    return side_by_side(replay, books, jobs=jobs)


def table(results: list[Replayed], clean: list[Replayed]) -> Table:
    """One row for each novel, then all of them, each quotation counting once; of the clean novels all in one."""
    rows = [_row(r.book, [r]) for r in results]
    if results:
        rows.append(_row("**all**", results))
    if clean:
        rows.append(_row("**novels never looked at**", clean))
    return Table("A person's work, replayed", COLUMNS, tuple(rows), NOTE)


COLUMNS = (
    "novel",
    "n",
    "others a line",
    "named",
    "after 2 %",
    "points",
    "plain",
    "asked",
    "wrong",
    "no line",
    "seconds each",
)
NOTE = (
    "*others a line*: other lines that become right, less those that become wrong, when the least certain wrong line "
    f"of a conversation is corrected ({CONVERSATIONS} conversations of each novel at most). *named*, before and "
    "*after 2 %* of the novel's quotations were looked at, in the order of `Draft.doubtful`, and set right where they "
    "were *wrong* or *no line*; *points* is the gain in hundredths, *plain* the gain where the least certain line "
    "comes first, whatever stands around it. *seconds each*: reading "
    "again after one of them, and choosing the next."
)


def _row(name: str, group: list[Replayed]) -> tuple[Cell, ...]:
    n, before, after = (sum(getattr(r, field) for r in group) for field in ("n", "before", "after"))
    asked, wrong, spurious = (sum(getattr(r, field) for r in group) for field in ("asked", "wrong", "spurious"))
    others = sum(r.others for r in group) / max(1, sum(r.tried for r in group))
    seconds = sum(r.seconds * r.asked for r in group) / max(1, asked)
    points, plain = (f"{100 * (right - before) / n:.1f}" for right in (after, sum(r.plain for r in group)))
    return (name, n, f"{others:.2f}", before / n, after / n, points, plain, asked, wrong, spurious, f"{seconds:.2f}")
