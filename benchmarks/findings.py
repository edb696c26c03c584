"""What does not hold together in the project's own stories, against gold made by reading.

Gold stands in ``examples/findings/NAME.gold.txt``, a finding a line: the rule, then the passages that clash::

    C101 | her blue eyes filled | his brown eyes

A passage is found again without regard to white space. A line that begins with ``?`` may be a finding or not, and
is not counted. A story whose file holds no finding is one in which nothing clashes. The stories in
``examples/findings/clean``, and those of the ledger's fresh half, were written and marked before the rules were run on
them; nobody looks at what is wrong there.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

import unsaid
from benchmarks import corpus, ledger
from benchmarks.table import Cell, Table
from unsaid.findings import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unsaid.story import Finding, Story

FOLDER = corpus.EXAMPLES / "findings"
LEFT_OUT = frozenset({"D101", "D102", "L101", "L102", "L103", "N102", "X102", "X106"})
"""Rules that gold does not mark: what is open the ledger's gold says, and the others are matters of degree."""
_BESIDE = 2
"""Code points by which a finding may stand beside a passage: a quotation mark and a blank."""
COLUMNS = ("stories", "gold", "found", "recall", "both passages", "warnings, gold", "found", "false", "notes, false")
NOTE = (
    "Gold by the rules {rules}. *found*: a finding of the rule points at one of the passages; *both passages*: the "
    "share of the found ones that have a second passage and show it. *false*: what is found and is not in gold. "
    "*clean*: stories that nobody looks at while rules are made."
)


class Wanted(msgspec.Struct, frozen=True):
    """A finding of gold and where its passages stand."""

    rule: str
    spans: tuple[tuple[int, int], ...]
    optional: bool


class Score(msgspec.Struct, frozen=True):
    """What is found of the gold of some stories, and what is found besides; the keys are rules.

    :ivar pairs: found findings with a second passage in gold; :ivar shown: those of them that show it.
    """

    gold: Counter[str]
    found: Counter[str]
    false: Counter[str]
    pairs: int
    shown: int
    errors: tuple[str, ...]


def wanted(path: Path, text: str) -> list[Wanted]:
    """The gold of a story.

    :raises BenchmarkError: if a line names no rule that gold marks, or a passage is not in the text.
    """
    made = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        rule, *passages = line.split(" | ")
        code = rule.strip("? ")
        if code not in RULES or code in LEFT_OUT:
            raise corpus.BenchmarkError(f"{path.name}: gold marks no findings of {code!r}")
        spans = tuple(ledger.place(text, passage, 0, path.name) for passage in passages)
        made.append(Wanted(code, spans, rule.startswith("?")))
    return made


def compare(story: Story, gold: list[Wanted]) -> Score:
    """Hold the findings of a story against its gold."""
    marked = [f for f in story.findings if f.rule not in LEFT_OUT]
    hits = {id(want): [f for f in marked if f.rule == want.rule and _touches(f, want.spans)] for want in gold}
    sure = [want for want in gold if not want.optional]
    explained = {id(f) for found in hits.values() for f in found}
    false = [f for f in marked if id(f) not in explained]
    pairs = [want for want in sure if len(want.spans) > 1 and hits[id(want)]]
    shown = [w for w in pairs if any(all(_touches(f, (span,)) for span in w.spans[:2]) for f in hits[id(w)])]
    missed = [f"missed {w.rule} {story.text[slice(*w.spans[0])]!r}" for w in sure if not hits[id(w)]]
    spurious = [f"false  {f.rule} {f.message}" for f in false]
    return Score(
        Counter(w.rule for w in sure),
        Counter(w.rule for w in sure if hits[id(w)]),
        Counter(f.rule for f in false),
        len(pairs),
        len(shown),
        (*missed, *spurious),
    )


def _touches(found: Finding, spans: tuple[tuple[int, int], ...]) -> bool:
    """Whether a finding points at one of the passages, or right beside it: lost lines stand between two."""
    return any(s.start <= end + _BESIDE and start <= s.end + _BESIDE for s in found.spans for start, end in spans)


def stories(*, clean: bool) -> Iterator[tuple[str, Path, Path]]:
    """Name, story and gold of each story of a half."""
    for gold in sorted((FOLDER / "clean" if clean else FOLDER).glob("*.gold.txt")):
        name = gold.name.removesuffix(".gold.txt")
        yield name, gold.with_name(f"{name}.txt") if clean else ledger.story_of(name, ""), gold


def measure(*, clean: bool) -> dict[str, Score]:
    """The score of each story of a half."""
    scores = {}
    for name, path, gold in stories(clean=clean):
        story = unsaid.read(path, corrected=())
        scores[name] = compare(story, wanted(gold, story.text))
    return scores


def table() -> Table:
    """Both halves."""
    rows = [_row(half, list(measure(clean=clean).values())) for half, clean in (("examples", False), ("clean", True))]
    rules = ", ".join(code for code in RULES if code not in LEFT_OUT)
    return Table("Findings in the examples", COLUMNS, tuple(rows), NOTE.format(rules=rules))


def _row(name: str, scores: list[Score]) -> tuple[Cell, ...]:
    none: Counter[str] = Counter()
    gold, found, false = (sum((getattr(s, what) for s in scores), none) for what in ("gold", "found", "false"))
    pairs, shown = sum(s.pairs for s in scores), sum(s.shown for s in scores)
    heavy = {code for code, rule in RULES.items() if rule.severity != "note"}
    weighty = [sum(n for code, n in counts.items() if code in heavy) for counts in (gold, found, false)]
    return (
        f"{name}: {len(scores)}", gold.total(), found.total(), found.total() / max(1, gold.total()),
        shown / pairs if pairs else None, *weighty, false.total() - weighty[2],
    )  # fmt: skip
