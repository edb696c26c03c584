"""What a story shows about its name forms: how often, in whose company, and to whom they are linked so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from unsaid.lexica import finite_forms
from unsaid.people import lexicon
from unsaid.people.gender import gender_of
from unsaid.people.usage import opens_note

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from unsaid.people.names import Name
    from unsaid.prose import Prose

Form = tuple[str, tuple[str, ...], bool]
"""A name as written, mentions taken together: title, parts, article."""

# Names of one sentence are compared with so many that follow, within so many tokens.
_NEIGHBOURS, _APART = 4, 30
# Of those who share a first name or a surname, the most named are enough to choose from.
_MOST_SHARING = 60
# Pronouns that must agree before a name is given a gender by them, unless the name itself is rare.
_VOTES = 3
# Of a name that is used no more often than this, two pronouns suffice if none contradicts.
_SELDOM = 12
_DOUBTLESS, _OVERWHELMING = 8, 9
_SCENE = 150
"""Two names of one person that a narrator mixes stand within so many tokens of each other."""
OFTEN = 4
"""A name that the narrative says this often is one that it would say again of the same person."""
DWARFED = 10
"""What is used more than so many times as often leaves something else hardly any weight."""
RARELY = 4
"""A name that is used no more often than this is rare."""


class Draft:
    """A person under construction: forms gather as they are linked.

    :ivar wife: ``first`` is her husband's ("Mrs. Tom Hill"), so that the bare name is his.
    """

    def __init__(self, first: str = "", last: str = "", gender: lexicon.Gender | None = None) -> None:
        self.first, self.last, self.gender = first, last, gender
        self.forms: set[Form] = set()
        self.wife = False

    @property
    def titles(self) -> set[str]:
        """The titles that the forms stand with."""
        return {form[0] for form in self.forms if form[0]}


class Book:
    """What the story shows about its name forms: counts, company, and the drafts they are linked to."""

    def __init__(self, names: Sequence[Name], prose: Prose, leaning: dict[Form, tuple[int, int]]) -> None:
        self.leaning = leaning
        self.count: Counter[Form] = Counter(n.form for n in names)
        self.told: Counter[Form] = Counter(
            n.form for n in names if not prose.tokens.quoted[n.first] and not opens_note(prose, n.first, n.last)
        )
        self._places: defaultdict[Form, list[int]] = defaultdict(list)
        for name in names:
            if not prose.tokens.quoted[name.first]:
                self._places[name.form].append(name.first)
        self.together = company(names, prose) + _exchanges(names, prose)
        self.links: dict[Form, list[Draft]] = {}
        self.by_first: defaultdict[str, list[Draft]] = defaultdict(list)
        self.by_last: defaultdict[str, list[Draft]] = defaultdict(list)

    def new(self, form: Form, first: str = "", last: str = "", gender: lexicon.Gender | None = None) -> Draft:
        """A new draft that the form is the first of, found again by first name and surname."""
        draft = Draft(first, last, gender)
        self.link(form, [draft])
        if first and len(self.by_first[first]) < _MOST_SHARING:
            self.by_first[first].append(draft)
        if last and len(self.by_last[last]) < _MOST_SHARING:
            self.by_last[last].append(draft)
        return draft

    def link(self, form: Form, drafts: list[Draft]) -> None:
        """Say whose form it is: one draft's, or one of several drafts' that share it."""
        self.links[form] = drafts
        for draft in drafts:
            draft.forms.add(form)
        title = lexicon.titles().get(form[0])
        if title is not None and len(drafts) == 1:
            drafts[0].gender = drafts[0].gender or title.gender

    def lean(self, forms: Collection[Form]) -> lexicon.Gender | None:
        """The gender that pronouns near the forms show."""
        he = sum(self.leaning.get(f, (0, 0))[0] for f in forms)
        she = sum(self.leaning.get(f, (0, 0))[1] for f in forms)
        uses = sum(self.count[f] for f in forms)
        few = uses <= RARELY or (uses <= _SELDOM and not (he and she))
        if he + she < (2 if few else _VOTES):
            return None
        if he >= 2 * she and he:
            return "m"
        return "f" if she >= 2 * he and she else None

    def gender(self, form: Form) -> lexicon.Gender | None:
        """The gender of a name without a title: what the pronouns near it show beyond doubt, then what it says itself,
        then what the pronouns rather show.

        Doubtless is eight pronouns to one that contradicts, or none: so told, a "Lou", a "Georgie" and a "Patsy" of
        LitBank's novels are men, and no first name goes wrong ("Paul" has six of "she" and none of "he" in one).
        """
        first: Form = ("", form[1][:1], False)
        votes = [self.leaning.get(f, (0, 0)) for f in {form, first}]
        he, she = sum(v[0] for v in votes), sum(v[1] for v in votes)
        if max(he, she) >= _DOUBTLESS and max(he, she) >= _OVERWHELMING * min(he, she):
            return "m" if he > she else "f"
        return gender_of(form) or self.lean([form])

    def apart(self, form: Form, draft: Draft) -> bool:
        """Whether the form and the draft's own forms act together, so that they are two people."""
        return any(self.together[pair(form, other)] >= 2 for other in draft.forms if other[1] != form[1])

    def mixing(self, a: Form, b: Form) -> float:
        """How readily the narrative goes from one form to the other in a scene: changes for each use of the rarer form.

        On the development novels two names of one man, each told four times or more, change at 0.25 to 1.0 (one at 0);
        those of two men ("Tom" and his father "Mr. X") at 0 to 0.05.
        """
        places = sorted([(at, 0) for at in self._places[a]] + [(at, 1) for at in self._places[b]])
        changes = sum(one[1] != other[1] and other[0] - one[0] < _SCENE for one, other in pairwise(places))
        return changes / max(1, min(len(self._places[a]), len(self._places[b])))

    def weight(self, draft: Draft) -> int:
        """How many mentions the draft's forms have."""
        return sum(self.count[f] for f in draft.forms)


def pair(a: Form, b: Form) -> tuple[Form, Form]:
    """The two forms as a key that does not depend on their order."""
    return (a, b) if a <= b else (b, a)


def company(names: Sequence[Name], prose: Prose) -> Counter[tuple[Form, Form]]:
    """How often two forms stand in one sentence of narrative, where a narrator rarely names one person twice."""
    together: Counter[tuple[Form, Form]] = Counter()
    quoted = prose.tokens.quoted
    told = [n for n in names if not quoted[n.first]]
    at = [prose.sentence_at(n.start) for n in told]
    for i, one in enumerate(told):
        for k in range(i + 1, min(i + 1 + _NEIGHBOURS, len(told))):
            other = told[k]
            if at[k] != at[i] or other.first - one.last > _APART:
                break
            together[pair(one.form, other.form)] += 1
    return together


def _exchanges(names: Sequence[Name], prose: Prose) -> Counter[tuple[Form, Form]]:
    """How often two forms are the cues of two turns in a row: nobody answers themself."""
    speech = finite_forms("speech_verbs")
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    spoken = {q.paragraph for q in prose.quotations}
    cued: dict[int, set[Form]] = {}
    for name in names:
        if quoted[name.first] or not speech.intersection(
            (*lower[max(0, name.first - 1) : name.first], *lower[name.last : name.last + 1])
        ):
            continue
        paragraph = prose.paragraph_at(name.start)
        if paragraph in spoken:
            cued.setdefault(paragraph, set()).add(name.form)
    together: Counter[tuple[Form, Form]] = Counter()
    for paragraph, forms in cued.items():
        answer = cued.get(paragraph + 1, set())
        if len(forms) == len(answer) == 1 and forms != answer:
            together[pair(*forms, *answer)] += 1
    return together
