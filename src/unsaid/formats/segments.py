"""A story cut into segments for voices: who reads which stretch, not one character lost or said twice.

A segment is a stretch of the text that one voice reads: the narrator's, or a part of an utterance. Where one utterance
stands inside another (a line quoted in a letter), the inner one is cut out of the outer one.
"""

from __future__ import annotations

import heapq
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.formats.lines import lines_of
from unsaid.lexica import finite_forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.story import Story, Utterance

SegmentKind = Literal["narration", "speech", "thought", "writing", "matter"]
NARRATOR = "narrator"
"""The role that reads the narration."""
UNKNOWN = "unknown"
"""The role that reads the lines of nobody known."""

_PLAIN = frozenset(
    "say says said saying ask asks asked asking reply replies replied answer answers answered tell tells told add adds "
    "added continue continues continued go goes went think thinks thought write writes wrote speak speaks spoke be "
    "is was begin begins began respond responds responded".split()
)
_MANNER = re.compile(r"[\s,]*\b([a-z]{2,}ly)\b")
_WORD = re.compile(r"[^\W\d_]+")
_NOT_MANNER = frozenset("only early family reply finally suddenly presently immediately really nearly hardly".split())


class Segment(msgspec.Struct, frozen=True):
    """A stretch of the text that one voice reads.

    :ivar kind: ``matter`` is what stands around the story (titles, notes), which a voice may leave out.
    :ivar speaker: the character whose voice it is; None for the narrator, and where nobody is known.
    :ivar utterance: the utterance that it is a part of, or None.
    :ivar matter: of what kind the matter is.
    :ivar style: how it is said, in the words of the cue ("whispered", "softly"); None where it says nothing.
    """

    start: int
    end: int
    kind: SegmentKind
    speaker: str | None = None
    utterance: str | None = None
    style: str | None = None
    matter: str | None = None


def segments(story: Story) -> tuple[Segment, ...]:
    """The text from its first to its last character as segments, in order, without gap or overlap."""
    spoken = {u.id: u for u in lines_of(story)}
    spans: list[tuple[int, int, int, str]] = [(m.start, m.end, 0, m.kind) for m in story.matter]
    spans += [(start, end, 1, u.id) for u in spoken.values() for start, end in u.parts]
    found = []
    for start, end, depth, identity in _flat(sorted(spans), len(story.text)):
        if depth == 0:
            found.append(Segment(start, end, "matter", matter=identity))
        elif identity:
            line = spoken[identity]
            found.append(Segment(start, end, line.kind, line.speaker, line.id, style_of(story, line)))
        else:
            found.append(Segment(start, end, "narration"))
    return tuple(found)


def _flat(spans: Sequence[tuple[int, int, int, str]], length: int) -> Iterator[tuple[int, int, int, str]]:
    """The stretch from 0 to ``length``, cut where spans begin and end; each piece with the shortest span over it.

    A heap holds the open spans by length, so that the cost is that of sorting whatever overlaps.
    """
    edges = sorted({0, length, *(s for s, *_ in spans), *(e for _, e, *_ in spans)})
    open_: list[tuple[int, int, int, str]] = []
    at = 0
    last: tuple[int, int, int, str] | None = None
    for low, high in pairwise(edges):
        while at < len(spans) and spans[at][0] <= low:
            start, end, depth, identity = spans[at]
            heapq.heappush(open_, (end - start, end, depth, identity))
            at += 1
        while open_ and open_[0][1] <= low:
            heapq.heappop(open_)
        depth, identity = (open_[0][2], open_[0][3]) if open_ else (1, "")
        if last is not None and last[2:] == (depth, identity):
            last = (last[0], high, depth, identity)
            continue
        if last is not None:
            yield last
        last = (low, high, depth, identity)
    if last is not None:
        yield last


def style_of(story: Story, line: Utterance) -> str | None:
    """How a line is said by its cue: the verb, where it is more than "said", and an adverb of manner beside it."""
    if line.cue is None:
        return None
    cue = story.text[line.cue.start : line.cue.end].lower()
    verbs = [w for w in _WORD.findall(cue) if w in finite_forms("speech_verbs") and w not in _PLAIN]
    behind = _MANNER.match(story.text[line.cue.end : line.cue.end + 40])
    manner = [*(w for w in _WORD.findall(cue) if w.endswith("ly")), *([behind[1]] if behind else [])]
    manner = [w for w in manner if len(w) > 4 and w not in _NOT_MANNER]
    return " ".join([*verbs[:1], *manner[:1]]) or None
