"""The second pair part (Schegloff and Sacks 1973) of an act: what answers it, and how."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from unsaid.ledger.acts import RHETORICAL
from unsaid.ledger.lexicon import worded
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

_ANSWERING = re.compile(r"^(?:nod|incline|shook|shake|shrug)", re.IGNORECASE)
_NODDED = worded("answers", "nodded")
_SHOOK = worded("answers", "shook")
_SILENT = worded("answers", "silent")
_KISSED = worded("answers", "kissed")


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
    if line.kind == "writing":
        return Answer(None, "open", "no reply is told of")
    said = _reply(ground, act, line)
    # No nod keeps a promise: what becomes of it is told later.
    acted = _acted(ground, line, said.start if said is not None else None) if act.kind != "promise" else None
    if acted is not None and (said is None or acted.reason is None):
        judged = _by_deed(ground, act, acted)
        if judged is not None:
            return judged
    if act.kind == "request":
        done = _done(ground, act, said)
        if done is not None:
            return done
    if said is None:
        return acted_open(act, acted)
    return _by_words(ground, act, said)


def _done(ground: Ground, act: Act, said: Utterance | None) -> Answer | None:
    """A request granted by the deed: "Open the door." – He opened it."""
    line = ground.lines[act.line]
    asked = {past_of(word): word for word in act.text.split()[:12] if len(word) > 2 and word not in _NO_DEEDS}
    asked |= dict.fromkeys(_GIVES, "give") if act.text.startswith(("may i", "can i", "could i", "might i")) else {}
    end = min(line.end + _REACH // 3, len(ground.text))
    span = ground.tokens.within(line.end, end)
    for token in range(span.start + 1, span.stop):
        if ground.tokens.lower[token] not in asked or ground.inside[token]:
            continue
        who = ground.subject_before(token, max(span.start, token - 6))
        if who is not None and who != line.speaker:
            return Answer(Span(ground.tokens.starts[token - 1], ground.tokens.ends[token]), "granted")
    return None


def told_answer(ground: Ground, report: Report) -> Span | None:
    """The answer to a question that is told of: what the other is told, or heard, to say right behind it."""
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
    between = ground.text[line.end : end]
    for status, pattern in (("granted", _NODDED), ("refused", _SHOOK), ("returned", _KISSED), ("open", _SILENT)):
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
        ("confession", "refused"): "unreturned",
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
        return Answer(later, "answered") if later is not None else _question(text, span, asks_back=asks_back)
    if act.kind == "request":
        status: EntryStatus = "refused" if _NO.search(text) else "granted" if _YES.search(text) else "open"
        return Answer(span, status) if status != "open" else Answer(None, "open", "neither granted nor refused")
    if act.kind == "apology":
        status = "refused" if _UNFORGIVING.search(text) else "forgiven" if _FORGIVES.search(text) else "open"
        return Answer(span, status) if status != "open" else Answer(None, "open", "neither accepted nor refused")
    if act.kind == "confession":
        return _confession(act, text, span)
    matched = {"farewell": _BYES, "thanks": _WELCOMES}.get(act.kind)
    if matched is not None:
        found = matched.search(text)
        status = "returned" if act.kind == "farewell" else "answered"
        return Answer(span, status) if found else Answer(None, "open", "nothing is said to it")
    if act.kind == "accusation":
        return Answer(span, "refused" if _DENIES.search(text) else "answered")
    return Answer(None, "open", "not yet kept or broken" if act.kind == "promise" else "kept so far")


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
