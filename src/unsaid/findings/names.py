"""Findings about names: rules ``N1..``."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from heapq import nlargest
from importlib.resources import files
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from msgspec import structs
from rapidfuzz.distance import OSA

from unsaid.findings.rules import finding
from unsaid.people import lexicon
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Character, Finding

RARE = 2
"""A name that is written more often than this is no slip."""
TIMES = 6
"""A name must be so many times as frequent as a slip of it."""
TIMES_JOINED = 3
"""... where both are read as one person's."""
LEAST = 5
"""Shorter names are one letter from too much else."""
MAIN = 20
"""Two people are confused only if both are mentioned by name this often."""
MOST_MAIN, MOST_SPELLINGS = 100, 20
"""So many people, the most named, and so many forms of one's name, the most written, are held against one another."""


def misspelt(prose: Prose, cast: Cast) -> Iterator[Finding]:
    """N101: a rare capitalised word one slip away from a frequent name."""
    words, held = prose.tokens.words, concordance(prose.tokens).written
    counts = Counter({w: len(at) for w, at in held.items() if w[0].isupper() and len(w) >= LEAST - 1})
    names = _name_words(cast)
    near = _index({w for w, n in counts.items() if n >= TIMES and w in names})
    joined = {(one, other) for c in cast.characters for one, other in permutations(_single(c), 2)}
    low = {w for w in held if w[0].islower()}
    rare = [w for w, n in counts.items() if n <= RARE and _may_be_slip(w, low)]
    slips: dict[str, str] = {}
    for word in rare:
        meant = _meant(word, near, counts, joined)
        if meant is not None:
            slips[word] = meant
    if slips:
        first = {meant: held[meant][0] for meant in set(slips.values())}
        company = _company(prose, set(slips.values()))
        for index in sorted(at for slip in slips for at in held[slip]):
            word = words[index]
            if _neighbours(prose, index) <= company[slips[word]]:
                slip = _slip(prose, index, slips[word], first[slips[word]], counts)
                yield slip if _is_plain(word, slips[word], counts[word]) else structs.replace(slip, severity="note")


def _is_plain(word: str, meant: str, times: int) -> bool:
    """Whether a word can hardly be anything but a slip.

    Somebody of another name, or a town, is met as often as a slip that happens to make one; who writes a word twice
    means it; and another last letter, a hyphen or an s for a z is another form of the word.
    """
    formed = word[:-1] == meant[:-1] or word.replace("z", "s") == meant.replace("z", "s") or "-" in meant
    return times == 1 and not formed and word.lower() not in _surnames()


@cache
def _surnames() -> frozenset[str]:
    """Surnames that many people bear, in lower case."""
    text = (files(__package__) / "lexica" / "surnames.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _company(prose: Prose, names: set[str]) -> dict[str, set[str]]:
    """The capitalised words that ever stand beside each name, in lower case."""
    held = concordance(prose.tokens).written
    return {name: set().union(*(_neighbours(prose, at) for at in held[name])) for name in names}


def _neighbours(prose: Prose, index: int) -> set[str]:
    """The names that stand right beside a word, titles left out: another first name means somebody else."""
    tokens = prose.tokens
    paragraph = prose.paragraphs[max(0, prose.paragraph_at(tokens.starts[index]))]
    return {
        tokens.lower[i]
        for i in (index - 1, index + 1)
        if paragraph.first <= i < paragraph.last
        and tokens.words[i][0].isupper()
        and len(tokens.words[i]) > 1
        and not _ordinary(tokens.lower[i])
    }


def _slip(prose: Prose, index: int, meant: str, first: int, counts: Counter[str]) -> Finding:
    tokens = prose.tokens
    return finding(
        "N101",
        f"{tokens.words[index]} may be {meant}, misspelt",
        [(tokens.starts[index], tokens.ends[index]), (tokens.starts[first], tokens.ends[first])],
        f"one slip apart: {meant} stands in the text {counts[meant]} times, "
        f"{tokens.words[index]} {counts[tokens.words[index]]} time{'s'[: counts[tokens.words[index]] - 1]}",
    )


def _name_words(cast: Cast) -> frozenset[str]:
    """Every capitalised word of the people's names that is no title, nation or place besides."""
    words = {w for c in cast.characters for name in c.names for w in name.split() if w[0].isupper()}
    return frozenset(w for w in words if not _ordinary(w.lower()))


def _ordinary(lower: str) -> bool:
    return lower in lexicon.common_words() or lower in lexicon.not_persons() or lower in lexicon.titles()


def _may_be_slip(word: str, low: set[str]) -> bool:
    """Whether a word is none that is known, and the text does not use it otherwise."""
    lower = word.lower()
    if not word.isalpha() or len(word) < LEAST - 1 or word.isupper() or lower in low or _ordinary(lower):
        return False
    return lower not in lexicon.first_names()


def _index(names: set[str]) -> dict[str, list[str]]:
    """Names by each form with one letter left out: two words one slip apart share one (Mor and Fraenkel 1982)."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        if len(name) >= LEAST:
            for form in _forms(name):
                found[form].append(name)
    return dict(found)


def _forms(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _single(character: Character) -> list[str]:
    """A character's names of one word, the most written ones."""
    return [name for name, _ in Counter(character.names).most_common(MOST_SPELLINGS) if " " not in name]


def _meant(word: str, near: dict[str, list[str]], counts: Counter[str], joined: set[tuple[str, str]]) -> str | None:
    """The most frequent name that a word is a slip of; endings that make another word (-s, -y, -ie) are none.

    :param joined: pairs of forms that one person is called by.
    """
    found = {name for form in _forms(word) for name in near.get(form, ())}
    fitting = [
        name
        for name in found
        if counts[name] >= (TIMES_JOINED if (word, name) in joined else TIMES) * counts[word]
        and name != word
        and OSA.distance(name, word) == 1
        and not _derived(word, name)
    ]
    return max(fitting, key=lambda name: (counts[name], name), default=None)


def _derived(word: str, name: str) -> bool:
    """Whether the two differ by an ending, or in the first letter: another word and no slip."""
    shorter, longer = sorted((word, name), key=len)
    return (longer.startswith(shorter) and longer[-1] != shorter[-1]) or word[0] != name[0]


def alike(cast: Cast) -> Iterator[Finding]:
    """N102: two people who are often named, by names that a reader takes for one another."""
    first: dict[str, tuple[int, int]] = {}
    main = [c for c in cast.characters if c.kind == "person" and sum(c.names.values()) >= MAIN and " " not in c.name]
    most = {c.id for c in nlargest(MOST_MAIN, main, key=lambda c: sum(c.names.values()))}
    main = [c for c in main if c.id in most]
    names = {c.id: c.name for c in main}
    for mention in cast.mentions:
        if mention.kind == "name" and mention.character in names and mention.character not in first:
            first[mention.character] = (mention.start, mention.end)
    for one, other in combinations(main, 2):
        if one.id in first and other.id in first and _confusable(one.name, other.name):
            yield finding(
                "N102",
                f"{one.name} and {other.name} are easily taken for one another",
                [first[one.id], first[other.id]],
                "readers know a name by its beginning, its length and its shape; these two share all three",
            )


def _confusable(one: str, other: str) -> bool:
    a, b = one.casefold(), other.casefold()
    if a == b or a[0] != b[0] or min(len(a), len(b)) < 3:
        return False
    return OSA.distance(a, b) == 1 or (a[:3] == b[:3] and len(a) == len(b) and OSA.distance(a, b) <= 2)


def varies(prose: Prose, cast: Cast) -> Iterator[Finding]:
    """N103: one character whose name is often spelt in two ways: InuYasha and Inuyasha, Katherine and Katharine."""
    for character in cast.characters:
        spelt = Counter({n: k for n, k in character.names.items() if k > RARE and " " not in n and n[0].isupper()})
        for one, other in combinations([name for name, _ in spelt.most_common(MOST_SPELLINGS)], 2):
            if one.isupper() or other.isupper() or not _same_name(one, other):
                continue
            spans = [span for name in (other, one) if (span := _where(prose, name)) is not None]
            if len(spans) == 2:
                yield finding(
                    "N103",
                    f"{one} ({spelt[one]} times) is also spelt {other} ({spelt[other]} times)",
                    spans,
                    "one person, two spellings",
                )


def _same_name(one: str, other: str) -> bool:
    """Whether two forms differ in a capital inside, or in one letter that is no ending."""
    if one.casefold() == other.casefold():
        return True
    return min(len(one), len(other)) >= LEAST and OSA.distance(one, other) == 1 and not _derived(one, other)


def _where(prose: Prose, name: str) -> tuple[int, int] | None:
    """Where a name of one word first stands."""
    index = next(iter(concordance(prose.tokens).written.get(name, ())), None)
    if index is None:
        return None
    return prose.tokens.starts[index], prose.tokens.ends[index]
