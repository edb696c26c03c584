"""What becomes of a promise: it is told of again, kept or broken, often chapters later."""

from __future__ import annotations

import re
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
_DEEDS = frozenset("write call ring come return wait send bring find pay feed visit marry tell save".split())
"""Verbs that are the whole of what was promised: "he wrote" keeps "I'll write"."""
_COMMON = frozenset(
    "i i'll i'm you your yours me my we us it that this the a an to of in on at for and but or not no never always "
    "will shall promise promised swear swore vow word give gave have has had be is was by with so if then him her he "
    "she them they his their would do any anything".split()
)
_RETOLD = worded("promises", "retold")
_BROKEN = worded("promises", "broken")
_KEPT = worded("promises", "kept")
_UNKEPT = worded("promises", "unkept")
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


def stems(text: str) -> frozenset[str]:
    """The words of a passage that carry what it is about, endings cut off."""
    words = (word for word in re.findall(r"[a-z']+", text.lower().replace("’", "'")) if word not in _COMMON)
    return frozenset(_stem(word) for word in words)


def _stem(word: str) -> str:
    for base, past in _PAST.items():
        if word == past:
            return base
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def joined(entries: Sequence[Entry], told: Sequence[tuple[Entry, str]], text: str) -> list[Entry]:
    """The entries with each retold promise put to the promise it tells of, or added where there is none."""
    kept = list(entries)
    for entry, what in told:
        at = _made_before(kept, entry, what, text)
        if at is None:
            kept.append(entry)
            continue
        made = kept[at]
        status = entry.status if entry.status != "open" else made.status
        answer = Span(entry.start, entry.end) if entry.status == "broken" else made.answer
        kept[at] = structs.replace(
            made, again=(*made.again, Span(entry.start, entry.end)), status=status, answer=answer
        )
    return kept


def _made_before(kept: Sequence[Entry], entry: Entry, what: str, text: str) -> int | None:
    """Index of the last promise before a retelling, by and to the same people, that shares a word with it."""
    about = stems(what)
    for at in range(len(kept) - 1, -1, -1):
        made = kept[at]
        if made.kind != "promise" or made.start >= entry.start or {made.from_, made.to} != {entry.from_, entry.to}:
            continue
        if not about or about & stems(text[made.start : made.end]):
            return at
    return None


def fates(ground: Ground, entries: Sequence[Entry]) -> list[Entry]:
    """The entries with what became of each open promise."""
    deeds = _index(ground)
    said = _verdicts(ground)
    return [
        _fate(entry, deeds, said, ground) if entry.kind == "promise" and entry.status == "open" else entry
        for entry in entries
    ]


def _fate(
    entry: Entry,
    deeds: dict[tuple[str, str], list[_Deed]],
    said: Sequence[tuple[int, int, bool, str | None]],
    ground: Ground,
) -> Entry:
    for start, end, kept, who in said:
        if start > entry.end and who is not None and who == entry.from_:
            status: EntryStatus = "kept" if kept else "broken"
            return structs.replace(entry, status=status, answer=Span(start, end), reason=None)
    words = [w for w in re.findall(r"[a-z']+", ground.text[entry.start : entry.end].lower()) if w in _DEEDS]
    for word in words[:2]:
        for deed in deeds.get((entry.from_ or "", word), ()):
            if deed.start > entry.end:
                status = "broken" if deed.negated else "kept"
                return structs.replace(entry, status=status, answer=Span(deed.start, deed.end), reason=None)
    return structs.replace(entry, reason=entry.reason or "the story does not tell whether it is kept")


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
    forms = {}
    for lemma in _DEEDS:
        forms[_PAST.get(lemma, inflect(lemma)[1])] = lemma
        forms[lemma] = lemma
    found: dict[tuple[str, str], list[_Deed]] = {}
    lower = ground.tokens.lower
    for sentence in ground.prose.sentences:
        for token in range(sentence.first + 1, sentence.last):
            lemma = forms.get(lower[token], "")
            if not lemma or ground.inside[token]:
                continue
            before = set(lower[max(sentence.first, token - 3) : token])
            negated = bool(before & _NOT)
            if (lower[token] == lemma and lemma != "come" and not negated) or before & {
                "would",
                "could",
                "should",
                "to",
                "might",
                "had",
            }:
                continue
            who = ground.subject_before(token, sentence.first)
            if who is not None:
                span = ground.tokens.starts[token - 1], ground.tokens.ends[min(token + 2, sentence.last - 1)]
                found.setdefault((who, lemma), []).append(_Deed(*span, negated))
    return found
