"""What it is worth to know whose a line is: how many other lines are expected to come right with it.

The value of information (Howard 1966), as active learning uses it (expected error reduction, Roy and McCallum 2001):
everyone who may have spoken the line is supposed to have, the turns around are decoded under that, and what these gain
is weighed by how probable it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
from typing import TYPE_CHECKING

from unsaid.voices.attribution import decoded, fixed_turns
from unsaid.voices.given import Spans
from unsaid.voices.lessons import Lesson, learn, learn_also

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unsaid.corrections.given import Owned
    from unsaid.story import Utterance
    from unsaid.voices.attribution import Talk

Known = dict[int, str | Lesson]

# All set on twelve novels of PDNC (`python -m benchmarks replay`).
REACH = 14  # turns on either side that are decoded anew; farther ones change too seldom to be worth the time
LEAST = 0.04  # whoever is less probable is not supposed
MOST = 4  # people supposed for one line


def worth(talk: Talk, given: Sequence[Owned], asked: Sequence[Utterance]) -> Iterator[tuple[str, float]]:
    """For each line its id and the other turns that are expected to come right once its speaker is known.

    Each takes a while: who goes through them may stop between two.

    Two things count: that turns are given to somebody else, where the supposed speaker is not the one it has now; and
    how much surer the turns become.

    :param given: lines whose speakers are known already.
    :param asked: spoken lines of the talk, as they read under what is given.
    """
    fixed = fixed_turns(talk.turns, Spans(given))
    known: Known = {**learn(talk, fixed), **fixed}
    starts = [turn.start for turn in talk.turns]
    begins = [span.start for span in talk.conversations]
    for line in asked:
        own = range(bisect_left(starts, line.start), bisect_left(starts, line.end))
        if own:
            span = talk.conversations[bisect_right(begins, own.start) - 1]
            around = range(max(span.start, own.start - REACH), min(span.stop, own.stop + REACH))
            here = {i: known[i] for i in around if i in known}
            gained = partial(_expected, talk, around, here, own)
            yield line.id, talk.worths.recall("worth", own.start, (around, here), gained)


def _expected(talk: Talk, around: range, here: Known, own: range) -> float:
    """What the turns around gain in the mean over everyone who may speak the line."""
    before = decoded(talk, around, here)
    chances = before[own.start - around.start]
    gained = 0.0
    for who in sorted(chances, key=lambda c: -chances[c])[:MOST]:
        if chances[who] >= LEAST:
            supposed: Known = {**learn_also(talk, here, around, own.start, who), **dict.fromkeys(own, who)}
            after = decoded(talk, around, supposed)
            others = [(b, a) for i, b, a in zip(around, before, after, strict=True) if b and a and i not in own]
            gained += chances[who] * sum(max(a.values()) - max(b.values()) for b, a in others)
            if chances[who] < max(chances.values()):
                gained += chances[who] * sum(max(a.values()) - a.get(_best(b), 0.0) for b, a in others)
    return gained


def _best(chances: Mapping[str, float]) -> str:
    return max(chances, key=lambda who: chances[who])
