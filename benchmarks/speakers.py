"""Who speaks, and to whom, by the rules, by the encoder and by both, on novels that nothing was trained on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks import corpus
from benchmarks.calibration import Claim, claims, expected_calibration_error
from benchmarks.pdnc import KINDS, Marks, mark, pool
from benchmarks.spread import side_by_side
from benchmarks.table import Cell, Table
from benchmarks.verdicts import Verdict, compare
from unsaid import sources
from unsaid.encoder import load, sense
from unsaid.reading import Sensed, Settings, compose, straight, walk
from unsaid.voices.attribution import chances_of
from unsaid.voices.ear import dialogue_of

if TYPE_CHECKING:
    from pathlib import Path

    from unsaid.reading import Reading
    from unsaid.story import Story

SYSTEMS = ("rules", "encoder", "both")


class Told(msgspec.Struct, frozen=True):
    """Quotations of which gold knows to whom they are spoken: how many, how many met, and what was said of them.

    :ivar met: all whom gold names are named; ``exact``: and nobody else is.
    :ivar named: how many people are named; ``right``: how many of them gold names, too.
    """

    n: int = 0
    met: int = 0
    exact: int = 0
    named: int = 0
    right: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(
            *(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))
        )


class Measured(msgspec.Struct, frozen=True):
    """One novel: marks by system, addressees by system, and what each line's confidence claimed with both.

    :ivar thought: the marks of both where what is thought between quotation marks counts like what is said: PDNC makes
        no difference.
    """

    book: str
    marks: dict[str, Marks]
    told: dict[str, Told]
    claims: list[Claim]
    thought: Marks


def measure(book: str, model: Path | None = None) -> Measured:
    """Read a novel three times, with one pass of the encoder."""
    manuscript = sources.load(corpus.folder_of(book) / "novel_text.txt")
    composed = compose(manuscript)
    signals = sense(composed, load(model) if model else load())
    ruled = walk(manuscript, (), straight, Settings(), lines_only=True)
    both = walk(manuscript, (), straight, Settings(Sensed(composed, signals)), lines_only=True)
    if signals.listener is None:
        raise corpus.BenchmarkError("this model has no heads for speakers")
    said = signals.listener.hear(dialogue_of(ruled.lines.talk, chances_of(ruled.lines.talk, {})))
    marks = {
        "rules": mark(_prediction(ruled.story, book), book),
        "encoder": mark(_by_turn(ruled, said.alone, book), book),
        "both": mark(_prediction(both.story, book), book),
    }
    verdicts = {"rules": compare(book, ruled.story).verdicts, "both": compare(book, both.story).verdicts}
    addressed = {name: told(some) for name, some in verdicts.items()}
    thought = mark(_prediction(_all_said(both.story), book), book)
    return Measured(book, marks, addressed, claims(verdicts["both"]), thought)


def _all_said(story: Story) -> Story:
    """A story as if all that is thought in somebody's own words were said."""
    said = tuple(
        msgspec.structs.replace(u, kind="speech") if u.kind == "thought" and u.is_direct else u
        for u in story.utterances
    )
    return msgspec.structs.replace(story, utterances=said)


def _prediction(story: Story, book: str) -> dict[str, Any]:
    reading = msgspec.json.decode(story.to_json())
    found: dict[str, Any] = corpus.scorer("pdnc_score").from_reading(reading, corpus.novel_text(book))
    return found


def _by_turn(read: Reading, tables: tuple[dict[str, float], ...], book: str) -> dict[str, Any]:
    """A prediction that gives each turn to whoever stands highest in its table."""
    held = _prediction(read.story, book)
    to = corpus.scorer("pdnc_score").offset_map(read.story.text, corpus.novel_text(book))
    quotes = [
        {"start": to(start), "end": to(end), "speaker": max(table, key=table.__getitem__) if table else None}
        for turn, table in zip(read.lines.talk.turns, tables, strict=True)
        for start, end in turn.parts
    ]
    return {"characters": held["characters"], "quotes": quotes}


def told(verdicts: tuple[Verdict, ...]) -> Told:
    """How gold's addressees are met."""
    counts = Told()
    for v in verdicts:
        wanted, named = set(v.wanted) - {"_unknowable", ""}, set(v.told)
        if wanted:
            right = len(wanted & named)
            counts += Told(1, wanted <= named, wanted == named, len(named), right)
    return counts


def measure_all(books: list[str], model: Path | None = None, jobs: int = 1) -> list[Measured]:
    """Measure novels, results in the order of ``books``."""
    return side_by_side(partial(measure, model=model), books, jobs=jobs)


def tables(results: list[Measured]) -> list[Table]:
    """What each system does, by type of quotation and by novel, and how far the confidence of both can be trusted."""
    return [_speakers(results), _addressees(results)]


def _speakers(results: list[Measured]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (r.book, r.marks["rules"].tallies["all"].n, *(r.marks[s].share("named", k) for k in KINDS for s in SYSTEMS))
        for r in results
    ]
    unseen = [r for r in results if r.book in corpus.CLEAN]
    for name, group in (("all", results), ("never looked at", unseen)):
        every = {s: pool(r.marks[s] for r in group) for s in SYSTEMS}
        shares = (every[s].share("named", k) for k in KINDS for s in SYSTEMS)
        rows.append((f"**{name}: {len(group)}**", every["rules"].tallies["all"].n, *shares))
    error = expected_calibration_error([c for r in results for c in r.claims])
    thought = pool(r.thought for r in results)
    counted = ", ".join(f"{kind} {thought.share('named', kind):.3f}" for kind in KINDS)
    columns = ("novel", "n", *(f"{k[:5]}, {s}" for k in KINDS for s in SYSTEMS))
    note = (
        "*named*, as in the table of speakers, by the rules alone, by the encoder alone (among the candidates of the "
        "rules, of whose chances it knows nothing) and by both. Calibration error of `confidence` with both: "
        f"{error:.3f}. PDNC takes what somebody thinks between quotation marks for a quotation; Unsaid says that it "
        f"is a thought, and the scorer counts speech alone. With thoughts counted, too, both: {counted}."
    )
    return Table("Speakers with the encoder", columns, tuple(rows), note)


def _addressees(results: list[Measured]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, group in [*((r.book, [r]) for r in results), (f"**all: {len(results)}**", results)]:
        pair = [sum((r.told[s] for r in group), Told()) for s in ("rules", "both")]
        shares = [share for t in pair for share in (t.met / t.n, t.exact / t.n, t.right / max(1, t.named))]
        rows.append((name, pair[0].n, *shares))
    columns = ("novel", "n", "met, rules", "exact", "precision", "met, both", "exact", "precision")
    note = (
        "Quotations of which gold knows to whom they are spoken. *met*: everybody whom gold names is named; *exact*: "
        "and nobody else; *precision*: of those who are named, the share that gold names. A line that is not found is "
        "missed."
    )
    return Table("Addressees with the encoder", columns, tuple(rows), note)
