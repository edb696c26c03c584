"""Names that are another name's short, pet, misspelt or courtly form, or what somebody calls themselves in a chat."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import cache

from unsaid.people import lexicon
from unsaid.people.forms import OFTEN, RARELY, Book, Draft, Form, pair
from unsaid.people.spelling import misspellings

_FAR_MORE = 4
# A short name keeps this much of the long one.
_STEM = 3
_PEERAGE = {
    **dict.fromkeys("duke marquess marquis earl viscount baron count".split(), "lord"),
    **dict.fromkeys("duchess marchioness countess viscountess baroness".split(), "lady"),
}
_PIECES, _TYPED = re.compile(r"[^a-z]+"), re.compile(r"[._\d]")


@cache
def ranks() -> frozenset[str]:
    """Titles that go with a name for good, "Sir" and "Lady" among them."""
    return frozenset(t for t, title in lexicon.titles().items() if title.sort == "rank" or t in ("sir", "lady"))


def pet_names(book: Book, forms: list[Form]) -> None:
    """ "Lizzy" is Elizabeth, where one Elizabeth is called so and the two never act together."""
    ahead = sorted(first for first, drafts in book.by_first.items() if drafts)
    behind = sorted(first[::-1] for first in ahead)
    for form in forms:
        full = lexicon.hypocorisms().get(form[1][0], frozenset()) | _lengthened(book, form, ahead, behind)
        own = book.links[form]
        if not full or len(own) != 1 or own[0].last:
            continue
        called = [d for name in sorted(full) for d in book.by_first.get(name, []) if d is not own[0]]
        called = [d for d in called if not d.titles & ranks() and not _apart(book, own[0], d)]
        called = [d for d in called if not _too_familiar(book, form, d)]
        gender = own[0].gender
        called = [d for d in called if not gender or d.gender in (gender, None) or _is_cut_short(book, form, d)]
        if len({id(d) for d in called}) == 1:
            merge(book, called[0], own[0])


def _is_cut_short(book: Book, form: Form, draft: Draft) -> bool:
    """Whether those who speak cut a name short so, whoever is called so elsewhere: "Hal" is Hallie, and no man."""
    return not form[0] and book.told[form] <= 1 and draft.first.startswith(form[1][0]) and draft.first != form[1][0]


def usernames(book: Book, forms: list[Form]) -> None:
    """ "wes.is.more" is Wes, and "xX_hal_Xx" is Hal: a name is part of what one calls oneself in a chat."""
    for form in forms:
        if not _TYPED.search(form[1][0]):
            continue
        pieces = {piece for piece in _PIECES.split(form[1][0]) if len(piece) >= _STEM} - {form[1][0]}
        own = book.links[form]
        links = (book.links.get(("", (piece,), False), []) for piece in sorted(pieces))
        called = {id(d): d for drafts in links for d in drafts if d is not own[0]}
        if len(called) == 1 and len(own) == 1:
            merge(book, next(iter(called.values())), own[0])


def _lengthened(book: Book, form: Form, ahead: list[str], behind: list[str]) -> frozenset[str]:
    """Longer first names that a name which only speakers use may shorten: "Tam" or "Tammie" for Tamsin.

    :param ahead: all first names, sorted; ``behind`` the same, each written backwards.
    """
    short = form[1][0]
    stem = _stem(short)
    own_right = short == stem and short in lexicon.first_names()
    if len(stem) >= _STEM and book.told[form] > 1:
        # The narrator says "Dell" all along, and those who speak to her "Delphine".
        solemn = [n for n in _beginning(ahead, stem) if n != short and _only_said(book, n, book.told[form])]
        if solemn:
            return frozenset(solemn)
    if book.told[form] > (1 if own_right else RARELY) or len(stem) < _STEM:
        return frozenset()
    said = not own_right and not book.told[form]  # nobody but speakers says either: "Bry", and once "Bryony"
    longer = _beginning(ahead, stem)
    if len(stem) > _STEM and not own_right:
        longer += [name[::-1] for name in _beginning(behind, stem[::-1])]
    told = {name: book.told["", (name,), False] for name in longer if name != short}
    return frozenset(name for name, often in told.items() if often > book.told[form] or (said and not often))


def _stem(short: str) -> str:
    """What a short name has of the long one: "Tam" for "Tammie", "Del" for "Dell"."""
    doubled = len(short) > 1 and short[-1] == short[-2] and short[-1] not in "aeiou"
    stem = short[:-2] if short.endswith("ie") else short[:-1] if short.endswith("y") or doubled else short
    return stem if len(stem) >= _STEM else short


def _only_said(book: Book, name: str, often: int) -> bool:
    """Whether a first name is used by those who speak, and hardly ever by who tells of them, ``often`` by another."""
    form = "", (name,), False
    return book.count[form] > book.told[form] and book.told[form] < min(often, RARELY)


def _beginning(ordered: list[str], stem: str) -> list[str]:
    """The words of a sorted list that begin with a stem."""
    return ordered[bisect_left(ordered, stem) : bisect_left(ordered, stem + "\U0010ffff")]


def _too_familiar(book: Book, form: Form, draft: Draft) -> bool:
    """Whether the narrator calls one by a pet name and the other "Mr. X", and never joins pet name and surname."""
    plain = book.told["", (draft.first,), False]
    formal = any(f[0] and f[1][-1] == draft.last and book.told[f] >= max(OFTEN, plain) for f in draft.forms)
    joined = any(f[1] == (form[1][0], draft.last) and book.told[f] for f in draft.forms)
    return formal and book.told[form] >= OFTEN and not joined


def _apart(book: Book, one: Draft, other: Draft) -> bool:
    return any(book.together[pair(a, b)] >= 2 for a in one.forms for b in other.forms)


def maiden_names(book: Book) -> None:
    """ "May Stone" is May Hill, where the bare "May" is said far more often: she has married, or had not yet.

    Of two women with one first name a narrator tells which is meant; and either surname is somebody else's, too.
    """
    surnames = Counter(parts[-1] for _, parts, article in book.count if not article)
    for first, drafts in book.by_first.items():
        women = sorted((d for d in drafts if d.gender == "f" and not d.wife), key=lambda d: -book.weight(d))
        for rare in women[1:]:
            kept = women[0]
            seldom = book.weight(rare) * _FAR_MORE <= min(book.count["", (first,), False], 2 * book.weight(kept))
            shared = all(surnames[d.last] > len(d.forms) for d in (kept, rare))
            if seldom and shared and not _apart(book, kept, rare):
                merge(book, kept, rare)


def peers(book: Book, forms: list[Form]) -> None:
    """ "The Earl of Hill" is Lord Hill."""
    for form in forms:
        parts = form[1]
        style = _PEERAGE.get(parts[0]) if parts[1:2] == ("of",) else None
        lords = book.links.get((style, parts[2:], False), []) if style else []
        own = book.links.get(form, [])
        if len(lords) == len(own) == 1 and lords[0] is not own[0]:
            merge(book, lords[0], own[0])


def merge(book: Book, kept: Draft, gone: Draft) -> None:
    """Make one draft's forms the other's."""
    for form in sorted(gone.forms):
        book.links[form] = [kept if d is gone else d for d in book.links[form]]
        kept.forms.add(form)
    kept.gender = kept.gender or gone.gender
    for drafts in (book.by_first.get(gone.first, []), book.by_last.get(gone.last, [])):
        drafts[:] = [d for d in drafts if d is not gone]


def misspelt(book: Book) -> None:
    """A rare name that is nearly a frequent one is that one, misspelt."""
    counts: Counter[str] = Counter()
    owners: dict[str, Draft] = {}
    for form in sorted(book.links, key=lambda f: (book.count[f], f)):
        word = form[1][-1]
        counts[word] += book.count[form]
        owners[word] = book.links[form][0]
    for rare, frequent in misspellings(counts).items():
        one, other = owners[rare], owners[frequent]
        fits = not one.gender or not other.gender or one.gender == other.gender
        if one is not other and fits and not _apart(book, one, other) and book.weight(one) <= counts[rare]:
            merge(book, other, one)
