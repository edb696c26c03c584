"""A person's work replayed on novels with gold speakers: how far do a few corrected lines go?

*Worst line*: in each of some conversations the least certain wrong line is corrected, and the other lines that become
right (less those that become wrong) are counted. *Two in a hundred*: the line that :meth:`Draft.doubtful` puts first is
corrected, or confirmed where it is right, again and again, until 2 % of the novel's quotations are looked at; and on,
until 2 % were wrong and are corrected. *Plain*: the same with the least certain line first, whatever stands around it.
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


class Worked(msgspec.Struct, frozen=True):
    """What became of a novel's quotations while lines were looked at, one after the other.

    :ivar asked: lines that were looked at in the first round, of which ``wrong`` were wrong and ``spurious`` no
        quotation in gold; ``after`` the quotations that were right then.
    :ivar looked: lines that had been looked at when as many as ``asked`` had been corrected, wrong or no quotation;
        ``corrected`` the quotations that were right then.
    :ivar seconds: what one line took, in the mean.
    """

    asked: int
    wrong: int
    spurious: int
    after: int
    looked: int
    corrected: int
    seconds: float


class Replayed(msgspec.Struct, frozen=True):
    """What a person's work on one novel came to.

    :ivar before: quotations with the right speaker, of ``n``.
    :ivar worked: what became of them in the order of the reader, ``plain`` where the least certain line comes first.
    :ivar tried: conversations whose worst line was corrected; ``others`` lines that became right, less those lost.
    """

    book: str
    n: int
    before: int
    worked: Worked
    plain: Worked
    tried: int
    others: int


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
    plain = _work(person, asked, _least_certain)
    worked = _work(person, asked, lambda draft: draft.doubtful()[0])
    return Replayed(book, len(before), sum(before.values()), worked, plain, tried, others)


def _work(person: Person, asked: int, which: Callable[[Draft], Utterance]) -> Worked:
    """Have lines looked at until ``asked`` of them were corrected."""
    wrong: list[bool] = []
    spurious: list[bool] = []
    after = 0
    begun = time.perf_counter()
    while sum(wrong) + sum(spurious) < asked:
        story, line = person.draft.story, which(person.draft)
        gold = person.gold(line)
        spurious.append(gold is None)
        wrong.append(gold is not None and person.carried(story).get(line.speaker or "") != gold)
        person.correct(line)
        if len(wrong) == asked:
            after = sum(person.right().values())
    seconds = (time.perf_counter() - begun) / max(1, len(wrong))
    corrected = sum(person.right().values())
    _undo_all(person)
    return Worked(asked, sum(wrong[:asked]), sum(spurious[:asked]), after, len(wrong), corrected, seconds)


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
    "2 % looked at",
    "wrong",
    "no line",
    "points",
    "plain",
    "2 % corrected",
    "looked at",
    "points",
    "plain",
    "looked at",
    "seconds each",
)
NOTE = (
    "*others a line*: other lines that become right, less those that become wrong, when the least certain wrong line "
    f"of a conversation is corrected ({CONVERSATIONS} conversations of each novel at most). *2 % looked at*: *named* "
    "when lines as many as 2 % of the quotations were looked at in the order of `Draft.doubtful`, and set right where "
    "they were *wrong* or *no line*; *points* is the gain in hundredths, *plain* the gain where the least certain line "
    "comes first, whatever stands around it. *2 % corrected*: the same when so many lines had been wrong and were set "
    "right, for which *looked at* in a hundred of the quotations. *seconds each*: reading again after one of them, and "
    "choosing the next."
)


def _row(name: str, group: list[Replayed]) -> tuple[Cell, ...]:
    n, before = sum(r.n for r in group), sum(r.before for r in group)
    ours, plain = [r.worked for r in group], [r.plain for r in group]
    others = sum(r.others for r in group) / max(1, sum(r.tried for r in group))

    def points(work: list[Worked], field: str) -> str:
        return f"{100 * (sum(getattr(w, field) for w in work) - before) / n:.1f}"

    def looked(work: list[Worked]) -> str:
        return f"{100 * sum(w.looked for w in work) / n:.1f}"

    seconds = sum(w.seconds * w.looked for w in ours) / max(1, sum(w.looked for w in ours))
    return (
        name,
        n,
        f"{others:.2f}",
        before / n,
        sum(w.after for w in ours) / n,
        sum(w.wrong for w in ours),
        sum(w.spurious for w in ours),
        points(ours, "after"),
        points(plain, "after"),
        sum(w.corrected for w in ours) / n,
        looked(ours),
        points(ours, "corrected"),
        points(plain, "corrected"),
        looked(plain),
        f"{seconds:.2f}",
    )
