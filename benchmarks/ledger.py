"""What passes between people, against gold made by reading: entries by kind, their voice and answer, masks, partings.

Gold stands in ``examples/ledger/NAME.gold.txt``, an entry a line::

    promise | Halloway > Vesper | aloud | kept | I'll feed the octopus.
    secret/confession | Vesper > Halloway | thought | open | I lost count.
    mask | I'm glad for you. | Don't go. | opposed
    parting | departure | Joren | Tamsin | yes | and he went

The last field is a passage of the story, found again without regard to white space. An entry whose line begins
with ``?`` may be one or not; it is not counted. The stories in ``examples/ledger/clean``, ``fresh`` and ``late``
are kept for measuring: nobody looks at what is wrong in them while rules are made. The fresh ones were written and
marked later than the others, the late ones still later, each before any rule was run on them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

import unsaid
from benchmarks import corpus
from benchmarks.table import Cell, Table
from unsaid.ledger import promises
from unsaid.ledger.view import UNANSWERED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from unsaid.story import Entry, Story

FOLDER = corpus.EXAMPLES / "ledger"
HALVES = ("", "clean", "fresh", "late", "new")
"""The stories that may be looked at, and the four sets that are kept for measuring."""
KINDS = ("question", "request", "promise", "apology", "confession", "farewell", "thanks", "accusation", "secret")
COLUMNS = ("kind", "gold", "found", "precision", "recall", "F1", "voice", "answered", "from", "to")
NOTE = (
    "An entry is found where one of its kind overlaps it. *voice* (aloud, written, thought, never), *answered* or not, "
    "*from* and *to*: shares of the found entries. *clean*, *fresh* of a later day, *late* and *new* of still later "
    "ones: stories that nobody looks at while rules are made. When the rules first met *new*, they had F1 0.743 over "
    "all kinds (questions 0.833, promises 0.588, apologies 0.737, confessions 0.583, farewells 1.000), 0.714 for "
    "masks and 0.750 for partings; that who says they would come promises it was read only then. The hand is the "
    "rules' own."
)
_NEAR = 160
"""Code points by which a parting may be told beside the passage that gold names."""


class GoldError(corpus.BenchmarkError):
    """A line of gold that cannot be read, or whose passage is not in the story."""


class Wanted(msgspec.Struct, frozen=True):
    """An entry of gold: ``fields`` between kind and passage, and where the passage stands.

    :ivar or_kind: another kind that is as fair a reading ("secret/confession").
    """

    kind: str
    fields: tuple[str, ...]
    start: int
    end: int
    optional: bool
    or_kind: str = ""

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is this one: of one of its kinds, and overlapping it."""
        return entry.kind in {self.kind, self.or_kind} and _overlap(entry, self)


class Tally(msgspec.Struct):
    """Counts of one kind: gold entries, those found, entries read, those that are right, and what holds of them."""

    gold: int = 0
    found: int = 0
    read: int = 0
    right: int = 0
    voice: int = 0
    answered: int = 0
    by: int = 0
    to: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of another tally."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        precision, recall = self.right / max(1, self.read), self.found / max(1, self.gold)
        return 2 * precision * recall / max(1e-9, precision + recall)

    def row(self, name: str) -> tuple[Cell, ...]:
        """A row of the table."""
        shares = (self.voice, self.answered, self.by, self.to)
        return (
            name, self.gold, self.found, self.right / max(1, self.read), self.found / max(1, self.gold), self.f1,
            *(share / max(1, self.found) for share in shares),
        )  # fmt: skip


def names(half: str) -> list[str]:
    """The stories of a half that have gold of this sort, sorted."""
    return sorted(path.name.removesuffix(".gold.txt") for path in (FOLDER / half).glob("*.gold.txt"))


def story_of(name: str, half: str) -> Path:
    """The file of a story."""
    own = FOLDER / half / f"{name}.txt"
    if own.exists():
        return own
    return next(p for p in corpus.EXAMPLES.iterdir() if p.stem == name and p.suffix in {".txt", ".html", ".epub"})


def wanted(name: str, text: str, half: str) -> list[Wanted]:
    """The gold of a story, with offsets into its text.

    :raises GoldError: if a line has too few fields, or its passage is not in the text.
    """
    path = FOLDER / half / f"{name}.gold.txt"
    found: list[Wanted] = []
    at = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, *fields = (field.strip() for field in line.split(" | "))
        if len(fields) < 3:
            raise GoldError(f"{path.name}: not an entry: {line!r}")
        passage = fields[0] if kind.endswith("mask") else fields[-1]
        start, end = place(text, passage, at, path.name)
        at = start
        first, _, other = kind.removeprefix("?").partition("/")
        found.append(Wanted(first, tuple(fields), start, end, kind.startswith("?"), other))
    return found


def place(text: str, passage: str, at: int, where: str) -> tuple[int, int]:
    """Where a passage stands, white space apart: at or behind an offset, else anywhere.

    :raises GoldError: if it does not; says in which file of gold.
    """
    expression = re.compile(r"\W+".join(map(re.escape, re.findall(r"\w+", passage))))
    match = expression.search(text, at) or expression.search(text)
    if match is None:
        raise GoldError(f"{where}: not in the story: {passage!r}")
    return match.span()


def compare(story: Story, gold: list[Wanted]) -> tuple[dict[str, Tally], list[str]]:
    """The tallies of a story by kind, and a line for each miss and each false entry."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    errors: list[str] = []
    entries = [w for w in gold if w.kind in KINDS]
    for want in entries:
        if want.optional:
            continue
        tally = tallies[want.kind]
        tally.gold += 1
        match = next((e for e in story.entries if want.holds(e)), None)
        if match is None:
            errors.append(f"missed   {want.kind:10} {story.text[want.start : want.end]!r}")
            continue
        tally.found += 1
        _judge(story, match, want, tally, errors)
    for entry in story.entries:
        matches = [w for w in entries if w.holds(entry)]
        if matches and all(w.optional for w in matches):
            continue
        kind = next((w.kind for w in matches if w.kind == entry.kind), matches[0].kind if matches else entry.kind)
        tallies[kind].read += 1
        tallies[kind].right += bool(matches)
        if not matches:
            errors.append(f"spurious {entry.kind:10} {entry.gist!r} ({entry.rule})")
    return tallies, errors


def _judge(story: Story, entry: Entry, want: Wanted, tally: Tally, errors: list[str]) -> None:
    """Count what of a found entry is right."""
    people, voice, status = want.fields[:3]
    by, _, to = (side.strip() for side in people.partition(">"))
    answered = status not in UNANSWERED
    tally.voice += entry.voice == voice
    tally.answered += (entry.status not in UNANSWERED) == answered
    tally.by += _is(story, entry.from_, by)
    tally.to += _is(story, entry.to, to)
    if entry.voice != voice or (entry.status not in UNANSWERED) != answered:
        errors.append(f"otherwise {want.kind:9} {entry.gist!r}: {entry.voice}, {entry.status} for {voice}, {status}")


def _is(story: Story, who: str | None, called: str) -> bool:
    if who is None:
        return called == "-"
    character = next(c for c in story.characters if c.id == who)
    forms = {form.lower() for form in (character.name, *character.names)}
    bare = called.lower()
    return any(bare == form or bare.split()[-1] == form.split()[-1] for form in forms)


def _overlap(entry: Entry, want: Wanted) -> bool:
    spans = [(entry.start, entry.end), *((span.start, span.end) for span in entry.again)]
    return any(start < want.end and want.start < end for start, end in spans)


def compare_masks(story: Story, gold: list[Wanted]) -> tuple[Tally, list[str]]:
    """Masks: found where both lines are; ``voice`` counts those that are opposed or not as in gold."""
    tally, errors = Tally(), []
    lines = {u.id: u for u in story.utterances}
    wants = [w for w in gold if w.kind == "mask"]
    paired = [(m, lines[m.said], *place(story.text, w.fields[1], 0, "mask"), w) for m in story.masks for w in wants
              if lines[m.said].start < w.end and w.start < lines[m.said].end]  # fmt: skip
    matched = {id(w): m for m, _, start, end, w in paired if lines[m.meant].start < end and start < lines[m.meant].end}
    for want in wants:
        if want.optional:
            continue
        tally.gold += 1
        mask = matched.get(id(want))
        tally.found += mask is not None
        right = mask is not None and mask.opposed == (want.fields[2] == "opposed")
        tally.voice += right
        if not right:
            errors.append(f"{'missed' if mask is None else 'otherwise'} mask {want.fields}")
    optional = {m.said for w in wants if w.optional and (m := matched.get(id(w))) is not None}
    good = {m.said for w in wants if not w.optional and (m := matched.get(id(w))) is not None}
    read = [m for m in story.masks if m.said not in optional]
    tally.read, tally.right = len(read), sum(m.said in good for m in read)
    errors += [f"spurious mask {story.passage(lines[m.said])!r}" for m in read if m.said not in good]
    return tally, errors


def compare_partings(story: Story, gold: list[Wanted]) -> tuple[Tally, list[str]]:
    """Partings: found where one of the kind is told of near by; ``voice`` counts the farewells that are right."""
    tally, errors = Tally(), []
    wants = [w for w in gold if w.kind == "parting"]

    def near(want: Wanted) -> list[str]:
        reach = (want.start - _NEAR, want.end + _NEAR)
        return [p.id for p in story.partings if p.kind == want.fields[0] and reach[0] < p.start < reach[1]]

    for want in wants:
        if want.optional:
            continue
        tally.gold += 1
        hits = near(want)
        tally.found += bool(hits)
        if hits:
            farewell = next(p.farewell for p in story.partings if p.id == hits[0])
            tally.voice += {"yes": True, "no": False}.get(want.fields[3]) == farewell
        else:
            errors.append(f"missed parting {want.fields}")
    known = {p for w in wants for p in near(w)}
    counted = {p for w in wants if not w.optional for p in near(w)}
    read = [p for p in story.partings if p.id in counted or p.id not in known]
    tally.read, tally.right = len(read), sum(p.id in counted for p in read)
    errors += [f"spurious parting {story.passage(p)!r} ({p.rule})" for p in read if p.id not in counted]
    return tally, errors


def measure(half: str) -> tuple[dict[str, Tally], list[str]]:
    """The tallies over all stories of a half, and what is wrong in each."""
    total: dict[str, Tally] = defaultdict(Tally)
    said: list[str] = []
    for name in names(half):
        story = unsaid.read(story_of(name, half), corrected=())
        gold = wanted(name, story.text, half)
        tallies, errors = compare(story, gold)
        masks, more = compare_masks(story, gold)
        partings, most = compare_partings(story, gold)
        for kind, tally in {**tallies, "masks": masks, "partings": partings}.items():
            total[kind].add(tally)
        said += [name, *(f"  {error}" for error in (*errors, *more, *most))]
    return total, said


def every(tallies: dict[str, Tally]) -> Tally:
    """The tallies of all kinds of entry as one."""
    total = Tally()
    for kind in KINDS:
        total.add(tallies[kind])
    return total


def table() -> Table:
    """Every half, by kind."""
    rows: list[tuple[Cell, ...]] = []
    for half in HALVES:
        total, _ = measure(half)
        rows += _rows(total, f", {half}" if half else "")
    return Table("The ledger", COLUMNS, tuple(rows), NOTE)


def _rows(total: dict[str, Tally], half: str) -> Iterable[tuple[Cell, ...]]:
    for kind in KINDS:
        yield total[kind].row(kind + half)
    yield every(total).row(f"**all{half}**")
    for kind, holds in (("masks", "opposed"), ("partings", "farewell")):
        row = total[kind].row(f"{kind}{half} (voice: {holds})")
        yield (*row[:7], None, None, None)


WILD_COLUMNS = ("story", "holds", "not found")
WORTH_COUNTING = 4
"""Thoughts below which a story is not one of lines and thoughts under them."""


def wild() -> Table:
    """What the gold of the shared stories says in words of promises, departures, letters and what is unsaid."""
    rows: list[tuple[Cell, ...]] = []
    for path in sorted((corpus.shared() / "stories").glob("*.gold.json")):
        gold: dict[str, Any] = json.loads(path.read_bytes())
        checks = dict(_facts(unsaid.read(path.parent / gold["file"], corrected=()), gold))
        failed = "; ".join(name for name, right in checks.items() if not right)
        rows.append((path.name.removesuffix(".gold.json"), f"{sum(checks.values())} of {len(checks)}", failed))
    return Table("The ledger of three stories from the wild", WILD_COLUMNS, tuple(rows))


def _facts(story: Story, gold: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each thing that gold says passes between people, and whether the reading has it."""
    for fact in gold.get("promises", ()):
        yield f"promise of {fact['who']}", bool(_between(story, story.promises, fact["who"], fact["to"]))
    for fact in gold.get("departures", ()):
        yield from _departure(story, fact)
    for fact in gold.get("unsaid", ()):
        kept = _between(story, story.entries, fact["who"], fact["to"])
        yield f"unsaid: {fact['what']}", any(e.heard is not True and _shares(e, story, fact["what"]) for e in kept)
    for fact in gold.get("letters", ()):
        sent = [w for w in story.letters if _is(story, w.sender, fact["frm"]) and _is(story, w.recipient, fact["to"])]
        read = fact["status"] == "received"
        right = [w for w in sent if (w.status == "received" if read else not w.answered)]
        yield f"letter of {fact['frm']}: {fact['status']}", bool(right)
    if fact := gold.get("confession"):
        made = _between(story, story.ledger.of("confession"), fact["who"], fact["to"])
        yield f"confession of {fact['who']}, unreturned", any(e.status == "unreturned" for e in made)
    yield from _masked(story, [u for u in gold["utterances"] if u["kind"] == "thought"])


def _departure(story: Story, fact: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    kind = "turning-back" if fact.get("turned_back") else "departure"
    left = [p for p in story.partings if p.kind == kind and _is(story, p.who, fact["who"])]
    yield f"{kind} of {fact['who']}", bool(left)
    if "goodbye" in fact:
        said = "with" if fact["goodbye"] else "without"
        yield f"{said} a farewell", any(p.farewell == fact["goodbye"] for p in left)


def _masked(story: Story, thoughts: list[dict[str, Any]]) -> Iterator[tuple[str, bool]]:
    """Whether at least half of the thoughts stand under a line, in a story that is made of such pairs."""
    lines = {u.id: u for u in story.utterances}
    meant = [lines[m.meant] for m in story.masks]
    under = sum(any(u.start < t["end"] and t["start"] < u.end for u in meant) for t in thoughts)
    if len(thoughts) > WORTH_COUNTING:
        yield f"{under} of {len(thoughts)} thoughts stand under a line", under >= len(thoughts) // 2


def _between(story: Story, entries: Iterable[Entry], by: str, to: str) -> list[Entry]:
    return [e for e in entries if _is(story, e.from_, by) and _is(story, e.to, to)]


def _shares(entry: Entry, story: Story, what: str) -> bool:
    """Does an entry, or a passage in which it is told again, share a word with what gold says of it?"""
    passages = [story.passage(entry), *(story.text[span.start : span.end] for span in entry.again)]
    return any(promises.stems(what) & promises.stems(passage) for passage in passages)
