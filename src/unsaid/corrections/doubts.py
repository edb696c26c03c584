"""Which line to ask about first: the least certain, where a line's doubt counts with that of the lines around it.

Once one line of a conversation is known the others fall into place, so a line in the thick of a doubtful conversation
is worth more than one that is doubtful alone (uncertainty sampling with density, Settles and Craven 2008). The same
holds for someone whom the story only describes ("the stranger"): one line shows who they are in all of theirs.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unsaid.story import Story, Utterance

# All three set on twelve novels of PDNC (`python -m benchmarks replay`).
FADES = 4.0
"""Lines over which the doubt of a line's neighbours fades to a third."""
DESCRIBED = 0.6
"""What each line of someone without a name adds to the first of them that is asked about."""
APART = 2500
"""Characters of narrative that part two conversations: about a page."""


def doubtful(story: Story, gains: Mapping[str, float] | None = None) -> tuple[Utterance, ...]:
    """Spoken lines, the one to ask about first in front; those that are corrected are left out.

    :param gains: by its id, how many other lines are expected to come right with a line, where that is known
        (:func:`unsaid.voices.worth`); these lines stand in front, in the order of what they bring in all.
    """
    spoken = [u for u in story.utterances if u.kind == "speech" and u.is_direct]
    doubts = [0.0 if u.rule == "corrected" else 1.0 - u.confidence for u in spoken]
    around = [0.0] * len(spoken)
    for span in conversations(spoken):
        _spread(doubts, around, span)
        _spread(doubts, around, span[::-1])
    described = _described(story, spoken)
    worth: dict[str, tuple[bool, float]] = {}
    for u, doubt, near in zip(spoken, doubts, around, strict=True):
        gain, share = (gains or {}).get(u.id), DESCRIBED * described.get(u.id, 0)
        if u.rule != "corrected":
            worth[u.id] = (
                gain is None,
                -doubt * (doubt + near + share) if gain is None else -gain - doubt * (1 + share),
            )
    return tuple(sorted((u for u in spoken if u.id in worth), key=lambda u: worth[u.id]))


def conversations(spoken: Sequence[Utterance]) -> Iterator[range]:
    """Ranges of lines with no page of narrative between them."""
    cuts = [i for i, (one, other) in enumerate(pairwise(spoken), 1) if other.start - one.end > APART]
    for begin, end in pairwise([0, *cuts, len(spoken)]):
        yield range(begin, end)


def _spread(doubts: Sequence[float], around: list[float], span: range) -> None:
    """Add to each line the doubts of the lines before it in a range, the nearer the heavier."""
    fade, held = math.exp(-1 / FADES), 0.0
    for i in span:
        held *= fade
        around[i] += held
        held += doubts[i]


def _described(story: Story, spoken: Sequence[Utterance]) -> Mapping[str, int]:
    """For a line whose cue describes someone without a name, how many lines that one has, if none is corrected yet."""
    nameless = {c.id for c in story.characters if not any(name[:1].isupper() for name in c.names)}
    lines = Counter(u.speaker for u in spoken if u.speaker in nameless)
    known = {u.speaker for u in spoken if u.rule == "corrected"}
    return {
        u.id: lines[u.speaker]
        for u in spoken
        if u.rule == "cue-nominal" and u.speaker in nameless and u.speaker not in known
    }
