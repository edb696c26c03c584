"""Name mentions: runs of capitalised tokens with their titles, sorted into people and everything else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.people.spelling import misspellings
from unsaid.people.usage import SAYING, Usage, has_done, name_like
from unsaid.prose.sentences import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from unsaid.prose import Prose, Tokens

_CONNECTORS = frozenset("de du des von van der den di da della la le bin ibn al el ap mac o' st y".split())
# Those of them that begin a surname: "Mrs. van der Hagen", "Madame de la Tour", but not "Madame la Comtesse".
_BEFORE_SURNAMES = frozenset("de du des von van der den di da della".split())
_MOST_BEFORE = 3
_ARTICLES = frozenset({"the"})
_DETERMINERS = frozenset(
    "a an the my your his her our their its this that these those 's no some any every each".split()
)
_PLACE_BEFORE = frozenset("in into near across through throughout within outside beyond towards toward via".split())
_MOTION_BEFORE = frozenset("to from at of for around round about over".split())
_SEEING = frozenset(
    "look looked looking looks stare stared staring glance glanced glancing smile smiled smiling laugh laughed "
    "laughing "
    "shout shouted yell yelled glare glared glaring grin grinned nod nodded wink winked point pointed scream screamed "
    "spoke speak speaking talk talked talking said say says listen listened belong belonged back up over down".split()
)
_BODILY = frozenset(
    "arm arms back breath cheek cheeks chin eye eyes face finger fingers foot feet hair hand hands head heart knee "
    "knees lap lip lips mouth neck shoulder shoulders sleeve smile throat tongue voice wrist".split()
)
# Titles that careless writers leave in lower case; "general" or "major" before a name is rather the adjective.
_SMALL_TITLES = frozenset(
    "captain doctor detective inspector sergeant lieutenant professor officer king queen prince princess lady lord "
    "uncle aunt auntie grandpa grandma granny mr mrs miss ms sir widow".split()
)
_ARTICLED = frozenset({"widow"})  # "the widow Stone", but not "the sergeant Stone"
_ALOUD = frozenset("oh ah o yes no but and well why now so then please thanks sorry dear my hey hi hello come".split())
_STOPS_AFTER = frozenset(",.!?;\"'”’—–") | {"--", "...", "…", "!!", "??", "?!"}
_OPENERS = frozenset("\"'“‘«„") | {","}
_CALLING = frozenset("call calls called calling named dubbed christened".split())
_OBJECTS = frozenset("me him her them you".split())
_BARE_TITLES = frozenset(
    "sir madam madame miss monsieur mister ma'am lord lady master mistress missus ms mr mrs".split()
)
# What somebody is called behind "his", "her" or "your" is a style and no name: "Her Grace", "your Honour".
_STYLES = frozenset(
    "grace honour honor worship majesty highness excellency eminence holiness reverence lordship ladyship".split()
)
_STYLED = frozenset("his her your their".split())
_BEFORE_MONTHS = frozenset("in last next this that since until till by during early late mid every".split())
_EPITHETS = frozenset("old young little poor dear".split())
# A word counts as a person's name where what speaks for it outweighs what speaks for a place by this much.
_LONGEST_TITLES = 8  # words: "Her Majesty the Dowager Queen" is no longer
_MARGIN = 0.4
# A word for a relation is a name behind "the" where it is capitalised so often, and in so large a share of its uses.
_OF_ALL, _BY_CAPITAL = 5, 0.7
_OFTEN_INSIDE = 3


class Name(msgspec.Struct, frozen=True, gc=False):
    """One name mention.

    :ivar first: index of its first token; ``last`` is exclusive.
    :ivar title: the title in lower case without full stop, or "".
    :ivar parts: the name's words in lower case, without title, article and honorific.
    :ivar article: "the" stands before it and is part of it ("the Hatter").
    :ivar honorific: a borrowed suffix in lower case ("sama"), or "".
    """

    start: int
    end: int
    first: int
    last: int
    title: str
    parts: tuple[str, ...]
    article: bool = False
    honorific: str = ""

    @property
    def form(self) -> tuple[str, tuple[str, ...], bool]:
        """How it is written, mentions taken together: title, parts, article (:data:`unsaid.people.forms.Form`)."""
        return self.title, self.parts, self.article


def find(prose: Prose, usage: Usage) -> list[Name]:
    """Every mention of a person by name, in the order of the text."""
    runs = list(_runs(prose.tokens, usage))
    evidence = _weigh(prose.tokens, runs)
    meant = misspellings(Counter({p[0]: n for p, n in evidence.total.items() if len(p) == 1}))
    evidence = _pooled(evidence, meant)
    people = {(name.parts, name.article, bool(name.title)) for name in runs if _is_person(name, evidence, usage)}
    slips = {rare for rare, word in meant.items() if ((word,), False, False) in people}
    return [n for n in runs if (n.parts, n.article, bool(n.title)) in people or _is_slip(n, slips) or n.honorific]


def _pooled(evidence: _Evidence, meant: Mapping[str, str]) -> _Evidence:
    """The evidence with that of misspelt names added to the names that they are slips of."""
    pooled = _Evidence(Counter(evidence.person), Counter(evidence.place), Counter(evidence.total), evidence.articled)
    for rare, word in meant.items():
        for own, held in (
            (pooled.person, evidence.person),
            (pooled.place, evidence.place),
            (pooled.total, evidence.total),
        ):
            own[word,] += held[rare,]
    return pooled


def _is_slip(name: Name, slips: set[str]) -> bool:
    return len(name.parts) == 1 and not name.article and name.parts[0] in slips


def _runs(tokens: Tokens, usage: Usage) -> Iterable[Name]:
    words = tokens.words
    at = 0
    for i, word in enumerate(words):
        last, head = usage.labels.get(i, (i + 1, word))
        typed = i in usage.labels and not (head == word and word[0].isupper())
        if i < at or not (word[0].isupper() or typed):
            continue
        name = _labelled(tokens, i, last, head) if typed else _read(tokens, usage, i)
        if name is not None:
            at = name.last
            yield name


def _labelled(tokens: Tokens, i: int, last: int, head: str) -> Name:
    """A name as it is typed before what its bearer says: "juli", "no.one.in.particular"."""
    return Name(tokens.starts[i], tokens.ends[last - 1], i, last, "", (head.lower(),))


def _read(tokens: Tokens, usage: Usage, i: int) -> Name | None:
    """The name that begins at token ``i``, if one does."""
    words, lower = tokens.words, tokens.lower
    title, at = _titles(tokens, usage, i)
    titled = at > i
    while titled and lower[i] in _EPITHETS:
        i += 1  # "Poor Ann" is Ann
        titled = at > i
    parts, last, honorific = _parts(tokens, usage, at, titled)
    before = lower[i - 1] if i else ""
    if parts and not titled and parts[0] in _STYLES and before in _STYLED:
        return None
    if not parts:
        shared = _shared_title(tokens, usage, i) if not titled else None
        if shared is None:
            return None
        return Name(tokens.starts[i], tokens.ends[i], i, i + 1, lexicon.title_of(lower[i]), shared)
    first = i
    head = i if titled else _first_particle(tokens, i)
    article = head > 0 and lower[head - 1] in _ARTICLES and not titled
    if article:
        first = head - 1
    elif not titled and before in lexicon.titles() and lexicon.titles()[before].sort != "epithet":
        held = i > 1 and lower[i - 2] in (_DETERMINERS - _ARTICLES if before in _ARTICLED else _DETERMINERS)
        near = tokens.starts[i] - tokens.ends[i - 1] == 1
        if near and not held and words[i - 1][0].islower() and before in _SMALL_TITLES:
            title, first = lexicon.title_of(before), i - 1
    return Name(tokens.starts[first], tokens.ends[last - 1], first, last, title, parts, article, honorific)


def _titles(tokens: Tokens, usage: Usage, i: int) -> tuple[str, int]:
    """The title that begins at ``i`` ("" if none) and the index of the token after it."""
    words, lower, known = tokens.words, tokens.lower, lexicon.titles()
    title, at = "", i
    while at < min(len(words), i + _LONGEST_TITLES) and lower[at] in known and words[at][0].isupper():
        after = at + 1
        if after < len(words) and words[after] == "." and lower[at] in TITLES:
            after += 1
        near = 3 if after > at + 1 else 1  # a full stop and two blanks; a blank line ends a name
        name = _past_particles(tokens, after)
        if name >= len(words) or not words[name][0].isupper() or tokens.starts[after] - tokens.ends[at] > near:
            break
        if known[lower[at]].sort != "plain" and lower[after] not in known and not _can_follow(usage, lower[after]):
            break
        if known[lower[at]].sort != "epithet":
            title = lexicon.title_of(lower[at])
        at = after
    return title, at


def _can_follow(usage: Usage, word: str) -> bool:
    """Whether a capitalised word may be a name behind a title: "Aunt Baby", where hardly any baby has a small b."""
    if word not in lexicon.common_words():
        return True
    return usage.inside[word] >= _OFTEN_INSIDE and usage.share(word) >= _BY_CAPITAL


def _past_particles(tokens: Tokens, at: int) -> int:
    """The index after the particles ("van der", "de la") that begin at ``at``: ``at`` itself where none does."""
    end, most = at, min(len(tokens.words), at + _MOST_BEFORE)
    if at < most and tokens.words[at] in _BEFORE_SURNAMES:
        while end < most and tokens.words[end] in _CONNECTORS:
            end += 1
    return end


def _first_particle(tokens: Tokens, at: int) -> int:
    """The index of the first of the particles that stand right before ``at``, or ``at``."""
    first = at
    while first > max(0, at - _MOST_BEFORE) and tokens.words[first - 1] in _CONNECTORS:
        first -= 1
    return first if tokens.words[first] in _BEFORE_SURNAMES else at


def _parts(tokens: Tokens, usage: Usage, at: int, titled: bool) -> tuple[tuple[str, ...], int, str]:
    """The words of a name from token ``at``, the index after them, and an honorific."""
    words, lower = tokens.words, tokens.lower
    parts: list[str] = []
    begin = last = at = _past_particles(tokens, at) if titled else at
    honorific = ""
    while at < len(words) and not honorific:
        word = words[at]
        if parts and tokens.starts[at] - tokens.ends[at - 1] > 1:
            break  # a blank line ends a name
        if _is_saints(tokens, at):
            parts.append(f"st {lower[at + 2]}")
            at = last = at + 3
        elif word[0].isupper() and _joins(tokens, usage, at, titled and not parts):
            if _is_month(tokens, parts, begin):
                break
            base, honorific = _honorific(lower[at])
            parts.append("y/n" if base in lexicon.PLACEHOLDERS else base)  # "Y/L/N" is nobody else
            at += 1
            if len(word) == 1 and at < len(words) and words[at] == ".":
                at += 1
            last = at
        elif parts and lower[at] in _CONNECTORS and at + 1 < len(words) and words[at + 1][0].isupper():
            parts.append(lower[at])
            at += 1
        elif parts and lower[at] == "of" and _is_office(tokens, usage, parts, at):
            parts.append("of")
            at += 1
        else:
            break
    while parts and parts[-1] in _CONNECTORS | {"of"}:
        parts.pop()
    return tuple(parts), last, honorific


def _is_saints(tokens: Tokens, at: int) -> bool:
    """Whether a saint's name, which somebody bears, begins at a token: "St. John Rivers", "Emily St. Aubert"."""
    words = tokens.words[at : at + 3]
    near = len(words) == 3 and tokens.starts[at + 2] - tokens.ends[at + 1] <= 1
    return near and words[:2] in (("St", "."), ["St", "."]) and words[2][0].isupper() and len(words[2]) > 1


def _is_month(tokens: Tokens, parts: Sequence[str], begin: int) -> bool:
    """Whether a name is over that began as a month: "in June Kitty went", but "to June Kelly"."""
    dated = tokens.lower[begin - 1] in _BEFORE_MONTHS if begin else False
    return dated and len(parts) == 1 and lexicon.not_persons().get(parts[0]) == "time"


def _is_office(tokens: Tokens, usage: Usage, parts: list[str], at: int) -> bool:
    """Whether "of" goes on with a name such as "King of Hearts"."""
    noun = lexicon.person_nouns().get(parts[-1])
    if noun is None or len(parts) > 2 or at + 1 >= len(tokens.words):
        return False
    after = tokens.words[at + 1]
    return after[0].isupper() and not after.isupper() and name_like(usage, tokens.lower, at + 1)


def _joins(tokens: Tokens, usage: Usage, at: int, after_title: bool) -> bool:
    word, low = tokens.words[at], tokens.lower[at]
    if len(word) == 1:
        following = tokens.words[at + 1 : at + 3]
        capital = len(following) == 2 and following[1][0].isupper()
        named = capital and (len(following[1]) == 1 or name_like(usage, tokens.lower, at + 2))
        return word not in "IAOVX" and following[:1] == (".",) and (named or after_title)
    if low in _BARE_TITLES or low in lexicon.honorifics():
        return False
    if "-" in low and _honorific(low)[1]:
        return True
    if low in lexicon.not_persons() and low not in lexicon.first_names() and low not in usage.speaking:
        after = tokens.lower[at + 1] if at + 1 < len(tokens.words) else ""
        return after_title or (after in lexicon.person_nouns() and tokens.words[at + 1][0].isupper())
    if word.isupper() and not (low in usage.told and not low.isalpha()):
        return low in usage.cued or (usage.inside[low] > 0 and name_like(usage, tokens.lower, at))
    if after_title:
        return True
    noun = lexicon.person_nouns().get(low)
    if noun is not None and noun.sort == "kin":
        return _is_the_one(tokens, usage, at)
    return name_like(usage, tokens.lower, at)


def _is_the_one(tokens: Tokens, usage: Usage, at: int) -> bool:
    """Whether a word for a relation is what the whole story calls somebody: "the Grandmother", hardly ever a small g.

    Without the article it is somebody's own ("Mother came in", "Yes, Father") and resolved with the noun phrases.
    """
    word = tokens.lower[at]
    articled = at > 0 and tokens.lower[at - 1] in _ARTICLES
    return articled and usage.inside[word] >= _OF_ALL and usage.share(word) >= _BY_CAPITAL


def _honorific(word: str) -> tuple[str, str]:
    base, _, suffix = word.partition("-")
    if suffix and suffix in lexicon.honorifics():
        return base, suffix
    return word, ""


def _shared_title(tokens: Tokens, usage: Usage, i: int) -> tuple[str, ...] | None:
    """The name that the title at ``i`` shares with the next one: "Mr. and Mrs. Smith"."""
    words, lower = tokens.words, tokens.lower
    if lower[i] not in _BARE_TITLES:
        return None
    at = i + 2 if i + 1 < len(words) and words[i + 1] == "." else i + 1
    if at + 1 >= len(words) or lower[at] != "and" or lower[at + 1] not in _BARE_TITLES:
        return None
    title, after = _titles(tokens, usage, at + 1)
    parts = _parts(tokens, usage, after, titled=True)[0] if title else ()
    return parts or None


class _Evidence(msgspec.Struct, frozen=True):
    """What speaks for a person and for a place, by name and by single word.

    ``total`` counts the names, ``articled`` those with "the" before them.
    """

    person: Counter[tuple[str, ...]]
    place: Counter[tuple[str, ...]]
    total: Counter[tuple[str, ...]]
    articled: Counter[tuple[str, ...]]


def _weigh(tokens: Tokens, runs: list[Name]) -> _Evidence:
    person: Counter[tuple[str, ...]] = Counter()
    place: Counter[tuple[str, ...]] = Counter()
    total: Counter[tuple[str, ...]] = Counter()
    for name in runs:
        total[name.parts] += 1
        points = _person_points(tokens, name)
        against = _place_points(tokens, name)
        place[name.parts] += against  # type: ignore[assignment]
        named = points >= _TITLED or name.parts[0] in lexicon.first_names()
        for key in {name.parts, *(((p,) for p in (name.parts[0], name.parts[-1])) if named else ())}:
            person[key] += points  # type: ignore[assignment]
    articled = Counter(name.parts for name in runs if name.article)
    return _Evidence(person, place, total, articled)


_TITLED = 3.0
# "the Hatter" is somebody beside "Hatter"; a noun this often without the article is a surname: "the Archer box".
_RARE_NOUN = 20


def _person_points(tokens: Tokens, name: Name) -> float:
    lower, size = tokens.lower, len(tokens.lower)
    points = 0.0
    if name.title or name.honorific:
        points += _TITLED
    after = lower[name.last] if name.last < size else "."
    before = lower[name.first - 1] if name.first else "."
    if after in lexicon.person_verbs() or has_done(lower, name.last):
        points += 1
    elif after.endswith("ed") and len(after) > 4:
        points += 0.5
    elif after == "'s":
        bodily = name.last + 1 < size and lower[name.last + 1] in _BODILY
        points += 1 if bodily else 0.3
    elif after in ("who", "whom"):
        points += 1
    elif after == ",":
        points += 0.7 if name.last + 1 < size and lower[name.last + 1] in ("who", "whom", "whose") else 0
    if before in lexicon.person_verbs() and before not in _SEEING:
        points += 0.7
    if before in SAYING or (before in _OBJECTS and lower[name.first - 2] in _CALLING):
        points += 1
    if tokens.quoted[name.first] and after in _STOPS_AFTER and (before in _OPENERS or before in _ALOUD):
        points += 0.7
    return points


def _place_points(tokens: Tokens, name: Name) -> float:
    lower = tokens.lower
    before = lower[name.first - 1] if name.first else ""
    points = 0.0
    if name.parts[-1] in lexicon.place_heads() and len(name.parts) > 1:
        points += 3
    if name.last < len(lower) and lower[name.last] == "'s" and before in _PLACE_BEFORE | _MOTION_BEFORE:
        points += 0.0  # "in Ann's face"
    elif before in _PLACE_BEFORE:
        points += 1
    elif before in _MOTION_BEFORE:
        points += 0.0 if name.first > 1 and lower[name.first - 2] in _SEEING else 0.25
    return points


def _is_person(name: Name, evidence: _Evidence, usage: Usage) -> bool:
    """Whether the mention names a person, by what the whole story shows about the name."""
    if name.title or name.honorific or usage.told.issuperset(name.parts):
        return True
    total = evidence.total[name.parts]
    person = evidence.person[name.parts] / total
    place = evidence.place[name.parts] / total
    known = name.parts[0] in lexicon.first_names()
    if name.article:
        often = _RARE_NOUN if name.parts[-1] in lexicon.person_nouns() else 2
        if evidence.articled[name.parts] * often < total:
            return _is_plural_of(name.parts[-1], evidence)  # "the Smith temper", but "the Smiths"
        return _acts_with_article(name, person, evidence) or (
            len(name.parts) > 1 and evidence.person[name.parts[-1:]] >= 2 and evidence.total[name.parts[-1:]] >= 2
        )
    if len(name.parts) == 1:
        word = name.parts[0]
        if word in lexicon.not_persons() and word not in usage.speaking:
            return person - place > _MARGIN and known
        noun = lexicon.person_nouns().get(word)
        if noun is not None and noun.plural and person < _MARGIN / 2:
            return False
        if word.endswith("ing") and not known and not usage.inside[word]:
            return False  # "Practicing, sir," at the beginning of what is said
        known = known and (usage.share(word) >= _MARGIN or not usage.low[word])
        return person - place + (0.4 if known else 0) > (0.1 if known else 0.15)
    ends = max(evidence.person[(name.parts[0],)], evidence.person[(name.parts[-1],)])
    return person - place + (1 if known else 0) + min(ends, 1) > _MARGIN


def _is_plural_of(word: str, evidence: _Evidence) -> bool:
    return any(word.endswith(end) and evidence.total[(word[: -len(end)],)] > 0 for end in ("s", "es"))


def _acts_with_article(name: Name, person: float, evidence: _Evidence) -> bool:
    noun = lexicon.person_nouns().get(name.parts[-1])
    if noun is not None:
        return not noun.plural
    head = name.parts[-1].rpartition("-")[2]
    if head != name.parts[-1] and head in lexicon.person_nouns():
        return True
    if _is_plural_of(name.parts[-1], evidence) and len(name.parts) == 1:
        return True
    return name.parts[-1] not in lexicon.not_persons() and person >= 0.25 and person * evidence.total[name.parts] >= 2
