"""The second pair part (Schegloff and Sacks 1973) of an act: what answers it, and how."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from unsaid.ledger.acts import RHETORICAL, kinds_of
from unsaid.ledger.lexicon import small, worded
from unsaid.ledger.pieces import pieces
from unsaid.ledger.promises import past_of
from unsaid.story import EntryStatus, Span

if TYPE_CHECKING:
    from unsaid.ledger.acts import Act
    from unsaid.ledger.ground import Ground
    from unsaid.ledger.untold import Report
    from unsaid.story import Utterance

_NO_DEEDS = frozenset(
    "say tell ask let look do think see know want will would could can must may please the you your have not get "
    "don't never believe forgive remember feel listen mind hope wish make made said like just".split()
)
"""Verbs whose past says nothing of whether what was asked for was done."""
_GIVES = ("gave", "handed", "held", "passed", "let")
_REACH = 1200
"""Code points behind a line within which an answer is looked for."""
_LINES = 4
"""How many of the next lines of speech may hold the answer."""

_YES = worded("answers", "yes")
_NO = worded("answers", "no")
_EVADES = worded("answers", "evades")
_FORGIVES = worded("answers", "forgives")
_UNFORGIVING = worded("answers", "unforgiving")
_LOVES = worded("answers", "loves")
_REJECTS = worded("answers", "rejects")
_BYES = worded("answers", "byes")
_WELCOMES = worded("answers", "welcomes")
_DENIES = worded("answers", "denies")

_STOPS = worded("answers", "stops")
_NOTHING = worded("answers", "nothing")
_PRYING = worded("answers", "prying")
_ANSWERING = re.compile(r"^(?:nod|incline|shook|shake)", re.IGNORECASE)
_NODDED = worded("answers", "nodded")
_SHOOK = worded("answers", "shook")
_SILENT = worded("answers", "silent")
_KISSED = worded("answers", "kissed")
_BOWED = worded("answers", "bowed")
_TOUCHED = worded("answers", "touched")
_TELLS = re.compile(r"\b(?:tell|answer|explain|describe|say (?!nothing)|let (?:me|us) (?:know|hear))\b")
"""Who is asked for words grants it by saying them."""
_FORBIDS = re.compile(r"\b(?:don't|do not|never|mustn't|must not)\b")
_WILLING = worded("answers", "willing")
_UNWILLING = worded("answers", "unwilling")
_TELLING = worded("answers", "telling")
_NOT_TELLING = worded("answers", "not-telling")


class Answer(msgspec.Struct, frozen=True):
    """What answers an act: where (None for nothing), what that makes of it, and why it stays open."""

    span: Span | None
    status: EntryStatus
    reason: str | None = None


def answer(ground: Ground, act: Act, *, heard: bool | None) -> Answer:
    """The answer to an act in a line that is said or written; an unheard one has none."""
    line = ground.lines[act.line]
    if heard is False:
        return Answer(None, "open", "not heard")
    if act.kind == "farewell" and (before := _bidden(ground, act)) is not None:
        return Answer(Span(before.start, before.end), "returned")
    said = _reply(ground, act, line)
    if line.kind == "writing":
        return _by_words(ground, act, said) if said is not None else Answer(None, "open", "no reply is told of")
    if act.kind == "question" and _asked_again(ground, act):
        return Answer(None, "open", "asked again")
    # No nod keeps a promise: what becomes of it is told later.
    acted = _acted(ground, line, said.start if said is not None else None) if act.kind != "promise" else None
    if acted is not None and (said is None or acted.reason is None):
        judged = _by_deed(ground, act, acted)
        if judged is not None:
            return judged
    if act.kind == "request":
        done = _done(ground, act)
        if done is not None:
            return done
    if said is None:
        return acted_open(act, acted)
    return _by_words(ground, act, said)


def _bidden(ground: Ground, act: Act) -> Utterance | None:
    """The farewell just before that this one returns."""
    line = ground.lines[act.line]
    for index in range(act.line - 1, max(-1, act.line - 1 - _LINES), -1):
        before = ground.lines[index]
        if line.start - before.end > _REACH // 3 or ground.scene_index(before.start) != ground.scene_index(line.start):
            return None
        if before.kind == line.kind and before.speaker != line.speaker:
            return before if any("farewell" in kinds_of(piece.text) for piece in pieces(ground, index)) else None
    return None


def _asked_again(ground: Ground, act: Act) -> bool:
    """Does the asker go on asking in a paragraph of their own, before anybody has said anything?"""
    line, behind = ground.lines[act.line], ground.lines[act.line + 1 : act.line + 1 + _LINES]
    following = next((u for u in behind if u.kind == "speech"), None)
    if following is None or following.speaker != line.speaker or line.speaker is None:
        return False
    apart = ground.prose.paragraph_at(following.start) > ground.prose.paragraph_at(line.start)
    first = next(iter(pieces(ground, ground.line_before(following.start + 1))), None)
    return apart and first is not None and first.end == "?" and following.start - line.end < _REACH // 3


def _done(ground: Ground, act: Act) -> Answer | None:
    """A request granted by the deed, or one not to do something refused by it: "Open the door." – He opened it."""
    line = ground.lines[act.line]
    asked = {past_of(word): word for word in act.text.split()[:12] if len(word) > 2 and word not in _NO_DEEDS}
    asked |= dict.fromkeys(_GIVES, "give") if act.text.startswith(("may i", "can i", "could i", "might i")) else {}
    asked |= {"looked": "look"} if "look at" in act.text else {}
    end = min(line.end + _REACH // 3, len(ground.text))
    span = ground.tokens.within(line.end, end)
    done: EntryStatus = "refused" if _FORBIDS.search(act.text) else "granted"
    for token in range(span.start + 1, span.stop):
        if ground.tokens.lower[token] not in asked or ground.inside[token]:
            continue
        who = ground.subject_before(token, max(span.start, token - 6))
        where = Span(ground.tokens.starts[token - 1], ground.tokens.ends[token])
        if ground.tokens.lower[token - 1] in {"nobody", "no-one"}:
            return Answer(where, "granted" if done == "refused" else "refused")
        if who is not None and who != line.speaker:
            return Answer(where, done)
    return None


def told_answer(ground: Ground, report: Report) -> Answer | None:
    """The answer to a question or request that is told of: what the other is told, or heard, to say right behind it."""
    span = _told_reply(ground, report) if report.kind == "question" else None
    if span is not None:
        return Answer(span, "answered")
    sentence = ground.prose.sentences[ground.prose.sentence_at(ground.tokens.starts[report.first])]
    words = ground.words(report.first + 2, sentence.last)
    if report.kind == "request" and (_UNWILLING.search(words) or _WILLING.search(words)):
        return Answer(Span(sentence.start, sentence.end), "refused" if _UNWILLING.search(words) else "granted")
    if report.kind == "question" and _TELLING.search(words) and not _NOT_TELLING.search(words):
        return Answer(Span(sentence.start, sentence.end), "answered")
    return None


def _told_reply(ground: Ground, report: Report) -> Span | None:
    end = ground.tokens.ends[report.last - 1]
    near = [u for u in ground.told[bisect_left(ground.told, end, key=lambda u: u.start) :][:2] if u.kind == "speech"]
    near += [u for u in ground.lines[ground.line_before(end) + 1 :][:1] if u.kind == "speech"]
    for said in sorted(near, key=lambda u: u.start):
        if said.start - end < _REACH // 2 and said.speaker is not None and said.speaker in (report.to, None):
            return Span(said.start, said.end)
    return None


def acted_open(act: Act, acted: Answer | None) -> Answer:
    """Left open: because of a silence that is told, or because nobody says anything to it."""
    if act.kind == "confession" and act.rule.endswith(("love", "loved")):
        return Answer(acted.span if acted else None, "unreturned", "no answer in kind")
    return acted if acted is not None and acted.status == "open" else Answer(None, "open", "nobody answers")


def _reply(ground: Ground, act: Act, line: Utterance) -> Utterance | None:
    """The next line of somebody else in the same scene, within reach; the addressee's if there is one."""
    scene = ground.scene_at(line.start)
    end = min(scene.end if scene is not None else len(ground.text), line.end + _REACH)
    first: Utterance | None = None
    seen = 0
    for following in ground.lines[act.line + 1 : act.line + 1 + 3 * _LINES]:
        if following.start >= end or seen >= _LINES:
            break
        if following.kind == "thought" or following.mode != "direct" or following.kind != line.kind:
            continue
        seen += 1
        if following.speaker == line.speaker and following.speaker is not None:
            continue
        if not line.addressees or following.speaker in line.addressees or following.speaker is None:
            return following
        first = first or following
    return first


def _acted(ground: Ground, line: Utterance, until: int | None) -> Answer | None:
    """What the narration between a line and the next says: a nod, a shake of the head, a kiss, a silence."""
    end = min(until if until is not None else len(ground.text), line.end + _REACH // 2)
    scene = ground.scene_at(line.start)
    end = min(end, scene.end) if scene is not None else end
    if end <= line.end:
        return None
    between = small(ground.text[line.end : end])
    for status, pattern in (
        ("granted", _NODDED), ("refused", _SHOOK), ("returned", _KISSED), ("greeted", _BOWED), ("touched", _TOUCHED),
        ("open", _SILENT),
    ):  # fmt: skip
        found = pattern.search(between)
        if found is not None:
            span = Span(line.end + found.start(), line.end + found.end())
            if status == "open":
                return Answer(None, "open", f"silence: {found.group()}")
            return Answer(span, status)  # type: ignore[arg-type]
    return None


def _by_deed(ground: Ground, act: Act, acted: Answer) -> Answer | None:
    """What a gesture makes of an act of this kind; None where it answers nothing of the sort."""
    table: dict[tuple[str, str], EntryStatus] = {
        ("question", "granted"): "answered", ("question", "refused"): "answered", ("question", "returned"): "answered",
        ("request", "granted"): "granted", ("request", "refused"): "refused", ("request", "returned"): "granted",
        ("apology", "granted"): "forgiven", ("apology", "returned"): "forgiven", ("apology", "refused"): "refused",
        ("confession", "returned"): "returned", ("farewell", "returned"): "returned",
        ("confession", "refused"): "unreturned", ("apology", "touched"): "forgiven",
        ("farewell", "greeted"): "returned", ("farewell", "granted"): "returned", ("farewell", "touched"): "returned",
        ("thanks", "granted"): "answered", ("thanks", "greeted"): "answered", ("thanks", "returned"): "answered",
    }  # fmt: skip
    if act.kind == "question" and not _ANSWERING.search(
        ground.text[acted.span.start : acted.span.end] if acted.span else ""
    ):
        return None
    status = table.get((act.kind, acted.status))
    return Answer(acted.span, status) if status is not None else None


def _by_words(ground: Ground, act: Act, said: Utterance) -> Answer:
    index = ground.line_before(said.start + 1)
    parts = list(pieces(ground, index))
    text = " . ".join(piece.text for piece in parts)
    first = parts[0] if parts else None
    span = Span(said.start, said.end)
    if act.kind == "question":
        asks_back = first is not None and first.end == "?" and len(parts) == 1 and not RHETORICAL.search(text)
        later = _after_asking_back(ground, index, ground.lines[act.line]) if asks_back else None
        if _NOTHING.search(text) and _PRYING.search(act.text):
            return Answer(None, "open", "evaded")
        return Answer(later, "answered") if later is not None else _question(text, span, asks_back=asks_back)
    if act.kind == "request":
        status = _to_request(act.text, text)
        return Answer(span, status) if status != "open" else Answer(None, "open", "neither granted nor refused")
    if act.kind == "apology":
        status = "refused" if _UNFORGIVING.search(text) else "forgiven" if _FORGIVES.search(text) else "open"
        return Answer(span, status) if status != "open" else Answer(None, "open", "neither accepted nor refused")
    if act.kind == "confession":
        return _confession(act, text, span)
    if act.kind == "farewell" and any("farewell" in kinds_of(piece.text) for piece in parts):
        return Answer(span, "returned")
    matched = {"farewell": _BYES, "thanks": _WELCOMES}.get(act.kind)
    if matched is not None:
        found = matched.search(text)
        status = "returned" if act.kind == "farewell" else "answered"
        return Answer(span, status) if found else Answer(None, "open", "nothing is said to it")
    if act.kind == "accusation":
        return Answer(span, "refused" if _DENIES.search(text) else "answered")
    return Answer(None, "open", "not yet kept or broken" if act.kind == "promise" else "kept so far")


def _to_request(asked: str, text: str) -> EntryStatus:
    """What a reply makes of a request: who is asked to tell something grants it by telling."""
    if _FORBIDS.search(asked) and _STOPS.search(text):
        return "granted"
    if _NO.search(text):
        return "refused"
    tells = _TELLS.search(asked) and not _FORBIDS.search(asked) and not text.endswith("?")
    return "granted" if _YES.search(text) or (tells and not _EVADES.search(text)) else "open"


def _after_asking_back(ground: Ground, back: int, asker: Utterance) -> Span | None:
    """The answer behind an insertion sequence: asked, asked back, explained, answered."""
    following = [u for u in ground.lines[back + 1 : back + 4] if u.kind == "speech"]
    replier = ground.lines[back].speaker
    if len(following) < 2 or following[0].speaker != asker.speaker or following[1].speaker != replier:
        return None
    explained = list(pieces(ground, ground.line_before(following[0].start + 1)))
    if not explained or explained[-1].end == "?" or following[1].start - asker.end > _REACH:
        return None
    return Span(following[1].start, following[1].end)


def _question(text: str, span: Span, *, asks_back: bool) -> Answer:
    if _EVADES.search(text):
        return Answer(None, "open", "evaded")
    if asks_back and not (_YES.search(text) or _NO.search(text)):
        return Answer(None, "open", "asked back")
    return Answer(span, "answered")


def _confession(act: Act, text: str, span: Span) -> Answer:
    if act.rule.endswith(("love", "loved", "need", "needed", "hate")):
        if _LOVES.search(text) and not _REJECTS.search(text):
            return Answer(span, "returned")
        return Answer(span if _REJECTS.search(text) else None, "unreturned", "no answer in kind")
    return Answer(span, "forgiven" if _FORGIVES.search(text) and "forg" in text else "answered")
