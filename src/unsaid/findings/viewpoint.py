"""Findings about who tells and whose mind is open: rules ``V1..``."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.findings.rules import finding
from unsaid.narration import tense_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.narration import Profile
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Finding, Person, Scene, Tense
    from unsaid.voices.layer import Voices

STRETCH = 120
"""So many words of narration that hold the other person throughout are a shift and no slip of the pen."""
FIRST = 0.03
"""A paragraph of narration tells in the first person from this share of "I", "me" and "my" on."""
ASIDES, SAYING = 2, 5
"""In a third-person chapter so many paragraphs of others' doings may part those of an "I" that is said so often."""
SAYING_RATE = 0.022
"""... and in this share of the words: an author's own "I" stands in essays, where it is rarer than a narrator's."""
DOING = 3
"""... and do so much, in the tense that the story is told in, and no less often than anything else."""
_WISHES = frozenset("would should".split())
_BETWEEN = frozenset("not never always had also then now still just even myself again once".split())
LONG_STRETCH = 240
"""In a story told by "I", so many words without it, with "he" or "she" in every paragraph, are a shift."""
SHORT, LONG, FEWEST = 8, 30, 6
"""A paragraph with fewer words of narration says nothing; so many of so many words tell a chapter's person."""
MINORITY, MAJORITY = 0.2, 0.8
"""In the third person "I" stands in no more than this share of the long paragraphs, in the first in at least that."""
CLEARLY, FEWEST_VERBS = 4, 20
"""A tense is clear if its verbs are so many times as many as the other's, out of so many."""
MIND = 2
"""So many thoughts of each of two people in one scene open both minds."""


VERSE = 55
"""Lines of verse are shorter than so many characters on average."""
_ASIDE = "—–―-\"'“‘«([_*"
_PART = re.compile(r"[A-Z][A-Z .]{1,30}:|[A-Z]\w{0,9}\.--")


class _Run(msgspec.Struct, frozen=True):
    """Paragraphs in a row (half-open) whose narration goes another way than the scene's, and how many words it has."""

    first: int
    last: int
    words: int


def two_minds(cast: Cast, scenes: Sequence[Scene], voices: Voices) -> Iterator[Finding]:
    """V101: a scene in the third person that gives the direct thoughts of two people."""
    names = {c.id: c.name for c in cast.characters}
    thoughts = [u for u in voices.utterances if u.kind == "thought" and u.is_direct]
    at = 0
    for scene in scenes:
        minds: dict[str, list[tuple[int, int]]] = {}
        while at < len(thoughts) and thoughts[at].start < scene.end:
            thought = thoughts[at]
            at += 1
            if thought.start >= scene.start and thought.speaker is not None:
                minds.setdefault(thought.speaker, []).append((thought.start, thought.end))
        opened = sorted(((who, spans) for who, spans in minds.items() if len(spans) >= MIND), key=lambda m: m[1][0])
        if scene.person == "third" and len(opened) > 1:
            (one, first), (other, second) = opened[:2]
            yield finding(
                "V101",
                f"this scene opens two minds: {names[one]}'s and {names[other]}'s",
                [second[0], first[0]],
                "a scene that follows one person's view cannot hear what another keeps to themselves",
            )


def shifts(prose: Prose, voices: Voices, shape: Sequence[Profile]) -> Iterator[Finding]:
    """V102 and V103: narration that goes on in another person, or another tense, without a break."""
    written = _written(prose, voices)
    yield from _person_shifts(prose, written, shape)
    yield from _tense_shifts(prose, written, shape)


def _person_shifts(prose: Prose, written: frozenset[int], shape: Sequence[Profile]) -> Iterator[Finding]:
    """V102: narration that turns from "he" or "she" to "I", or back, in the middle of a chapter, without a break.

    Letters, diaries and what is said are no narration. A single "I" is the author's, or a slip of the pen; a
    shift holds for :data:`STRETCH` words. A first-person narrator may well tell of others for pages, so that there
    it takes :data:`LONG_STRETCH` words without a single "I" or "we" to be one.
    """
    whole = _person_of(shape, 0, len(shape), written)
    for first, last in _chapters(prose):
        person = _person_of(shape, first, last, written) or whole
        if person is None:
            continue
        ways = [0 if i in written else _person_way(shape[i], person) for i in range(first, last)]
        for run in _runs(ways, first, shape, across=ASIDES if person == "third" else 0):
            if _holds(prose, run, shape, person, written) and _unmarked(prose, run, first, last):
                other = "first" if person == "third" else "third"
                shift = _shift(prose, run, f"the narration goes from the {person} person to the {other}", "V102")
                # One who tells of others for pages is more often a witness than a slip.
                yield msgspec.structs.replace(shift, severity="note") if person == "first" else shift


def narrator_changes(prose: Prose, cast: Cast, scenes: Sequence[Scene]) -> Iterator[Finding]:
    """V104: one "I" goes on where another has told, and neither a break nor a heading stands between."""
    names = {c.id: c.name for c in cast.characters}
    for before, here in pairwise(scenes):
        if None in (before.narrator, here.narrator) or before.narrator == here.narrator:
            continue
        at = prose.paragraph_at(here.start)
        if (
            at < 1
            or prose.paragraphs[at].after_break
            or prose.paragraphs[at].chapter != prose.paragraphs[at - 1].chapter
        ):
            continue
        one, other = names[before.narrator or ""], names[here.narrator or ""]
        yield finding(
            "V104",
            f"{other} tells from here on, and {one} told before, without a break",
            [(p.start, p.end) for p in (prose.paragraphs[at], prose.paragraphs[at - 1])],
            'both say "I", and nothing marks that it is another who says it',
        )


def _holds(prose: Prose, run: _Run, shape: Sequence[Profile], person: Person, written: frozenset[int]) -> bool:
    """Whether a run is long enough for a shift from a person, and says "I" often enough, of somebody who acts."""
    if person != "third":
        return run.words >= LONG_STRETCH
    saying = sum(shape[i].first for i in range(run.first, run.last) if i not in written)
    enough = run.words >= STRETCH and saying >= max(SAYING, SAYING_RATE * run.words)
    return enough and _tells(prose, run, written, _tense_of(shape))


def _tense_of(shape: Sequence[Profile]) -> Tense:
    return "past" if sum(p.past for p in shape) >= sum(p.present for p in shape) else "present"


def _tells(prose: Prose, run: _Run, written: frozenset[int], told: Tense) -> bool:
    """Whether "I" does things in the tale's tense: an author's own "I" thinks, would, and begs the reader's leave."""
    tense = tense_reader()
    does = says = 0
    for paragraph in (prose.paragraphs[i] for i in range(run.first, run.last) if i not in written):
        lower, quoted = prose.tokens.lower, prose.tokens.quoted
        for at in range(paragraph.first, paragraph.last - 1):
            if lower[at] != "i" or quoted[at]:
                continue
            verb = next((w for w in lower[at + 1 : at + 4] if not w.endswith("ly") and w not in _BETWEEN), "")
            acts = tense("i", verb) == told and verb not in _WISHES
            does, says = does + acts, says + (not acts)
    return does >= max(DOING, says)


def _tense_shifts(prose: Prose, written: frozenset[int], shape: Sequence[Profile]) -> Iterator[Finding]:
    """V103: narration that turns from the past tense to the present, or back, without a break."""
    for first, last in _chapters(prose):
        past, present = (sum(getattr(shape[i], name) for i in range(first, last)) for name in ("past", "present"))
        tense: Tense = "past" if past >= present else "present"
        if max(past, present) < CLEARLY * min(past, present) or past + present < FEWEST_VERBS:
            continue
        ways = [0 if i in written else _tense_way(shape[i], tense) for i in range(first, last)]
        for run in _runs(ways, first, shape):
            if run.words >= STRETCH and _unmarked(prose, run, first, last):
                other = "present" if tense == "past" else "past"
                yield _shift(prose, run, f"the narration goes from the {tense} tense to the {other}", "V103")


def _written(prose: Prose, voices: Voices) -> frozenset[int]:
    """The paragraphs that are no plain narration.

    Letters, notes, diaries and bare thoughts; what opens with a dash or a mark that no quotation was made of, or
    holds a quotation that never closes; a part in a play; verse.
    """
    quotations = {q.start for q in prose.quotations}
    inside: set[int] = {
        i
        for i, p in enumerate(prose.paragraphs)
        if (prose.text[p.start] in _ASIDE and p.start not in quotations)
        or _PART.match(prose.text, p.start, p.end)
        or _is_verse(prose.text[p.start : p.end])
    }
    inside |= {q.paragraph for q in prose.quotations if not q.closed}
    aside = [(w.start, w.end) for w in voices.writings]
    aside += [(u.start, u.end) for u in voices.utterances if u.mode == "free-direct" and u.cue is None]
    for start, end in aside:
        inside.update(range(prose.paragraph_at(start), prose.paragraph_at(end - 1) + 1))
    return frozenset(inside)


def _is_verse(text: str) -> bool:
    """Whether nearly every line begins with a capital, and few fill the page."""
    lines = [line.strip() for line in text.split("\n")]
    capital = sum(line[:1].isupper() or line[:1] in "'\"“‘" for line in lines)
    return len(lines) > 2 and capital >= 0.8 * len(lines) and sum(map(len, lines)) < VERSE * len(lines)


def _chapters(prose: Prose) -> Iterator[tuple[int, int]]:
    """Runs of paragraphs without a break or a heading between them, half-open."""
    cuts = [
        i
        for i, (before, here) in enumerate(pairwise(prose.paragraphs), start=1)
        if here.after_break or here.chapter != before.chapter
    ]
    yield from pairwise([0, *cuts, len(prose.paragraphs)])


def _person_of(shape: Sequence[Profile], first: int, last: int, written: frozenset[int]) -> Person | None:
    """The person that most of so many paragraphs are clearly told in; None where that is not clear."""
    long = [shape[i] for i in range(first, last) if i not in written and shape[i].words >= LONG]
    saying = sum(p.first + p.plural > 0 for p in long)
    if len(long) < FEWEST:
        return None
    if saying <= MINORITY * len(long):
        return "third"
    words = sum(p.words for p in long)
    return "first" if sum(p.first for p in long) >= FIRST * words and saying >= MAJORITY * len(long) else None


def _person_way(profile: Profile, person: Person) -> int:
    """1 where a paragraph goes another way than ``person``, -1 where it goes the same, 0 where it says nothing."""
    if profile.words < SHORT:
        return 0
    if person == "third":
        return 1 if profile.first else -1
    return -1 if profile.first + profile.plural else 1 if profile.he + profile.she >= 2 else 0


def _tense_way(profile: Profile, tense: Tense) -> int:
    same, other = (profile.past, profile.present) if tense == "past" else (profile.present, profile.past)
    if other >= 3 and other >= CLEARLY * max(1, same):
        return 1
    return -1 if same > other else 0


def _runs(ways: Sequence[int], first: int, shape: Sequence[Profile], across: int = 0) -> Iterator[_Run]:
    """Runs of paragraphs that go the other way, with what says nothing between them, and ``across`` that do not."""
    start = end = -1
    against = 0
    for index, way in enumerate([*ways, *([-1] * (across + 1))]):
        against = 0 if way > 0 else against + (way < 0)
        if way > 0:
            start, end = (index if start < 0 else start), index + 1
        elif against > across and start >= 0:
            low, high = first + start, first + end
            yield _Run(low, high, sum(shape[i].words for i in range(low, high)))
            start = -1


def _unmarked(prose: Prose, run: _Run, first: int, last: int) -> bool:
    """Whether a run begins or ends in the middle of its chapter, where no break or gap marks it.

    Behind a colon or a short line without an end ("TO THE WINDS", "Thursday") something written follows.
    """
    if run.first > first:
        before = prose.text[prose.paragraphs[run.first - 1].start : prose.paragraphs[run.first - 1].end]
        if before.endswith(":") or (len(before.split()) < SHORT and before[-1].isalnum()):
            return False
    begins = run.first > first and not prose.paragraphs[run.first].after_gap
    return begins or (run.last < last and not prose.paragraphs[run.last].after_gap)


def _shift(prose: Prose, run: _Run, what: str, code: str) -> Finding:
    here = prose.paragraphs[run.first]
    before = prose.paragraphs[run.first - 1 if run.first else run.last]
    return finding(
        code,
        f"{what} here, for {run.words} words, without a break",
        [(here.start, prose.paragraphs[run.last - 1].end), (before.start, before.end)],
        "the paragraph beside it is told the other way, and nothing marks that somebody else goes on",
    )
