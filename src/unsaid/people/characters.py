"""Names to characters: which names are one person's."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.people.forms import DWARFED, OFTEN, Book, Draft, Form, pair
from unsaid.people.gender import gender_of
from unsaid.people.nicknames import maiden_names, misspelt, peers, pet_names, ranks, usernames
from unsaid.people.shared import BACK, Shared, kept_in_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.names import Name
    from unsaid.prose import Prose

_FIRST_TITLES = frozenset("sir lady lord dame master saint king queen prince princess".split())
# With these goes the full first name: "Tom Hill" is rather the son of "Sir Thomas Hill".
_KNIGHTED = frozenset("sir dame lady lord".split())
_PEERS = frozenset("sir lord king prince duke count".split())
_MARRIED = frozenset("mrs madame frau signora señora widow".split())
_UNMARRIED = frozenset("miss mademoiselle fräulein signorina señorita".split())
# On the Continent whoever has a rank is called so, too: "Madame Vronska" is Countess Vronska.
_CONTINENTAL = frozenset("monsieur madame signor signora señor señora herr frau".split())
# Whoever has the one of these is as often called by the other.
_LEARNED = frozenset("doctor professor".split())
_PARTICLES = frozenset("de du des von van der den di da del la le of".split())
# No name that is a part of a longer one has more words.
_LONGEST = 8
# Below so many changes for each use, two names are kept apart by the narrative; see Book.mixing.
_MIXED = 0.1
# Two who share a sentence in this part of the rarer one's uses are two ("Lucy", "Miss Steele": 0.20; one person: 0.05).
_COMPANY = 0.1
_COMPANIONS = 2
# Of a surname and a first name that are two men's (three pairs in LitBank's novels) 0.06 to 0.22 of the rarer one's
# uses stand in a sentence with the other, 16 or more; of one man's (thirteen pairs) up to 0.04.
_BESIDE, _OFTEN_BESIDE = 0.045, 5


class Person(msgspec.Struct, frozen=True):
    """A named person, before mentions without a name are added.

    :ivar forms: how often each form of the name is used for this person.
    :ivar gender: what titles, first names and use say, None where they are silent or at odds.
    :ivar group: a family or pair under one name ("the Lucases").
    """

    forms: dict[Form, int]
    gender: lexicon.Gender | None
    first: str
    last: str
    group: bool


class Naming(msgspec.Struct, frozen=True):
    """Who each name mention names: ``of[i]`` is the index in ``people`` of mention ``i``."""

    people: tuple[Person, ...]
    of: tuple[int, ...]


def group(names: Sequence[Name], prose: Prose, leaning: dict[Form, tuple[int, int]]) -> Naming:
    """Put the name mentions of one person together.

    :param leaning: for each form, how often "he" and how often "she" follows close.
    """
    book = Book(names, prose, leaning)
    forms = sorted(book.count, key=lambda f: (-book.count[f], f))
    bare = [f for f in forms if not f[0] and not f[2] and len(_core(f[1])) == 1 and not _is_rank(f[1])]
    _full_names(book, [f for f in forms if not f[2] and len(_core(f[1])) > 1])
    maiden_names(book)
    _with_article(book, [f for f in forms if f[2]])
    titled = [f for f in forms if f[0] and len(_core(f[1])) == 1]
    firsts = {f[1][0] for f in bare}
    _shortened(book, titled)
    titled = [f for f in titled if f not in book.links]
    _surnames(book, [f for f in titled if not _calls_by_first(book, f, firsts)])
    _bare(book, bare)
    _first_with_title(book, [f for f in titled if f not in book.links])
    peers(book, [f for f in forms if f[2]])
    misspelt(book)
    for _ in range(2):  # "Lizzy" may have to wait until "Eliza" is Elizabeth
        pet_names(book, bare)
    usernames(book, bare)
    return _settle(book, names)


def _is_rank(parts: tuple[str, ...]) -> bool:
    title = lexicon.titles().get(parts[0])
    return len(parts) == 1 and title is not None and title.sort == "rank"


def _core(parts: tuple[str, ...]) -> tuple[str, ...]:
    core = tuple(p for p in parts if p not in _PARTICLES)
    # "E. Gardiner" says no more than the surname does.
    return core[-1:] if core and all(len(p) == 1 for p in core[:-1]) else core or parts


def _full_names(book: Book, forms: list[Form]) -> None:
    for form in forms:
        core = _core(form[1])
        first, last = core[0], core[-1]
        gender = book.gender(form) if not form[0] else gender_of(form) or book.lean([form])
        wife = _by_husband(book, form)
        same = [
            d
            for d in book.by_last[last]
            if _same_first(first, d.first)
            and (first == d.first or not _KNIGHTED & {form[0], *d.titles})
            and d.wife == wife
            and not _namesakes(book, form, d)
            and (not gender or not d.gender or gender == d.gender)
        ]
        if same:
            book.link(form, same[:1])
            same[0].gender = same[0].gender or gender
        elif wife:
            draft = book.new(form, "", last, gender)
            draft.first, draft.wife = first, True
        else:
            book.new(form, first, last, gender)


def _by_husband(book: Book, form: Form) -> bool:
    """Whether a wife is called by her husband's name ("Mrs. Tom Hill"), not by her own ("Mrs. Ann Hill")."""
    name = form[1][:1]
    given = lexicon.first_names().get(name[0])
    return form[0] in _MARRIED and "f" not in (given, book.lean([("", name, False), ("", form[1], False)]))


def _namesakes(book: Book, form: Form, draft: Draft) -> bool:
    """Whether "Tom X" and "Thomas X" are two: the narrator keeps to one full name for one person."""
    others = [f for f in draft.forms if not f[0] and f[1][0] != form[1][0]]
    return not form[0] and book.told[form] >= OFTEN and any(book.told[f] >= OFTEN for f in others)


def _same_first(a: str, b: str) -> bool:
    """Whether two first names before one surname can be one person's ("J." and "Jack", "Jack" and "John")."""
    if not a or not b:
        return False
    if min(len(a), len(b)) == 1:
        return a[0] == b[0]
    pets = lexicon.hypocorisms()
    return a == b or a in pets.get(b, ()) or b in pets.get(a, ())


def _with_article(book: Book, forms: list[Form]) -> None:
    """ "the Hatter", "the March Hare"; "the Admiral" is whoever has that title."""
    longer: defaultdict[tuple[str, ...], list[Form]] = defaultdict(list)  # by what they end or begin with
    for form in sorted(forms, key=lambda f: (-len(f[1]), -book.count[f], f)):
        parts = form[1]
        if _is_rank(parts):
            continue
        whole = longer[parts]
        plain = ("", parts, False)
        if len(whole) == 1:
            book.link(form, book.links[whole[0]])
        elif plain in book.links:
            book.link(form, book.links[plain])
        else:
            book.new(form, gender=gender_of(form))
        for short in _ends_and_beginnings(parts):
            longer[short].append(form)


def _ends_and_beginnings(parts: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The shorter names that a name ends with, or that it begins with before an "of"."""
    inside = range(1, min(len(parts), _LONGEST))
    return {parts[-n:] for n in inside} | {parts[:n] for n in inside if parts[n] == "of"}


def _shortened(book: Book, titled: list[Form]) -> None:
    """ "Mrs. Ann" where "Mrs. Ann Hill" stands in full: the first name, whosever it is, with the same title."""
    full: defaultdict[tuple[str, str], dict[int, Draft]] = defaultdict(dict)
    for form, drafts in book.links.items():
        if form[0] and not form[2]:
            full[form[0], form[1][0]].update({id(d): d for d in drafts})
    for form in titled:
        drafts = list(full[form[0], form[1][0]].values())
        if form[1][0] in lexicon.first_names() and form[1][0] not in book.by_last and len(drafts) == 1:
            book.link(form, drafts)


def _calls_by_first(book: Book, form: Form, bare_firsts: set[str]) -> bool:
    """Whether a title stands before a first name here ("Miss Jane", "Uncle Toby", "Sir Walter")."""
    title, (name, *_) = form[0], form[1]
    kin = lexicon.titles()[title].sort == "kin"
    if name in book.by_last and name not in book.by_first:
        return False
    if name in book.by_first and title in _CONTINENTAL:
        return True  # "Monsieur Alain", "Signora Emilia"
    if name in book.by_first and not kin and title not in _FIRST_TITLES | _UNMARRIED:
        # "Mr. Harry" is what a servant says now and then; a surname is what everyone says.
        return lexicon.titles()[title].sort == "plain" and book.count[form] * 10 <= book.count["", (name,), False]
    if name in book.by_first:
        return True
    return (kin or title in _FIRST_TITLES or title in _UNMARRIED) and (
        name in lexicon.first_names() and (name in bare_firsts or kin)
    )


def _slot(title: str) -> str:
    if title in _MARRIED:
        return "mrs"
    if title in _UNMARRIED:
        return "miss"
    gender = lexicon.titles()[title].gender
    return "lady" if gender == "f" else "m"


def _surnames(book: Book, forms: list[Form]) -> None:
    """ "Mr. X", "Mrs. X", "Miss X": one person for each of a surname's slots."""
    slots: dict[tuple[str, str], Draft] = {}
    order = {"m": 0, "miss": 1, "mrs": 2, "lady": 3}
    for form in sorted(forms, key=lambda f: (order[_slot(f[0])], -book.count[f], f)):
        title, surname = form[0], _core(form[1])[-1]
        slot = _slot(title)
        taken = slots.get((surname, slot))
        if taken is None and slot == "lady":
            taken = slots.get((surname, "mrs"))
        if taken is not None and not book.apart(form, taken) and not _rival_titles(book, form, taken):
            book.link(form, [taken])
            continue
        candidates = _bearers(book, form, slot, slots)
        if slot == "miss" and len(candidates) > 1:
            candidates = _eldest(book, form, candidates)
            book.link(form, candidates)
            slots[surname, slot] = candidates[0]
        elif len(best := _foremost(book, title, candidates)) == 1:
            book.link(form, best)
            slots[surname, slot] = best[0]
        else:
            slots[surname, slot] = book.new(
                form, last=surname, gender="f" if slot != "m" else _title_gender(book, form)
            )


def _foremost(book: Book, title: str, drafts: list[Draft]) -> list[Draft]:
    """Those most likely to bear a title: who has it already, then the most named; several where nothing tells."""

    def rank(draft: Draft) -> tuple[bool, int, int]:
        told = sum(book.told[f] for f in draft.forms)
        return title in draft.titles, book.weight(draft), told

    most = max(map(rank, drafts), default=None)
    return [d for d in drafts if rank(d) == most]


def _title_gender(book: Book, form: Form) -> lexicon.Gender | None:
    return lexicon.titles()[form[0]].gender or book.lean([form])


def _rival_titles(book: Book, form: Form, draft: Draft) -> bool:
    """Whether two men of one surname are told apart by title ("Captain X" and his brother "Mr. X")."""
    if form[0] in draft.titles:
        return False
    if form[0] == "mr" and draft.titles & _PEERS:
        return True
    if form[0] in _CONTINENTAL or draft.titles <= _CONTINENTAL:
        return False
    if {form[0], *draft.titles} <= _LEARNED:
        return False
    rivals = [f for f in draft.forms if f[0] and f[0] != form[0] and f[1][-1] == form[1][-1]]
    if _told_by_title(book, form) >= OFTEN and any(_told_by_title(book, f) >= OFTEN for f in rivals):
        return True
    return any(book.together[pair(form, other)] >= 2 for other in draft.forms if other[0] and other[1] == form[1])


def _told_by_title(book: Book, form: Form) -> int:
    """How often the narrative says a form, or its rank alone ("the Admiral")."""
    alone = book.told["", (form[0],), True] if lexicon.titles()[form[0]].sort == "rank" else 0
    return book.told[form] + (alone if book.told[form] else 0)


def _bearers(book: Book, form: Form, slot: str, slots: dict[tuple[str, str], Draft]) -> list[Draft]:
    """Those with a full name to whom a title with the surname can belong."""
    surname = _core(form[1])[-1]
    gender: lexicon.Gender = "m" if slot == "m" else "f"
    if lexicon.titles()[form[0]].gender is None:
        gender = book.lean([form]) or gender
    found = [d for d in book.by_last[surname] if d.first and d.gender in (gender, None) and not book.apart(form, d)]
    if slot == "mrs":
        unmarried = slots.get((surname, "miss"))
        found = [d for d in found if d is not unmarried and not _is_unmarried(book, d)]
        found = [d for d in found if form[0] in d.titles or not _often(book, form, d) or _mixes(book, form, d)]
    if slot == "miss":
        found = [d for d in found if not d.titles & _MARRIED and not _act_together(book, form, d)]
    else:
        found = [d for d in found if not _clash(book, form, d) or _mixes(book, form, d)]
        found = [d for d in found if not _rival_titles(book, form, d)]
        if form[0] == "lady":  # "Lady Hill" is Miss Ann Hill's mother
            found = [d for d in found if not d.titles & _UNMARRIED]
    return found


def _is_unmarried(book: Book, draft: Draft) -> bool:
    """Whether somebody is called Miss, with whichever of her names."""
    return bool(draft.titles & _UNMARRIED) or any(book.count[t, (draft.first,), False] for t in _UNMARRIED)


def _clash(book: Book, form: Form, draft: Draft) -> bool:
    """Whether the narrative often says a first name and the other form, and either has both in one sentence or, unless
    it mostly says the bare surname, keeps them to different scenes."""
    if not _often(book, form, draft):
        return False
    first: Form = ("", (draft.first,), False)
    bare: Form = ("", form[1], False)
    if book.together[pair(form, first)] > 0 or _beside(book, bare, draft):
        return True
    return book.told[bare] <= book.told[form] and book.mixing(form, first) < _MIXED


def _mixes(book: Book, form: Form, draft: Draft) -> bool:
    """Whether the narrative, which rather says the full name than the first, goes from it to the other form and back,
    and yet never has the two in one sentence."""
    first, full = (("", parts, False) for parts in ((draft.first,), (draft.first, *form[1])))
    if book.told[full] <= book.told[first] or any(book.together[pair(form, f)] for f in (first, full)):
        return False
    return book.mixing(form, full) >= _MIXED


def _act_together(book: Book, form: Form, draft: Draft) -> bool:
    """Whether "Miss X" and the bare first name share sentences more often than by chance: then they are sisters."""
    first: Form = ("", (draft.first,), False)
    rarer = min(book.told[form], book.told[first])
    return book.together[pair(form, first)] >= max(2, _COMPANY * rarer)


def _often(book: Book, form: Form, draft: Draft) -> bool:
    return book.told[form] >= OFTEN and book.told["", (draft.first,), False] >= OFTEN


def _eldest(book: Book, form: Form, sisters: list[Draft]) -> list[Draft]:
    """ "Miss X" is by convention the eldest; a younger sister is "Miss Ann", and may stand beside "Miss X"."""
    younger = [d for d in sisters if ("miss", (d.first,), False) in book.count]
    left = [d for d in sisters if d not in younger] or sisters

    def rate(draft: Draft) -> float:
        first: Form = ("", (draft.first,), False)
        return book.together[pair(form, first)] / (1 + book.told[first])

    least = min(rate(d) for d in left)
    return [d for d in left if rate(d) == least]


def _bare(book: Book, forms: list[Form]) -> None:
    ending: defaultdict[str, list[Form]] = defaultdict(list)
    for form in book.links:
        if form[2] and len(form[1]) > 1:
            ending[form[1][-1]].append(form)
    for form in forms:
        word = _core(form[1])[-1]
        article = book.links.get(("", (word,), True)) or _whole(book, form, ending[word])
        firsts = [d for d in book.by_first.get(word, []) if d.first == word]
        lasts = book.by_last.get(word, [])
        lasts = [d for d in lasts if not _beside(book, form, d)]
        if len(form[1]) > 1:  # "E. Gardiner"
            lasts = [d for d in lasts if d.first[:1] == form[1][0][:1]] or lasts
        lean = book.gender(form)
        if article:
            book.link(form, article)
        elif firsts and not (lasts and _bears(book, lasts, word, -1) > _bears(book, firsts, word, 0)):
            fitting = [d for d in firsts if not lean or d.gender in (lean, None)] or firsts
            book.link(form, _untitled(book, fitting))
        elif any(not lean or d.gender in (lean, None) for d in lasts):
            book.link(form, [_surname_bearer(book, lasts, book.lean([form]), word)])
        else:
            book.new(form, first=word, gender=lean)


def _whole(book: Book, form: Form, longer: list[Form]) -> list[Draft] | None:
    """Whose name with an article a bare word ends: "Turtle" is the Mock Turtle, but "George" not the Royal George."""
    known = form[1][-1] in lexicon.first_names() and book.count[form] > sum(book.count[f] for f in longer)
    return book.links[longer[0]] if len(longer) == 1 and not known else None


def _beside(book: Book, form: Form, draft: Draft) -> bool:
    """Whether a bare surname and a bare first name are two people's, since they share sentences.

    Either more often than they make one name, which is a slip ("Potapitch and Martha" again and again, "Martha
    Potapitch" once), or more often than a narrator has two names of one man in a sentence ("Paul" and his father
    "Morel").
    """
    first: Form = ("", (draft.first,), False)
    company = book.together[pair(form, first)]
    full = sum(book.count[f] for f in draft.forms if draft.first in f[1] and form[1][-1] in f[1])
    rarer = min(book.told[form], book.told[first])
    return company >= _COMPANIONS and (company > full or company >= max(_OFTEN_BESIDE, _BESIDE * rarer))


def _bears(book: Book, drafts: list[Draft], word: str, place: int) -> int:
    """How often the drafts are called by longer names in which a word is the first (0) or the last (-1)."""
    forms = {f for d in drafts for f in d.forms if _core(f[1])[place] == word and (f[0] or len(_core(f[1])) > 1)}
    return sum(book.count[f] for f in forms)


def _untitled(book: Book, drafts: list[Draft]) -> list[Draft]:
    """A bare first name is rather not that of someone whose rank goes with it ("Catherine", "Lady Catherine")."""

    def ranked(draft: Draft) -> int:
        """How often the rank stands before the first name, less how often the full name stands without."""
        of = [f for f in draft.forms if draft.first in f[1] or draft.first == draft.last]
        titled = sum(book.count[f] for f in of if f[0] in ranks())
        return titled - sum(book.count[f] for f in of if not f[0])

    return [d for d in drafts if not d.titles & ranks() or ranked(d) < 0] or drafts


def _surname_bearer(book: Book, drafts: list[Draft], lean: lexicon.Gender | None, surname: str) -> Draft:
    """Whom a bare surname means: a man rather than a woman, unless pronouns say otherwise; then whoever is called by it
    with a title or in full most often."""

    def rank(draft: Draft) -> tuple[bool, bool, int, int]:
        agrees = not lean or draft.gender in (lean, None)
        return (agrees, lean == "f" or draft.gender != "f", _bears(book, [draft], surname, -1), book.weight(draft))

    return max(drafts, key=rank)


def _first_with_title(book: Book, forms: list[Form]) -> None:
    for form in forms:
        name = _core(form[1])[-1]
        gender = gender_of(form)
        firsts = [d for d in book.by_first.get(name, []) if not gender or d.gender in (gender, None)]
        exact = [d for d in firsts if form[0] in d.titles]
        lasts = [d for d in book.by_last.get(name, []) if not gender or d.gender in (gender, None)]
        if exact or firsts:
            book.link(form, (exact or firsts)[:1] if exact else firsts)
        elif lasts:
            book.link(form, [_surname_bearer(book, lasts, gender, name)])
        else:
            book.new(form, first=name, gender=gender)


def _settle(book: Book, names: Sequence[Name]) -> Naming:
    """Give each mention its person: a form that several share goes to the one named last."""
    _titles_with_article(book)
    of: list[Draft] = []
    shared: dict[Form, Shared] = {}
    own: deque[tuple[int, Draft]] = deque()  # the last mentions that mean one person only
    for i, name in enumerate(names):
        form = name.form
        drafts = book.links[form]
        while own and i - own[0][0] > BACK:
            own.popleft()
        if len(drafts) > 1:
            if form not in shared:
                shared[form] = Shared(book, drafts, kept_in_full(book, names, form))
            of.append(shared[form].nearest(own, i))
        else:
            own.append((i, drafts[0]))
            of.append(drafts[0])
    order: dict[int, int] = {}
    forms: list[Counter[Form]] = []
    drafts_in_order: list[Draft] = []
    for name, draft in zip(names, of, strict=True):
        if id(draft) not in order:
            order[id(draft)] = len(order)
            drafts_in_order.append(draft)
            forms.append(Counter())
        forms[order[id(draft)]][name.form] += 1
    people = tuple(
        Person(dict(f), d.gender or _titled_gender(f) or book.lean(d.forms), d.first, d.last, _is_plural(book, d))
        for d, f in zip(drafts_in_order, forms, strict=True)
    )
    return Naming(people, tuple(order[id(d)] for d in of))


def _titled_gender(forms: Counter[Form]) -> lexicon.Gender | None:
    """The gender of the titles, where the name bears them more than now and then."""
    votes: Counter[lexicon.Gender] = Counter()
    for form, count in forms.items():
        title = lexicon.titles().get(form[0])
        if title is not None and title.gender is not None:
            votes[title.gender] += count
    return votes.most_common(1)[0][0] if votes.total() * DWARFED > forms.total() and len(votes) == 1 else None


def _is_plural(book: Book, draft: Draft) -> bool:
    """Whether the name is a family's or sisters': the plural of a name that the story knows."""
    for _, parts, _ in draft.forms:
        word = parts[-1]
        stems = [word[: -len(end)] for end in ("s", "es") if word.endswith(end) and len(word) > len(end) + 2]
        if not any(stem in book.by_last or stem in book.by_first for stem in stems):
            return False
    return True


def _titles_with_article(book: Book) -> None:
    """ "the Admiral" is whoever is called Admiral; where nobody is, someone known by the title alone, whom people call
    by it, too ("Yes, Admiral.")."""
    holders: defaultdict[str, list[Draft]] = defaultdict(list)
    seen: set[int] = set()
    for drafts in book.links.values():
        for draft in drafts:
            if id(draft) not in seen:
                seen.add(id(draft))
                for title in draft.titles:
                    holders[title].append(draft)
    for form in sorted(book.count, key=lambda f: (-book.count[f], f)):
        if form not in book.links:
            title = lexicon.title_of(form[1][0])
            other = book.links.get(("", form[1], not form[2]))
            if holders[title] or other:
                book.link(form, other or holders[title])
            else:
                book.new(form, gender=gender_of(form))
