"""Speakers on the novels of the Project Dialogism Novel Corpus, beside BookNLP's published output.

Vishnubhotla, Hammond and Hirst (2022), "The Project Dialogism Novel Corpus"; BookNLP's output is from Vishnubhotla et
al. (2023). Both are scored by ``pdnc_score.score``. Averages are over quotations, not over books: that is the average
in which BookNLP has 0.529 named on its 15 novels.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks import corpus
from benchmarks.spread import side_by_side
from benchmarks.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

UNSEEN = "†"  # marks a novel that nobody looked at while the rules were written
KINDS = ("all", "explicit", "anaphoric", "implicit")


class Tally(msgspec.Struct, frozen=True):
    """Gold quotations of one type: how many there are, are found, and are given to the right speaker (two rules)."""

    n: int = 0
    found: float = 0
    named: float = 0
    oracle: float = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.found + other.found, self.named + other.named, self.oracle + other.oracle)


class Marks(msgspec.Struct, frozen=True):
    """What a system does on some novels: a tally by quotation type, and how many of its own quotations are real."""

    tallies: dict[str, Tally]
    quoted: int = 0
    real: float = 0

    def share(self, field: str, kind: str = "all") -> float | None:
        """``found``, ``named`` or ``oracle`` as a share of the gold quotations of a type; None where there are none."""
        tally = self.tallies[kind]
        return float(getattr(tally, field)) / tally.n if tally.n else None

    @property
    def precision(self) -> float | None:
        """The share of the system's quotations that are quotations in gold."""
        return self.real / self.quoted if self.quoted else None


class BookMarks(msgspec.Struct, frozen=True):
    """One novel: what Unsaid does, what BookNLP does (None where it was not run), and the seconds Unsaid took."""

    book: str
    ours: Marks
    booknlp: Marks | None
    seconds: float


def mark(prediction: dict[str, Any], book: str) -> Marks:
    """Score a prediction of a novel by the shared rule."""
    rows = corpus.scorer("pdnc_score").score(prediction, corpus.folder_of(book))
    quoted = len(prediction["quotes"])
    return Marks({kind: _tally(rows.get(kind)) for kind in KINDS}, quoted, rows["precision"] * quoted)


def _tally(row: dict[str, float] | None) -> Tally:
    if row is None:
        return Tally()
    n = int(row["n"])
    return Tally(n, row["found"] * n, row["named"] * n, row["oracle"] * n)


def pool(marks: Iterable[Marks]) -> Marks:
    """The marks of several novels together, each quotation counting once (a micro-average)."""
    every = list(marks)
    tallies = {kind: sum((m.tallies[kind] for m in every), Tally()) for kind in KINDS}
    return Marks(tallies, sum(m.quoted for m in every), sum(m.real for m in every))


def measure(book: str) -> BookMarks:
    """Read a novel with Unsaid and mark the reading."""
    import unsaid  # noqa: PLC0415 - the reader is loaded where it is measured, once in each process

    begun = time.perf_counter()
    story = unsaid.read(corpus.folder_of(book) / "novel_text.txt")
    seconds = time.perf_counter() - begun
    reading = msgspec.json.decode(story.to_json())
    prediction = corpus.scorer("pdnc_score").from_reading(reading, corpus.novel_text(book))
    theirs = corpus.booknlp(book)
    return BookMarks(book, mark(prediction, book), None if theirs is None else mark(theirs, book), seconds)


def measure_all(books: list[str], jobs: int) -> list[BookMarks]:
    """Measure novels in ``jobs`` processes, results in the order of ``books``."""
    return side_by_side(measure, books, jobs=jobs)


def table(results: list[BookMarks]) -> Table:
    """One row for each novel, then the averages over quotations, each of Unsaid's figures beside BookNLP's (B)."""
    rows = [_row(f"{r.book}{f' {UNSEEN}' if r.book in corpus.CLEAN else ''}", [r]) for r in results]
    groups = {
        "all": results,
        "BookNLP's": [r for r in results if r.booknlp],
        "looked at": [r for r in results if r.book not in corpus.CLEAN],
        f"unseen {UNSEEN}": [r for r in results if r.book in corpus.CLEAN],
        "nothing trained on": [r for r in results if r.book in corpus.APART],
    }
    rows += [_row(f"**{name}: {len(group)}**", group) for name, group in groups.items() if group]
    return Table("Speakers on PDNC", COLUMNS, tuple(rows), NOTE)


COLUMNS = (
    "novel",
    "n",
    "found",
    "prec.",
    "named",
    "B",
    "expl.",
    "B",
    "anaph.",
    "B",
    "impl.",
    "B",
    "oracle",
    "B",
    "seconds",
)
NOTE = (
    "*n*: gold quotations. *named*: the character that a quotation is given to carries a name of the gold speaker; one "
    "not found is wrong; then the same by PDNC's type (explicit, anaphoric, implicit). *oracle*: names ignored. **B**: "
    "BookNLP, by the same scorer. Bold rows are averages over quotations: over all novels, those that BookNLP was run "
    f"on, those looked at while the rules were written, those never looked at ({UNSEEN}), and with The Gambler, which "
    "was opened late, those that nothing is trained on. The second look has learned from the others but Persuasion and "
    "ThePictureOfDorianGray, so that their figures are too good: of a hundred lines of the thirteen, ranked by what "
    "the others taught, half a line more is right with it. MansfieldPark: gold has Mr. Crawford and Henry Crawford as "
    "two, who are one, and counts what is said of him by the one name as wrong."
)


def _row(name: str, group: list[BookMarks]) -> tuple[Cell, ...]:
    ours = pool(r.ours for r in group)
    run = [r.booknlp for r in group if r.booknlp]
    theirs = pool(run) if len(run) == len(group) else None
    pairs = [("named", kind) for kind in KINDS] + [("oracle", "all")]
    figures = [m.share(*pair) if m else None for pair in pairs for m in (ours, theirs)]
    seconds = f"{sum(r.seconds for r in group):.1f}"
    return (name, ours.tallies["all"].n, ours.share("found"), ours.precision, *figures, seconds)
