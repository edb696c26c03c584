"""What the heads for speakers are asked about: turns, those who may speak them, and where these are mentioned.

One path makes the arrays for training and for reading. ``t`` stands for turns, ``m`` for mentions, ``r`` for rows (a
row is a turn and one who may speak it), ``p`` for pairs (a row and a mention of its person near the turn), ``n`` for
neighbours (a row and another turn of the conversation).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from unsaid.encoder.layer import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.encoder.heads import Floats, Ints
    from unsaid.encoder.layer import Dialogue

BEFORE, AFTER = 200, 60
"""How many words before and behind a turn a mention may stand."""
EDGES = (1, 2, 3, 5, 9, 17, 33, 65, 129)
"""Lower bounds of the classes of distance, in words, between a turn and a mention."""
PLACES = 2 * (len(EDGES) + 1) + 1
"""Classes of where a mention stands: so far before the turn, inside it, so far behind it."""
SORTS = 2 * len(KINDS)
"""Classes of what a mention is: name, nominal or pronoun, told or quoted."""
REACH = 6
"""Turns before and behind a turn that count as its neighbours."""
GAPS = (3, 40)
"""Lower bounds of the classes of how much stands between two turns, in words."""
NEIGHBOURS = 2 * REACH * (len(GAPS) + 1)
RULES = ("cue-name", "cue-nominal", "cue-pronoun", "cue-first", "beat", "lead-in", "turn-taking")
"""What may have weighed most with the rules; any other counts as the last one."""
_LEAST = 0.01  # a chance below which a neighbour tells nothing of who it is
_FLOOR = 1e-4


@dataclass(frozen=True, eq=False)
class Arrays:
    """A dialogue as arrays of one stretch of words.

    :ivar turns: first word and word behind the last, of each turn: (t, 2); ``mentions`` likewise: (m, 2).
    :ivar rule: index in ``RULES``: (t,).
    :ivar cue: first and last word of who is said to speak each turn (t, 2); -1 where nobody is.
    :ivar row_turn: each row's turn (r,); ``row_who`` its person; ``row_log``: log of the rules' chance; ``row_told``: 1
        where the rules have the turn spoken to them.
    :ivar pair_row: each pair's row (p,), ``pair_mention`` its mention, ``pair_place`` and ``pair_sort`` its classes.
    :ivar near_row: each neighbour's row (n,), ``near_turn`` the other turn, ``near_class`` how they stand to each
        other, ``near_chance`` how likely the row's person speaks the other turn.
    """

    turns: Ints
    mentions: Ints
    rule: Ints
    cue: Ints
    row_turn: Ints
    row_who: tuple[str, ...]
    row_log: Floats
    row_told: Floats
    pair_row: Ints
    pair_mention: Ints
    pair_place: Ints
    pair_sort: Ints
    near_row: Ints
    near_turn: Ints
    near_class: Ints
    near_chance: Floats


def arrays(dialogue: Dialogue, starts: Sequence[int]) -> Arrays:
    """A dialogue as arrays.

    :param starts: the code point at which each word of the story starts.
    """
    turns = _spans(dialogue.turns, starts)
    mentions = _spans([(m.start, m.end) for m in dialogue.mentions], starts)
    numbers = {who: k for k, who in enumerate(dict.fromkeys(m.who for m in dialogue.mentions))}
    whom = np.array([numbers[m.who] for m in dialogue.mentions], dtype=np.int64)
    sorts = np.array([KINDS.index(m.kind) + len(KINDS) * m.quoted for m in dialogue.mentions], dtype=np.int64)
    begins = [0]
    for chances in dialogue.chances:
        begins.append(begins[-1] + len(chances))
    pairs = [_pairs(turns[t], mentions, whom, [numbers.get(c, -1) for c in dialogue.chances[t]], begins[t])
             for t in range(len(turns))]  # fmt: skip
    rows, where, places = (np.concatenate([held[k] for held in pairs] or [_NONE]) for k in range(3))
    near = _near(dialogue, turns)
    held = [
        (t, who, p, who in dialogue.told[t]) for t, table in enumerate(dialogue.chances) for who, p in table.items()
    ]
    return Arrays(
        turns=turns,
        mentions=mentions,
        rule=np.array([RULES.index(r) if r in RULES else len(RULES) - 1 for r in dialogue.rules], dtype=np.int64),
        cue=_cues(dialogue.cues, starts),
        row_turn=np.array([t for t, *_ in held], dtype=np.int64),
        row_who=tuple(who for _, who, *_ in held),
        row_log=np.log(np.array([max(p, _FLOOR) for *_, p, _ in held], dtype=np.float32)),
        row_told=np.array([told for *_, told in held], dtype=np.float32),
        pair_row=rows,
        pair_mention=where,
        pair_place=places,
        pair_sort=sorts[where],
        near_row=near[0],
        near_turn=near[1],
        near_class=near[2],
        near_chance=near[3],
    )


_NONE: Ints = np.zeros(0, dtype=np.int64)


def _cues(cues: Sequence[tuple[int, int] | None], starts: Sequence[int]) -> Ints:
    """The words of cues' people, first and last; -1 where a turn has none, or it stands beyond these words."""
    held = np.full((len(cues), 2), -1, dtype=np.int64)
    known = [t for t, cue in enumerate(cues) if cue and starts and starts[0] <= cue[0] <= starts[-1]]
    held[known] = _spans([cues[t] or (0, 0) for t in known], starts) - (0, 1)
    return held


def _spans(spans: Sequence[tuple[int, int]], starts: Sequence[int]) -> Ints:
    """The words of spans of code points: first, and the one behind the last; at least one word each."""
    asked = np.array(spans, dtype=np.int64).reshape(-1, 2)
    held = np.searchsorted(np.asarray(starts, dtype=np.int64), asked, side="left")
    held[:, 0] = np.minimum(held[:, 0], max(0, len(starts) - 1))
    held[:, 1] = np.maximum(held[:, 1], held[:, 0] + 1)
    return held.astype(np.int64)


def _pairs(turn: Ints, mentions: Ints, whom: Ints, candidates: Sequence[int], begin: int) -> tuple[Ints, Ints, Ints]:
    """A turn's pairs: rows, mentions, places."""
    first, last = int(turn[0]), int(turn[1])
    low = int(np.searchsorted(mentions[:, 0], first - BEFORE))
    high = int(np.searchsorted(mentions[:, 0], last + AFTER))
    row, at = np.nonzero(np.array(candidates, dtype=np.int64)[:, None] == whom[None, low:high])
    at = at + low
    before, behind = first - mentions[at, 1], mentions[at, 0] - last
    classes = len(EDGES) + 1
    place = np.where(
        before >= 0,
        np.searchsorted(EDGES, before, side="right"),
        np.where(behind >= 0, classes + 1 + np.searchsorted(EDGES, behind, side="right"), classes),
    )
    return row.astype(np.int64) + begin, at.astype(np.int64), place.astype(np.int64)


def again(rows: Arrays, dialogue: Dialogue) -> Arrays:
    """The arrays of a dialogue, its neighbours spoken by whom it has them spoken now; all else as it was."""
    row, turn, sort, chance = _near(dialogue, rows.turns)
    return replace(rows, near_row=row, near_turn=turn, near_class=sort, near_chance=chance)


def _near(dialogue: Dialogue, turns: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """The neighbours: rows, other turns, classes, chances."""
    found: list[tuple[int, int, int, float]] = []
    begin = 0
    for t, table in enumerate(dialogue.chances):
        for other in range(max(0, t - REACH), min(len(turns), t + REACH + 1)):
            if other == t or dialogue.conversations[other] != dialogue.conversations[t]:
                continue
            ahead, behind = (other, t) if other < t else (t, other)
            gap = bisect_left(GAPS, int(turns[behind, 0] - turns[ahead, 1]) + 1)
            offset = other - t + REACH - (other > t)
            chances = dialogue.chances[other]
            found += [
                (begin + k, other, offset * (len(GAPS) + 1) + gap, chances[who])
                for k, who in enumerate(table)
                if chances.get(who, 0.0) > _LEAST
            ]
        begin += len(table)
    row, turn, sort = (np.array([n[k] for n in found], dtype=np.int64) for k in range(3))
    return row, turn, sort, np.array([n[3] for n in found], dtype=np.float32)


def by_turn(rows: Arrays, values: Floats) -> tuple[dict[str, float], ...]:
    """A value of each row as one table for each turn."""
    tables: list[dict[str, float]] = [{} for _ in rows.turns]
    for turn, who, value in zip(rows.row_turn.tolist(), rows.row_who, values.tolist(), strict=True):
        tables[turn][who] = value
    return tuple(tables)
