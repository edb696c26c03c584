"""What stands around a line, by candidate, once a conversation has been decided: who is named in the lines, who is told
of between them, and who has the floor.

Part of what the reranker sees (:mod:`unsaid.voices.aspects`).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.story import Mention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from unsaid.voices.attribution import Talk
    from unsaid.voices.field import Field

NAMED = ("named_here", "named_before", "named_behind", "spoken_of")
"""How often the line and those before and behind it name a candidate; how many of the lines around speak of them."""
TOLD = (
    "beside_before", "beside_behind", "between_before", "between_behind", "first_before", "last_before", "first_behind",
    "opens_sentence", "pronouns_before", "acted_before", "acted_behind",
)  # fmt: skip
"""What is told of a candidate between a line and those before and behind: how often in the line's own paragraphs
(``beside``) and in all, whether as the first one and the last, as the first of the sentence that the line stands in, by
how many pronouns, and as the last and the next one who does anything."""
FLOOR = ("since_turns", "until_turns", "replies", "floor", "floor_rank", "active", "two")
"""How many lines ago a candidate spoke and speaks again, whether the next line calls them by name; their share of the
lines around, its rank, how many have a share, and that of the two with the largest."""

_SPOKEN_OF, _SPOKE, _FLOOR = 8, 15, 12  # turns around a line
_FADING = 5.0  # turns in which what a line counts for falls to a third
_ACTIVE = 0.08  # the share of the lines around from which somebody takes part
_REACH = 3_000  # characters of narrative
_FAR = 20.0  # what stands for no line, and no rank
_NO_SUBJECTS = frozenset("his her him himself herself them their".split())


def acts(field: Field, mention: int) -> bool:
    """Whether a mention is the subject of its clause, as far as the word behind it tells."""
    lower, last = field.tokens.lower, field.mention_last[mention]
    if lower[field.mention_first[mention]] in _NO_SUBJECTS:
        return False
    after = lower[last] if last < len(lower) else "."
    return after in lexicon.person_verbs() or after in lexicon.AUXILIARIES or after.endswith("ed")


def named(talk: Talk, span: range, i: int, candidates: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Who is named in the lines: see :data:`NAMED`."""
    here, before, behind = (_names(talk, j) if 0 <= j < len(talk.turns) else Counter() for j in (i, i - 1, i + 1))
    around = range(max(span.start, i - _SPOKEN_OF), min(span.stop, i + _SPOKEN_OF + 1))
    spoken = Counter(who for j in around if j != i for who in talk.sights[j].address.spoken_of)
    return {who: (float(here[who]), float(before[who]), float(behind[who]), float(spoken[who])) for who in candidates}


def _names(talk: Talk, i: int) -> Counter[str]:
    field = talk.field
    within = (field.cast.mentions[m] for start, end in talk.turns[i].parts for m in field.mentions_between(start, end))
    return Counter(m.character for m in within if m.kind == "name" and m.character is not None)


class _Stretch(msgspec.Struct, frozen=True):
    """Whom a stretch of narrative mentions, in order, and who of them does something."""

    mentions: tuple[Mention, ...]
    acting: tuple[str, ...]

    def counts(self, start: int, end: int) -> Counter[str | None]:
        """How often each one is mentioned between two offsets."""
        return Counter(m.character for m in self.mentions if start <= m.start < end)


def _stretch(field: Field, start: int, end: int) -> _Stretch:
    held = field.cast.mentions
    found = [m for m in field.mentions_between(start, end) if held[m].character and not field.is_quoted(m)]
    return _Stretch(tuple(held[m] for m in found), tuple(held[m].character or "" for m in found if acts(field, m)))


def told(talk: Talk, i: int, candidates: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Who is told of between a line and its neighbours: see :data:`TOLD`."""
    field, turns, turn = talk.field, talk.turns, talk.turns[i]
    low = max(turns[i - 1].end if i else 0, turn.start - _REACH)
    high = min(turns[i + 1].start if i + 1 < len(turns) else len(field.text), turn.end + _REACH)
    before, behind = _stretch(field, low, turn.start), _stretch(field, turn.end, high)
    opens, closes = field.prose.paragraphs[turn.paragraph].start, field.prose.paragraphs[turn.last_paragraph].end
    beside = before.counts(opens, turn.start), behind.counts(turn.end, closes)
    between = before.counts(low, turn.start), behind.counts(turn.end, high)
    pronouns = Counter(m.character for m in before.mentions if m.kind == "pronoun")
    subject = _subject(field, before, max(opens, low), turn.start)
    first, last, following = (
        held[at].character if held else None
        for held, at in ((before.mentions, 0), (before.mentions, -1), (behind.mentions, 0))
    )
    acting = (before.acting[-1] if before.acting else None, behind.acting[0] if behind.acting else None)
    return {
        who: (
            *(float(count[who]) for count in (*beside, *between)),
            float(who == first), float(who == last), float(who == following),
            _is(subject, who), float(pronouns[who]), *(_is(one, who) for one in acting),
        )
        for who in candidates
    }  # fmt: skip


def _subject(field: Field, before: _Stretch, opens: int, at: int) -> str | None:
    """Who is told of first in the sentence that leads to an offset, in its own paragraph."""
    if at <= opens:
        return None
    begins = field.tokens.starts[field.sentence_bounds(at - 1)[0]]
    return next((m.character for m in before.mentions if m.start >= max(begins, opens)), None)


def _is(found: str | None, who: str) -> float:
    """Nobody, this one, somebody else."""
    return 0.0 if found is None else 1.0 if found == who else 2.0


def floor(
    talk: Talk,
    span: range,
    i: int,
    candidates: Sequence[str],
    chances: Sequence[Mapping[str, float]],
    best: Sequence[str | None],
) -> dict[str, tuple[float, ...]]:
    """Who has the floor: see :data:`FLOOR`.

    :param chances: each turn's candidates with their chances; ``best`` the likeliest of each.
    """
    since = _soonest((best[j], i - j) for j in range(i - 1, max(span.start, i - _SPOKE) - 1, -1))
    until = _soonest((best[j], j - i) for j in range(i + 1, min(span.stop, i + _SPOKE + 1)))
    adjacent = i + 1 < len(talk.turns) and talk.turns[i + 1].paragraph - talk.turns[i].last_paragraph == 1
    called = talk.sights[i + 1].address.called if adjacent else ()
    shares: dict[str, float] = {}
    for j in range(max(span.start, i - _FLOOR), min(span.stop, i + _FLOOR + 1)):
        for who, chance in chances[j].items() if j != i else ():
            shares[who] = shares.get(who, 0.0) + chance * math.exp(-abs(i - j) / _FADING)
    total = sum(shares.values()) or 1.0
    ranked = sorted(shares, key=lambda who: -shares[who])
    rank = {who: float(k) for k, who in enumerate(ranked)}
    active = float(sum(share > _ACTIVE * total for share in shares.values()))
    two = sum(shares[who] for who in ranked[:2]) / total
    return {
        who: (
            since.get(who, _FAR), until.get(who, _FAR), float(who in called),
            shares.get(who, 0.0) / total, rank.get(who, _FAR), active, two,
        )
        for who in candidates
    }  # fmt: skip


def _soonest(found: Iterable[tuple[str | None, int]]) -> dict[str | None, float]:
    """How far off each one is found first."""
    soonest: dict[str | None, float] = {}
    for who, apart in found:
        soonest.setdefault(who, float(apart))
    return soonest
