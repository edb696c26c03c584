"""Whose a thought is that no cue gives to anybody: everybody near it is weighed by all that speaks for them.

What stands beside a thought gives it to one person (:mod:`unsaid.voices.thinkers`); in a story that follows one mind it
is oftener somebody else's. Boosted trees weigh that first guess beside whose view the scene follows, who thinks
elsewhere in the story, who speaks and is spoken to around, and what the thought itself says. They are fitted to the
softmax over a thought's candidates; `make minds` grows them, on stories that no figure is reported on.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from unsaid.narration.lexicon import FEMININE, FIRST, MASCULINE, SECOND
from unsaid.voices.aspects import GENDERS
from unsaid.voices.bare import BARE
from unsaid.voices.echoes import is_order
from unsaid.voices.thinkers import ANSWERS, ANSWERS_THOUGHT, CALLS, LOOK_BACK, UNDER, Guess, Guesser
from unsaid.voices.trees import Forest, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.story import Utterance
    from unsaid.voices.field import Field

FEATURES = (
    # the candidate's own
    "guess", "thinks", "thinks_by_cue", "thinks_most", "narrates", "view", "view_log", "view_most", "view_in_story",
    "prominence", "gender", "lines",
    # by what stands around
    "spoke_before", "heard_before", "spoke_earlier", "speaks_behind", "hears_behind", "speaks_later",
    "subject_before", "subject_behind", "followed_before", "followed_behind", "thought_before", "thought_behind",
    "told_last", "told",
    # by what the thought says
    "called", "named", "spoken_of", "other_spoken_of",
    # the thought's, the same for every candidate
    "you", "first", "words", "asks", "cries", "orders", "he", "she", "bare", "own_paragraph", "mutual", "thoughts",
    "thinkers", "candidates", "lines_before", "lines_behind",
)  # fmt: skip
"""What is told of somebody who may think a thought, in this order."""

WEIGHED = "weighed"
"""The rule of a thought that goes to somebody else than the first guess."""
_BEHIND, _TOLD = 3, 1_500  # paragraphs, and characters, around a thought in which whoever is told of may think it
_NEAR, _FARTHER, _ALIKE = 2, 4, 6  # paragraphs to the nearest line, to the next one, and to another thought
_LINES = 8  # spoken lines before and behind of which is asked how many are somebody's
_NONE = 99.0  # paragraphs to a line, where there is none
_SLOPE = 0.6
"""What the log-odds of a chance are worth: of 176 thoughts of stories that the trees do not know, those with a chance
from 0.8 on are right in 0.80, from 0.6 on in 0.74, from 0.4 on in 0.52."""


@cache
def forest() -> Forest:
    """The trees that the package ships."""
    return shipped("minds.json", FEATURES, "make minds")


def assign_thoughts(
    field: Field, thoughts: Sequence[Utterance], speech: tuple[Utterance, ...], grown: Forest | None = None
) -> tuple[Utterance, ...]:
    """Give each thought its thinker and addressees.

    :param thoughts: what :func:`unsaid.voices.thoughts.find_thoughts` found; those with a thinker keep them.
    :param speech: the story's spoken utterances with their speakers, sorted by start.
    :param grown: other trees than the package's.
    """
    minds = Minds(field, thoughts, speech)
    return tuple(minds.decided(i, grown or forest()) for i in range(len(minds.guesser.thoughts)))


class _View:
    """What speaks for each one's being followed in a part of the story, and whom most speaks for."""

    def __init__(self, weights: Mapping[str, float], groups: frozenset[str]) -> None:
        self.weights = weights
        self.most = max(weights, key=weights.__getitem__, default=None)
        self._total = sum(weight for who, weight in weights.items() if who not in groups)

    def share(self, who: str) -> float:
        return self.weights.get(who, 0.0) / self._total if self._total else 0.0


class Minds:
    """Those who may think each thought of a story.

    :ivar guesser: what the rules make of it; its thoughts are in order of the text.
    """

    def __init__(self, field: Field, thoughts: Sequence[Utterance], speech: tuple[Utterance, ...]) -> None:
        self.guesser = Guesser(field, thoughts, speech)
        self._field, self._speech = field, speech
        self._ruled = self.guesser.assigned()
        self._by_cue = Counter(t.speaker for t in self.guesser.thoughts if t.speaker is not None)
        self._thinks = Counter(t.speaker for t in self._ruled if t.speaker is not None)
        views = Counter[str]()
        for weights in self.guesser.views.weights:
            views.update(weights)
        self._views = [_View(weights, field.groups) for weights in self.guesser.views.weights]
        self._whole = _View(views, field.groups)
        self._in_part = Counter(self.guesser.views.part(t.start) for t in self.guesser.thoughts)

    def is_open(self, i: int) -> bool:
        """Whether a thinker is looked for: no cue names one, and the thought itself does not show one.

        Where two each think under what they say, what "I" say to "you" stays with the line above it: of 13 such
        thoughts seven are right so, and as many weighed.
        """
        thought, guess = self.guesser.thoughts[i], self.guesser.guesses[i]
        if thought.speaker is not None or guess.rule in (ANSWERS, ANSWERS_THOUGHT, CALLS) or self._is_answered(i):
            return False
        if guess.rule != UNDER or self.guesser.views.part(thought.start) not in self.guesser.mutual:
            return True
        words = frozenset(self.guesser.lower(thought))
        return not (words & FIRST and words & SECOND)

    def _is_answered(self, i: int) -> bool:
        """Whether the next thought answers this one: they are two people's, and so decided together."""
        return i + 1 < len(self.guesser.guesses) and self.guesser.guesses[i + 1].rule == ANSWERS_THOUGHT

    def decided(self, i: int, grown: Forest) -> Utterance:
        """A thought with its thinker."""
        features = self.of(i) if self.is_open(i) else {}
        if not features:
            return self._ruled[i]
        chances = grown.shares(features)
        who = max(chances, key=chances.__getitem__)
        thought, guess = self.guesser.thoughts[i], self.guesser.guesses[i]
        odds = (chances[who] + 1e-6) / (1 - chances[who] + 1e-6)
        rule = guess.rule if guess.who == who else WEIGHED
        return self.guesser.given_to(thought, Guess(who, rule, 1 / (1 + odds**-_SLOPE)))

    def of(self, i: int) -> dict[str, tuple[float, ...]]:
        """The features of each one who may think a thought, in the order of :data:`FEATURES`."""
        candidates = self._candidates(i)
        line = (*self._line(i), float(len(candidates)), *self._apart(i))
        around, said, others = _Around(self, i), _Said(self.guesser, self.guesser.thoughts[i]), self._others(i)
        return {who: (*self._own(i, who, others), *around.of(who), *said.of(who), *line) for who in candidates}

    # --- who may ------------------------------------------------------------------------------------------------------

    def _candidates(self, i: int) -> list[str]:
        field, thought = self._field, self.guesser.thoughts[i]
        paragraphs = field.prose.paragraphs
        found = dict.fromkeys(self.guesser.recent(thought.start, within=2 * LOOK_BACK))
        last = paragraphs[min(len(paragraphs) - 1, self.paragraph(thought) + _BEHIND)]
        for m in field.mentions_between(thought.start, min(last.end, thought.end + _TOLD)):
            found[field.cast.mentions[m].character or ""] = None
        for line in (*self.lines(i, -_NEAR), *self.lines(i, _NEAR)):
            found.update(dict.fromkeys((line.speaker or "", *line.addressees)))
        found[self._ruled[i].speaker or ""] = None
        return [who for who in found if who and who not in field.groups]

    def lines(self, i: int, reach: int) -> Sequence[Utterance]:
        """So many spoken lines behind a thought, or before it, the nearest first."""
        at = bisect_right(self.guesser.speech_starts, self.guesser.thoughts[i].start)
        return self._speech[max(0, at + reach) : at][::-1] if reach < 0 else self._speech[at : at + reach]

    def paragraph(self, said: Utterance) -> int:
        """The number of the paragraph in which an utterance begins."""
        return max(0, self._field.prose.paragraph_at(said.start))

    # --- what is told of one ------------------------------------------------------------------------------------------

    def _others(self, i: int) -> Counter[str]:
        """How many of the other thoughts each one thinks, by the rules."""
        others, ruled = self._thinks.copy(), self._ruled[i].speaker
        if ruled is not None:
            others[ruled] -= 1
        return others

    def _own(self, i: int, who: str, others: Counter[str]) -> tuple[float, ...]:
        field, thought = self._field, self.guesser.thoughts[i]
        view = self._views[self.guesser.views.part(thought.start)]
        return (
            float(who == self._ruled[i].speaker),
            others[who] / max(1, others.total()),
            self._by_cue[who] / max(1, self._by_cue.total()),
            float(others[who] == max(others.values(), default=0) > 0),
            float(who == field.telling.narrator_at(thought.start)),
            view.share(who),
            math.log1p(view.weights.get(who, 0.0)),
            float(view.most == who),
            self._whole.share(who),
            field.prominence.get(who, -0.2),
            GENDERS.get(field.pronouns.get(who) or "", 0.0),
            float(sum(line.speaker == who for reach in (-_LINES, _LINES) for line in self.lines(i, reach))),
        )

    # --- what holds of the thought ------------------------------------------------------------------------------------

    def _line(self, i: int) -> tuple[float, ...]:
        thought = self.guesser.thoughts[i]
        lower = self.guesser.lower(thought)
        said = self._field.text[thought.start : thought.end]
        part = self.guesser.views.part(thought.start)
        return (
            float(any(word in SECOND for word in lower)),
            float(any(word in FIRST for word in lower)),
            float(len(lower)),
            float(said.rstrip("*_”\"’' ").endswith("?")),
            float("!" in said),
            float(is_order(said)),
            *map(float, _he_and_she(lower)),
            float(thought.rule == BARE),
            float(self.paragraph(thought) in self.guesser.bare),
            float(part in self.guesser.mutual),
            float(self._in_part[part]),
            float(len(self._thinks)),
        )

    def _apart(self, i: int) -> tuple[float, float]:
        here = self.paragraph(self.guesser.thoughts[i])
        before, behind = (
            next((float(abs(self.paragraph(line) - here)) for line in self.lines(i, reach)), _NONE) for reach in (-1, 1)
        )
        return before, behind

    def beside(self, i: int, step: int) -> str | None:
        """Who thinks the thought before or behind, by the rules, if it is near."""
        j = i + step
        if not 0 <= j < len(self._ruled):
            return None
        apart = abs(self.paragraph(self._ruled[j]) - self.paragraph(self._ruled[i]))
        return self._ruled[j].speaker if apart <= _ALIKE else None


class _Around:
    """Who speaks, is spoken to, acts and thinks around a thought."""

    def __init__(self, minds: Minds, i: int) -> None:
        guesser, thought = minds.guesser, minds.guesser.thoughts[i]
        field, paragraphs = guesser.field, guesser.field.prose.paragraphs
        here = minds.paragraph(thought)
        span = paragraphs[here]

        def near(reach: int) -> tuple[Utterance | None, Utterance | None]:
            lines = [*minds.lines(i, reach), None, None][:2]
            bounds = zip(lines, (_NEAR, _FARTHER), strict=True)
            one, next_ = (n if n is not None and abs(minds.paragraph(n) - here) <= b else None for n, b in bounds)
            return one, next_

        (self._before, earlier), (self._behind, later) = near(-2), near(2)
        self._earlier, self._later = (line.speaker if line is not None else None for line in (earlier, later))
        silent_before = here > 0 and guesser.speech_in(paragraphs[here - 1].start, paragraphs[here - 1].end) is None
        after = paragraphs[here + 1] if here + 1 < len(paragraphs) else None
        silent_behind = after is not None and guesser.speech_in(after.start, after.end) is None
        self._is = (
            guesser.last_subject(span.start, thought.start) if thought.start > span.start + 1 else None,
            guesser.first_subject(thought.end, span.end) if thought.end < span.end - 1 else None,
            guesser.view(here - 1) if silent_before else None,
            guesser.first_subject(after.start, after.end) if after is not None and silent_behind else None,
            minds.beside(i, -1),
            minds.beside(i, 1),
        )
        told = (
            m for m in field.mentions_between(max(0, thought.start - _TOLD), thought.start) if not field.is_quoted(m)
        )
        self._told = [who for m in told if (who := field.cast.mentions[m].character) is not None]

    def of(self, who: str) -> tuple[float, ...]:
        return (
            *(float(value) for value in (*_takes_part(self._before, who), self._earlier == who)),
            *(float(value) for value in (*_takes_part(self._behind, who), self._later == who)),
            *(float(one == who) for one in self._is),
            float(self._told[-1:] == [who]),
            float(who in self._told),
        )


class _Said:
    """Whom a thought calls, names and speaks of."""

    def __init__(self, guesser: Guesser, thought: Utterance) -> None:
        field = guesser.field
        inside = (field.cast.mentions[m] for m in field.mentions_between(thought.start, thought.end))
        self._called = guesser.called(thought)
        self._named = frozenset(m.character for m in inside if m.kind == "name")
        self._pronouns = field.pronouns
        he, she = _he_and_she(guesser.lower(thought))
        self._of, self._not_of = ("he", "she") if he and not she else ("she", "he") if she and not he else ("", "")

    def of(self, who: str) -> tuple[float, ...]:
        gender = self._pronouns.get(who)
        return (
            float(who in self._called),
            float(who in self._named),
            float(gender == self._of),
            float(gender == self._not_of),
        )


def _he_and_she(lower: Sequence[str]) -> tuple[bool, bool]:
    return any(word in MASCULINE for word in lower), any(word in FEMININE for word in lower)


def _takes_part(line: Utterance | None, who: str) -> tuple[bool, bool]:
    """Whether somebody speaks a line, and whether it is spoken to them."""
    return line is not None and line.speaker == who, line is not None and who in line.addressees
