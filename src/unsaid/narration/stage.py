"""Scenes: where one ends, whose view it follows, who is there, and where it is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import lexicon
from unsaid.narration.layer import Stretch
from unsaid.narration.sections import sections
from unsaid.prose import concordance
from unsaid.story import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.narration.layer import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Mention, Utterance
    from unsaid.voices.layer import Voices

FOCUS_SHARE = 0.6
"""A third-person scene follows one character if this share of the weight of its inner life is theirs."""
FOCUS_WEIGHT = 3
"""... and the weight is at least this: three verbs of perception, or one thought."""
THOUGHT_WEIGHT = 3
PLACE_COUNT = 2
"""A scene's place is one that its narration puts somebody in at least so often; once may be in passing."""

_BE = frozenset(
    "was were is are am had has have would could might may must should will can been be seemed appeared remained "
    "wasn't weren't isn't hadn't hasn't wouldn't couldn't".split()
)
_LIGHT = frozenset(
    "then also just only still never always suddenly slowly quickly finally could had did quietly gently now".split()
)
_LOCATIVE = frozenset({"in", "at", "into", "inside", "across", "through", "outside", "behind", "on", "entered"})
_DETERMINERS = frozenset({"the", "a", "an", "his", "her", "their", "my", "our", "this"})


class _Cut(msgspec.Struct, frozen=True):
    """The paragraphs of one scene, its stretch, and why it begins where no mark stands."""

    first: int
    last: int
    stretch: Stretch
    reason: str | None


def stage(prose: Prose, cast: Cast, telling: Telling, voices: Voices) -> tuple[Scene, ...]:
    """Every scene of the story, in order; a scene never crosses a chapter, a break or a change of narrator."""
    groups = frozenset(c.id for c in cast.characters if c.kind == "group")
    starts = [m.start for m in cast.mentions]
    spoken = [u.start for u in voices.utterances]
    spots = concordance(prose.tokens).of(lexicon.word_list("places"))
    found = []
    for number, cut in enumerate(_cuts(prose, cast, telling), start=1):
        start, end = prose.paragraphs[cut.first].start, prose.paragraphs[cut.last - 1].end
        mentions = cast.mentions[bisect_left(starts, start) : bisect_left(starts, end)]
        uttered = voices.utterances[bisect_left(spoken, start) : bisect_left(spoken, end)]
        acting, inner = _acts(prose, mentions)
        found.append(
            Scene(
                id=f"s{number}",
                start=start,
                end=end,
                chapter=_chapter(prose, cut.first),
                person=cut.stretch.person,
                tense=cut.stretch.tense,
                narrator=cut.stretch.narrator,
                focalizer=cut.stretch.narrator or _focalizer(inner, uttered, groups),
                present=_present(acting, uttered, cut.stretch.narrator, start),
                place=_place(prose, cut, spots),
                reason=cut.reason,
            )
        )
    return tuple(found)


def _cuts(prose: Prose, cast: Cast, telling: Telling) -> Iterator[_Cut]:
    """Paragraph runs between the boundaries of sections and stretches."""
    if not telling.stretches:
        return
    marked = {cut.first for cut in sections(prose, cast)}
    begins = [s.start for s in telling.stretches]
    first, stretch, reason = 0, telling.stretches[0], None
    for index, paragraph in enumerate(prose.paragraphs):
        here = telling.stretches[max(0, bisect_right(begins, paragraph.start) - 1)]
        if index and (index in marked or here is not stretch):
            yield _Cut(first, index, stretch, reason)
            first, reason = index, None if index in marked else here.reason
        stretch = here
    yield _Cut(first, len(prose.paragraphs), stretch, reason)


def _chapter(prose: Prose, paragraph: int) -> str | None:
    chapter = prose.paragraphs[paragraph].chapter
    return prose.chapters[chapter].id if chapter is not None and 0 <= chapter < len(prose.chapters) else None


def _acts(prose: Prose, mentions: Sequence[Mention]) -> tuple[dict[str, int], Counter[str]]:
    """Who does something in the narration (with where first), and how often each one perceives, thinks or feels."""
    mental, past, present = lexicon.word_list("mental"), lexicon.word_list("past"), lexicon.word_list("present")
    acting: dict[str, int] = {}
    inner: Counter[str] = Counter()
    tokens = prose.tokens
    for mention in mentions:
        after = bisect_left(tokens.starts, mention.end)
        if mention.character is None or after >= len(tokens) or tokens.quoted[after - 1]:
            continue
        step = after + 1 if tokens.lower[after] in _LIGHT and after + 1 < len(tokens) else after
        verb = tokens.lower[step]
        if tokens.quoted[step] or tokens.ends[after - 1] != mention.end:
            continue
        if verb in mental:
            inner[mention.character] += 1
        if tokens.lower[after] in _BE:
            continue
        if verb in past or verb in present or verb.endswith("ed") or verb in mental:
            acting.setdefault(mention.character, mention.start)
    return acting, inner


def _focalizer(inner: Counter[str], uttered: Sequence[Utterance], groups: frozenset[str]) -> str | None:
    weights = Counter({who: count for who, count in inner.items() if who not in groups})
    for utterance in uttered:
        if utterance.kind == "thought" and utterance.speaker is not None:
            weights[utterance.speaker] += THOUGHT_WEIGHT
    if not weights:
        return None
    who, weight = max(weights.items(), key=lambda item: (item[1], item[0]))
    return who if weight >= FOCUS_WEIGHT and weight >= FOCUS_SHARE * weights.total() else None


def _present(acting: dict[str, int], uttered: Sequence[Utterance], narrator: str | None, start: int) -> tuple[str, ...]:
    """Those who act, speak or are spoken to aloud, in the order in which they appear."""
    first = dict(acting)
    for utterance in uttered:
        if utterance.kind != "speech" or utterance.mode in {"indirect", "free-indirect", "report"}:
            continue
        for who in (utterance.speaker, *utterance.addressees):
            if who is not None:
                first[who] = min(first.get(who, utterance.start), utterance.start)
    if narrator is not None:
        first[narrator] = start
    return tuple(sorted(first, key=lambda who: (first[who], who)))


def _place(prose: Prose, cut: _Cut, spots: Sequence[int]) -> str | None:
    """The place that the narration puts people in most often ("the kitchen"); None where two tie.

    :param spots: tokens that name a place, in order.
    """
    tokens = prose.tokens
    low, high = prose.paragraphs[cut.first].first, prose.paragraphs[cut.last - 1].last
    found: Counter[str] = Counter()
    for index in spots[bisect_left(spots, low + 2) : bisect_left(spots, high)]:
        start = None if tokens.quoted[index] else _phrase_start(prose, index, low)
        if start is not None:
            found[prose.text[tokens.starts[start] : tokens.ends[index]].lower()] += 1
    ranked = found.most_common(2)
    if not ranked or ranked[0][1] < PLACE_COUNT or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return None
    return " ".join(ranked[0][0].split())


def _phrase_start(prose: Prose, noun: int, low: int) -> int | None:
    """Where "in the old kitchen" has its determiner, if a preposition of place stands before it."""
    lower = prose.tokens.lower
    for index in range(noun - 1, max(low, noun - 4), -1):
        if lower[index] in _DETERMINERS:
            return index if lower[index - 1] in _LOCATIVE else None
        if not lower[index][0].isalpha():
            return None
    return None
