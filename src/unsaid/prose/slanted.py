"""Speech in italics: what is signed, or said mind to mind, or by a dragon, stands in no quotation marks.

Italics with a verb of speech right behind them ("*You came,* said the voice.") are a quotation; with a verb of thought,
or with none, they are not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

from unsaid.lexica import finite_forms
from unsaid.prose.layer import Quotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.story import Emphasis

LONGEST = 400
"""Italics of more characters than this are a letter or a dream."""

_MARKS = "*_"
_ENDS = tuple(",.!?…—-~")
_OPENS_AFTER = tuple('.!?…:—"”')
_NEAR = 8  # characters before italics in which a sentence ends
_GAP = 80  # characters of a cue between two parts of one line
_TYPED = frozenset("texted typed wrote texts types writes".split())
_SIGNED = ("signed", "signs", "projected", "sent")
# "read", "went", "returned" and the like report speech in quotation marks; behind italics they rather tell of deeds.
_DEEDS = frozenset(
    "read reads went goes returned returns began begins paused wrote followed put finished finish closed broke sang "
    "sing sings chanted recited quoted".split()
)


def find(
    text: str, paragraphs: Sequence[tuple[int, int]], emphasis: Sequence[Emphasis], quoted: Sequence[Quotation]
) -> tuple[Quotation, ...]:
    """The quotations, and what is spoken in italics between them; sorted."""
    slanted = [(e.start, e.end) for e in emphasis if e.kind == "italic" and e.end - e.start <= LONGEST]
    found = list(_spoken(text, paragraphs, slanted, quoted))
    return tuple(sorted([*quoted, *found], key=lambda q: q.start)) if found else tuple(quoted)


def _spoken(
    text: str, paragraphs: Sequence[tuple[int, int]], slanted: Sequence[tuple[int, int]], quoted: Sequence[Quotation]
) -> Iterator[Quotation]:
    starts, ends = [start for start, _ in paragraphs], [end for _, end in paragraphs]
    held = [q.start for q in quoted]
    last: Quotation | None = None
    for start, end in slanted:
        low, high = _with_marks(text, start, end)
        index = bisect_left(ends, high)
        if index >= len(ends) or starts[index] > low or "\n" in text[start:end]:
            continue
        at = bisect_left(held, low)
        if (at < len(held) and held[at] < high) or (at and quoted[at - 1].end > low):
            continue
        goes_on = last is not None and last.paragraph == index and _is_rest(text, last.end, low)
        if (_begins(text, starts[index], low) and _is_cued(text, end, high, ends[index])) or goes_on:
            last = Quotation(low, high, index, "italic")
            yield last


def _with_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the typed marks around it, if it has any."""
    while start and text[start - 1] in _MARKS:
        start -= 1
    while end < len(text) and text[end] in _MARKS:
        end += 1
    return start, end


def _begins(text: str, floor: int, start: int) -> bool:
    before = text[max(floor, start - _NEAR) : start].rstrip()
    return not before or before.endswith(_OPENS_AFTER)


def _is_cued(text: str, end: int, behind: int, high: int) -> bool:
    """Whether a verb of speech and whose it is stand right behind."""
    return text[end - 1] in _ENDS and _cue().match(text, behind, high) is not None


def _is_rest(text: str, end: int, start: int) -> bool:
    """Whether nothing but the cue parts two stretches: "*You came,* said Ann. *At last.*"."""
    between = text[end:start]
    return (
        len(between) <= _GAP
        and "\n" not in between
        and between.rstrip().endswith((".", ","))
        and (between.count(".") <= 1)
    )


@cache
def _cue() -> re.Pattern[str]:
    verbs = finite_forms("speech_verbs") - finite_forms("thought_verbs") - finite_forms("gesture_verbs")
    spoken = "|".join(sorted({*map(re.escape, verbs - _TYPED - _DEEDS), *_SIGNED}, key=len, reverse=True))
    who = r"(?:he|she|they|I|you|[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?|(?:the|a|an|his|her|my|its) (?:\w+ ){0,2}?\w+)"
    adverb = r"(?:\w+ly )?"
    ends = r"(?=[.,;:!?…—-]|\s+(?:back|to|at|in|into|from|with|through|over|again|softly|gently|quietly|slowly)\b)"
    return re.compile(rf"[,\s]*(?:{who} {adverb}(?:{spoken})|{adverb}(?:{spoken}) {who}){ends}")
