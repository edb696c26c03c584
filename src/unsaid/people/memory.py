"""The memory of a walk through the story: who is on stage, and how much.

Salience follows Lappin and Leass (1994), "An algorithm for pronominal anaphora resolution": a mention is worth more as
a subject than elsewhere, and fades with each sentence; agreement and the same-clause constraint come first.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import ages, lexicon
from unsaid.people.salience import SUBJECT, Ask, Presence, faded, salience

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from unsaid.people.company import Company
    from unsaid.people.fame import Fame
    from unsaid.people.pronouns import Case
    from unsaid.prose import Prose

# Lappin and Leass's weights, in hundredths, for the roles that can be told apart without a parser.
_SUBJECT, _OBJECT, _POSSESSIVE = 1.0, 0.6, 0.55
# Sentences, and mentions, that a pronoun looks back over.
_SENTENCES, _MENTIONS = 8, 64
# "The girl" reaches further than "she", and rather means whoever was called so before.
_DESCRIBED_FADE, _DESCRIBED_LEAST, _CALLED = 0.8, 0.1, 3.0
# ... and whoever has no name and was called much the same: with 1.5 thirteen lines more of the stories that may be read
# come right, of 9,270, and one of the novels'.
_LIKE = 1.5
_ALIKE = (
    frozenset("boy girl child kid lad lass youngster teen teenager schoolboy schoolgirl toddler".split()),
    frozenset("man woman gentleman lady fellow guy bloke chap stranger figure newcomer".split()),
)
# What a new scene costs, in sentences.
_BREAK = 2
# A mention on the other side of a quotation mark is worth less: talk and tale are about different people.
_ACROSS = 0.35
# A person of no known gender is less likely than one who agrees.
_UNSURE = 0.6
# Pronouns that agree before they count; how much they weigh against someone whom they contradict.
_VOTES, _AGAINST = 2, 3.5
_CLAUSE_MARKS = (
    frozenset(',.;:!?"“”—–()')
    | {"--", "..."}
    | frozenset(
        "and but or when while that who whom which as because if before after until though although where so".split()
    )
)
_AUXILIARIES = lexicon.AUXILIARIES | {"who"}
_PREPOSITIONS = frozenset(
    "to at on in of for with by from into upon over under about after before behind beside towards toward against than "
    "near like without past around through between among".split()
)


class Someone(msgspec.Struct):
    """A person as the walk knows them; nameless ones are added on the way.

    :ivar label: what a nameless one is called by.
    :ivar age: what titles and descriptions so far say.
    :ivar acts: they do something of their own, so they are someone even if mentioned once.
    """

    gender: lexicon.Gender | None
    group: bool
    named: bool
    surname: str = ""
    marital: str = ""
    label: str = ""
    acts: bool = False
    age: ages.Age | None = None


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

    def __init__(self, prose: Prose, people: list[Someone], fame: Fame, company: Company) -> None:
        self.prose, self.people, self.fame, self.company = prose, people, fame, company
        # Who was mentioned, in the order of their last mentions.
        self.stage: dict[int, Presence] = {}
        self.order = 0
        # Whether the last pronoun could have meant someone whose gender is known to agree.
        self.rivals = False
        self.recent: deque[_Trace] = deque(maxlen=_MENTIONS)
        self.called: dict[tuple[str, str], dict[int, int]] = {}
        self.votes: dict[int, list[float]] = {}
        self.sentence = self.paragraph = self.clause = self.scene = 0
        # Sentences of narrative so far: talk between them makes nobody fade.
        self.told = 0
        self.told_in = -1
        self.at = 0

    def advance(self, first: int, *, third: bool) -> None:
        """Move to token ``first``: count sentences, clauses and scenes on the way.

        :param third: a third person is mentioned there; what "I" tell of myself makes nobody else fade.
        """
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
        if third and self.told_in != self.sentence and not prose.tokens.quoted[first]:
            self.told_in = self.sentence
            self.told += 1

    def remember(self, who: int, first: int, last: int, weight: float | None = None, *, called: bool = False) -> None:
        """Put a mention into memory with the weight of its role.

        :param weight: None for what is no pronoun: its role is told by what stands beside it.
        :param called: the mention is a vocative.
        """
        pronoun = weight is not None
        if weight is None:
            weight = self.role(first, last)
        quoted = self.prose.tokens.quoted[first]
        self.recent.append(_Trace(who, self.sentence, self.told, self.clause, weight, quoted, self.paragraph))
        before = self.stage.pop(who, None)
        here = before is not None and before.scene == self.scene
        self.order += 1
        self.stage[who] = Presence(
            told=self.told,
            sentence=self.sentence,
            clause=self.clause,
            paragraph=self.paragraph,
            role=weight,
            spoken=bool(quoted),
            pronoun=pronoun,
            activity=weight + (faded(before.activity, self.told - before.told) if before is not None else 0.0),
            seen=max(0.0 if quoted else weight, faded(before.seen, self.told - before.told) if before else 0.0),
            heard=max(weight if quoted else 0.0, faded(before.heard, self.told - before.told) if before else 0.0),
            times=1 + (before.times if before is not None and here else 0),
            acts=(weight >= SUBJECT and not quoted) + (before.acts if before is not None and here else 0),
            scene=self.scene,
            order=self.order,
            called=called,
        )

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

    def doubt(self, who: int, gender: lexicon.Gender | None) -> float | None:
        """How unsure it is that a person agrees with a pronoun's gender: 0 not at all; None: they do not."""
        person = self.people[who]
        if person.group:
            return None
        if gender is None:
            return 0.0
        if person.gender is None:
            votes = self.votes.get(who)
            if votes and votes[0] != votes[1] and max(votes) >= _VOTES:
                return 0.0 if (votes[0] > votes[1]) == (gender == "m") else _AGAINST
            return 1.0
        return 0.0 if person.gender == gender else None

    def antecedent(self, gender: lexicon.Gender, quoted: int, case: Case, barred: Collection[int] = ()) -> int:
        """Whom a pronoun means: whoever agrees and has most for them, or -1.

        :param barred: those whom it cannot mean.
        """
        ask = Ask(self.told, self.sentence, self.clause, self.paragraph, case, bool(quoted), self.scene, self.order)
        best, most, agreeing = -1, float("-inf"), 0
        chief = self.fame.chief(self.scene, gender)
        for who, presence in self._within(ask):
            if who == chief:
                chief = -1
            if who in barred:
                continue
            person = self.people[who]
            if case == "object" and presence.sentence == ask.sentence and presence.clause == ask.clause:
                continue
            doubt = self.doubt(who, gender)
            if doubt is not None:
                local, fame = self.fame.of(who, self.scene)
                worth = salience(presence, ask, doubt, person.named, local, fame)
                agreeing += doubt == 0.0
                if worth > most:
                    best, most = who, worth
        if chief >= 0 and chief not in barred:
            local, fame = self.fame.of(chief, self.scene)
            if salience(None, ask, 0.0, True, local, fame) > most:
                best = chief
        self.rivals = agreeing > 0
        return best

    def _within(self, ask: Ask) -> Iterator[tuple[int, Presence]]:
        """Those who were mentioned not too far back, the last first."""
        for who in reversed(self.stage):
            presence = self.stage[who]
            distance = (ask.sentence - presence.sentence) if ask.quoted else (ask.told - presence.told)
            if distance > _SENTENCES:
                return
            yield who, presence

    def described(self, gender: lexicon.Gender | None, called: tuple[str, str], quoted: int) -> int:
        """Whom "the girl" means: the most salient woman on stage, rather one whom the story has called a girl; or -1.

        :param called: the noun, and "old" or "young" where that is said.
        """
        scores: dict[int, float] = {}
        barred: set[int] = set()
        before = self.called.get(called, {})
        total = sum(before.values()) + 1
        alike = self._alike(called)
        age = ages.of_noun(called[0], called[1:])
        for trace in reversed(self.recent):
            distance = (self.sentence - trace.sentence) if quoted else (self.told - trace.told)
            if distance > 2 * _SENTENCES:
                break
            if trace.clause == self.clause and trace.sentence == self.sentence:
                barred.add(trace.who)
            doubt = self.doubt(trace.who, gender)
            known = before.get(trace.who, 0)
            person = self.people[trace.who]
            like = not known and not person.named and any(trace.who in so for so in alike)
            if (
                doubt is not None
                and trace.who not in barred
                and (known or like or (gender and person.named and not ages.clash(person.age, age)))
            ):
                rather = _LIKE if like else 1 + _CALLED * known / total
                worth = trace.weight * _UNSURE**doubt * _DESCRIBED_FADE**distance * rather
                if trace.quoted != quoted:
                    worth *= _ACROSS
                worth *= self.company.allows(trace.who, called)
                scores[trace.who] = max(scores.get(trace.who, 0.0), worth)
        best = max(scores, key=lambda w: scores[w], default=-1)
        return best if best >= 0 and scores[best] >= _DESCRIBED_LEAST else -1

    def _alike(self, called: tuple[str, str]) -> list[dict[int, int]]:
        """Whom the story has called much the same, by what: "a kid" may be "the boy"."""
        kinds = [kind for kind in _ALIKE if called[0] in kind]
        return [
            known
            for (head, age), known in self.called.items()
            if (age == called[1] or "" in (age, called[1])) and any(head in kind for kind in kinds)
        ]

    def call(self, who: int, called: tuple[str, str]) -> None:
        """Keep that the story has called someone so."""
        known = self.called.setdefault(called, {})
        known[who] = known.get(who, 0) + 1
