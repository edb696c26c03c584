"""The entries of the ledger: acts in lines, acts that are told of, and words that never came out, put together."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from typing import TYPE_CHECKING

from msgspec import structs

from unsaid.ledger import promises
from unsaid.ledger.acts import OF_ONESELF, Act, acts
from unsaid.ledger.answers import answer, told_answer
from unsaid.ledger.fates import fates
from unsaid.ledger.hearing import Hearing
from unsaid.ledger.knowledge import known
from unsaid.ledger.pieces import pieces
from unsaid.ledger.untold import Report, reported, untold
from unsaid.story import Entry, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.story import Mask, Utterance, Voice, Writing

GIST_LENGTH = 90
"""Code points of a gist; it is cut at a word's end."""
_VOICES: dict[str, Voice] = {"speech": "aloud", "thought": "thought", "writing": "written"}
_NEIGHBOURS = 3
_NESTED = 4
_WAITING = 20
"""So many things that one has kept from another wait to be said; what is older has been forgotten."""
_UNTOLD: dict[Voice, str] = {
    "never": "never said",
    "thought": "only thought",
    "written": "no reply is told of",
    "aloud": "the story tells of it and gives no answer",
}
_UNDER = 40
"""Code points between a line and the thought right under it."""
_OWN = re.compile(r"\bi(?:'m|'ve|'d|'ll)?\b")
_HELD_FROM = frozenset({"secret: know", "secret: told"})
"""Rules of acts that speak of a secret and do not tell it."""


def enter(ground: Ground, masks: Sequence[Mask]) -> tuple[Entry, ...]:
    """Every entry of a story, in order.

    :param masks: the pairs of a line and the thought under it; what such a thought takes back is kept in.
    """
    hearing = Hearing(ground)
    spoken = [_of_act(ground, hearing, act) for act in acts(ground)]
    spoken += _under_masks(ground, masks, {e.utterance for e in spoken})
    told = [_of_report(ground, report) for report in (*untold(ground), *reported(ground))]
    found = sorted([*spoken, *_apart(told, spoken)], key=lambda e: (e.start, e.end, e.kind))
    found = promises.joined(found, list(promises.retold(ground)), ground.text)
    found = _voiced_later(fates(ground, found), ground.text)
    found.sort(key=lambda e: (e.start, e.end, e.kind))
    return tuple(_finished(ground, entry, i) for i, entry in enumerate(found, start=1))


def _of_act(ground: Ground, hearing: Hearing, act: Act) -> Entry:
    line = ground.lines[act.line]
    heard = _read(ground, line) if line.kind == "writing" else hearing.heard(line, _next_speech(ground, act.line))
    answered = None if line.kind == "thought" else answer(ground, act, heard=heard)
    if act.rule in _HELD_FROM:
        return _of_secret(ground, act)
    return Entry(
        id="",
        kind=act.kind,
        from_=line.speaker,
        to=_addressee(ground, act.line),
        gist="",
        start=ground.tokens.starts[act.first],
        end=ground.tokens.ends[act.last - 1],
        voice=_VOICES[line.kind],
        heard=heard,
        answer=answered.span if answered is not None else None,
        status=answered.status if answered is not None else "open",
        confidence=round(act.confidence * (0.6 + 0.4 * line.confidence), 3),
        utterance=line.id,
        rule=act.rule,
        reason=answered.reason if answered is not None else "only thought",
    )


def _under_masks(ground: Ground, masks: Sequence[Mask], entered: set[str | None]) -> Iterator[Entry]:
    """What somebody admits to themselves under a line that says the contrary, where it is no entry of another kind."""
    lines = {line.id: (index, line) for index, line in enumerate(ground.lines)}
    for mask in masks:
        (index, thought), (said, _) = lines[mask.meant], lines[mask.said]
        first = next((piece for piece in pieces(ground, index) if _OWN.search(piece.text)), None)
        close = abs(thought.start - lines[mask.said][1].end) <= _UNDER
        own = mask.opposed or (close and any(OF_ONESELF.search(piece.text) for piece in pieces(ground, index)))
        if own and first is not None and thought.id not in entered:
            yield Entry(
                id="", kind="confession", from_=thought.speaker, to=_addressee(ground, said), gist="",
                start=thought.start, end=thought.end, voice="thought", heard=False, answer=None, status="open",
                confidence=round(mask.confidence * 0.8, 3), utterance=thought.id, rule="confession: under a mask",
                reason="only thought",
            )  # fmt: skip


def _of_secret(ground: Ground, act: Act) -> Entry:
    """A line that says of something that it was never told: "Nobody told him", "You never told your mother"."""
    line = ground.lines[act.line]
    theirs = act.text.removeprefix("and ").removeprefix("but ").startswith("you")
    return Entry(
        id="",
        kind=act.kind,
        from_=line.addressees[0] if theirs and line.addressees else line.speaker,
        to=None,
        gist="",
        start=ground.tokens.starts[act.first],
        end=ground.tokens.ends[act.last - 1],
        voice="never",
        heard=False,
        answer=None,
        status="open",
        confidence=round(act.confidence * 0.9, 3),
        utterance=line.id,
        rule=act.rule,
        reason="never said",
    )


def _of_report(ground: Ground, report: Report) -> Entry:
    to = report.to or (_other_there(ground, report) if report.voice == "aloud" else None)
    answered = told_answer(ground, report) if report.voice == "aloud" else None
    return Entry(
        id="",
        kind=report.kind,
        from_=report.who,
        to=to,
        gist="",
        start=ground.tokens.starts[report.first],
        end=ground.tokens.ends[report.last - 1],
        voice=report.voice,
        heard=_heard(report),
        answer=answered.span if answered is not None else None,
        status=answered.status if answered is not None else "open",
        confidence=report.confidence,
        rule=report.rule,
        reason=None if answered is not None else _UNTOLD[report.voice],
    )


def _other_there(ground: Ground, report: Report) -> str | None:
    """To whom somebody promised, apologised, …, where only one other is there."""
    others = [who for who in ground.there(ground.tokens.starts[report.first]) if who != report.who]
    return others[0] if len(others) == 1 and report.who is not None else None


def _heard(report: Report) -> bool | None:
    if report.voice in {"never", "thought"}:
        return False
    return True if report.voice == "aloud" and report.to is not None else None


def _next_speech(ground: Ground, line: int) -> Utterance | None:
    following = ground.lines[line + 1 : line + 1 + _NEIGHBOURS]
    speaker = ground.lines[line].speaker
    return next((u for u in following if u.kind == "speech" and u.speaker != speaker), None)


def _writing_at(ground: Ground, line: Utterance) -> Writing | None:
    writings = ground.voices.writings
    before = bisect_right(writings, line.start, key=lambda w: w.start)
    # A letter may stand inside another.
    return next((w for w in writings[max(0, before - _NESTED) : before] if line.start < w.end), None)


def _read(ground: Ground, line: Utterance) -> bool | None:
    """Has what is written reached anybody?"""
    writing = _writing_at(ground, line)
    if writing is None or writing.status == "unknown":
        return None
    return writing.status != "unsent"


def _addressee(ground: Ground, line: int) -> str | None:
    """To whom a line is: its addressee; of one that has none, whom its speaker speaks with before or behind it."""
    here = ground.lines[line]
    if here.addressees:
        return here.addressees[0]
    scene = ground.scene_index(here.start)
    before = reversed(ground.lines[max(0, line - _NEIGHBOURS) : line])
    for near in (*before, *ground.lines[line + 1 : line + 1 + _NEIGHBOURS]):
        if near.kind != "speech" or ground.scene_index(near.start) != scene:
            continue
        if near.speaker == here.speaker and near.addressees:
            return near.addressees[0]
        if near.speaker is not None and near.speaker != here.speaker:
            return near.speaker
    return None


def _apart(told: Sequence[Entry], spoken: Sequence[Entry]) -> list[Entry]:
    """The told entries without those that stand in a line which is the same act itself."""
    lines = sorted((e.start, e.end, e.kind) for e in spoken)
    kept: list[Entry] = []
    for entry in told:
        same = any(s < entry.end and entry.start < e and kind == entry.kind for s, e, kind in _near(lines, entry))
        twice = any(k.kind == entry.kind and k.start < entry.end and entry.start < k.end for k in kept[-4:])
        if not same and not twice:
            kept.append(entry)
    return kept


def _near(lines: Sequence[tuple[int, int, str]], entry: Entry) -> Sequence[tuple[int, int, str]]:
    at = bisect_left(lines, (entry.start, 0, ""))
    return lines[max(0, at - 3) : at + 6]


def _voiced_later(found: Sequence[Entry], text: str) -> list[Entry]:
    """What was kept in and comes out later: one entry, in the voice in which it came out."""
    kept: list[Entry] = []
    waiting: dict[tuple[str, str | None, str | None], deque[int]] = {}
    for entry in sorted(found, key=lambda e: e.start):
        key = (entry.kind, entry.from_, entry.to)
        if entry.voice == "never" and entry.from_ is not None and entry.to is not None:
            waiting.setdefault(key, deque(maxlen=_WAITING)).append(len(kept))
        elif entry.voice in {"written", "aloud"} and key in waiting:
            at = next((i for i in waiting[key] if _same(kept[i], entry, text)), None)
            if at is not None:
                before = kept[at]
                waiting[key].remove(at)
                kept[at] = structs.replace(
                    before, voice=entry.voice, heard=entry.heard, answer=entry.answer, status=entry.status,
                    again=(*before.again, Span(entry.start, entry.end)), reason=entry.reason, utterance=entry.utterance,
                )  # fmt: skip
                continue
        kept.append(entry)
    return kept


def _same(before: Entry, entry: Entry, text: str) -> bool:
    return bool(promises.stems(text[before.start : before.end]) & promises.stems(text[entry.start : entry.end]))


def _finished(ground: Ground, entry: Entry, number: int) -> Entry:
    scene = ground.scene_at(entry.start)
    return structs.replace(
        entry,
        id=f"l{number}",
        gist=_gist(ground.text[entry.start : entry.end]),
        scene=scene.id if scene is not None else None,
        known=known(entry, ground.there(entry.start) if entry.utterance is not None else ()),
    )


def _gist(passage: str) -> str:
    """A passage in one line, without the marks around it, cut at a word's end."""
    line = " ".join(passage.split()).strip("\"'“”‘’«» —–-,*_")
    if len(line) <= GIST_LENGTH:
        return line
    cut, _, _ = line[:GIST_LENGTH].rpartition(" ")
    return (cut or line[:GIST_LENGTH]).rstrip(" ,;:—-") + "…"
