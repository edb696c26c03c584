"""What becomes of a promise: it is kept or broken, often chapters later."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from unsaid.ledger.lexicon import worded
from unsaid.ledger.promises import past_of, stems
from unsaid.prose import concordance
from unsaid.story import Entry, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.story import EntryStatus

_VOWED = re.compile(
    r"(?:\b(?:i|we|you)(?:'ll| will| shall| won't| shan't| would|'d)|\b(?:to|would|will|shall|won't|shan't|wouldn't))"
    r"(?: (?:not|never|always|ever|only|just|now|still|even|all|both|surely|certainly|come and|go and|\w+ly))*"
    r" (?P<verb>[a-z]+)(?P<next> [a-z]+)?"
)
"""What somebody says they will do: the verb behind the auxiliary, and what denies it."""
_DENIED = re.compile(r"\b(?:not|never|won't|shan't|wouldn't)\b")
_ASKED = re.compile(r"^(?:please |oh |but |just |then |and |now |only |do |\w+ )?(?P<verb>[a-z]+)\b")
_COMES = frozenset("come return go visit".split())
"""Who promises to come is told to go, and to be back: it is one deed, seen from two ends."""
_COME = ("came", "returned", "arrived", "went")
_BACK = frozenset("back home again there here".split())
_COMMON = frozenset("be have do make get take let give keep see say know put set stand go come hold".split())
"""Verbs that say too little: what is done must be about what was promised in another word as well."""
_SAYS_NOTHING = frozenset("be have".split())
"""Verbs that are no deed."""
_FRESH = 40_000
"""Code points for which a deed of the promise's name is taken for it; later, it must be about the same."""
_LETTERS = frozenset("write letter send postcard line".split())
_PRONOUNS = frozenset("it him her them me you".split())
_VERBS = 2
"""Of the verbs in a promise so many are looked for."""
_CLAUSE = 9
_ASKED_BEFORE = 6
_ASKED_NEAR = 600
_BROKEN = worded("promises", "broken")
_KEPT = worded("promises", "kept")
_HOLDING = re.compile(
    r"\b(?:kept|keep|keeping|broke|broken|breaking|break|forgot|forgotten|failed|went|fulfilled|promised|sworn|true|good)\b"
)
"""The word of a verdict whose subject keeps the promise or breaks it."""
_PLEDGES = frozenset("promise word vow oath promised sworn".split())
"""One of these stands in each verdict."""
_NOT_DONE = frozenset("would could should to might had if will shall can may".split())
_NOT = frozenset("not never n't didn't couldn't nobody".split())
_CONFIRMS = 3
"""So many words before a verb say who did it and whether: "you never once"."""


class _Vow(msgspec.Struct, frozen=True):
    """What is promised: verbs, whether not to do them, and the stems of what it is about."""

    verbs: tuple[str, ...]
    negated: bool
    about: frozenset[str]


class _Deed(msgspec.Struct, frozen=True):
    """Something that somebody is told to have done or not done, and the words around it."""

    start: int
    end: int
    negated: bool
    words: tuple[str, ...]


def fates(ground: Ground, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with what became of each open promise."""
    open_ = [at for at, entry in enumerate(entries) if entry.kind == "promise" and entry.status == "open"]
    vows = {at: _vow(ground, entries, at) for at in open_}
    told = _told_fates(ground, entries, open_)
    deeds = _index(ground, {verb for vow in vows.values() for verb in vow.verbs})
    found = list(entries)
    for at in open_:
        fated = told.get(at) or _done(entries[at], vows[at], deeds) or _written(ground, entries[at], vows[at])
        found[at] = fated or structs.replace(entries[at], reason="the story does not tell whether it is kept")
    return found


def _vow(ground: Ground, entries: Sequence[Entry], at: int) -> _Vow:
    """What an entry promises; a bare "I promise" promises what was asked for just before."""
    entry = entries[at]
    vow = _vow_of(ground.text[entry.start : entry.end])
    for before in reversed(entries[max(0, at - _ASKED_BEFORE) : at]):
        if vow.verbs or entry.start - before.end > _ASKED_NEAR:
            break
        if before.kind == "request" and before.from_ == entry.to:
            vow = _vow_of(ground.text[before.start : before.end], asked=True)
    return vow


def _vow_of(passage: str, *, asked: bool = False) -> _Vow:
    text = " ".join(re.findall(r"[a-z']+", passage.lower().replace("’", "'")))
    found = list(_VOWED.finditer(text)) or ([match] if asked and (match := _ASKED.search(text)) else [])
    verbs = [_verb(match["verb"], match.groupdict().get("next") or "") for match in found[:_VERBS]]
    negated = bool(_DENIED.search(found[0].group()) if found else False)
    about = stems(text) - {stem for verb in verbs for stem in stems(verb)}
    return _Vow(tuple(verb for verb in verbs if verb), negated, about)


def _verb(verb: str, following: str) -> str:
    """A verb as deeds are looked for: who will be back comes."""
    if verb == "be" and following.strip() in _BACK:
        return "come"
    return "come" if verb in _COMES else "" if verb in _SAYS_NOTHING else verb


def _told_fates(ground: Ground, entries: Sequence[Entry], made: Sequence[int]) -> dict[int, Entry]:
    """By index, the promises of which a later sentence says that they were kept or broken: the last before it."""
    fated: dict[int, Entry] = {}
    made = sorted(made, key=lambda at: entries[at].end)
    open_: dict[str | None, list[int]] = {}
    told = 0
    for start, end, kept, who in _verdicts(ground):
        while told < len(made) and entries[made[told]].end < start:
            open_.setdefault(entries[made[told]].from_, []).append(made[told])
            told += 1
        if who is not None and open_.get(who):
            last = open_[who].pop()
            status: EntryStatus = "kept" if kept else "broken"
            fated[last] = structs.replace(entries[last], status=status, answer=Span(start, end), reason=None)
    return fated


def _written(ground: Ground, entry: Entry, vow: _Vow) -> Entry | None:
    """A promise to write with the letter that keeps it."""
    if vow.negated or not _LETTERS & {*vow.verbs, *vow.about}:
        return None
    for writing in ground.voices.writings:
        if writing.start > entry.end and entry.from_ is not None and writing.sender == entry.from_:
            return structs.replace(entry, status="kept", answer=Span(writing.start, writing.end), reason=None)
    return None


def _done(entry: Entry, vow: _Vow, deeds: dict[tuple[str, str], list[_Deed]]) -> Entry | None:
    """A promise with the deed, or the told omission, that follows it: "I'll write" – He wrote; he did not write."""
    for verb in vow.verbs:
        done = deeds.get((entry.from_ or "", verb), [])
        for deed in done[bisect_right(done, entry.end, key=lambda deed: deed.start) :]:
            fresh = deed.start - entry.end <= _FRESH and not vow.negated
            if _is_about(deed, verb, vow, fresh=fresh):
                status: EntryStatus = "broken" if deed.negated != vow.negated else "kept"
                return structs.replace(entry, status=status, answer=Span(deed.start, deed.end), reason=None)
    return None


def _is_about(deed: _Deed, verb: str, vow: _Vow, *, fresh: bool) -> bool:
    """Is a deed the one that was promised, or only one of the same name?"""
    if vow.about & stems(" ".join(deed.words)):
        return fresh or verb not in _COMMON
    if not fresh:
        return False
    if verb == "come":
        return bool(_BACK & set(deed.words[:_CONFIRMS]))
    return verb not in _COMMON and (not vow.about or bool(_PRONOUNS & set(deed.words[:1])))


def _verdicts(ground: Ground) -> list[tuple[int, int, bool, str | None]]:
    """Sentences that say that someone kept or broke their word: where, whether kept, and who."""
    found = []
    told = concordance(ground.tokens).of(_PLEDGES)
    sentences = [ground.prose.sentence_at(ground.tokens.starts[token]) for token in told]
    for sentence in (ground.prose.sentences[at] for at in dict.fromkeys(sentences)):
        text = ground.words(sentence.first, sentence.last)
        for pattern, kept in ((_BROKEN, False), (_KEPT, True)):
            match = pattern.search(text)
            if match is not None:
                verb = _HOLDING.search(text, match.start())
                token = sentence.first + text.count(" ", 0, verb.start() if verb is not None else match.start())
                who = _speaking(ground, token) if ground.inside[token] else ground.doer_of(token, sentence.first)
                found.append((sentence.start, sentence.end, kept, who))
    return found


def _speaking(ground: Ground, token: int) -> str | None:
    """Whom "you" means in the line that a token stands in, or "I"."""
    offset = ground.tokens.starts[token]
    index = ground.line_before(offset + 1)
    if index < 0 or not ground.lines[index].start <= offset < ground.lines[index].end:
        return None
    line, before = ground.lines[index], ground.tokens.lower[max(0, token - _CONFIRMS) : token + 1]
    if "i" in before:
        return line.speaker
    return line.addressees[0] if "you" in before and line.addressees else None


def _index(ground: Ground, verbs: set[str]) -> dict[tuple[str, str], list[_Deed]]:
    """What people do, as narration or another's words tell it, by who and what, for the verbs of promises."""
    past = {past_of(verb): verb for verb in verbs} | (dict.fromkeys(_COME, "come") if "come" in verbs else {})
    forms = {verb: verb for verb in verbs} | (dict.fromkeys(_COMES, "come") if "come" in verbs else {}) | past
    found: dict[tuple[str, str], list[_Deed]] = {}
    lower = ground.tokens.lower
    for token, sentence in ground.of_words(forms):
        deed = _deed(ground, token, sentence.first, sentence.last)
        if deed is not None and (deed.negated or lower[token] in past):
            who = _speaking(ground, token) if ground.inside[token] else ground.doer_of(token, sentence.first)
            if who is not None:
                found.setdefault((who, forms[lower[token]]), []).append(deed)
    return found


def _deed(ground: Ground, token: int, first: int, last: int) -> _Deed | None:
    """What is told to have been done, or not, by a verb; None for what only may be, or is asked."""
    lower = ground.tokens.lower
    before = set(lower[max(first, token - _CONFIRMS) : token])
    if before & _NOT_DONE or "?" in lower[token:last]:
        return None
    words = lower[token + 1 : min(token + _CLAUSE, last - 1) + 1]
    ends = ground.tokens.ends[min(token + 2, last - 1)]
    return _Deed(ground.tokens.starts[token - 1], ends, bool(before & _NOT), words)
