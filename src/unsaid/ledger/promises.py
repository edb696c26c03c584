"""What becomes of a promise: it is told of again, kept or broken, often chapters later."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from unsaid.ledger.lexicon import worded
from unsaid.ledger.pieces import pieces
from unsaid.lexica import inflect
from unsaid.story import Entry, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.story import EntryStatus

_PAST = {
    "come": "came", "go": "went", "bring": "brought", "give": "gave", "find": "found", "send": "sent", "pay": "paid",
    "keep": "kept", "feed": "fed", "meet": "met", "ring": "rang", "be": "was", "leave": "left", "let": "let",
    "take": "took", "make": "made", "do": "did", "stand": "stood", "see": "saw", "get": "got", "hold": "held",
    "lose": "lost", "write": "wrote", "tell": "told", "sell": "sold",
}  # fmt: skip
"""Past forms of verbs that people promise with and that :func:`unsaid.lexica.inflect` does not know."""
_BASES = {past: base for base, past in _PAST.items()}
_DEEDS = "write call ring come return wait send bring find pay feed visit marry tell save".split()
"""Verbs that are the whole of what was promised: "he wrote" keeps "I'll write"."""
_LEMMAS = {**{verb: verb for verb in _DEEDS}, "go": "come"}
"""Who promises to come is told to go: the two are one deed, seen from two ends."""
REMEMBERED = 20
"""Of the promises between two people so many are remembered when one of them is told of again."""
_ASKED_BEFORE = 6
_ASKED_NEAR = 600
_COMMON = frozenset(
    "i i'll i'm you your yours me my we us it that this the a an to of in on at for and but or not no never always "
    "will shall promise promised swear swore vow word give gave have has had be is was by with so if then him her he "
    "she them they his their would do any anything".split()
)
_RETOLD = worded("promises", "retold")
_BROKEN = worded("promises", "broken")
_KEPT = worded("promises", "kept")
_UNKEPT = worded("promises", "unkept")
_NOT_DONE = frozenset("would could should to might had".split())
_NOT = frozenset("not never n't didn't couldn't wouldn't".split())


class _Deed(msgspec.Struct, frozen=True):
    start: int
    end: int
    negated: bool


def retold(ground: Ground) -> Iterator[tuple[Entry, str]]:
    """Promises that one reminds another of ("You promised to stay"), as entries of their own, with their words."""
    for index, line in enumerate(ground.lines):
        for piece in pieces(ground, index):
            found = _RETOLD.search(piece.text) if "you" in piece.text else None
            if found is None or piece.end == "?":
                continue
            start, end = ground.tokens.starts[piece.first], ground.tokens.ends[piece.last - 1]
            status: EntryStatus = "broken" if _UNKEPT.search(piece.text) else "open"
            yield (
                Entry(
                    id="", kind="promise", from_=line.addressees[0] if line.addressees else None, to=line.speaker,
                    gist="", start=start, end=end, voice="aloud", heard=True, answer=None, status=status,
                    confidence=0.65, utterance=line.id, rule=f"retold: {found['verb'].split()[0]}",
                    reason="it is told of later; its own words are not in the story",
                ),
                found["what"],
            )  # fmt: skip


def past_of(lemma: str) -> str:
    """The past form of a verb."""
    return _PAST.get(lemma) or inflect(lemma)[1]


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """The words of a passage that carry what it is about, endings cut off."""
    words = (word for word in re.findall(r"[a-z']+", text.lower().replace("’", "'")) if word not in _COMMON)
    return frozenset(_stem(word) for word in words)


def _stem(word: str) -> str:
    if word in _BASES:
        return _BASES[word]
    for ending in ("ing", "ed", "es", "s", "e"):
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


def fates(ground: Ground, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with what became of each open promise."""
    deeds = _index(ground)
    told = _told_fates(ground, entries)
    return [
        told.get(at) or _done(ground, entries, at, deeds)
        if entry.kind == "promise" and entry.status == "open"
        else entry
        for at, entry in enumerate(entries)
    ]


def _told_fates(ground: Ground, entries: Sequence[Entry]) -> dict[int, Entry]:
    """By index, the promises of which a later sentence says that they were kept or broken: the last before it."""
    fates: dict[int, Entry] = {}
    made = [at for at, entry in enumerate(entries) if entry.kind == "promise" and entry.status == "open"]
    made.sort(key=lambda at: entries[at].end)
    open_: dict[str | None, list[int]] = {}
    told = 0
    for start, end, kept, who in _verdicts(ground):
        while told < len(made) and entries[made[told]].end < start:
            open_.setdefault(entries[made[told]].from_, []).append(made[told])
            told += 1
        if who is not None and open_.get(who):
            last = open_[who].pop()
            status: EntryStatus = "kept" if kept else "broken"
            fates[last] = structs.replace(entries[last], status=status, answer=Span(start, end), reason=None)
    return fates


def _done(ground: Ground, entries: Sequence[Entry], at: int, deeds: dict[tuple[str, str], list[_Deed]]) -> Entry:
    """A promise with the deed, or the told omission, that follows it: "I'll write" – He wrote; he did not write."""
    entry = entries[at]
    for word in _promised(ground, entries, at)[:2]:
        done = deeds.get((entry.from_ or "", word), [])
        behind = bisect_right(done, entry.end, key=lambda deed: deed.start)
        if behind < len(done):
            deed = done[behind]
            status: EntryStatus = "broken" if deed.negated else "kept"
            return structs.replace(entry, status=status, answer=Span(deed.start, deed.end), reason=None)
    return structs.replace(entry, reason="the story does not tell whether it is kept")


def _promised(ground: Ground, entries: Sequence[Entry], at: int) -> list[str]:
    """The verbs of what is promised; of a bare "I promise", those of the request that it grants."""
    entry = entries[at]
    words = _deed_words(ground.text[entry.start : entry.end])
    for before in reversed(entries[max(0, at - _ASKED_BEFORE) : at]):
        if words or entry.start - before.end > _ASKED_NEAR:
            break
        if before.kind == "request" and before.from_ == entry.to:
            words = _deed_words(ground.text[before.start : before.end])
    return words


def _deed_words(passage: str) -> list[str]:
    return [_LEMMAS[w] for w in re.findall(r"[a-z]+", passage.lower()) if w in _LEMMAS]


def _verdicts(ground: Ground) -> list[tuple[int, int, bool, str | None]]:
    """Sentences that say that someone kept or broke their word: where, whether kept, and who."""
    found = []
    lower = ground.tokens.lower
    for sentence in ground.prose.sentences:
        words = frozenset(lower[sentence.first : sentence.last])
        if not words & {"promise", "word", "vow", "oath", "promised", "sworn"}:
            continue
        text = ground.words(sentence.first, sentence.last)
        for pattern, kept in ((_BROKEN, False), (_KEPT, True)):
            match = pattern.search(text)
            if match is not None:
                token = sentence.first + text.count(" ", 0, match.start())
                who = ground.subject_before(token, sentence.first) or _you(ground, token)
                found.append((sentence.start, sentence.end, kept, who))
    return found


def _you(ground: Ground, token: int) -> str | None:
    """Whom "you" means in the line that a token stands in."""
    offset = ground.tokens.starts[token]
    index = ground.line_before(offset + 1)
    if index < 0 or not ground.lines[index].start <= offset < ground.lines[index].end:
        return None
    return ground.lines[index].addressees[0] if ground.lines[index].addressees else None


def _index(ground: Ground) -> dict[tuple[str, str], list[_Deed]]:
    """What people do in the narration, by who and what, for the verbs that promises are kept with."""
    forms = {form: deed for verb, deed in _LEMMAS.items() for form in (past_of(verb), verb)}
    found: dict[tuple[str, str], list[_Deed]] = {}
    lower = ground.tokens.lower
    for sentence in ground.prose.sentences:
        for token in range(sentence.first + 1, sentence.last):
            lemma = forms.get(lower[token], "")
            if not lemma or ground.inside[token]:
                continue
            before = set(lower[max(sentence.first, token - 3) : token])
            negated = bool(before & _NOT)
            if (lower[token] in _LEMMAS and not negated) or before & _NOT_DONE:
                continue
            who = ground.subject_before(token, sentence.first)
            if who is not None:
                span = ground.tokens.starts[token - 1], ground.tokens.ends[min(token + 2, sentence.last - 1)]
                found.setdefault((who, lemma), []).append(_Deed(*span, negated))
    return found
