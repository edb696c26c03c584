"""How each one talks, told by the commonest words of what they surely say, and by what they call people.

Burrows (1987), "Computation into Criticism", tells the characters of Jane Austen's novels apart by their thirty
commonest words, as Mosteller and Wallace (1964) had told the authors of the Federalist papers: words like "very" and
"shall", which nobody chooses for what is talked about. A line's words are weighed for each person beside what all talk
of the story has, with a Dirichlet prior, so that whoever says little has no manner yet. So are the names and nouns by
which a line speaks of people or to them: one man's "Emma" is everybody else's "Miss Woodhouse".
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from math import log
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unsaid.people import Cast
    from unsaid.prose import Prose, Tokens

    Span = tuple[int, int]

# The commonest words of a story's talk, how many words of theirs the story's own usage counts as for each person, and
# where a line's evidence ends: of 13,200 lines of the fifteen novels whose cue names nobody, each novel weighed by what
# the others taught, 157 more are right with 200 words than without any, 70 to 130 with 50, 100 or 400 to 800; the
# others of six and eight values lose up to 30.
_COMMON, _PRIOR, _MOST = 250, 1000.0, 4.0
# The same prior for what people are called: of 17,473 lines without a name in their cue 53 more are right with 50, each
# novel weighed by what the others taught, and 45 or 46 with 100 and 5; by names alone 25, by other nouns alone 23.
_CALLED_PRIOR = 50.0


class Habit(msgspec.Struct, frozen=True):
    """How often each person says each of some things.

    :ivar usage: each thing's share of all that is said of them.
    :ivar said: how often each person says each; ``totals`` how many of them in all.
    :ivar prior: how many of a person's the story's own usage counts as.
    """

    prior: float = _PRIOR
    usage: dict[str, float] = {}
    said: dict[str, Counter[str]] = {}
    totals: dict[str, int] = {}

    def like(self, things: Counter[str], who: str, *, counted: bool) -> float:
        """How much some things sound like a person, in log odds from -4 to 4.

        :param counted: they are counted as that person's already.
        """
        said = self.said.get(who)
        total = self.totals.get(who, 0) - (things.total() if counted else 0)
        if said is None or total <= 0:
            return 0.0
        odds = 0.0
        for thing, times in things.items():
            share = self.usage[thing]
            held = said[thing] - (times if counted else 0)
            odds += times * log((max(0, held) + self.prior * share) / ((total + self.prior) * share))
        return max(-_MOST, min(_MOST, odds))


class Manners(msgspec.Struct, frozen=True):
    """The manner of everybody whose lines are surely known.

    :ivar words: their common words; ``names`` what they call people.
    :ivar known: who surely says the words that begin at an offset.
    :ivar called: where people are named in talk, and what they are called there; sorted.
    """

    words: Habit = Habit()
    names: Habit = Habit()
    known: dict[int, str] = {}
    called: tuple[tuple[int, str], ...] = ()

    def of(self, tokens: Tokens, parts: Sequence[Span], people: Iterable[str]) -> dict[str, tuple[float, float]]:
        """How much each of some people talks as a line does: by its common words, and by what it calls people.

        In log odds from -4 to 4; 0 where nothing is known.

        :param parts: the line's spans. If it is surely somebody's, it does not count for them.
        """
        heard = [who for who in people if who in self.words.said]
        if not heard:
            return {}
        words = Counter(word for span in parts for word in words_of(tokens, span) if word in self.words.usage)
        names = Counter(name for span in parts for name in _within(self.called, span))
        own = {self.known[start] for start, _ in parts if start in self.known}
        return {
            who: (self.words.like(words, who, counted=who in own), self.names.like(names, who, counted=who in own))
            for who in heard
        }


def manners(prose: Prose, cast: Cast, sure: Sequence[tuple[int, int, str]]) -> Manners:
    """The manners of a story's people.

    :param sure: spans of words of which it is surely known who says them, with who does.
    """
    if not sure:
        return Manners()
    tokens = prose.tokens
    every = Counter(word for q in prose.quotations for word in words_of(tokens, (q.start, q.end)))
    common = dict(every.most_common(_COMMON))
    words = [(who, Counter(w for w in words_of(tokens, (a, b)) if w in common)) for a, b, who in sure]
    called = _called(prose, cast)
    names = [(who, Counter(_within(called, (a, b)))) for a, b, who in sure]
    return Manners(
        _habit(words, Counter(common), _PRIOR),
        _habit(names, Counter(name for _, name in called), _CALLED_PRIOR),
        {start: who for start, _, who in sure},
        called,
    )


def _habit(said: Iterable[tuple[str, Counter[str]]], every: Counter[str], prior: float) -> Habit:
    own: dict[str, Counter[str]] = {}
    for who, things in said:
        own.setdefault(who, Counter()).update(things)
    total = every.total()
    usage = {thing: count / total for thing, count in every.items()}
    return Habit(prior, usage, own, {who: things.total() for who, things in own.items()})


def _called(prose: Prose, cast: Cast) -> tuple[tuple[int, str], ...]:
    """Where people are named or described in talk, and what they are called there."""
    found = []
    spoken = iter(prose.quotations)
    quotation = next(spoken, None)
    for mention in cast.mentions:
        while quotation is not None and quotation.end <= mention.start:
            quotation = next(spoken, None)
        if quotation is None:
            break
        if mention.kind in ("name", "nominal") and mention.start >= quotation.start:
            found.append((mention.start, " ".join(prose.text[mention.start : mention.end].lower().split())))
    return tuple(found)


def _within(called: Sequence[tuple[int, str]], span: Span) -> list[str]:
    low, high = bisect_left(called, span[0], key=itemgetter(0)), bisect_left(called, span[1], key=itemgetter(0))
    return [name for _, name in called[low:high]]


def words_of(tokens: Tokens, span: Span) -> list[str]:
    """The words of a span in lower case, marks left out."""
    within = tokens.within(*span)
    return [word for word in tokens.lower[within.start : within.stop] if word[0].isalpha()]
