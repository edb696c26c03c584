"""Whom each mention means: one walk through the story, mention by mention."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import ages, lexicon, relatives
from unsaid.people.company import Company
from unsaid.people.fame import Fame
from unsaid.people.hearing import Hearing
from unsaid.people.kin import ELDERS, plain
from unsaid.people.memory import Kinship, Memory, Someone
from unsaid.people.names import Name
from unsaid.people.nominals import COMPARED, Nominal
from unsaid.people.pronouns import Pronoun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.characters import Naming
    from unsaid.people.layer import Overheard
    from unsaid.prose import Prose

NARRATOR = -2
"""Stands for whoever tells the story, while that is not known."""
_UNKNOWN = -1
# Held nouns that mean whoever is with the holder just now.
_FELLOWS = frozenset("companion friend partner".split())
_CALLING = frozenset("oh ah o yes no well dear my but and now come".split())
_INTRODUCING = {("i", "am"), ("name", "is"), ("my", "name's"), ("call", "me")}
# What a pronoun shows about the gender of the one it means, where it may well have meant another.
_CONTESTED = 0.6
_CLAUSES = 40  # tokens of one sentence that are looked at on either side of a pronoun
_SUBORDINATES = frozenset(
    "when while as if after before though although since because until till whenever once that which who whom where "
    "whether what how than".split()
)
_THIRD = frozenset({"he", "she", "they"})
# One description with a gender vouches for so many uses of a name.
_VOUCHED = 8
# "The grandmother" is one person's name, or nearly, from so many uses on that are so many times those of "his".
_AGAIN, _NOBODYS = 10, 2
# What it weighs to have spoken a line that no cue reports: the subject of what is told next is often its speaker. Of
# the lines of the fifteen novels looked at 19,060 come right with it (of 22,898), 19,036 without; at 0.6, 19,049.
_SPOKE = 0.9
# How many sentences "they" looks back for a group.
_STAGE = 3
# A nominal whose modifiers are of these alone picks nobody out.
_PLAIN = frozenset("young old poor good dear little other same whole own very".split())
# A nominal says nobody else by these: "the young clerk" may well stand beside another clerk.
_DEAR = _PLAIN - frozenset("young other whole".split())
_HEADS = frozenset({"mr", "sir", "monsieur", "herr", "signor", "mrs", "lady", "madame"})
_ONLY = frozenset("father mother husband wife".split())
# So much as this many passages that call someone a relation does a shared surname show it.
_BY_NAME = 2
_FAMILY = {
    # kin word: (marital form of the surname that the relation carries, gender)
    "father": ("", "m"), "husband": ("", "m"), "brother": ("", "m"), "son": ("", "m"),
    "mother": ("mrs", "f"), "wife": ("mrs", "f"), "sister": ("miss", "f"), "daughter": ("miss", "f"),
}  # fmt: skip


class Resolution(msgspec.Struct, frozen=True):
    """Who each item means (index in ``people``, -1: unknown), and who is whose relation."""

    people: tuple[Someone, ...]
    of: tuple[int, ...]
    kinships: tuple[Kinship, ...]


class _Walk:
    def __init__(
        self,
        prose: Prose,
        naming: Naming,
        known: tuple[Fame, Company],
        name_at: Sequence[int],
        ties: tuple[dict[int, int], dict[str, int]],
        hearing: Hearing,
    ) -> None:
        people = [_someone(p.gender, p.group, p.last, {form[0] for form in p.forms}) for p in naming.people]
        self.memory = Memory(prose, people, *known)
        self.named = len(people)
        self.naming, self.hearing = naming, hearing
        self.tied, self.roles = ties
        self.quoted = prose.tokens.quoted
        self.name_at = name_at
        self.at_token: dict[int, int] = {}
        self.ends_at: dict[int, int] = {}
        self.kin: dict[tuple[int, str], int] = {}
        self.told: dict[tuple[int, str], dict[int, int]] = {}
        self.kinships: list[Kinship] = []
        self.only: frozenset[str] = frozenset()
        self.introduced = (_UNKNOWN, _UNKNOWN)
        self.compared: dict[str, int] = {}
        self.nameless: dict[tuple[object, ...], int] = {}
        self.met: dict[tuple[str, int], tuple[int, frozenset[str]]] = {}
        self.holders: dict[str, list[int]] = {t: [] for t, known in lexicon.titles().items() if known.sort == "rank"}
        for i, held in enumerate(naming.people):
            for title in {form[0] for form in held.forms} & self.holders.keys():
                self.holders[title].append(i)
        self.by_surname: dict[str, list[int]] = {}
        for i, person in enumerate(people):
            if person.surname and not person.group:
                self.by_surname.setdefault(person.surname, []).append(i)

    # Names and pronouns

    def name(self, item: Name, who: int) -> int:
        quoted = self.quoted[item.first]
        self.memory.remember(who, item.first, item.last, called=bool(quoted) and self._is_called(item))
        if not quoted:
            self.memory.people[who].acts = True
        elif self._introduces(item):
            self.introduced = (who, self.memory.paragraph)
        self.ends_at[item.last] = who
        return who

    def _introduces(self, item: Name) -> bool:
        """Whether the one who speaks says that this is their name."""
        lower = self.memory.prose.tokens.lower
        before = lower[max(0, item.first - 2) : item.first]
        return before[-1:] == ("i'm",) or before in _INTRODUCING

    def _is_called(self, item: Name) -> bool:
        """Whether a name in speech stands alone between marks, as a vocative does."""
        lower = self.memory.prose.tokens.lower
        before = lower[item.first - 1] if item.first else "."
        after = lower[item.last] if item.last < len(lower) else "."
        return not after[0].isalnum() and after[0] != "'" and (not before[0].isalnum() or before in _CALLING)

    def pronoun(self, item: Pronoun) -> int:
        kind, quoted, memory = item.kind, self.quoted[item.first], self.memory
        if kind.of in ("I", "you", "we"):
            who = NARRATOR if kind.of == "I" and not quoted else _UNKNOWN
            self.at_token[item.first] = who
            return _UNKNOWN
        if kind.of == "they":
            who = self._last_group(quoted)
        else:
            gender: lexicon.Gender = "m" if kind.of == "he" else "f"
            who = self._introduced(gender) if kind.case == "subject" and not quoted else _UNKNOWN
            if who == _UNKNOWN:
                who = self.hearing.meant.get(item.start, _UNKNOWN)
                memory.rivals = True
            if who == _UNKNOWN:
                who = memory.antecedent(gender, quoted, kind.case, self._barred(item))
        self.at_token[item.first] = who
        if who >= 0:
            weight = {"subject": 1.0, "object": 0.6, "possessive": 0.5, "reflexive": 0.2}[kind.case]
            memory.remember(who, item.first, item.last, weight)
            if kind.of != "they" and memory.people[who].gender is None:
                vote = _CONTESTED if memory.rivals else 1.0
                memory.votes.setdefault(who, [0.0, 0.0])[kind.of == "she"] += vote
        return who

    def _barred(self, item: Pronoun) -> frozenset[int]:
        """Those whom a pronoun cannot mean: who is named behind it, and whoever tells the story."""
        after = self._named_after(item)
        teller = self.hearing.teller(item.start) if not self.quoted[item.first] else _UNKNOWN
        return after | {teller} if teller >= 0 else after

    def _named_after(self, item: Pronoun) -> frozenset[int]:
        """Those who are named behind a pronoun that is the subject of its sentence: "He looked at Lee" is not of Lee.

        "When he looked up, Lee smiled" may be: there the pronoun stands in a clause that goes before its own.
        """
        if item.kind.case != "subject" or self.quoted[item.first]:
            return frozenset()
        prose = self.memory.prose
        sentence = prose.sentences[self.memory.sentence]
        lower = prose.tokens.lower
        for at in range(item.first - 1, max(sentence.first, item.first - _CLAUSES) - 1, -1):
            if self.quoted[at]:
                break
            if lower[at] in _SUBORDINATES:
                return frozenset()
        last = min(sentence.last, item.last + _CLAUSES)
        end = next((t for t in range(item.last, last) if self.quoted[t]), last)
        low, high = bisect_left(self.name_at, item.last), bisect_left(self.name_at, end)
        return frozenset(self.naming.of[low:high])

    def _introduced(self, gender: lexicon.Gender) -> int:
        """The "he" of "\"I'm Simon,\" he said"."""
        (who, paragraph), self.introduced = self.introduced, (_UNKNOWN, _UNKNOWN)
        return who if who >= 0 and paragraph == self.memory.paragraph and self._agrees(who, gender) else _UNKNOWN

    def _last_group(self, quoted: int) -> int:
        memory = self.memory
        for trace in reversed(memory.recent):
            if memory.sentence - trace.sentence > _STAGE:
                break
            if memory.people[trace.who].group and trace.quoted == quoted:
                return trace.who
        return _UNKNOWN

    # Nominals

    def nominal(self, index: int, item: Nominal) -> int:
        tied = self.naming.of[self.tied[index]] if index in self.tied else _UNKNOWN
        if tied >= 0 and self._agrees(tied, item.noun.gender):
            who = tied
            self._relate(item, who)
        elif item.determination == "bare":
            who = self._bare(item)
        elif item.predicate:
            return _UNKNOWN
        elif item.head in COMPARED:
            who = self.compared.get(item.head, _UNKNOWN)
        elif item.noun.plural:
            who = self._group(item)
        elif item.determination == "held":
            who = self._held(item)
        elif item.determination == "indefinite":
            who = self._unmet(item)
            if who == _UNKNOWN:
                who = self._new(item, self._scene_key(item))
            self.memory.call(who, ages.called(item.head, item.modifiers))
        else:
            who = self._definite(item)
        if who >= 0:
            self._note(item, who, sure=who == tied)
        return who

    def _bare(self, item: Nominal) -> int:
        """ "Mother came in": the narrator's, or the one whom the story calls so."""
        kind = plain(item.head)
        if item.head in self.roles or kind not in ELDERS or self.quoted[item.first]:
            return self.roles.get(item.head, _UNKNOWN)
        who = self.kin.get((NARRATOR, kind))
        if who is None:
            who = self.kin[NARRATOR, kind] = self._new(item, (NARRATOR, kind))
        return who

    def _agrees(self, who: int, gender: lexicon.Gender | None) -> bool:
        own = self.memory.people[who].gender
        return own is None or gender is None or own == gender

    def _note(self, item: Nominal, who: int, *, sure: bool) -> None:
        memory = self.memory
        memory.remember(who, item.first, item.last)
        self.compared |= dict.fromkeys(COMPARED.intersection((*item.modifiers, item.head)), who)
        if memory.people[who].age is None and (sure or not memory.people[who].named):
            memory.people[who].age = ages.of_noun(item.head, item.modifiers)
        self.ends_at[item.last] = who
        lower = memory.prose.tokens.lower
        before = lower[item.first - 1] if item.first else ""
        after = lower[item.last] if item.last < len(lower) else ""
        if not self.quoted[item.first] and (after in lexicon.person_verbs() or before in lexicon.person_verbs()):
            memory.people[who].acts = True

    def _holder(self, item: Nominal) -> int:
        """Whose the held one is: an index, NARRATOR, or unknown."""
        if item.holder in self.at_token:
            return self.at_token[item.holder]
        return self.ends_at.get(item.holder, _UNKNOWN)

    def _relate(self, item: Nominal, who: int) -> None:
        if item.determination == "held" and item.noun.sort == "kin":
            holder = self._holder(item)
            if holder not in (_UNKNOWN, who):
                self._tell(holder, plain(item.head), who)
                if holder >= 0:
                    self.kinships.append(Kinship(who, item.head, holder, item.start, item.end))

    def _tell(self, holder: int, kind: str, who: int) -> None:
        """Keep that the text calls someone a relation; of a father or wife there is but one, whom most of it means."""
        told = self.told.setdefault((holder, kind), {})
        told[who] = told.get(who, 0) + 1
        held = self.kin.get((holder, kind))
        if kind not in _ONLY or held is None or not self.memory.people[held].named or told[who] >= told.get(held, 0):
            self.kin[holder, kind] = who

    def _held(self, item: Nominal) -> int:
        holder = self._holder(item)
        if holder == _UNKNOWN:
            return _UNKNOWN
        if item.noun.sort != "kin":
            return self._definite(item) if item.noun.sort == "person" else self._new(item, (holder, item.head))
        who = self.kin.get((holder, plain(item.head)))
        if who is None and item.head in _FELLOWS and not self.quoted[item.first]:
            other = self._other(holder, item.noun.gender)
            if other != _UNKNOWN:
                return other
        if who is None:
            who = self._family(holder, item.head)
            if who != _UNKNOWN:
                self.told[holder, plain(item.head)] = {who: _BY_NAME}
            else:
                who = self._new(item, (holder, plain(item.head)))
                if holder >= 0:
                    self.memory.people[who].label = f"\0{holder}\0{item.head}"
            self.kin[holder, plain(item.head)] = who
            if holder >= 0:
                self.kinships.append(Kinship(who, item.head, holder, item.start, item.end))
        return who

    def _other(self, holder: int, gender: lexicon.Gender | None) -> int:
        """ "His companion": whoever else is on stage."""
        memory = self.memory
        for trace in reversed(memory.recent):
            if memory.told - trace.told > _STAGE:
                break
            person = memory.people[trace.who]
            fits = person.named and not person.group and self._agrees(trace.who, gender)
            if fits and trace.who != holder and not trace.quoted:
                return trace.who
        return _UNKNOWN

    def _family(self, holder: int, head: str) -> int:
        """The relation whom a shared surname tells: the only "Mrs. X" is the wife of the only "Mr. X"."""
        if holder < 0 or plain(head) not in _FAMILY:
            return _UNKNOWN
        people = self.memory.people
        marital, gender = _FAMILY[plain(head)]
        found = [
            i
            for i in self.by_surname.get(people[holder].surname, ())
            if i != holder and people[i].gender == gender and people[i].marital == marital
        ]
        if plain(head) == "son":
            found = [i for i in found if not self._is_head(i)]
        elif len(found) > 1 and plain(head) in ("father", "husband", "mother"):
            found = [i for i in found if self._is_head(i)]
        return found[0] if len(found) == 1 else _UNKNOWN

    def _is_head(self, who: int) -> bool:
        """Whether someone is called "Mr. X" and nothing else: the elder of those who share a surname is."""
        forms = self.naming.people[who].forms
        title, parts, _ = max(forms, key=lambda form: forms[form])
        return title in _HEADS and len(parts) == 1

    def _group(self, item: Nominal) -> int:
        key: tuple[object, ...] = ("group", item.head)
        if item.determination == "held":
            holder = self._holder(item)
            if holder == _UNKNOWN:
                return _UNKNOWN
            key = ("group", item.head, holder)
        elif item.noun.sort != "kin":
            key = ("group", item.head, self.memory.scene)
        return self._find(key) if key in self.nameless else self._new(item, key, group=True)

    def _definite(self, item: Nominal) -> int:
        head, memory = item.head, self.memory
        if head in self.roles and not set(item.modifiers) - _PLAIN:
            return self.roles[head]
        if head in self.only and not item.modifiers:
            return self._new(item, ("only", head))
        if self.holders.get(head) and not item.modifiers and item.noun.sort != "person":
            return self._title_holder(head)
        key = self._scene_key(item)
        if item.noun.sort in ("role", "animal"):
            known = self.nameless.get(key, self._met(item))
            return self._new(item, (head, item.modifiers)) if known is None else known
        return self._described(item, key, memory)

    def _met(self, item: Nominal) -> int | None:
        """ "The ferryman": the one whom this scene has called "the old ferryman" last."""
        who, known = self.met.get((item.head, self.memory.scene), (None, frozenset()))
        return who if set(item.modifiers) - _DEAR <= known else None

    def _unmet(self, item: Nominal) -> int:
        """ "A duke": whoever will be "the Duke", where the story has not met him yet."""
        who = self.roles.get(item.head, _UNKNOWN)
        return who if who not in self.memory.stage and not self.quoted[item.first] else _UNKNOWN

    def _described(self, item: Nominal, key: tuple[object, ...], memory: Memory) -> int:
        """ "the girl": whoever is on stage and can be called so, else someone new."""
        who = _UNKNOWN
        called = ages.called(item.head, item.modifiers)
        if not set(item.modifiers) - _PLAIN:
            who = memory.described(item.noun.gender, called, self.quoted[item.first])
        if who == _UNKNOWN:
            met = None if key in self.nameless else self._met(item)
            who = self._new(item, key) if met is None else met
        memory.call(who, called)
        return who

    def _title_holder(self, head: str) -> int:
        holders = set(self.holders[head])
        # Whoever is only talked of is rather not the one who is there.
        holders = {who for who in holders if self.memory.people[who].acts} or holders
        for trace in reversed(self.memory.recent):
            if trace.who in holders:
                return trace.who
        return min(holders, key=lambda i: -sum(self.naming.people[i].forms.values()))

    def _scene_key(self, item: Nominal) -> tuple[object, ...]:
        return (item.head, item.modifiers) if item.marked else (item.head, item.modifiers, self.memory.scene)

    def _find(self, key: tuple[object, ...]) -> int:
        return self.nameless[key]

    def _new(self, item: Nominal, key: tuple[object, ...], *, group: bool = False) -> int:
        if key in self.nameless and item.determination != "indefinite":
            return self.nameless[key]
        people = self.memory.people
        people.append(Someone(item.noun.gender, group, named=False))
        who = len(people) - 1
        self.nameless[key] = who
        if not group:
            self.nameless[self._scene_key(item)] = who
            self.met[item.head, self.memory.scene] = who, frozenset(item.modifiers)
        return who


def _only(described: Sequence[Nominal]) -> frozenset[str]:
    """Words for a relation by which a whole story calls one person: "the grandmother", and hardly ever somebody's."""
    kin = [item for item in described if plain(item.head) in ELDERS and not item.modifiers]
    definite = Counter(item.head for item in kin if item.determination == "definite")
    held = Counter(item.head for item in kin if item.determination in ("held", "indefinite"))
    return frozenset(head for head, count in definite.items() if count >= _AGAIN and count >= _NOBODYS * held[head])


def _by_title(described: Sequence[Nominal], naming: Naming) -> frozenset[str]:
    """Ranks by which a story calls one person again and again, while whoever has the rank with a name is hardly met."""
    definite = Counter(item.head for item in described if item.determination == "definite" and not item.modifiers)
    held: Counter[str] = Counter()
    for person in naming.people:
        for title in {form[0] for form in person.forms if form[0]}:
            held[title] += sum(person.forms.values())
    return frozenset(head for head, count in definite.items() if held[head] and count >= _AGAIN * held[head])


def _someone(gender: lexicon.Gender | None, group: bool, surname: str, titles: set[str]) -> Someone:
    marital = "mrs" if titles & {"mrs", "madame", "lady"} else "miss" if "miss" in titles else ""
    return Someone(gender, group, named=True, surname=surname, marital=marital, age=ages.of_titles(titles))


def _told_gender(
    people: list[Someone], naming: Naming, items: Sequence[Name | Nominal | Pronoun], tied: dict[int, int]
) -> None:
    """ "His brother Lee" is a man, where the story does not name Lee so often that other signs would show."""
    nominals = [item for item in items if not isinstance(item, Name | Pronoun)]
    votes: dict[int, list[lexicon.Gender]] = {}
    for nominal, name in tied.items():
        gender = nominals[nominal].noun.gender
        if gender is not None:
            votes.setdefault(naming.of[name], []).append(gender)
    for who, genders in votes.items():
        often = sum(naming.people[who].forms.values()) > _VOUCHED * len(genders)
        if people[who].gender is None and len(set(genders)) == 1 and not often:
            people[who].gender = genders[0]


def walk(
    prose: Prose,
    naming: Naming,
    items: Sequence[Name | Nominal | Pronoun],
    ties: tuple[dict[int, int], dict[str, int]],
    overheard: Overheard,
) -> Resolution:
    """Resolve the mentions in ``items``, which are sorted by their first token, names and nominals in their own order.

    :param ties: by index of a nominal among the nominals, the index among the names of the name that it stands by; and
        role nouns that belong to one person, by index in ``naming.people``.
    :param overheard: who speaks, as far as a first reading tells.
    """
    called = [item for item in items if isinstance(item, Name)]
    described = [item for item in items if isinstance(item, Nominal)]
    known = Fame(prose, called, naming), Company(prose, called, naming.of, described)
    hearing = Hearing(prose, overheard, called, naming.of)
    journey = _Walk(prose, naming, known, [name.first for name in called], ties, hearing)
    journey.only = _only(described) | _by_title(described, naming)
    memory = journey.memory
    _told_gender(memory.people, naming, items, ties[0])
    of: list[int] = []
    names = nominals = 0
    for item in items:
        memory.advance(item.first, third=not isinstance(item, Pronoun) or item.kind.of in _THIRD)
        for token, who in hearing.until(item.first):
            memory.remember(who, token, token + 1, _SPOKE)
        if isinstance(item, Pronoun):
            of.append(journey.pronoun(item))
        elif isinstance(item, Name):
            of.append(journey.name(item, naming.of[names]))
            names += 1
        else:
            of.append(journey.nominal(nominals, item))
            nominals += 1
    for who, (he, she) in memory.votes.items():
        person = memory.people[who]
        if person.gender is None and max(he, she) >= 2 * min(he, she) + 1:
            person.gender = "m" if he > she else "f"
    same = relatives.identify(prose, naming, memory.people, items, of)
    same |= relatives.household(prose, memory.people, journey.kin, items, of)
    return _joined(Resolution(tuple(memory.people), tuple(of), tuple(journey.kinships)), same)


def _joined(found: Resolution, same: dict[int, int]) -> Resolution:
    """What was found, with people who turned out to be others in their place."""
    if not same:
        return found
    kinships = tuple(
        msgspec.structs.replace(kin, one=same.get(kin.one, kin.one), other=same.get(kin.other, kin.other))
        for kin in found.kinships
    )
    return Resolution(found.people, tuple(same.get(who, who) for who in found.of), kinships)
