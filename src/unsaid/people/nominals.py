"""Nominal mentions: "the young girl", "his brother", "the beadle", and kin and address words that stand alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.lexica import finite_forms
from unsaid.people import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unsaid.people.names import Name
    from unsaid.prose import Prose, Tokens

Determination = Literal["definite", "indefinite", "held", "bare"]

_DEFINITE = frozenset("the this that these those both two three four five six".split())
_INDEFINITE = frozenset("a an another some several many".split())
_NOBODY = frozenset("no every each any what such which whatever either neither".split())
_HOLDERS = frozenset("my your his her our their its thy 's s'".split())
# A nominal never reaches back over these to a determiner.
_BREAKS = frozenset(
    "of in on at by for with from to into upon over under about than as like that which who whom whose what when where "
    "while if or but nor so yet because though is was were be been being am are has had have do did does will would "
    "shall should can could may might must not i me you he him she it we us they them said says one's there here "
    "before after until till since through between among against without within toward towards up down out off".split()
)
_COPULAS = frozenset(
    "is was were be been being am are i'm he's she's you're like as became become becoming than seem seems "
    "seemed".split()
)
_REACH = 5
# "the man in a grey coat" is "the man with the grey coat".
_NO_MARK = frozenset("in with the a an ,".split())
_ELSEWHERE = frozenset("outside upstairs downstairs opposite".split())
_DESKS = frozenset("counter desk bar till wheel glass camera window".split())
_UNDRESSED = _BREAKS | _HOLDERS | {"both"}
_LONGEST_DRESS = 5  # words of "the long old grey coat"
_LONGEST_COMPLEMENT = 5  # words of "the captain of the good old ship Anna"
_ENDS_COMPLEMENT = (_BREAKS | _HOLDERS | _NOBODY) - {"'s"}
# "Of course" says nothing of anybody; "a fool of him", "which of them" are no complements.
_NO_COMPLEMENTS = frozenset(
    "course late old yore mine yours hers theirs ours him her it me you us them himself herself themselves whom which "
    "what all this that these those one".split()
)
# "He told the girl of the plan": what "of" says belongs to the verb.
_TELLING = frozenset(
    "told tell tells telling robbed rob robbing accused accuse accusing informed inform informing reminded remind "
    "reminding warned warn warning assured assure assuring convinced convince deprived deprive relieved relieve rid "
    "suspected suspect spoke speak speaking spoken talked talk talking cured asked ask asking begged beg".split()
)
# Peoples' names that end so are adjectives or plurals ("the French", "the Swiss", "the Greeks").
_ADJECTIVES = ("sh", "ch", "se", "s", "men")
_ALSO_ADJECTIVES = frozenset(
    "chief principal general private major native human individual mortal alien captive invalid patient fellow "
    "coach page guide guard ward master love honey dear marine rookie veteran mutant freshman sophomore goth".split()
)
_ONE_SPEAKER = frozenset("the a an this another my his her their our".split())
# What is read, heard or felt to "say" something, and is nobody.
_VOICELESS = frozenset(
    "voice voices note letter sign paper book label card telegram message placard poster notice word words look eyes "
    "eye face heart conscience mind thought reply answer way same rest other first second last latter former one lot "
    "radio television newspaper text screen phone thing spot".split()
)
# Behind an article these are no nouns, or stand for one that is told elsewhere ("the elder").
_NO_NOUNS = frozenset(
    "her aloud then two third rather deep pleasant opposite present addressed afterwards farther little ancient "
    "indignant black older younger elder eldest youngest oldest senior junior accused taller shorter smaller bigger "
    "ladyship lordship".split()
)
COMPARED = frozenset("elder older younger eldest oldest youngest taller shorter smaller bigger".split())
"""What stands for somebody who was told apart from somebody else by it: "the elder", of "the elder prince"."""
# What a family calls its elders by; a careless writer does so in lower case, too.
_AT_HOME = frozenset("mom mum mommy mummy mama mam ma dad daddy papa pa grandma grandpa granny gran nana nan".split())
_JOINING = frozenset("and but so then when while because cause cos as that if after before until".split())
_AGENTS = (
    "er",
    "or",
    "ist",
    "ian",
    "ant",
    "ent",
    "ee",
    "ess",
    "man",
    "woman",
    "ier",
    "eer",
    "ey",
    "boy",
    "girl",
    "maid",
)
_ONE = frozenset("the a an this that young old".split())
_OPENERS = frozenset("\"'“‘«„,-—–") | {"--", "...", "…", "."}
_CLOSERS = frozenset(",.!?;:\"'”’»-—–") | {"--", "...", "…", "!!", "??", "?!"}
_LEAD = frozenset("oh ah o yes no well why dear my good old please and but come now sorry thanks".split())
_ADDRESS = {
    **dict.fromkeys("sir mister monsieur signor sire".split(), lexicon.Noun("m", "address")),
    **dict.fromkeys(
        "madam ma'am madame miss mademoiselle signora signorina milady".split(), lexicon.Noun("f", "address")
    ),
    **dict.fromkeys("darling dearest dear love honey sweetheart sweetie babe".split(), lexicon.Noun(None, "address")),
}


class Nominal(msgspec.Struct, frozen=True, gc=False):
    """One nominal mention; ``first`` and ``last`` are token indices, half-open.

    :ivar head: the noun in lower case.
    :ivar determination: how it is picked out; "bare" for "Mother" and for words of address.
    :ivar holder: index of the token that says whose ("his", "'s"), or -1.
    :ivar modifiers: words between determiner and head, in lower case.
    :ivar marked: it says what someone wears or is seen by ("the man in the grey coat"), which tells as well as a name.
    :ivar predicate: it says what somebody is, or is like, and mentions nobody new.
    """

    start: int
    end: int
    first: int
    last: int
    head: str
    noun: lexicon.Noun
    determination: Determination
    holder: int = -1
    modifiers: tuple[str, ...] = ()
    predicate: bool = False
    marked: bool = False


def find(prose: Prose, names: Sequence[Name]) -> list[Nominal]:
    """Every nominal mention, in the order of the text; tokens of ``names`` belong to no nominal's head."""
    tokens = prose.tokens
    taken = bytearray(len(tokens.starts) + 1)
    for name in names:
        taken[name.first : name.last] = b"\x01" * (name.last - name.first)
    return list(_scan(tokens, taken, {**_speaking(tokens), **lexicon.person_nouns()}))


def _speaking(tokens: Tokens) -> dict[str, lexicon.Noun]:
    """Nouns that the list has not and that say something here ("cried the croupier"): whoever speaks is somebody.

    Once is enough for a noun that ends as those for people do. Any other must say something twice and do something
    else, too: a voice behind it may be "the wall".
    """
    lower, words, quoted, verbs = tokens.lower, tokens.words, tokens.quoted, finite_forms("speech_verbs")
    said: Counter[str] = Counter()
    for i in range(2, len(lower) - 2):
        if lower[i] not in verbs or lower[i + 1] not in _ONE_SPEAKER or quoted[i] or not quoted[i - 1]:
            continue
        end = next((t for t in range(i + 2, min(i + 2 + _REACH, len(lower))) if _is_past(lower[t])), None)
        head = lower[end - 1] if end is not None and end > i + 2 else ""
        if head.isalpha() and words[(end or 1) - 1].islower() and head not in _VOICELESS | _NO_NOUNS:
            said[head] += 1
    acting = lexicon.person_verbs() - verbs
    acts = {lower[i] for i in range(len(lower) - 1) if lower[i] in said and not quoted[i] and lower[i + 1] in acting}
    known = lexicon.person_nouns()
    return {
        word: lexicon.Noun(None, "role")
        for word, count in said.items()
        if word not in known and (word.endswith(_AGENTS) or (count > 1 and word in acts))
    }


def _is_past(word: str) -> bool:
    """Whether the noun phrase of a cue is over at this word."""
    return word in _CLOSERS or word in _BREAKS or word in ("and", "'s") or (word.endswith("ly") and len(word) > 4)


def _scan(tokens: Tokens, taken: bytearray, nouns: Mapping[str, lexicon.Noun]) -> Iterator[Nominal]:
    lower = tokens.lower
    size = len(lower)
    for i, word in enumerate(lower):
        noun = nouns.get(word) or _ADDRESS.get(word) or _native(tokens, i) or _compared(tokens, i)
        if noun is None:
            if "-" not in word or taken[i]:
                continue
            noun = nouns.get(word.rpartition("-")[2])
            if noun is None:
                continue
        if taken[i]:
            continue
        after = lower[i + 1] if i + 1 < size else "."
        if after in nouns and not taken[i + 1]:
            continue  # "the servant girl": the last noun is the head
        if word in _ALSO_ADJECTIVES and not _stands_alone(after):
            continue  # "the principal part"
        found = _nominal(tokens, taken, i, noun)
        if found is not None:
            yield found


def _stands_alone(after: str) -> bool:
    """Whether the word before ``after`` is a noun by itself and describes no other."""
    return after in _CLOSERS or after in _BREAKS or after in lexicon.person_verbs() or after in ("'s", "and")


def _native(tokens: Tokens, i: int) -> lexicon.Noun | None:
    """ "the Belgian", where that is a person and no adjective."""
    word = tokens.lower[i]
    if not tokens.words[i][0].isupper() or i == 0 or word.endswith(_ADJECTIVES) or tokens.lower[i - 1] not in _ONE:
        return None
    if lexicon.not_persons().get(word) != "nation":
        return None
    after = tokens.lower[i + 1] if i + 1 < len(tokens.lower) else "."
    alone = _stands_alone(after)
    return lexicon.Noun("m" if word.endswith("man") and not word.endswith("woman") else None, "role") if alone else None


def _compared(tokens: Tokens, i: int) -> lexicon.Noun | None:
    """ "The elder", where that is one of two who were told apart by it."""
    if tokens.lower[i] not in COMPARED or i == 0 or tokens.lower[i - 1] != "the":
        return None
    after = tokens.lower[i + 1] if i + 1 < len(tokens.lower) else "."
    return lexicon.Noun(None, "person") if _stands_alone(after) else None


def _nominal(tokens: Tokens, taken: bytearray, i: int, noun: lexicon.Noun) -> Nominal | None:
    lower = tokens.lower
    at = i - 1
    stop = max(-1, i - 1 - _REACH)
    while at > stop:
        word = lower[at]
        if word in _HOLDERS or word in _DEFINITE or word in _INDEFINITE:
            return _determined(tokens, i, noun, at)
        if word in _NOBODY or word in _BREAKS or taken[at] or not (word[0].isalpha() or word == ","):
            break
        if word == "," and at == i - 1:
            break
        at -= 1
    return _bare(tokens, i, noun)


def _determined(tokens: Tokens, i: int, noun: lexicon.Noun, at: int) -> Nominal | None:
    lower = tokens.lower
    word = lower[at]
    if noun.sort == "address" and word not in ("my", "the", "his", "her"):
        return None
    if word == "her" and at and lower[at - 1] in ("told", "made", "gave"):
        return None
    determination: Determination = "held" if word in _HOLDERS else "indefinite" if word in _INDEFINITE else "definite"
    before = lower[at - 1] if at else ""
    first = at
    if word not in ("the", "'s") and not noun.plural and word in ("two", "three", "four", "five", "six", "both"):
        return None
    if before in _DEFINITE | _HOLDERS and determination == "definite" and word not in ("the",):
        first = at - 1  # "the two brothers"
        determination = "held" if before in _HOLDERS else "definite"
        word, before = before, lower[at - 2] if at > 1 else ""
    modifiers = tuple(w for w in lower[at + 1 : i] if w != ",")
    noun = _gendered(noun, modifiers)
    holder = first if word in _HOLDERS else -1
    predicate = before in _COPULAS and determination != "held"
    start = tokens.starts[first + 1] if word in ("'s", "s'") else tokens.starts[first]
    dressed = _dressed(tokens, i + 1) if noun.sort in ("person", "role") and not noun.plural else i + 1
    if dressed == i + 1 and noun.sort == "person" and determination == "definite":
        dressed = _placed(tokens, i + 1)
    last = dressed if dressed > i + 1 or noun.sort == "address" else _complement(tokens, first, i + 1)
    return Nominal(
        start, tokens.ends[last - 1], first + (word in ("'s", "s'")), last, lower[i], noun, determination, holder,
        (*modifiers, *(w for w in lower[i + 1 : dressed] if w not in _NO_MARK)), predicate, marked=dressed > i + 1,
    )  # fmt: skip


def _gendered(noun: lexicon.Noun, modifiers: Sequence[str]) -> lexicon.Noun:
    """ "The boy officer" is a man, "a lady novelist" a woman."""
    if noun.gender is not None or noun.plural:
        return noun
    known = (lexicon.person_nouns().get(word) for word in modifiers)
    gender = next((n.gender for n in known if n is not None and n.gender is not None), None)
    return msgspec.structs.replace(noun, gender=gender) if gender else noun


def _dressed(tokens: Tokens, at: int) -> int:
    """Where "in the grey coat" or "with a beard" at ``at`` ends; ``at`` itself where there is nothing of the kind."""
    lower = tokens.lower
    if at >= len(lower) or lower[at] not in ("in", "with"):
        return at
    for end in range(at + 1, min(at + 1 + _LONGEST_DRESS, len(lower))):
        if lower[end] in lexicon.worn() and not _describes(lower, end):
            return end + 1
        if not (lower[end][0].isalpha() or lower[end] == ",") or lower[end] in _UNDRESSED:
            return at
    return at


def _placed(tokens: Tokens, at: int) -> int:
    """Where "outside" or "behind the counter" ends, which tells somebody from whoever is here; else ``at`` itself."""
    lower = tokens.lower
    if at + 1 >= len(lower) or tokens.quoted[at] != tokens.quoted[at - 1]:
        return at
    if lower[at] in _ELSEWHERE and _stands_alone(lower[at + 1]):
        return at + 1
    return (
        at + 3 if lower[at : at + 2] == ("behind", "the") and lower[at + 2 : at + 3] and lower[at + 2] in _DESKS else at
    )


def _complement(tokens: Tokens, first: int, at: int) -> int:
    """Where "of the house" or "of great wealth" at ``at`` ends, which says what somebody is; else ``at`` itself.

    Of 180 nouns for people in LitBank that "of" stands behind, 170 are marked with what it says. "He told the girl of
    the plan" is another thing.
    """
    lower = tokens.lower
    if at + 1 >= len(lower) or lower[at] != "of" or tokens.quoted[at] != tokens.quoted[at - 1]:
        return at
    if lower[at + 1] in _NO_COMPLEMENTS or not _TELLING.isdisjoint(lower[max(0, first - 3) : first]):
        return at
    begin = at + 1 + (lower[at + 1] in _HOLDERS | _DEFINITE | _INDEFINITE)
    within = range(begin, min(len(lower), begin + _LONGEST_COMPLEMENT + 1))
    end = next((t for t in within if _ends_complement(tokens, t)), begin)
    return end if end > begin else at


def _ends_complement(tokens: Tokens, at: int) -> bool:
    word = tokens.lower[at]
    spoken = tokens.quoted[at] != tokens.quoted[at - 1]
    return spoken or word == "and" or word in _CLOSERS or word in _ENDS_COMPLEMENT or word in lexicon.person_verbs()


def _describes(lower: Sequence[str], at: int) -> bool:
    """Whether the word at ``at`` goes on to a noun that is worn itself: "white waistcoat", "silk hat"."""
    return any(word in lexicon.worn() for word in lower[at + 1 : at + 2])


def _says(tokens: Tokens, before: str, after: str, i: int) -> bool:
    """Whether a word for a relation that is left in lower case stands like a name: "says mom", "and mom says"."""
    if tokens.quoted[i]:
        return False
    verbs = finite_forms("speech_verbs")
    alone = not before[0].isalnum() or before in _JOINING
    return (alone and after in lexicon.person_verbs()) or (before in verbs and after != "of")


def _bare(tokens: Tokens, i: int, noun: lexicon.Noun) -> Nominal | None:
    """ "Mother" and words of address."""
    lower = tokens.lower
    before = lower[i - 1] if i else "."
    after = lower[i + 1] if i + 1 < len(lower) else "."
    written = tokens.words[i][0].isupper() or (lower[i] in _AT_HOME and _says(tokens, before, after, i))
    kin = noun.sort == "kin" and written and not noun.plural
    called = tokens.quoted[i] and after in _CLOSERS and (before in _OPENERS or before in _LEAD)
    if called or (
        kin and (before in _OPENERS or after in lexicon.person_verbs() or after == "'s" or before[0].isalpha())
    ):
        return Nominal(tokens.starts[i], tokens.ends[i], i, i + 1, lower[i], noun, "bare")
    return None
