"""The memory of a walk through the story: who is on stage, and how much.

Salience follows Lappin and Leass (1994), "An algorithm for pronominal anaphora resolution": a mention is worth more as
a subject than elsewhere, and fades with each sentence; agreement and the same-clause constraint come first.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon

if TYPE_CHECKING:
    from unsaid.prose import Prose

# Lappin and Leass's weights, in hundredths, for the roles that can be told apart without a parser.
_SUBJECT, _OBJECT, _POSSESSIVE = 1.0, 0.6, 0.55
_FADE = 0.6
# Sentences, and mentions, that a pronoun looks back over.
_SENTENCES, _MENTIONS = 8, 64
# "The girl" reaches further than "she", and rather means whoever was called so before.
_DESCRIBED_FADE, _DESCRIBED_LEAST, _CALLED = 0.8, 0.1, 3.0
# What a new scene costs, in sentences.
_BREAK = 2
# Someone without a name is rather a passer-by; someone mentioned again is more in mind.
_NAMELESS, _AGAIN = 0.5, 0.15
# A mention on the other side of a quotation mark is worth less: talk and tale are about different people.
_ACROSS = 0.35
# Who is told of beside a speech is rather the one who speaks than the one who is spoken of.
_TALKER = 0.3
# A person of no known gender is less likely than one who agrees.
_UNSURE = 0.6
_CLAUSE_MARKS = (
    frozenset(',.;:!?"“”—–()')
    | {"--", "..."}
    | frozenset(
        "and but or when while that who whom which as because if before after until though although where so".split()
    )
)
_AUXILIARIES = frozenset(
    "had has have was were is are did does do would could should might may must will shall can never always only then "
    "now just also still who".split()
)
_PREPOSITIONS = frozenset(
    "to at on in of for with by from into upon over under about after before behind beside towards toward against than "
    "near like without past around through between among".split()
)


class Someone(msgspec.Struct):
    """A person as the walk knows them; nameless ones are added on the way.

    :ivar label: what a nameless one is called by.
    :ivar acts: they do something of their own, so they are someone even if mentioned once.
    """

    gender: lexicon.Gender | None
    group: bool
    named: bool
    surname: str = ""
    marital: str = ""
    label: str = ""
    acts: bool = False


class Kinship(msgspec.Struct, frozen=True):
    """``one`` is the ``kind`` of ``other``, said at a span."""

    one: int
    kind: str
    other: int
    start: int
    end: int


class _Trace(msgspec.Struct, gc=False):
    """One past mention in memory."""

    who: int
    sentence: int
    told: int
    clause: int
    weight: float
    quoted: int
    paragraph: int


class Memory:
    """Where the walk stands, who it has met, and how salient each one is."""

    def __init__(self, prose: Prose, people: list[Someone]) -> None:
        self.prose, self.people = prose, people
        self.recent: deque[_Trace] = deque(maxlen=_MENTIONS)
        self.called: dict[tuple[str, str], dict[int, int]] = {}
        self.votes: dict[int, list[int]] = {}
        self.sentence = self.paragraph = self.clause = self.scene = 0
        # Sentences of narrative so far: talk between them makes nobody fade.
        self.told = 0
        self.told_in = -1
        self.at = 0

    def advance(self, first: int) -> None:
        """Move to token ``first``: count sentences, clauses and scenes on the way."""
        prose, lower = self.prose, self.prose.tokens.lower
        sentences, paragraphs = prose.sentences, prose.paragraphs
        while self.sentence + 1 < len(sentences) and sentences[self.sentence + 1].first <= first:
            self.sentence += 1
        while self.paragraph + 1 < len(paragraphs) and paragraphs[self.paragraph + 1].first <= first:
            self.paragraph += 1
            after = paragraphs[self.paragraph]
            if after.after_break or after.chapter != paragraphs[self.paragraph - 1].chapter:
                self.scene += 1
                self.told += _BREAK
        for i in range(self.at, first):
            if lower[i] in _CLAUSE_MARKS:
                self.clause += 1
        self.at = max(self.at, first)
        if self.told_in != self.sentence and not prose.tokens.quoted[first]:
            self.told_in = self.sentence
            self.told += 1

    def remember(self, who: int, first: int, last: int, weight: float | None = None) -> None:
        """Put a mention into memory with the weight of its role."""
        if weight is None:
            weight = self.role(first, last)
        quoted = self.prose.tokens.quoted[first]
        self.recent.append(_Trace(who, self.sentence, self.told, self.clause, weight, quoted, self.paragraph))

    def role(self, first: int, last: int) -> float:
        """The weight of a mention by what stands beside it."""
        lower = self.prose.tokens.lower
        before = lower[first - 1] if first else "."
        after = lower[last] if last < len(lower) else "."
        if after == "'s":
            return _POSSESSIVE
        if before in _PREPOSITIONS:
            return _OBJECT * 0.8
        if after in lexicon.person_verbs() or after in _AUXILIARIES or after.endswith("ed"):
            return _SUBJECT
        if before in lexicon.person_verbs():
            return _SUBJECT if self.prose.tokens.quoted[max(0, first - 2)] else _OBJECT
        return _SUBJECT * 0.9 if before in _CLAUSE_MARKS else _OBJECT

    def fits(self, who: int, gender: lexicon.Gender | None) -> float:
        """How well a person agrees with a pronoun's gender: 0 not at all, 1 fully."""
        person = self.people[who]
        if person.group:
            return 0.0
        if person.gender is None:
            votes = self.votes.get(who)
            if votes and votes[0] != votes[1] and max(votes) >= 2:
                return 0.9 if (votes[0] > votes[1]) == (gender == "m") else 0.1
            return _UNSURE
        return 1.0 if person.gender == gender else 0.0

    def antecedent(self, gender: lexicon.Gender, quoted: int, *, bound: bool) -> int:
        """The most salient person who agrees, or -1.

        :param bound: the pronoun is an object: nobody of the same clause can be meant.
        """
        scores: dict[int, float] = {}
        barred: set[int] = set()
        for trace in reversed(self.recent):
            distance = (self.sentence - trace.sentence) if quoted else (self.told - trace.told)
            if distance > _SENTENCES:
                break
            if bound and trace.clause == self.clause and trace.sentence == self.sentence:
                barred.add(trace.who)
                continue
            fit = self.fits(trace.who, gender)
            if fit:
                worth = trace.weight * fit * _FADE**distance
                if trace.quoted != quoted:
                    worth *= _ACROSS * (_TALKER if quoted and trace.paragraph == self.paragraph else 1)
                if not self.people[trace.who].named:
                    worth *= _NAMELESS
                scores[trace.who] = max(scores.get(trace.who, 0.0), worth) + _AGAIN * worth
        for who in barred:
            scores.pop(who, None)
        return max(scores, key=lambda w: scores[w]) if scores else -1

    def described(self, gender: lexicon.Gender, called: tuple[str, str], quoted: int) -> int:
        """Whom "the girl" means: the most salient woman on stage, rather one whom the story has called a girl; or -1.

        :param called: the noun, and "old" or "young" where that is said.
        """
        scores: dict[int, float] = {}
        barred: set[int] = set()
        before = self.called.get(called, {})
        total = sum(before.values()) + 1
        for trace in reversed(self.recent):
            distance = (self.sentence - trace.sentence) if quoted else (self.told - trace.told)
            if distance > 2 * _SENTENCES:
                break
            if trace.clause == self.clause and trace.sentence == self.sentence:
                barred.add(trace.who)
            fit = self.fits(trace.who, gender)
            known = before.get(trace.who, 0)
            if fit and trace.who not in barred and (known or self.people[trace.who].named):
                worth = trace.weight * fit * _DESCRIBED_FADE**distance * (1 + _CALLED * known / total)
                if trace.quoted != quoted:
                    worth *= _ACROSS
                scores[trace.who] = max(scores.get(trace.who, 0.0), worth)
        best = max(scores, key=lambda w: scores[w], default=-1)
        return best if best >= 0 and scores[best] >= _DESCRIBED_LEAST else -1

    def call(self, who: int, called: tuple[str, str]) -> None:
        """Keep that the story has called someone so."""
        known = self.called.setdefault(called, {})
        known[who] = known.get(who, 0) + 1
