"""Speech in a story that has no quotation marks at all: lost on the way, or left out by an author who likes it so.

Each paragraph is cut into clauses, and a linear chain (Lafferty, McCallum and Pereira 2001) says which of them are
spoken: words of talk ("you", "won't", "here's") and of telling ("nodded", "said Ann"), and how one clause goes on from
the other. Its weights are fitted by ``training/unmarked.py`` on novels without their marks, which are the gold.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms
from unsaid.prose.layer import Quotation
from unsaid.prose.sentences import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unsaid.prose.layer import Spoken

# Short clauses that tell of speech behind a comma, a question or an exclamation ("…, said Ann."), in a thousand words:
# 3 to 18 in novels and stories without their marks, up to 3.6 with them; but these have more cues behind a mark.
_CUES = 2.0
_FEWEST_CUES = 3
_MARKED = 1.0
"""Cues behind a mark, in a thousand words: novels have 2.8 or more, without their marks at most 0.3 (apostrophes)."""
_LONGEST_CUE = 4  # words
_MORE = 4
_LONGEST = 30  # words of a clause that count
_REPORTING = 6  # words within which a clause tells that someone speaks
_PRONOUNS = frozenset("he she they i".split())
_PAIRED = _PRONOUNS | frozenset("it you we i'm that there".split())
_OPENERS = frozenset("the mr mrs miss his her my".split())
_CUT = re.compile(r"[,.;:!?…]+(?=\s|$)|--+|[—–]|(?<=\s)-(?=\s)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+$")
_SOLID = re.compile(r"\S")
_LONGEST_ABBREVIATION = 8  # letters, and one more
_SELF = frozenset("i my me we our us i'm i'd".split())
_SAID_I = re.compile(r"\b(?:said I|I (?:said|replied|answered|asked|cried))\b")
_SAID_HE = re.compile(
    r"\b(?:(?:said|replied|asked|cried) (?:he|she)|(?:he|she) (?:said|replied|asked))\b", re.IGNORECASE
)
_I_AMONG = 0.12
"""Cues with "I" among those with a pronoun from which on somebody in the story tells it."""


HEARD = 3.0
"""What a clause's mean log-odds of being spoken weigh beside what its words show, where the encoder has read: on two
novels that neither was fitted to, their marks taken out, 0.950 and 0.965 of the words are right (without the encoder
0.916 and 0.903; from a weight of 2 to one of 5 it hardly matters)."""


_SURELY = 20.0  # log-odds of a clause that a dash opens


class Clause(msgspec.Struct, frozen=True, gc=False):
    """A clause, ``text[start:end]``, and the mark that ends it: one of ``,.;:!?…—``, or ``$`` at a paragraph's end."""

    start: int
    end: int
    mark: str


def lacks_marks(text: str, paragraphs: Sequence[tuple[int, int]], quoted: Sequence[Quotation]) -> bool:
    """Is it told of people that they speak, and next to nothing of what they say stands in marks?

    :param quoted: what stands in marks: titles, words as words, thoughts; and apostrophes that were taken for marks.
    """
    verbs = finite_forms("speech_verbs")
    marked = sum(any(w in verbs for w in text[q.end : q.end + 40].split()[:3]) for q in quoted)
    words = sum(len(text[start:end].split()) for start, end in paragraphs)
    if marked >= max(_FEWEST_CUES, _MARKED * words / 1000):
        return False
    wanted = max(_FEWEST_CUES, _CUES * words / 1000, _MORE * marked)
    return sum(_bare_cues(text, start, end) for start, end in paragraphs) >= wanted


def _bare_cues(text: str, start: int, end: int) -> int:
    """How many cues of a paragraph have no quotation mark before them."""
    held = clauses(text, start, end)
    words = [_WORD.findall(text, clause.start, clause.end) for clause in held]
    return sum(
        _is_cue([*_reporting(w, [word.lower() for word in w], before)], w)
        for (before, _), w in zip(_with_marks(held), words, strict=True)
    )


def find(text: str, paragraphs: Sequence[tuple[int, int]], heard: Spoken | None = None) -> tuple[Quotation, ...]:
    """What is spoken in the paragraphs (spans of ``text``), sorted.

    :param heard: what is known of the words beside what they are.
    """
    told = told_by_one_of_them(text[start:end] for start, end in paragraphs)
    weights = _weights()
    found = []
    for i, (start, end) in enumerate(paragraphs):
        held = clauses(text, start, end)
        scores = [sum(weights.get(name, 0.0) for name in shown) for shown in features(text, held, told=told)]
        if heard is not None:
            scores = [score + HEARD * _mean_odds(heard, clause) for score, clause in zip(scores, held, strict=True)]
        spoken = decode(scores, [_steps(weights, before) for before, _ in _with_marks(held)])
        found += [Quotation(a, b, i, "none") for a, b in _runs(text, held, spoken)]
    return tuple(found)


def behind_cue(text: str, start: int, end: int, cue: int) -> Iterator[tuple[int, int]]:
    """What is spoken of a paragraph behind its first cue, where a dash opens it: "—Every day, says Ann. You'll …".

    :param cue: where the cue begins; what stands before it is known to be spoken.
    """
    weights = _weights()
    held = clauses(text, start, end)
    scores = [sum(weights.get(name, 0.0) for name in shown) for shown in features(text, held, told=False)]
    for k, clause in enumerate(held):
        if clause.end <= cue:
            scores[k] = _SURELY
        elif (k == 0 or held[k - 1].mark in ".!?…") and _tells_of_others(text[clause.start : clause.end]):
            scores[k] = -_SURELY
    spoken = decode(scores, [_steps(weights, before) for before, _ in _with_marks(held)])
    stops = [k for k, clause in enumerate(held) if clause.end > cue and clause.mark in ".!?…"]
    if stops:
        after = stops[0] + 1
        yield from _runs(text, held[after:], spoken[after:])


def _tells_of_others(clause: str) -> bool:
    """Whether a clause that begins a sentence has "he" or "she" for its subject and speaks to nobody."""
    words = [word.lower() for word in _WORD.findall(clause)]
    return words[:1] in (["he"], ["she"], ["they"]) and not any(w in _SELF or w.startswith("you") for w in words)


def _mean_odds(heard: Spoken, clause: Clause) -> float:
    """The mean log-odds of a clause's words; 0 where it has none."""
    low, high = bisect_left(heard.starts, clause.start), bisect_left(heard.starts, clause.end)
    return sum(heard.odds[low:high]) / max(1, high - low)


def clauses(text: str, start: int, end: int) -> list[Clause]:
    """A paragraph's clauses, one behind the other, from its first character to its last."""
    found, at = [], start
    for cut in _CUT.finditer(text, start, end):
        word = _LETTERS.search(text, max(at, cut.start() - _LONGEST_ABBREVIATION), cut.start())
        short = word is not None and (word[0].lower() in TITLES or (len(word[0]) == 1 and word[0] != "I"))
        if (cut[0] == "." and short) or not _SOLID.search(text, at, cut.end()):
            continue
        found.append(Clause(at, cut.end(), "—" if cut[0][0] in "-–" else cut[0][0]))
        at = cut.end()
    if _SOLID.search(text, at, end):
        found.append(Clause(at, end, "$"))
    return found


def features(text: str, held: Sequence[Clause], *, told: bool) -> list[list[str]]:
    """What each clause of a paragraph shows, by the names under which it has weights.

    :param told: somebody in the story tells it.
    """
    words = [_WORD.findall(text, clause.start, clause.end) for clause in held]
    lower = [[word.lower().replace("’", "'") for word in own] for own in words]
    reports = [
        [*_reporting(w, low, before)] for (before, _), w, low in zip(_with_marks(held), words, lower, strict=True)
    ]
    found = []
    for k, (before, clause) in enumerate(_with_marks(held)):
        shown = [f"ends {clause.mark}", f"after {before}", *reports[k], *_worded(words[k], lower[k])]
        if told:
            shown += ("told", *(f"told {word}" for word in sorted(_SELF & set(lower[k][:_LONGEST]))))
        shown.append("opens" if k == 0 else "cued" if _is_cue(reports[k - 1], words[k - 1]) else "on")
        shown.append("closes" if k + 1 == len(held) else "cue" if _is_cue(reports[k + 1], words[k + 1]) else "off")
        found.append(shown)
    return found


def _worded(words: Sequence[str], lower: Sequence[str]) -> Iterator[str]:
    """A clause's own words, and how they stand."""
    yield from (f"word {word}" for word in sorted(set(lower[:_LONGEST])))
    yield from (f"pair {a} {b}" for a, b in sorted(set(pairwise(lower[:_LONGEST]))) if a in _PAIRED)
    if lower:
        yield f"first {lower[0]}"
        yield f"last {lower[-1]}"
        if words[0][0].islower():
            yield "small"
    if 1 < len(lower) < 9:
        yield f"first {lower[0]} {lower[1]}"
    yield f"words {len(lower) if len(lower) < 12 else 12 + min(4, len(lower) // 8)}"
    if any(word[0].isupper() for word in words[1:]):
        yield "capital"


def _is_cue(reports: Sequence[str], words: Sequence[str]) -> bool:
    """Is a clause a short one that tells of speech behind a comma, a question or an exclamation ("…, said Ann.")?"""
    return len(words) <= _LONGEST_CUE and any(name[-1] in ",!?" for name in reports if name != "speaks")


def _reporting(words: Sequence[str], lower: Sequence[str], before: str) -> Iterator[str]:
    """Is it told that someone speaks: "said Ann" (said), "she cried" (says)?"""
    verbs = finite_forms("speech_verbs")
    at = next((k for k, word in enumerate(lower[:_REPORTING]) if word in verbs), None)
    if at is None:
        return
    yield "speaks"
    if at + 1 < len(lower) and (lower[at + 1] in _PRONOUNS | _OPENERS or words[at + 1][0].isupper()):
        yield f"said {min(at, 1)} {_subject(words[at + 1])} {before}"
    if at and (lower[at - 1] in _PRONOUNS or words[at - 1][0].isupper()):
        yield f"says {min(at, 2)} {_subject(words[at - 1])} {before}"


def _subject(word: str) -> str:
    low = word.lower()
    return low if low in _PRONOUNS else "the" if low in _OPENERS and word[0].islower() else "Name"


def told_by_one_of_them(passages: Iterator[str]) -> bool:
    """Is "I" the subject of so many cues that somebody in the story tells it?"""
    own = others = 0
    for passage in passages:
        own += len(_SAID_I.findall(passage))
        others += len(_SAID_HE.findall(passage))
    return own > _I_AMONG * (own + others)


def decode(scores: Sequence[float], steps: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> list[bool]:
    """The likeliest sequence of told (False) and spoken (True) (Viterbi 1967).

    :param scores: of each clause, for spoken against told.
    :param steps: of each clause, by what the one before is and what it is itself; before the first, it is told.
    """
    told = spoken = 0.0
    came: list[tuple[bool, bool]] = []
    for k, (score, step) in enumerate(zip(scores, steps, strict=True)):
        if k == 0:
            told, spoken = step[0][0], step[0][1] + score
            came.append((False, False))
            continue
        ways = ((told + step[0][0], spoken + step[1][0]), (told + step[0][1], spoken + step[1][1]))
        came.append((ways[0][1] > ways[0][0], ways[1][1] > ways[1][0]))
        told, spoken = max(ways[0]), max(ways[1]) + score
    state, found = spoken > told, []
    for back in reversed(came):
        found.append(state)
        state = back[state]
    return found[::-1]


def _steps(weights: Mapping[str, float], before: str) -> tuple[tuple[float, float], tuple[float, float]]:
    told, spoken = ([weights.get(f"step {before} {a}{b}", 0.0) for b in (0, 1)] for a in (0, 1))
    return (told[0], told[1]), (spoken[0], spoken[1])


def _with_marks(held: Sequence[Clause]) -> Iterator[tuple[str, Clause]]:
    """Each clause behind the mark before it."""
    if held:
        yield "^", held[0]
        yield from ((before.mark, here) for before, here in pairwise(held))


def _runs(text: str, held: Sequence[Clause], spoken: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The spans of neighbouring clauses that are spoken, without the white space around."""
    at = 0
    while at < len(held):
        last = at
        while last + 1 < len(held) and spoken[at] and spoken[last + 1]:
            last += 1
        if spoken[at]:
            start, end = held[at].start, held[last].end
            piece = text[start:end]
            yield end - len(piece.lstrip()), start + len(piece.rstrip())
        at = last + 1


@cache
def _weights() -> dict[str, float]:
    lines = files("unsaid.prose").joinpath("unmarked.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.rpartition(" ") for line in lines if line and line[0] != "#")
    return {name: float(weight) for name, _, weight in rows}
