"""Findings about where people are: rules ``C104``, in two places at once, and ``C105``, gone and yet speaking."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.findings.people import named_beside, tagged
from unsaid.findings.rules import finding
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.chronology import Chronology
    from unsaid.ledger import Account
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Finding, Mention, Parting, Utterance
    from unsaid.voices.layer import Voices

_IS = frozenset("was is sat sits stood stands lay lies waited waits slept sleeps stayed stays knelt kneels".split())
_IN = frozenset({"in", "at"})
_INSIDE = frozenset((word,) for word in _IN)
_THE = frozenset({"the", "his", "her", "their", "my", "our"})
_NO_PLACES = frozenset(
    "end dark lead way mood middle background act habit morning evening night afternoon time moment right wrong "
    "distance air rain sun shade light front back power face mind arms hands thick least best worst same".split()
)
"""Nouns behind "in the" and "at the" that tell of no place."""
_AT_ONCE = re.compile(
    r"\b(?:meanwhile|at (?:the|that) (?:very )?same (?:time|moment|hour|instant|minute)|at that very "
    r"(?:moment|hour|instant|minute))\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:\d{4}|XXXX)-\d\d-\d\d")
_MOVES = frozenset(
    "went goes came comes ran walked rode drove rose entered returned hurried crossed climbed followed turned set got "
    "reached arrived stepped passed moved back gone come hastened rushed descended ascended mounted".split()
)
_LINES = 4
"""Of someone's lines behind their departure so many are looked at: the first may be another's, taken for theirs."""
_NEAR_VERB = 4
"""Tokens behind a pronoun in which its verb stands."""
_WORDS = 3  # of a place's name
_CALLED = frozenset("called shouted cried yelled bawled roared screamed hollered telephoned rang wrote".split())
"""Who is out of the room can still be heard so."""
_REACH = 4000
"""Code points behind a departure in which a line clashes with it; further on a return may go without saying."""


class _Stay(msgspec.Struct, frozen=True):
    """A passage that says where someone is."""

    who: str
    place: str
    proper: bool
    start: int
    end: int


def in_two_places(prose: Prose, cast: Cast, chronology: Chronology) -> Iterator[Finding]:
    """C104: someone is in one place, and "meanwhile", or on the same day, in another."""
    names = {c.id: c.name for c in cast.characters}
    starts = [t.start for t in chronology.times]
    last: dict[str, _Stay] = {}
    mentioned: dict[str, int] = {}
    dated: dict[tuple[str, str], _Stay] = {}
    staying, moving = _staying(prose), _moving(prose)
    for mention in cast.mentions:
        who = mention.character
        if who is None:
            continue
        stay = _stay(prose, mention) if mention.end in staying else None
        if stay is not None:
            before = last.get(who) if _AT_ONCE.search(prose.text, stay.start, stay.end) else None
            clash = before if before is not None and mentioned[who] == before.start else None
            for time in chronology.times[bisect_left(starts, stay.start) : bisect_left(starts, stay.end)]:
                if _DAY.fullmatch(time.value) and stay.proper:
                    clash = clash or dated.get((who, time.value))
                    dated.setdefault((who, time.value), stay)
            if clash is not None and clash.place != stay.place:
                yield finding(
                    "C104",
                    f"{names[who]} is in {stay.place} here, and at the same time in {clash.place}",
                    [(stay.start, stay.end), (clash.start, clash.end)],
                    "nobody is in two places at once, and nothing between tells of a way from one to the other",
                )
            last[who] = stay
        if stay is not None or mention.kind != "pronoun" or mention.end in moving:
            mentioned[who] = stay.start if stay is not None else mention.start


def _moving(prose: Prose) -> frozenset[int]:
    """Where a mention ends that goes or comes: only that tells of a pronoun that it may take them to another place."""
    ends = prose.tokens.ends
    places = concordance(prose.tokens).of(_MOVES)
    return frozenset(ends[at - before] for at in places for before in range(1, _NEAR_VERB + 1) if at >= before)


def _staying(prose: Prose) -> frozenset[int]:
    """Where a mention ends behind which "was in" may stand: :func:`_stay` need not ask the others."""
    tokens, words = prose.tokens, concordance(prose.tokens)
    found = {tokens.ends[at - 1] for at in words.of(_IS) if at and tokens.lower[at + 1 : at + 2] in _INSIDE}
    return frozenset(found | {tokens.ends[at - 2] for at in words.of(("meanwhile",)) if at > 1})


def _stay(prose: Prose, mention: Mention) -> _Stay | None:
    """ "Tom was in Leeds", "Tom sat in the kitchen": a place by its name, or by its noun."""
    tokens = prose.tokens
    if mention.kind != "name" or mention.character is None:
        return None
    after = bisect_left(tokens.starts, mention.end)
    if tokens.lower[after : after + 3] == (",", "meanwhile", ","):
        after += 3
    if after + 2 >= len(tokens) or tokens.quoted[after - 1]:
        return None
    if tokens.lower[after] not in _IS or tokens.lower[after + 1] not in _IN:
        return None
    at = after + 2
    proper = tokens.words[at][0].isupper()
    if not proper and tokens.lower[at] in _THE:
        at += 1
    elif not proper:
        return None
    stop = at
    while stop < min(len(tokens), at + _WORDS) and tokens.words[stop][0].isalpha():
        if proper != tokens.words[stop][0].isupper():
            break
        stop += 1
        if not proper:
            break
    if stop == at or tokens.lower[stop - 1] in _NO_PLACES:
        return None
    sentence = prose.sentences[prose.sentence_at(mention.start)]
    place = " ".join(tokens.words[at:stop] if proper else ("the", tokens.lower[at]))
    return _Stay(mention.character, place, proper, sentence.start, sentence.end)


def gone_speak(prose: Prose, cast: Cast, voices: Voices, account: Account) -> Iterator[Finding]:
    """C105: someone leaves, nothing tells that they come back, and in the same scene they have a line."""
    names = {c.id: c.name for c in cast.characters if c.kind == "person"}
    lines = tagged(prose, voices)
    spoken = {who: [u.start for u in theirs] for who, theirs in lines.items()}
    seen: dict[str, list[int]] = {}
    moving = _moving(prose)
    for mention in cast.mentions:
        if mention.character is not None and (mention.kind != "pronoun" or mention.end in moving):
            seen.setdefault(mention.character, []).append(mention.start)
    for parting in account.partings:
        if parting.kind != "departure" or parting.who not in names or parting.who not in lines:
            continue
        gone = prose.sentences[prose.sentence_at(parting.start)]
        index = bisect_right(spoken[parting.who], gone.end)
        behind = lines[parting.who][index : index + _LINES]
        line = next((u for u in behind if _is_away(prose, parting, gone.end, u, seen)), None)
        if line is not None:
            yield finding(
                "C105",
                f"{names[parting.who]} speaks here, after having left",
                [(line.start, line.end), (gone.start, gone.end)],
                "nothing between the two passages tells of a return",
            )


def _is_away(prose: Prose, parting: Parting, left: int, line: Utterance, seen: dict[str, list[int]]) -> bool:
    """Whether a line is by one who has left: named where they go and in the tag, and nowhere between."""
    who = seen.get(parting.who, [])
    first, cue = prose.paragraph_at(left), line.cue
    here = prose.paragraph_at(line.start)
    if cue is None or line.start - left > _REACH or here <= first + 1:
        return False
    if any(p.after_break or p.after_gap for p in prose.paragraphs[first + 1 : here + 1]):
        return False
    between = who[bisect_left(who, left) : bisect_left(who, prose.paragraphs[here].start)]
    told = prose.text[cue.start : cue.end].split()
    form = next((word for word in told if word[0].isupper()), None)
    if between or form is None or not _CALLED.isdisjoint(told):
        return False
    at = prose.sentence_at(parting.start)
    named = form in prose.text[prose.sentences[at].start : parting.end] or _carried_on(prose, at, form)
    return named and named_beside(prose, line, form)


def _carried_on(prose: Prose, at: int, form: str) -> bool:
    """Whether "he" goes, whom the sentence in front of it begins with: "Tom closed the shop. Then he left." """
    before, here = prose.sentences[max(0, at - 1)], prose.sentences[at]
    return before.paragraph == here.paragraph and prose.text.startswith(form, before.start)
