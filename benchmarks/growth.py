"""How much a reading does, counted and not timed: lines of the program that run, in each function, as a text grows.

A count is the same on every machine and under every load, so that a test can hold a reading to growing no faster than
its text. What runs inside one line (a slice, a search) is not counted; ``benchmarks/speed.py`` times that.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import unsaid
from benchmarks import corpus
from benchmarks.table import Table
from unsaid import sources
from unsaid.encoder import load
from unsaid.reading import Settings, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from _typeshed import TraceFunction

P = ParamSpec("P")
T = TypeVar("T")

PROGRAM = str(Path(unsaid.__file__).parent)
TIMES = 4
"""How much longer the second of two texts is."""
MOST = 6.0
"""No function may run so many times as many lines in a text that is :data:`TIMES` as long: sorting and bisection grow a
little faster than the text, a scan over all of it 16 times."""
FEW = 1_500
"""Lines that a function may run besides, whatever the text: what is looked at once a story, or begins late in one."""


def _name(index: int) -> str:
    """A name for each number, by its digits: Bandemdem, Bandemmos, …"""
    syllables = ("ban", "cor", "del", "fen", "gal", "hol", "jor", "kel", "mar", "nor")
    ends = ("dem", "mos", "ral", "lit", "suk", "ken", "nov", "tag", "vip", "pez")  # no two one slip apart
    return (
        f"{syllables[index // 100 % 10]}{ends[index // 10 % 10]}{ends[index % 10]}{'x' * (index // 1000)}".capitalize()
    )


UNITS: dict[str, Callable[[int], str]] = {
    "one line": lambda i: '"I promise I will write to you," said Mara to Tobin.\n\n',
    "a question": lambda i: '"Will you come back?" asked Mara.\n\n',
    "a retold promise": lambda i: '"I promise I will stay, Tobin," said Mara. "You promised, Mara," said Tobin.\n\n',
    "a broken promise": lambda i: '"I swear I will stay, Tobin," said Mara.\n\nMara broke her promise to Tobin.\n\n',
    "one paragraph": lambda i: 'Mara went to the sea and Tobin wept. "I will come," she said. He kept his word. ',
    "one sentence": lambda i: "Mara went to the sea, and she left Tobin, who had died, ",
    "new names": lambda i: f'"I promise you, {_name(i + 1)}," said {_name(i)}. {_name(i)} left {_name(i + 3)}.\n\n',
    "new dates": lambda i: f"It was May {i % 28 + 1}, {1800 + i}. Two years later Mara was {20 + i % 50}.\n\n",
    "contradictions": lambda i: (
        f'Two years later, "it is {"five" if i % 2 else "nine"} years since Tobin died," said Mara.\n\n'
    ),
    "letters": lambda i: "Dear Tobin,\n\nI will come back to you.\n\nYours,\nMara\n\nTobin read the letter.\n\n",
    "words never said": lambda i: "I should have told him, Mara thought. She never told Tobin that she loved him.\n\n",
    "changing eyes": lambda i: f'Mara had {"blue" if i % 2 else "brown"} eyes. Tobin had died. "Go," said Tobin.\n\n',
    "secrets": lambda i: f'"I must confess I stole the {_name(i)} chalice," said Mara. "A {_name(i)}," said Tobin.\n\n',
    "author's notes": lambda i: "A/N: please review! Disclaimer: I own nothing.\n\n",
    "goodbyes": lambda i: '"Goodbye, Tobin," said Mara. Mara left the house. Mara came back.\n\n* * *\n\n',
}
"""Stories of one thing over and over, by what it is: hostile to whatever looks back."""


APART = ("one paragraph", "one sentence")
"""What has to stand in a text of its own."""


def round_of(index: int) -> str:
    """One unit of each kind that may stand beside others."""
    return "".join(unit(index) for name, unit in UNITS.items() if name not in APART)


def text_of(unit: Callable[[int], str], count: int) -> str:
    """A text of so many units."""
    return "".join(map(unit, range(count))) + "\n"


def count_lines(text: str) -> Counter[str]:
    """How many lines of the program run in each of its functions while a text is read."""
    counted: Counter[str] = Counter()

    def line(frame: FrameType, event: str, argument: object) -> TraceFunction:
        counted[f"{frame.f_code.co_filename[len(PROGRAM) + 1 :]}:{frame.f_code.co_qualname}"] += event == "line"
        return line

    def call(frame: FrameType, event: str, argument: object) -> TraceFunction | None:
        return line if frame.f_code.co_filename.startswith(PROGRAM) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        unsaid.read(text)
    finally:
        sys.settrace(before)
    return counted


def superlinear(unit: Callable[[int], str], count: int) -> Iterator[str]:
    """The functions that do more than they may in a text :data:`TIMES` as long, with what they do."""
    short, long = (count_lines(text_of(unit, n)) for n in (count, TIMES * count))
    for function, lines in long.items():
        if lines > MOST * short[function] + FEW:
            yield f"{function}: {short[function]} lines in {count} units, {lines} in {TIMES * count}"


STORY = "corran-head"
TOLD = (1, 10, 100)


def seconds_by_room(text: str) -> dict[str, float]:
    """Processor seconds of loading a text and of each room, the encoder among them, and of all together."""
    spent: defaultdict[str, float] = defaultdict(float)

    def enter(room: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        begun = time.process_time()
        try:
            return room(*args, **kwargs)
        finally:
            spent[f"{room.__module__.split('.')[1]}/"] += time.process_time() - begun

    begun = time.process_time()
    manuscript = sources.load(text)
    spent["sources/"] = time.process_time() - begun
    walk(manuscript, (), enter, Settings(load()))
    return {**spent, "everything": sum(spent.values())}


def table() -> Table:
    """One story told once, ten and a hundred times over: seconds by room, and how many times as long each takes."""
    story = (corpus.EXAMPLES / f"{STORY}.txt").read_text(encoding="utf-8")
    seconds_by_room(story)
    took = [seconds_by_room("\n\n".join([story] * times)) for times in TOLD]
    rows = []
    for room in took[0]:
        one, ten, hundred = (some[room] for some in took)
        rows.append((room, f"{one:.3f}", f"{ten:.2f}", f"{hundred:.1f}", f"{ten / one:.1f}", f"{hundred / ten:.1f}"))
    columns = ("room", *(f"{times}×" for times in TOLD), "10× to 1×", "100× to 10×")
    return Table("Growth", columns, tuple(rows), NOTE)


NOTE = (
    f"Processor seconds for the example {STORY} told once, ten and a hundred times in a row, by room. In linear "
    "time the ratios are 10; a little less or more is the cache's. What each function does on texts made to be hostile "
    "is counted by `tests/test_growth.py`."
)
