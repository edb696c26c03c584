"""What a line shows of each of its candidates once a whole conversation has been decided: the features of the reranker.

A first decision weighs each kind of evidence the same in every story and everywhere in it. With all lines before one
one can ask more: how sure the neighbours are, who has the floor in this conversation, who has been told of since the
scene began, and how the paragraphs around are set.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, deque
from typing import TYPE_CHECKING

import msgspec

from unsaid.voices.surroundings import FLOOR, NAMED, TOLD, acts, floor, named, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.voices.attribution import Talk
    from unsaid.voices.field import Field

FEATURES = (
    # the candidate's own
    "chance", "behind_best", "table", "share", "prominence", "named", "met", "gender", "gender_of_last", "words",
    "names", "sure_lines", "cued_lines", "called", "called_before", "told_behind", "narrates",
    # the chances of the lines around
    "before_1", "before_2", "before_3", "before_4", "behind_1", "behind_2", "behind_3", "behind_4",
    "second_before", "second_behind", "parity_before", "parity_behind",
    # the narrative of the scene so far
    "since", "mentions", "by_name", "acts",
    # the line's, the same for every candidate
    "turns", "place", "candidates", "runner_up", "speakers", "subject", "beats", "stay", "length", "length_before",
    "gap_before", "gap_behind", "paragraphs_before", "paragraphs_behind", "in_paragraph", "whole", "first_person",
    # what stands around, by candidate
    *NAMED, *TOLD, *FLOOR,
)  # fmt: skip
"""What is told of a candidate, in this order."""

LEAST = 0.0005
"""Candidates with a smaller chance are none."""
_SURE = 0.95  # a line with a likelier speaker tells whose turn it is around it
_NEAR, _WINDOW, _SAME = 14, 12, 8  # turns around a line that are looked at for sure ones, for cues, for its paragraph
OUTSIDE, OUTSIDE_SPOKEN = _SAME, 2
"""Turns before and behind a conversation that are looked at from within it, and those of which is asked who speaks."""
_SCENE, _REACH = 60, 40_000  # paragraphs, and characters, of a scene that are looked back over
_NEVER, _OPEN = 12.0, 9.0  # what stands for none: log characters to a mention, log gap
_TINY = 1e-3
GENDERS = {"he": 1.0, "she": 2.0, "they": 3.0}
_SUBJECTS = {"name": 1.0, "nominal": 2.0, "pronoun": 3.0, "first": 4.0}


def logged(chance: float) -> float:
    """A chance as the reranker takes it."""
    return math.log(chance + _TINY)


class _Told(msgspec.Struct, frozen=True):
    """One mention in the narrative: of whom, where, whether by name, and whether as one who acts."""

    who: str
    start: int
    by_name: bool
    acts: bool


class _Scene:
    """Who has been told of since the scene began: how often, by name, as one who acts, and where last.

    It moves along the story: what comes into sight is added and what is left behind is taken away, so that a story that
    is one endless scene takes time in proportion to its length.
    """

    def __init__(self, field: Field) -> None:
        self.mentions, self.by_name, self.acts = Counter[str](), Counter[str](), Counter[str]()
        self.last: dict[str, int] = {}
        self._field = field
        self._seen: deque[_Told] = deque()
        self._start = self._next = 0

    def move(self, start: int, end: int) -> None:
        """Move to ``text[start:end]``, which it :meth:`reaches`."""
        while self._seen and self._seen[0].start < start:
            self._count(self._seen.popleft(), -1)
        for m in self._field.mentions_between(max(start, self._next), end):
            mention = self._field.cast.mentions[m]
            if mention.character is not None and not self._field.is_quoted(m):
                told = _Told(mention.character, mention.start, mention.kind == "name", acts(self._field, m))
                self._seen.append(told)
                self._count(told, 1)
                self.last[told.who] = told.start
        self._start, self._next = start, end

    def reaches(self, start: int, end: int) -> bool:
        """Whether it can move there."""
        return start >= self._start and end >= self._next

    def _count(self, told: _Told, by: int) -> None:
        self.mentions[told.who] += by
        self.by_name[told.who] += by * told.by_name
        self.acts[told.who] += by * told.acts


class Aspects:
    """The features of the candidates of every turn of a story.

    :param chances: each turn's candidates with their chances, as they were decided so far.
    :ivar spans: the conversation that each turn stands in.
    """

    def __init__(self, talk: Talk, chances: Sequence[Mapping[str, float]]) -> None:
        self._talk, self._chances = talk, chances
        self._best = [max(held, key=held.__getitem__) if held else None for held in chances]
        self.spans = {i: span for span in talk.conversations for i in span}
        self._shares: dict[int, Counter[str]] = {}
        self._passing = _Scene(talk.field)
        self._breaks = [i for i, p in enumerate(talk.field.prose.paragraphs) if p.after_break]

    def of(self, i: int, candidates: Sequence[str] | None = None) -> dict[str, tuple[float, ...]]:
        """The features of each candidate of a turn, in the order of :data:`FEATURES`.

        :param candidates: people to tell of in place of those who may speak the turn.
        """
        if candidates is None:
            candidates = [who for who, chance in self._chances[i].items() if chance >= LEAST]
        cued, sure = self._cued(i), self._sure(i)
        line, scene = self._line(i, sure), self._scene(i)
        like = self._talk.manners.of(self._talk.field.tokens, self._talk.turns[i].parts, self._talk.tables[i])
        span = self.spans[i]
        around = (
            named(self._talk, span, i, candidates),
            told(self._talk, i, candidates),
            floor(self._talk, span, i, candidates, self._chances, self._best),
        )
        return {
            who: (
                *self._own(i, who, like.get(who, (0.0, 0.0)), cued, sure),
                *self._around(i, who, sure),
                *_told(scene, who, self._talk.turns[i].start),
                *line,
                *(value for held in around for value in held[who]),
            )
            for who in candidates
        }

    # --- the candidate's own

    def _own(
        self, i: int, who: str, like: tuple[float, float], cued: Counter[str], sure: Mapping[int, str]
    ) -> tuple[float, ...]:
        field, chances, table = self._talk.field, self._chances[i], self._talk.tables[i]
        chance = chances.get(who, 0.0)
        turn, sight = self._talk.turns[i], self._talk.sights[i]
        gender, last = field.pronouns.get(who), field.pronouns.get(self._best[i - 1] or "") if i else None
        same = 0.0 if last is None or gender is None else 1.0 if last == gender else 2.0
        called_before = i > 0 and self._steps(i) == 1 and who in self._talk.sights[i - 1].address.called
        span = self.spans[i]
        return (
            logged(chance),
            math.log(chance + 1e-4) - math.log(max(chances.values(), default=0.0) + 1e-4),
            table.get(who, -20.0) - max(table.values(), default=0.0),
            self._share(span)[who] / len(span),
            field.prominence.get(who, -0.2),
            float(who in field.named),
            float(field.met.get(who, 0) <= turn.start),
            GENDERS.get(gender or "", 0.0),
            same,
            *like,
            float(sum(known == who for known in sure.values())),
            float(cued[who]),
            float(who in sight.address.called),
            float(called_before),
            float(who == sight.behind),
            float(who == field.telling.narrator_at(turn.start)),
        )

    def _share(self, span: range) -> Counter[str]:
        """How many of a conversation's lines each one speaks, by their chances."""
        held = self._shares.get(span.start)
        if held is None:
            held = self._shares[span.start] = Counter()
            for i in span:
                for who, chance in self._chances[i].items():
                    held[who] += chance  # type: ignore[assignment]
        return held

    def _cued(self, i: int) -> Counter[str]:
        """Who has been named as speaker of the lines right before."""
        span = self.spans[i]
        subjects = (self._talk.sights[j].subject for j in range(max(span.start, i - _WINDOW), i))
        return Counter(s.character for s in subjects if s and s.character and s.kind in ("name", "first"))

    def _sure(self, i: int) -> dict[int, str]:
        """The lines around whose speaker is beyond doubt."""
        span = self.spans[i]
        around = range(max(span.start, i - _NEAR), min(span.stop, i + _NEAR + 1))
        best = ((j, self._best[j]) for j in around if j != i)
        return {j: who for j, who in best if who is not None and self._chances[j][who] > _SURE}

    # --- the lines around

    def _around(self, i: int, who: str, sure: Mapping[int, str]) -> tuple[float, ...]:
        before = max((j for j in sure if j < i), default=None)
        behind = min((j for j in sure if j > i), default=None)
        return (
            *(self._chance(i, i - n, who) for n in (1, 2, 3, 4)),
            *(self._chance(i, i + n, who) for n in (1, 2, 3, 4)),
            float(i > 1 and self._steps(i) == 1 and self._best[i - 2] == who),
            float(i + 2 < len(self._best) and self._steps(i + 1) == 1 and self._best[i + 2] == who),
            _parity(i, before, sure, who),
            _parity(i, behind, sure, who),
        )

    def _chance(self, i: int, j: int, who: str) -> float:
        span = self.spans[i]
        return self._chances[j].get(who, 0.0) if span.start <= j < span.stop else 0.0

    def _steps(self, i: int) -> int:
        """How many paragraphs turn ``i`` stands behind the one before it."""
        turns = self._talk.turns
        return turns[i].paragraph - turns[i - 1].last_paragraph

    # --- the scene

    def _scene(self, i: int) -> _Scene:
        """Who has been told of in the scene up to a turn."""
        field, turn = self._talk.field, self._talk.turns[i]
        at = bisect_left(self._breaks, turn.paragraph + 1) - 1
        begun = max(self._breaks[at] if at >= 0 else 0, turn.paragraph - _SCENE)
        start = max(field.prose.paragraphs[begun].start, turn.start - _REACH)
        if not self._passing.reaches(start, turn.start):
            self._passing = _Scene(field)
        self._passing.move(start, turn.start)
        return self._passing

    # --- the line

    def _line(self, i: int, sure: Mapping[int, str]) -> tuple[float, ...]:
        """What holds of a turn, whoever speaks it."""
        talk, turns, turn, sight = self._talk, self._talk.turns, self._talk.turns[i], self._talk.sights[i]
        chances, span, paragraphs = self._chances[i], self.spans[i], talk.field.prose.paragraphs
        following = turns[i + 1] if i + 1 < len(turns) else None
        ranked = sorted(chances.values())
        return (
            float(len(span)),
            float(i - span.start),
            float(sum(chance > 0.05 for chance in ranked)),
            ranked[-2] if len(ranked) > 1 else 0.0,
            float(len(set(sure.values()))),
            _SUBJECTS.get(sight.subject.kind, 0.0) if sight.subject else 0.0,
            float(len(sight.beats)),
            talk.links[i].stay,
            float(turn.end - turn.start),
            float(turns[i - 1].end - turns[i - 1].start) if i else 0.0,
            math.log1p(max(0, turn.start - turns[i - 1].end)) if i else _OPEN,
            math.log1p(max(0, following.start - turn.end)) if following else _OPEN,
            float(self._steps(i)) if i else _OPEN,
            float(self._steps(i + 1)) if following else _OPEN,
            float(sum(t.paragraph == turn.paragraph for t in turns[max(0, i - _SAME) : i + _SAME + 1])),
            float(
                turn.start == paragraphs[turn.paragraph].start and turn.end >= paragraphs[turn.last_paragraph].end - 1
            ),
            float(talk.field.telling.narrator_at(turn.start) is not None),
        )


def beside(span: range, reach: int, turns: int) -> tuple[int, ...]:
    """The turns right before and right behind a conversation."""
    return (*range(max(0, span.start - reach), span.start), *range(span.stop, min(span.stop + reach, turns)))


def _parity(i: int, at: int | None, sure: Mapping[int, str], who: str) -> float:
    """Whether the nearest sure line that way is the candidate's, and an even or odd number of lines off."""
    if at is None:
        return 0.0
    return (1.0 if sure[at] == who else 2.0) + (2.0 if (i - at) % 2 == 0 else 0.0)


def _told(scene: _Scene, who: str, at: int) -> tuple[float, ...]:
    last = scene.last.get(who) if scene.mentions[who] else None
    return (
        math.log1p(at - last) if last is not None else _NEVER,
        math.log1p(scene.mentions[who]),
        math.log1p(scene.by_name[who]),
        math.log1p(scene.acts[who]),
    )
