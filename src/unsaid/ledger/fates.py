"""What becomes of a promise: it is kept or broken, often chapters later."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from unsaid.ledger.acts import kinds_of
from unsaid.ledger.lexicon import small, worded
from unsaid.ledger.pieces import pieces
from unsaid.ledger.promises import past_of, stems
from unsaid.prose import concordance
from unsaid.story import Entry, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.prose import Sentence
    from unsaid.story import EntryStatus

_VOWED = re.compile(
    r"(?:\b(?:i|we|you)(?:'ll| will| shall| won't| shan't| would|'d)"
    r"|\b(?:(?:not |never )?to|would|will|shall|won't|shan't|wouldn't))"
    r"(?: (?:not|never|always|ever|only|just|now|still|even|all|both|surely|certainly|come and|go and|\w+ly))*"
    r" (?P<verb>[a-z]+)(?P<next> [a-z]+)?"
)
"""What somebody says they will do: the verb behind the auxiliary, and what denies it."""
_DENIED = re.compile(r"\b(?:not|never|won't|shan't|wouldn't)\b")
_ASKED = re.compile(r"^(?:please |oh |but |just |then |and |now |only |do |\w+ )?(?P<verb>[a-z]+)\b")
_ALIKE = (
    "come return go visit arrive",
    "give bring hand send deliver pass lend lay set put",
    "tell explain confess warn inform",
    "mend repair fix patch",
    "fetch find bring get",
    "ring call telephone phone",
    "wait stay remain",
    "help save rescue",
    "pay repay settle",
    "burn destroy tear",
)
"""Verbs of one deed as it is told: who promises to come is told to arrive, who promises a thing, to hand it over."""
_COMES = frozenset("come return go visit arrive".split())
_BACK = frozenset("back home again there here".split())
_COMMON = frozenset(
    "be have do make get take let give keep see say know put set stand go come hold bring hand send pass lay find "
    "tell call try look think want like mean need feel use work show leave turn begin seem".split()
)
"""Verbs that say too little: what is done must be about what was promised in another word as well."""
_SAYS_NOTHING = frozenset(
    "be have do you me him her it them us the a an my your his their our this that these those one all any some "
    "no".split()
)
"""Verbs that are no deed, and what stands behind a "to" and is no verb."""
_FRESH = 40_000
"""Code points for which a deed of the promise's name is taken for it; later, it must be about the same."""
_LETTERS = frozenset("write letter send postcard line".split())
_TELLS = frozenset("tell say speak mention breathe repeat".split())
_WHOLE = frozenset("everything nobody anybody anyone soul".split())
_IT = frozenset({"it", "them"})
_NEAR = 6000
"""Code points behind a promise in which "it" is what was promised."""
_FREQUENT, _SHARE = 8, 1500
"""A word that is more frequent than this, or than once in so many tokens, says nothing of what is promised."""
_ABOUT = 14
"""So many words behind the verb of a promise say what it is about."""
_TIMES = frozenset(
    "second minute moment hour day night morning evening afternoon week fortnight month year once twice times every "
    "each monday tuesday wednesday thursday friday saturday sunday tomorrow tonight today soon again often ever "
    "always".split()
)
"""When it is to be done says nothing of what is promised."""
_TILL = frozenset("till until yet again".split())
"""Behind what somebody did not do these say that they did it later."""
_DEEDS = 60
"""So many deeds of a name behind a promise, and so many letters, are asked whether they keep it."""
_VERBS = 2
"""Of the verbs in a promise so many are looked for."""
_CLAUSE = 9
_ASKED_BEFORE = 6
_ASKED_NEAR = 600
_BROKEN = worded("promises", "broken")
_KEPT = worded("promises", "kept")
_HOLDING = re.compile(
    r"\b(?:kept|keep|keeping|broke|broken|breaking|break|forgot|forgotten|failed|went|fulfilled|promised|swore|sworn|true|good|said|told)\b"
)
"""The word of a verdict whose subject keeps the promise or breaks it."""
_PLEDGES = frozenset("promise word vow oath promised sworn".split())
_SAID = frozenset({"said", "told"})
_WOULD = frozenset("would i'd he'd she'd they'd you'd".split())
"""One of the pledges stands in each verdict, or "said he would"."""
_DID = frozenset({"did", "didn't"})
_SO = frozenset({".", "!", "not", "so", "too"})
_SHORT = 6
"""Tokens of a sentence that only says that somebody did what they promised."""
_NOT_DONE = frozenset("would could should to might had if will shall can may".split())
_NOT = frozenset("not never n't didn't couldn't nobody".split())
_CONFIRMS = 3
"""So many words before a verb say who did it and whether: "you never once"."""


class _Vow(msgspec.Struct, frozen=True):
    """What is promised: verbs, whether not to do them, the stems of what it is about, and the people in it."""

    verbs: tuple[str, ...]
    negated: bool
    about: frozenset[str]
    people: frozenset[str]
    back: bool


class _Deed(msgspec.Struct, frozen=True):
    """Something that somebody is told to have done or not done, the words behind it, and the people among them."""

    start: int
    end: int
    verb: str
    negated: bool
    words: tuple[str, ...]
    people: frozenset[str]


def fates(ground: Ground, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with what became of each open promise."""
    open_ = [at for at, entry in enumerate(entries) if entry.kind == "promise" and entry.status == "open"]
    vows = {at: _vow(ground, entries, at) for at in open_}
    told = _told_fates(ground, entries, open_)
    makers = {entries[at].from_ for at in open_} - {None}
    deeds = _index(ground, {alike for vow in vows.values() for verb in vow.verbs for alike in _alike(verb)}, makers)
    found = list(entries)
    for at in open_:
        fated = told.get(at) or _done(ground, entries[at], vows[at], deeds) or _written(ground, entries[at], vows[at])
        found[at] = fated or structs.replace(entries[at], reason="the story does not tell whether it is kept")
    return found


def _alike(verb: str) -> frozenset[str]:
    """The verbs by which what is promised with a verb may be told."""
    return frozenset(other for group in _ALIKE if verb in group.split() for other in group.split()) | {verb}


def _vow(ground: Ground, entries: Sequence[Entry], at: int) -> _Vow:
    """What an entry promises; a bare "I promise" promises what was asked for just before."""
    entry = entries[at]
    vow = _vow_of(ground, entry, entry)
    for before in reversed(entries[max(0, at - _ASKED_BEFORE) : at]):
        if vow.verbs or entry.start - before.end > _ASKED_NEAR:
            break
        if before.kind == "request" and before.from_ == entry.to:
            vow = _vow_of(ground, before, entry, asked=True)
    return vow


def _vow_of(ground: Ground, said: Entry, entry: Entry, *, asked: bool = False) -> _Vow:
    text = " ".join(re.findall(r"[a-z']+", small(ground.text[said.start : said.end]).replace("’", "'")))
    found = list(_VOWED.finditer(text)) or ([match] if asked and (match := _ASKED.search(text)) else [])
    found = found[:_VERBS]
    verbs = [_verb(match["verb"], match.groupdict().get("next") or "") for match in found]
    negated = bool(_DENIED.search(found[0].group()) if found else False)
    behind = [word for match in found for word in text[match.start("verb") :].split()[1:_ABOUT]]
    named = {m.character for m in ground.mentions_in(said.start, said.end) if m.character is not None}
    people = frozenset(who for who in {*named, entry.to} if who is not None and who != entry.from_)
    about = _telling(ground, behind) - {stem for verb in verbs for stem in stems(verb)}
    return _Vow(tuple(verb for verb in verbs if verb), negated, about, people, bool(_BACK & set(behind[:2])))


def _telling(ground: Ground, words: Iterable[str]) -> frozenset[str]:
    """The stems of those words that are rare enough to say what a passage is about."""
    held = concordance(ground.tokens).lower
    words = (word for word in words if word not in _TIMES)
    most = max(_FREQUENT, len(ground.tokens) // _SHARE)
    return stems(" ".join(word for word in words if 0 < len(held.get(word, ())) <= most))


def _verb(verb: str, following: str) -> str:
    """A verb as deeds are looked for: who will be back comes."""
    if verb == "be" and following.strip() in _BACK:
        return "come"
    return "" if verb in _SAYS_NOTHING else verb


def _told_fates(ground: Ground, entries: Sequence[Entry], made: Sequence[int]) -> dict[int, Entry]:
    """By index, the promises of which a later sentence says that they were kept or broken: the last before it."""
    fated: dict[int, Entry] = {}
    made = sorted(made, key=lambda at: entries[at].start)
    open_: dict[str | None, list[int]] = {}
    told = 0
    for start, end, kept, who in _verdicts(ground):
        while told < len(made) and entries[made[told]].start < end:
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
    writings = ground.voices.writings
    first = bisect_right(writings, entry.end, key=lambda writing: writing.start)
    for writing in writings[first : first + _DEEDS]:
        theirs = entry.from_ is not None and writing.sender == entry.from_
        if theirs and (writing.recipient is None or not vow.people or writing.recipient in vow.people):
            return structs.replace(entry, status="kept", answer=Span(writing.start, writing.end), reason=None)
    return None


def _done(ground: Ground, entry: Entry, vow: _Vow, deeds: dict[tuple[str, str], list[_Deed]]) -> Entry | None:
    """A promise with the deed, or the told omission, that follows it: "I'll write" – He wrote; he did not write."""
    for verb in vow.verbs:
        held = (deeds.get((entry.from_ or "", alike), []) for alike in _alike(verb))
        behind = [deed for found in held for deed in _behind(found, entry.end)]
        for deed in sorted(behind, key=lambda deed: deed.start):
            if _is_about(ground, entry, vow, verb, deed):
                status: EntryStatus = "broken" if deed.negated != vow.negated else "kept"
                return structs.replace(entry, status=status, answer=Span(deed.start, deed.end), reason=None)
    return None


def _behind(found: Sequence[_Deed], offset: int) -> Sequence[_Deed]:
    """The next deeds behind an offset."""
    first = bisect_right(found, offset, key=lambda deed: deed.start)
    return found[first : first + _DEEDS]


def _is_about(ground: Ground, entry: Entry, vow: _Vow, verb: str, deed: _Deed) -> bool:
    """Is a deed the one that was promised, or only one of the same name?

    It is about the same thing, in a word that is rare enough to tell; or, where nothing else is promised, it is done to
    whom it was promised to, or by one who comes back to them.
    """
    if deed.verb == "go" != verb and not _BACK & set(deed.words[:_CONFIRMS]):
        return False
    if vow.about & _telling(ground, deed.words):
        return deed.verb == verb or deed.verb in _COMMON or verb in _COMMON
    if vow.negated:
        return _is_silence(vow, verb, deed)
    if deed.start - entry.end > _FRESH:
        return False
    if verb in _COMES:
        return not vow.about and _is_back(ground, entry, vow, deed)
    if not vow.about and deed.verb == verb not in _COMMON and not (deed.words and deed.words[0][0].isalpha()):
        return True
    if vow.about:
        same = deed.verb == verb and bool(_IT & set(deed.words[:1])) and deed.start - entry.end <= _NEAR
        bare = deed.negated or not _telling(ground, deed.words)
        return same or (bare and deed.verb == verb not in _COMMON and bool(vow.people & deed.people))
    return deed.verb == verb not in _COMMON and bool(vow.people & deed.people)


def _is_silence(vow: _Vow, verb: str, deed: _Deed) -> bool:
    """Whether somebody who promised not to speak of a thing told nobody, or told all of it."""
    if verb not in _TELLS or deed.verb not in _TELLS:
        return False
    return deed.negated if not deed.words or not deed.words[0][0].isalpha() else bool(_WHOLE & set(deed.words[:3]))


def _is_back(ground: Ground, entry: Entry, vow: _Vow, deed: _Deed) -> bool:
    """Whether somebody comes, or stays away, as they promised: back, or to where whoever waits for them is."""
    if deed.negated:
        return not deed.words or not deed.words[0][0].isalpha() or bool(_BACK & set(deed.words[:1]))
    there = entry.to in ground.there(deed.start) or bool(vow.people & deed.people)
    again = bool(_BACK & set(deed.words[:_CONFIRMS])) or deed.verb in {"return", "arrive"}
    return there and again and ground.scene_index(entry.start) != ground.scene_index(deed.start)


def _verdicts(ground: Ground) -> list[tuple[int, int, bool, str | None]]:
    """Sentences that say that someone kept or broke their word: where, whether kept, and who."""
    found = []
    words, lower = concordance(ground.tokens), ground.tokens.lower
    said = (at for at in words.of(_SAID) if not _WOULD.isdisjoint(lower[at + 1 : at + 1 + _CONFIRMS]))
    told = sorted([*words.of(_PLEDGES), *said])
    sentences = [ground.prose.sentence_at(ground.tokens.starts[token]) for token in told]
    for sentence in (ground.prose.sentences[at] for at in dict.fromkeys(sentences)):
        text = ground.words(sentence.first, sentence.last)
        for pattern, kept in ((_BROKEN, False), (_KEPT, True)):
            match = pattern.search(text)
            if match is not None:
                verb = _HOLDING.search(text, match.start())
                token = sentence.first + text.count(" ", 0, verb.start() if verb is not None else match.start())
                who = _speaking(ground, token) if ground.inside[token] else ground.doer_of(token, sentence.first)
                if who is None and not ground.inside[token]:
                    who = _first_of(ground, sentence)
                found.append((sentence.start, sentence.end, kept, who))
    return sorted([*found, *_confirmed(ground)])


def _first_of(ground: Ground, sentence: Sentence) -> str | None:
    """Whom a sentence begins with: "As promised, he came"."""
    named = (ground.who_starts(token) for token in range(sentence.first, min(sentence.last, sentence.first + _CLAUSE)))
    return next((who for who in named if who is not None), None)


def _confirmed(ground: Ground) -> Iterator[tuple[int, int, bool, str | None]]:
    """Short sentences of narration that say no more than that somebody did so: "And he did.", "She never did." """
    lower, starts = ground.tokens.lower, ground.tokens.starts
    for token, sentence in ground.of_words(_DID):
        if sentence.last - sentence.first > _SHORT or ground.inside[token]:
            continue
        if set(lower[token + 1 : sentence.last]) - _SO:
            continue
        who, index = ground.doer_of(token, sentence.first), ground.line_before(starts[token])
        if who is None or index < 0 or ground.lines[index].speaker != who:
            continue
        near = starts[token] - ground.lines[index].end < _ASKED_NEAR
        if near and any("promise" in kinds_of(piece.text) for piece in pieces(ground, index)):
            yield sentence.start, sentence.end, _NOT.isdisjoint(lower[sentence.first : sentence.last]), who


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


def _index(ground: Ground, verbs: set[str], by: set[str | None]) -> dict[tuple[str, str], list[_Deed]]:
    """What those who promise do, as narration or others tell it, by who and what, for the verbs of promises."""
    past = {past_of(verb): verb for verb in verbs}
    forms = {verb: verb for verb in verbs} | past
    found: dict[tuple[str, str], list[_Deed]] = {}
    lower = ground.tokens.lower
    for token, sentence in ground.of_words(forms):
        if lower[token] not in past and _NOT.isdisjoint(lower[max(sentence.first, token - _CONFIRMS) : token]):
            continue
        who = _speaking(ground, token) if ground.inside[token] else ground.doer_of(token, sentence.first)
        if who not in by:
            continue
        deed = _deed(ground, token, sentence.first, sentence.last, forms[lower[token]])
        if deed is not None:
            found.setdefault((who or "", deed.verb), []).append(deed)
    return found


def _deed(ground: Ground, token: int, first: int, last: int, verb: str) -> _Deed | None:
    """What is told to have been done, or not, by a verb; None for what only may be, or is asked, or came later."""
    lower = ground.tokens.lower
    before = set(lower[max(first, token - _CONFIRMS) : token])
    if before & _NOT_DONE or "?" in lower[token:last]:
        return None
    stop = min(token + _CLAUSE, last - 1) + 1
    words, negated = lower[token + 1 : stop], bool(before & _NOT)
    if negated and not _TILL.isdisjoint(words):
        return None
    near = (ground.starting[at].character for at in range(token + 1, stop) if at in ground.starting)
    ends = ground.tokens.ends[min(token + 2, last - 1)]
    people = frozenset(who for who in near if who is not None)
    start = ground.subject_at(token)
    start = token - 1 if start is None or start < first else start
    return _Deed(ground.tokens.starts[start], ends, verb, negated, words, people)
