"""Promises that are told of again, and the words by which a passage about one is known."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from msgspec import structs

from unsaid.ledger.lexicon import lines_of, worded
from unsaid.ledger.pieces import pieces
from unsaid.lexica import inflect
from unsaid.story import Entry, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.story import EntryStatus

_ENDINGS = ("ing", "ed", "es", "s", "e")
REMEMBERED = 20
"""Of the promises between two people so many are remembered when one of them is told of again."""
_COMMON = frozenset(
    "i i'll i'm you your yours me my we us it that this the a an to of in on at for and but or not no never always "
    "will shall promise promised swear swore vow word give gave have has had be is was by with so if then him her he "
    "she them they his their would do any anything".split()
)
_RETOLD = worded("promises", "retold")
_UNKEPT = worded("promises", "unkept")


def retold(ground: Ground) -> Iterator[tuple[Entry, str]]:
    """Promises that one reminds another of ("You promised to stay"), as entries of their own, with their words."""
    for index, line in enumerate(ground.lines):
        for piece in pieces(ground, index):
            found = _RETOLD.search(piece.text) if "you" in piece.text else None
            if found is None or piece.end == "?":
                continue
            start, end = ground.tokens.starts[piece.first], ground.tokens.ends[piece.last - 1]
            said = " . ".join(other.text for other in pieces(ground, index) if other.first >= piece.first)
            behind = said[found.end() :] if found["verb"].startswith("said") else said
            status: EntryStatus = "broken" if _UNKEPT.search(behind) else "open"
            yield (
                Entry(
                    id="", kind="promise", from_=line.addressees[0] if line.addressees else None, to=line.speaker,
                    gist="", start=start, end=end, voice="aloud", heard=True, answer=None, status=status,
                    confidence=0.65, utterance=line.id, rule=f"retold: {found['verb'].split()[0]}",
                    reason="it is told of later; its own words are not in the story",
                ),
                found["what"],
            )  # fmt: skip


@cache
def _irregular() -> dict[str, tuple[str, ...]]:
    """The past forms of irregular verbs by their base."""
    return {base: tuple(past) for base, *past in map(str.split, lines_of("irregular"))}


@cache
def _bases() -> dict[str, str]:
    return {past: base for base, forms in _irregular().items() for past in forms}


def past_of(lemma: str) -> str:
    """The past form of a verb."""
    return _irregular().get(lemma, (inflect(lemma)[1],))[0]


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """The words of a passage that carry what it is about, endings cut off."""
    words = (word for word in re.findall(r"[a-z']+", text.lower().replace("’", "'")) if word not in _COMMON)
    return frozenset(_stem(word) for word in words) - _COMMON


def _stem(word: str) -> str:
    word = _bases().get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def joined(entries: Sequence[Entry], told: Sequence[tuple[Entry, str]], text: str) -> list[Entry]:
    """The entries with each retold promise put to the promise it tells of, or added where there is none."""
    kept = list(entries)
    made_by = _by_pair(kept)
    for entry, what in told:
        at = _made_before(kept, made_by, entry, what, text)
        if at is None:
            kept.append(entry)
            insort(made_by.setdefault(_pair(entry), []), len(kept) - 1, key=lambda i: kept[i].start)
            continue
        made = kept[at]
        status = entry.status if entry.status != "open" else made.status
        answer = Span(entry.start, entry.end) if entry.status == "broken" else made.answer
        kept[at] = structs.replace(
            made, again=(*made.again, Span(entry.start, entry.end)), status=status, answer=answer
        )
    return kept


def _pair(entry: Entry) -> frozenset[str | None]:
    return frozenset((entry.from_, entry.to))


def _by_pair(entries: Sequence[Entry]) -> dict[frozenset[str | None], list[int]]:
    """Where the promises between each two people stand, in order."""
    found: dict[frozenset[str | None], list[int]] = {}
    for at, entry in enumerate(entries):
        if entry.kind == "promise":
            found.setdefault(_pair(entry), []).append(at)
    return found


def _made_before(
    kept: Sequence[Entry], made_by: dict[frozenset[str | None], list[int]], entry: Entry, what: str, text: str
) -> int | None:
    """Index of the last promise before a retelling, by and to the same people, that shares a word with it.

    :data:`REMEMBERED` promises back are asked.
    """
    about = stems(what)
    between = made_by.get(_pair(entry), [])
    before = bisect_left(between, entry.start, key=lambda at: kept[at].start)
    for at in reversed(between[max(0, before - REMEMBERED) : before]):
        if not about or about & stems(text[kept[at].start : kept[at].end]):
            return at
    return None
