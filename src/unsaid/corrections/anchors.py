"""Passages by quotation: an anchor made from a span, and the span found again in an edited text.

The selector is that of the W3C Web Annotation Data Model (2017), section 4.2.4; how it is found again after edits
follows Brush, Bargeron, Gupta and Cadiz (2001), "Robust annotation positioning in digital documents": the words first,
then what stands around them, then what is nearly the same words in the same surroundings.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from unsaid.corrections.model import Anchor

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = 32
"""Characters of context that every anchor has, where the text has so many; more where the words are common."""
MOST_CONTEXT = 512
ALIKE = 0.6
"""The share of an edited passage's characters that must still be there in order ..."""
ALL_ALIKE = 0.7
"""... and of the passage with its surroundings."""
PIECE = 12
"""Characters of a piece of an anchor that is looked for in an edited text."""
_PIECES = 48
_MOST_PLACES = 64  # of one piece: what is everywhere tells nothing
_MOST_TRIED = 8
_LONGEST_ALIGNED = 4000


def anchor(text: str, start: int, end: int) -> Anchor:
    """The anchor of ``text[start:end]``, with as much context as tells it from every other passage."""
    size = CONTEXT
    while True:
        prefix, suffix = text[max(0, start - size) : start], text[end : end + size]
        whole = prefix + text[start:end] + suffix
        first = text.find(whole)
        if size >= MOST_CONTEXT or text.find(whole, first + 1) < 0:
            return Anchor(text[start:end], prefix, suffix)
        size *= 2


def locate(text: str, wanted: Anchor) -> tuple[int, int] | None:
    """The span of an anchor in a text, or None where it fits nowhere, or in two places alike."""
    whole = wanted.prefix + wanted.exact + wanted.suffix
    at = text.find(whole)
    if at >= 0 and text.find(whole, at + 1) < 0:
        start = at + len(wanted.prefix)
        return start, start + len(wanted.exact)
    if not wanted.exact:
        return None
    return _by_context(text, wanted) or _by_likeness(text, wanted)


def _by_context(text: str, wanted: Anchor) -> tuple[int, int] | None:
    """The one place with the very words whose surroundings are most alike."""
    places = list(_places(text, wanted.exact))
    if not places:
        return None
    if len(places) == 1 and len(wanted.exact) > PIECE:
        return places[0], places[0] + len(wanted.exact)
    ranked = sorted(((_surroundings(text, wanted, at), at) for at in places), reverse=True)
    best = ranked[0][0]
    if best < ALL_ALIKE / 2 or (len(ranked) > 1 and ranked[1][0] >= best):
        return None
    return ranked[0][1], ranked[0][1] + len(wanted.exact)


def _places(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _surroundings(text: str, wanted: Anchor, at: int) -> float:
    """How alike the surroundings of ``text[at:]`` are to an anchor's, from 0 to 1."""
    end = at + len(wanted.exact)
    before = text[max(0, at - len(wanted.prefix)) : at]
    behind = text[end : end + len(wanted.suffix)]
    parts = [(wanted.prefix, before), (wanted.suffix, behind)]
    shares = [fuzz.ratio(one, other) / 100 for one, other in parts if one]
    return sum(shares) / len(shares) if shares else 0.0


def _by_likeness(text: str, wanted: Anchor) -> tuple[int, int] | None:
    """Where an edited passage stands now: pieces of the anchor vote for places, and the best few are aligned."""
    whole = (wanted.prefix + wanted.exact + wanted.suffix)[: _LONGEST_ALIGNED + 2 * MOST_CONTEXT]
    votes: Counter[int] = Counter()
    step = max(1, len(whole) // _PIECES)
    bucket = max(PIECE * 4, len(whole) // 4)
    for offset in range(0, max(1, len(whole) - PIECE), step):
        for count, at in enumerate(_places(text, whole[offset : offset + PIECE])):
            if count >= _MOST_PLACES:
                break
            votes[(at - offset) // bucket] += 1
    found: list[tuple[float, int, int]] = []
    for place, _ in votes.most_common(_MOST_TRIED):
        window = max(0, (place - 1) * bucket)
        fit = _aligned(text, wanted, whole, window, (place + 2) * bucket + len(whole))
        if fit is not None and fit not in found:
            found.append(fit)
    found.sort(reverse=True)
    if not found or (len(found) > 1 and found[1][0] == found[0][0]):
        return None
    return found[0][1], found[0][2]


def _aligned(text: str, wanted: Anchor, whole: str, low: int, high: int) -> tuple[float, int, int] | None:
    """How alike the anchor is to what stands in a window of the text, and where its words begin and end there."""
    window = text[low:high]
    fit = fuzz.partial_ratio_alignment(whole, window, score_cutoff=100 * ALL_ALIKE)
    if fit is None:
        return None
    near = window[fit.dest_start : fit.dest_end]
    blocks = LCSseq.editops(whole, near).as_matching_blocks()
    begin, stop = len(wanted.prefix), len(wanted.prefix) + len(wanted.exact)
    kept = [
        (b.b + max(0, begin - b.a), b.b + min(b.size, stop - b.a))
        for b in blocks
        if b.size and b.a < stop and b.a + b.size > begin
    ]
    if sum(end - start for start, end in kept) < ALIKE * len(wanted.exact):
        return None
    start = next((b.b + begin - b.a for b in blocks if b.a < begin <= b.a + b.size), kept[0][0])
    end = next((b.b + stop - b.a for b in blocks if b.a <= stop < b.a + b.size), kept[-1][1])
    return fit.score, low + fit.dest_start + start, low + fit.dest_start + max(end, start)
