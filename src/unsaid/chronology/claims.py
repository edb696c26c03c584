"""What the text says of when things happened, as constraints between events and the moments in which it is said."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf
from typing import TYPE_CHECKING

import msgspec

from unsaid.chronology.ages import ages
from unsaid.chronology.calendar import YEAR
from unsaid.chronology.happenings import NOUNS, REPEATED, Happening, happenings
from unsaid.chronology.layer import Timex
from unsaid.chronology.network import Constraint
from unsaid.prose import Prose, concordance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.chronology.segments import Course
    from unsaid.people import Certain
    from unsaid.story import Scene
    from unsaid.voices.layer import Voices

LONG = 0.8 * YEAR
"""A departure or a return of so long ago is one that people remember; what lies nearer may have happened often."""
_REACH = 14  # tokens between an event and the expression that dates it
_WINDOW = 80  # tokens of a sentence, on either side, that may bear on an expression
_BACK = 240  # tokens before an expression in which "since then" may stand
_GONE = frozenset({"missed", "missing", "mourned", "mourning", "grieved", "grieving"})
_STATES = frozenset({"dead", "gone", "married", "known", "divorced", "retired"})


class Claim(msgspec.Struct, frozen=True):
    """A constraint with the passage that says so, its rule, and the expression and the event that it rests on."""

    constraint: Constraint
    start: int
    end: int
    rule: str = "T101"
    time: Timex | None = None
    node: int | None = None


class _Window(msgspec.Struct, frozen=True):
    """Tokens around one, half-open, and the offset where they end."""

    first: int
    last: int
    end: int


class Claims:
    """Collects the claims of a story; ``nodes`` are its segments first, then the narrator's present, then events."""

    def __init__(self, prose: Prose, course: Course, times: Sequence[Timex], certain: Certain) -> None:
        self.prose, self.course, self.times, self.certain = prose, course, times, certain
        self.made: list[Claim] = []
        self.telling = len(course.segments)
        self.count = self.telling + 1
        self.known: dict[tuple[str, tuple[str, ...]], int] = {}
        self.events: dict[int, Happening] = {}
        self.happenings = happenings(prose, certain)
        self.tokens_of = [h.token for h in self.happenings]

    def collect(self, scenes: Sequence[Scene], voices: Voices) -> None:
        """Read every claim of the text, letters apart: when those were written is seldom known."""
        self.told_now = _moments(self.prose, self.times, scenes)
        letters = [(w.start, w.end) for w in voices.writings]
        for happening in self.happenings:
            if not self.prose.tokens.quoted[happening.token] and not _within(letters, happening.start):
                self._past(happening)
        for time in self.times:
            if time.low is not None and not _within(letters, time.start):
                self._claim(time)
        for segment in range(self.telling):
            if self.told_now.retrospective(self.course.segments[segment].paragraph):
                self._add(Constraint(segment, self.telling, 0.0, inf, said=False), 0, 0)
        for age in ages(self.prose, self.certain):
            if not _within(letters, age.start):
                node = self._node(("birth", (age.who,)), Happening("birth", (age.who,), age.token, age.start, age.end))
                here = self._now(age.start, age.token)
                self._add(Constraint(node, here, age.low, age.high), age.start, age.end, "T102", node=node)
        self._after_a_death(letters)
        self._absences(voices)

    def _add(
        self, constraint: Constraint, start: int, end: int, rule: str = "T101", time: Timex | None = None, **more: int
    ) -> None:
        self.made.append(Claim(constraint, start, end, rule, time, more.get("node")))

    def _node(self, key: tuple[str, tuple[str, ...]], happening: Happening) -> int:
        """The node of an event; a wedding is each of the two's."""
        keys = [(key[0], (who,)) for who in key[1]] if key[0] == "marriage" else [key]
        node = next((self.known[k] for k in keys if k in self.known), None)
        if node is None:
            node = self.count
            self.count += 1
            self.events[node] = happening
        for k in keys:
            self.known[k] = node
        return node

    def _event(self, happening: Happening, low: float) -> int:
        """The node of a mention: one event for all mentions where it happens once, or lies years back."""
        alone = happening.kind == "meeting" and len(happening.who) < 2
        if (happening.kind in REPEATED and low < LONG) or alone:
            return self._node((f"{happening.kind} {happening.token}", happening.who), happening)
        return self._node(happening.key, happening)

    def _now(self, offset: int, token: int) -> int:
        """The moment that a passage speaks from: its segment, or the present of one who looks back."""
        paragraph = self.prose.paragraph_at(offset)
        quoted = self.prose.tokens.quoted[token]
        if not quoted and self.told_now.from_the_end(paragraph, token):
            return self.telling
        return self.course.at(paragraph)

    def _past(self, happening: Happening) -> None:
        """What the narration tells has happened by then."""
        if happening.kind in REPEATED or self.prose.tokens.lower[happening.token] in NOUNS:
            return
        node = self._event(happening, inf)
        here = self.course.at(self.prose.paragraph_at(happening.start))
        self._add(Constraint(node, here, -1.0, inf), happening.start, happening.end, "T106", node=node)

    def _claim(self, time: Timex) -> None:
        sentence = _around(self.prose, time.first)
        near = self._near(time, sentence.first, sentence.last)
        low, high = time.low or 0.0, time.high or 0.0
        lower = self.prose.tokens.lower
        if time.relation == "since" or "since" in lower[time.last : time.last + 2]:
            after = [h for h in near if h.token >= time.last]
            if after:
                self._date(after[0], time, *self._shifted(time, sentence.last, low, high), sentence.end)
        elif time.relation == "ago":
            dated = [h for h in near if lower[h.token] not in _STATES or h.token < time.first]
            to_clause = lower[time.last - 1] == "before" and near and near[0].token >= time.last
            if dated and not to_clause and not self._follows_since(time, sentence.first):
                self._date(dated[0], time, low, high, sentence.end)
        elif time.relation == "hence":
            if near and near[0].token < time.first:
                node = self._event(near[0], low)
                here = self._now(time.start, time.first)
                self._add(Constraint(here, node, low, high), near[0].start, time.end, "T106", time=time, node=node)
        elif time.relation == "later":
            self._between(time, near, low, high)
        elif near and lower[near[0].token] in _STATES and 0 < time.first - near[0].token <= _REACH // 2:
            self._date(near[0], time, low, high, sentence.end)
        elif "been" in lower[max(sentence.first, time.first - 3) : time.first] and not near:
            self._since_then(time, low, high)

    def _near(self, time: Timex, first: int, last: int) -> list[Happening]:
        """The events that a sentence mentions, the nearest to an expression first."""
        inside = self.happenings[bisect_left(self.tokens_of, first) : bisect_left(self.tokens_of, last)]
        quoted = self.prose.tokens.quoted
        fitting = [h for h in inside if quoted[h.token] == quoted[time.first] and abs(h.token - time.first) <= _REACH]
        return sorted(fitting, key=lambda h: abs(h.token - time.first))

    def _date(self, happening: Happening, time: Timex, low: float, high: float, end: int) -> None:
        node = self._event(happening, low)
        here = self._now(time.start, time.first)
        start, stop = min(happening.start, time.start), min(end, max(happening.end, time.end))
        self._add(Constraint(node, here, low, high), start, stop, time=time, node=node)

    def _shifted(self, time: Timex, last: int, low: float, high: float) -> tuple[float, float]:
        """ "Five years since he left, two nights ago": the count ended two nights before now."""
        for other in self._behind(time, last):
            if other.relation == "ago" and other.low is not None and other.high is not None:
                return low + other.low, high + other.high
        return low, high

    def _behind(self, time: Timex, last: int) -> Sequence[Timex]:
        """The expressions behind one in its sentence."""
        index = bisect_right(self.times, time.start, key=lambda t: t.start)
        stop = bisect_left(self.times, last, key=lambda t: t.first)
        return self.times[index:stop]

    def _upto(self, time: Timex) -> Sequence[Timex]:
        """The few expressions in front of one."""
        index = bisect_left(self.times, time.start, key=lambda t: t.start)
        return self.times[max(0, index - 3) : index]

    def _follows_since(self, time: Timex, first: int) -> bool:
        """Whether a span since an event stands before the expression, which then dates the end of the count."""
        lower = self.prose.tokens.lower[first : time.first]
        return "since" in lower and any(
            first <= t.first and t.last <= first + lower.index("since") and t.low is not None for t in self._upto(time)
        )

    def _between(self, time: Timex, near: Sequence[Happening], low: float, high: float) -> None:
        """ "Tom died two years after he had married": one event from the other."""
        before = [h for h in near if h.token < time.first]
        behind = [h for h in near if h.token >= time.last]
        if before and behind and self.prose.tokens.lower[time.last - 1] == "after":
            first, second = self._event(behind[0], low), self._event(before[0], low)
            self._add(Constraint(first, second, low, high), before[0].start, behind[0].end, time=time, node=second)

    def _since_then(self, time: Timex, low: float, high: float) -> None:
        """ "Since then she wrote to him. It has been five years.": from the moment that "then" means."""
        at = self.prose.sentence_at(time.start)
        tokens = self.prose.tokens
        for sentence in self.prose.sentences[max(0, at - 2) : at + 1][::-1]:
            words = tokens.lower[max(sentence.first, time.first - _BACK) : min(sentence.last, time.first + _WINDOW)]
            if "since" in words and ({"then", "night", "day"} & set(words[words.index("since") :][:3])):
                self._from_antecedent(sentence.first, time, low, high)
                return

    def _from_antecedent(self, token: int, time: Timex, low: float, high: float) -> None:
        here = self._now(time.start, time.first)
        index = bisect_left(self.tokens_of, token) - 1
        segment = self.course.segments[self.course.at(self.prose.paragraph_at(time.start))]
        opened = segment.moved.first if segment.moved is not None else -1
        if index >= 0 and self.tokens_of[index] > opened and token - self.tokens_of[index] <= 150:
            happening = self.happenings[index]
            node = self._event(happening, low)
            self._add(Constraint(node, here, low, high), happening.start, happening.end, time=time, node=node)
            self.made[-1] = msgspec.structs.replace(self.made[-1], start=time.start, end=time.end)

    def _after_a_death(self, letters: Sequence[tuple[int, int]]) -> None:
        """Who is missed, or with whom one used to do things, had gone by the time of the meeting told of there."""
        tokens = self.prose.tokens
        for i in concordance(tokens).of({*_GONE, "with"}):
            word = tokens.lower[i]
            with_whom = word == "with" and "used" in tokens.lower[max(0, i - 6) : i]
            if not (word in _GONE or with_whom) or tokens.quoted[i] or i + 1 >= len(tokens):
                continue
            mention = self.certain.starting(tokens.starts[i + 1])
            if mention is None or mention.start - tokens.ends[i] > 2 or _within(letters, mention.start):
                continue
            lost = self.known.get(("death", (mention.character or "",)))
            met = self._meeting_before(i)
            if lost is not None and met is not None:
                first = next(j for j in range(max(0, i - 6), i + 1) if tokens.lower[j][0].isalnum())
                self._add(Constraint(lost, met, 0.0, inf), tokens.starts[first], mention.end)

    def _absences(self, voices: Voices) -> None:
        """Who left years ago left after their last line, and before their departure is first told of behind it."""
        spoken: dict[str, list[int]] = {}
        for line in voices.utterances:
            if line.kind == "speech" and line.mode == "direct" and line.speaker is not None:
                spoken.setdefault(line.speaker, []).append(line.start)
        told = self._departures_told()
        for claim in tuple(self.made):
            event = self.events.get(claim.node) if claim.node is not None else None
            if event is None or event.kind != "departure" or claim.constraint.low < LONG:
                continue
            lines = spoken.get(event.who[0], [])
            last = bisect_left(lines, claim.start) - 1
            gone = told.get(event.key, [])
            at = bisect_right(gone, lines[last] if last >= 0 else 0, key=lambda h: h.start)
            if last >= 0 and at < len(gone) and gone[at].start < claim.start:
                here = self.course.at(self.prose.paragraph_at(gone[at].start))
                self._add(Constraint(claim.constraint.before, here, -1.0, inf), gone[at].start, gone[at].end)

    def _departures_told(self) -> dict[tuple[str, tuple[str, ...]], list[Happening]]:
        """The departures that the narration tells of, by whose they are."""
        found: dict[tuple[str, tuple[str, ...]], list[Happening]] = {}
        for happening in self.happenings:
            if happening.kind == "departure" and not self.prose.tokens.quoted[happening.token]:
                found.setdefault(happening.key, []).append(happening)
        return found

    def _meeting_before(self, token: int) -> int | None:
        """The meeting that the same paragraph has told of before a token, if it is dated anywhere."""
        index = bisect_left(self.tokens_of, token) - 1
        paragraph = self.prose.paragraphs[self.prose.paragraph_at(self.prose.tokens.starts[token])]
        if index < 0 or self.tokens_of[index] < paragraph.first:
            return None
        happening = self.happenings[index]
        keys = (happening.key, (f"{happening.kind} {happening.token}", happening.who))
        return next((self.known[key] for key in keys if key in self.known), None)


class _Moments(msgspec.Struct, frozen=True):
    """Which paragraphs are told by an "I" who looks back, and which passages speak from that one's present."""

    looking_back: frozenset[int]
    moving: bool
    prose: Prose

    def retrospective(self, paragraph: int) -> bool:
        """Whether the narrator of a paragraph looks back on it."""
        return not self.moving and paragraph in self.looking_back

    def from_the_end(self, paragraph: int, token: int) -> bool:
        """Whether a passage speaks from the present of one who looks back."""
        return self.retrospective(paragraph) and _is_present(self.prose, token)


def _is_present(prose: Prose, token: int) -> bool:
    """Whether a passage counts from the present: "ago", or a sentence that is told in the present or its perfect."""
    sentence = _around(prose, token)
    words = prose.tokens.lower[sentence.first : sentence.last]
    return "ago" in words or not {"is", "has", "have", "it's", "i've", "am", "are"}.isdisjoint(words)


def _moments(prose: Prose, times: Sequence[Timex], scenes: Sequence[Scene]) -> _Moments:
    """A narrator whose "ago" counts from the story ("had left two nights ago") tells it as it happens."""
    inside: set[int] = set()
    for scene in scenes:
        if scene.person == "first" and scene.tense == "past":
            inside.update(
                range(prose.paragraph_at(scene.start), prose.paragraph_at(max(scene.start, scene.end - 1)) + 1)
            )
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    moving = any(
        lower[t.last - 1] == "ago" and not quoted[t.first] and "had" in lower[_around(prose, t.first).first : t.first]
        for t in times
    )
    return _Moments(frozenset(inside), moving, prose)


def _around(prose: Prose, token: int) -> _Window:
    """The sentence of a token, or as much of it as may bear on the token where it runs on for pages."""
    sentence = prose.sentences[prose.sentence_at(prose.tokens.starts[token])]
    first, last = max(sentence.first, token - _WINDOW), min(sentence.last, token + _WINDOW)
    return _Window(first, last, min(sentence.end, prose.tokens.ends[last - 1]))


def _within(spans: Sequence[tuple[int, int]], offset: int) -> bool:
    index = bisect_right(spans, offset, key=lambda s: s[0]) - 1
    return index >= 0 and offset < spans[index][1]
