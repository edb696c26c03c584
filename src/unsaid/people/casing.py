"""Capitals given back to a story that has none, so that what is read from capitals (names, sentences) can be read.

A story in small letters alone, or in capitals alone, came through a careless copy, or its author likes it so. The rooms
see it with capitals where English has them, letter for letter at the same offsets; a reader is shown the text as it is.

Which words are names shows in what stands around them all over the story, as in truecasing by a vocabulary (Lita et al.
2003): a title before them, a verb of speech beside them, no article ever, and no place among the words that fiction
writes small.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms
from unsaid.people import lexicon
from unsaid.prose.sentences import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unsaid.sources import Manuscript

_LEAST_LETTERS = 200
"""A text of fewer letters is too short for the want of capitals to mean anything."""
_PAGES, _PARAGRAPHS = 20_000, 400  # characters, and passages
_FEW = 0.002
"""Capitals among the letters: edited novels have 0.02 to 0.05, novels in small letters only what a slip left."""
_MOST = 0.8
_ENOUGH, _BEGIN_HIGH = 12, 0.25
"""From so many sentences on, of which so many begin with a capital at most, a story is written in small letters."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_OPENING = re.compile(
    r"(?:\A\s*|[.!?…][\"'”’»)\]_*]*\s+|\n\s*\n\s*|(?<![^\s(—–-])[\"“„«](?=\S))[\"'“‘«„(\[_*]*([^\W\d_])"
)
_PRONOUN = re.compile(r"(?<![\w.])i(?=(?:['’](?:m|ll|ve|d|s))?(?![\w'’]|\.\w))")
_CLITIC = re.compile(r"['’](?:s|ll|d|ve|re|m)?$")
_ALWAYS = frozenset("mr mrs ms mme mlle messrs".split())
"""Titles that stand before a name wherever they stand."""
_DETERMINERS = frozenset(
    "a an my your his her our their its this that these those no some any every each another such what".split()
)
_PLACED = frozenset("at in from near through into towards toward".split())
_QUOTES = frozenset('"”’»“‘«')
_MARKS = frozenset('"”“’‘,.!?')
_NO_NAME = re.compile(r"(?:ing|ed|ly|ness|ment|tion|ous|ful|less|able|ible|ish|est|ism|ize|ise)$|['’]")
_RARE = 3  # a word used less often has to have a title, or speak
_HELD = 0.25  # share of a word's uses behind "a" or "my" from which on it is a noun
_HARDLY_HELD = 0.05  # ... and of a word for people
_ACTS = 0.03  # share of a first name's uses in which it has a title, speaks, does or has something
_AT_HOME = 0.1  # share of an unknown word's uses in which it does that, or something happens there
_PAIRED = 0.5  # share of a word's uses as one half of a name
_LEADING = frozenset("de du des von van della di".split())
_SPEAKS = 3  # how often whatever has an article has to speak to be somebody ("the Hatter")


class _Word(msgspec.Struct, frozen=True, gc=False):
    """A word of the text, without a clitic: where it begins, and what stands between it and the word before."""

    start: int
    word: str
    gap: str
    owns: bool = False


class _Uses(msgspec.Struct):
    """How a word is used: how often, with a title, as one who speaks, acts, is a place; behind "a", behind "the".

    ``led`` counts where a first name or a particle ("de") stands before it, ``leads`` where it is a first name before
    a word that fiction does not write small.
    """

    n: int = 0
    titled: int = 0
    speaks: int = 0
    acts: int = 0
    placed: int = 0
    held: int = 0
    the: int = 0
    led: int = 0
    leads: int = 0


_NOTHING = _Word(0, "", "\n\n")


def with_capitals(manuscript: Manuscript) -> Manuscript:
    """The manuscript with capitals where its story has none, each letter in its place; the same one where it has."""
    text = manuscript.text
    if not _is_flat(text[start:end] for start, end in manuscript.story_spans()):
        return manuscript
    return msgspec.structs.replace(manuscript, text=_restored(text))


def _restored(text: str) -> str:
    lowered = ((c, c.lower()) for c in text)
    small = "".join(low if len(low) == 1 else c for c, low in lowered)
    letters = list(small if _share(text) >= _MOST else text)
    for at in (*_openings(small), *(m.start() for m in _PRONOUN.finditer(small)), *_named(small)):
        high = letters[at].upper()
        letters[at] = high if len(high) == 1 else letters[at]
    return "".join(letters)


def _is_flat(passages: Iterable[str]) -> bool:
    """Is a story written in small letters alone, or in capitals alone? Its first pages tell.

    Who writes small may still shout, and set one voice apart by capitals: then its sentences begin small.
    """
    seen = "\n\n".join(passage[:_PAGES] for passage in islice(passages, _PARAGRAPHS))[:_PAGES]
    if sum(map(str.isalpha, seen)) < _LEAST_LETTERS:
        return False
    if not _FEW < _share(seen) < _MOST:
        return True
    begins = [seen[found.start(1)] for found in _OPENING.finditer(seen)]
    return len(begins) >= _ENOUGH and sum(map(str.isupper, begins)) <= _BEGIN_HIGH * len(begins)


def _share(text: str) -> float:
    """The share of a text's letters that are capitals."""
    letters = [c for c in text if c.isalpha()]
    return sum(map(str.isupper, letters)) / max(1, len(letters))


def _openings(text: str) -> Iterator[int]:
    """Where sentences and speeches begin."""
    for found in _OPENING.finditer(text):
        before = text[max(0, found.start() - 8) : found.start() + 1]
        if before[-1:] == "." and re.split(r"\W", before[:-1])[-1] in TITLES:
            continue
        fresh = text[found.start(1) - 1 : found.start(1)] in _QUOTES or found[0].count("\n") > 1
        if fresh or not (_QUOTES & set(found[0]) and _says(text, found.start(1))):
            yield found.start(1)


def _says(text: str, at: int) -> bool:
    """Is it "said he" or "he said" that stands there?"""
    return any(word in finite_forms("speech_verbs") for word in text[at : at + 40].split()[:2])


def _words(text: str) -> list[_Word]:
    found, end = [], 0
    for match in _WORD.finditer(text):
        word = _CLITIC.sub("", match[0])
        owns = match[0][len(word) :] in ("'s", "’s")
        found.append(_Word(match.start(), word, text[end : match.start()], owns))
        end = match.end()
    return found


def _named(text: str) -> Iterator[int]:
    """Where a word of a name, or a title before one, begins."""
    words = _words(text)
    names = _names(words)
    calendar = {w for w, sort in lexicon.not_persons().items() if w not in lexicon.common_words()}
    titles, heads = lexicon.titles(), lexicon.place_heads()
    was_name = False
    for before, here, after in zip([_NOTHING, *words], words, [*words[1:], _NOTHING], strict=False):
        is_name = here.word in names or (before.word in _ALWAYS and _joined(before, here))
        titled = here.word in titles and _joined(here, after) and after.word in names
        place = here.word in heads and was_name and here.gap == " " and not before.owns
        if is_name or titled or place or here.word in calendar or here.word in _ALWAYS:
            yield here.start
        was_name = is_name


def _joined(before: _Word, after: _Word) -> bool:
    """Do two words stand side by side, as a title and its name do?"""
    return after.gap in (" ", "\n") or (after.gap.startswith(".") and before.word in TITLES)


def _names(words: list[_Word]) -> frozenset[str]:
    """The words that the story uses as names."""
    uses = _survey(words)
    sure = {word for word, use in uses.items() if len(word) > 1 and _is_name(word, use)}
    plurals = {w for w in uses if w.endswith("s") and (w[:-1] in sure or w[:-2] in sure) and _unknown(w)}
    return frozenset(sure | plurals)


def _survey(words: list[_Word]) -> dict[str, _Uses]:
    uses: defaultdict[str, _Uses] = defaultdict(_Uses)
    saying, acting, titles = finite_forms("speech_verbs"), lexicon.person_verbs(), lexicon.titles()
    for earlier, before, here, after in zip(
        [_NOTHING, _NOTHING, *words], [_NOTHING, *words], words, [*words[1:], _NOTHING], strict=False
    ):
        use, follows = uses[here.word], here.gap in (" ", "\n")
        by_the = before.word == "the" and follows
        use.n += 1
        use.the += by_the
        title = titles.get(before.word) if _joined(before, here) else None
        use.titled += title is not None and title.sort != "epithet" and earlier.word != "the"
        use.held += before.word in _DETERMINERS and follows
        use.placed += before.word in _PLACED and follows
        ahead = (earlier if by_the else before) if follows else _NOTHING
        inverted = ahead.word in saying and bool(_MARKS & set(ahead.gap))
        begins = bool(_MARKS & set((before if by_the else here).gap))
        use.speaks += inverted or (after.word in saying and after.gap == " " and begins)
        use.led += follows and (before.word in _LEADING or before.word in lexicon.first_names())
        joined = after.gap in (" ", "\n") and here.word in lexicon.first_names()
        use.leads += joined and _unknown(after.word)
        called = here.gap[-1:] in _MARKS or here.gap[-2:] == ", "
        use.acts += here.owns or (after.word in acting and after.gap == " ") or (called and after.gap[:1] in _MARKS)
    return uses


def _unknown(word: str) -> bool:
    """Is a word none that fiction writes small?"""
    return not (word in lexicon.common_words() or word in lexicon.titles() or word in lexicon.person_nouns())


def _is_name(word: str, use: _Uses) -> bool:
    known, held = word in lexicon.first_names(), (use.held + use.the) / use.n
    shown = use.titled + use.speaks + use.acts
    if not _unknown(word):
        often = use.titled + use.speaks >= max(_SPEAKS, 0.2 * use.n)
        most = _HELD if known else _HARDLY_HELD if word in lexicon.person_nouns() else 0.0
        return often and held < most  # "archer" is a name where he is no archer
    if use.n >= _RARE and held < _HELD and use.led + use.leads >= _PAIRED * use.n:
        return True  # "alexis ivanovitch", "de griers"
    if known:
        rare = use.n <= _RARE and word not in lexicon.person_verbs()  # "the captain rose"
        return held < 2 * _HELD and (shown >= _ACTS * use.n or rare)
    if held >= _HELD:  # "the Hatter"
        return use.speaks >= _SPEAKS and use.held < use.the / 4 and not _NO_NAME.search(word)
    if use.titled or use.speaks > 1:
        return True
    return use.n >= _RARE and shown + use.placed >= _AT_HOME * use.n and not _NO_NAME.search(word)
