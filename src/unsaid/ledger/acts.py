"""Speech acts in direct lines: which of the ledger's kinds each sentence is, and sentences of one kind put together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from unsaid.ledger.lexicon import patterns, worded
from unsaid.ledger.pieces import Piece, pieces
from unsaid.story import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.ledger.ground import Ground

QUESTION_CONFIDENCE = 0.8
UNMARKED_CONFIDENCE = 0.6
"""... of a question that has lost its mark."""
_UNMARKED = worded("questions", "unmarked")
_YOU_WILL_NOT = re.compile(r"^(?:and |but )?you (?:won't|will not|wouldn't) (?:say|tell|leave|go|forget|do|let|give)\b")
_NEWSMARK = re.compile(r"^(?:is|are|was|were|do|does|did|has|have|had) (?:he|she|it|they|that|you|there|i|we|not)$")
_ECHO = frozenset(
    "what eh hm hmm huh well yes no really indeed oh ah so pardon sorry right ok okay see and but who me you him her "
    "why not what of it so what since when".split()
)
"""Words of which alone a question is no more than a sign that somebody listens."""
RHETORICAL = worded("questions", "rhetorical")
_TAG = worded("questions", "tag")
_ASKS = worded("questions", "asks")
_TELL_THEM = re.compile(r"^(?:just |now |oh , )*(?:tell (?:him|her|them)|say you)\b")
_SECOND = worded("questions", "second")
_BY_MESSENGER = re.compile(r"\btell (?:him|her|them|[a-z'-]+) (?:that )?i\b")
"""What is asked of whoever carries it, and said to another: "Tell him I'm sorry"."""
_ASK_THEM = re.compile(r"^(?:just |now |oh , |go on , )*ask (?:him|her|them)\b")
OF_ONESELF = worded("masks", "of-oneself")
"""What one did, would have done or feels, thought toward another, is kept from them."""
_KEPT_IN_CONFIDENCE = 0.5
_BARE = re.compile(r"^(?:\S+ , |and |but )?i (?:\w+ )?(?:promise|swear)(?: you| it| to god)?$")
"""A promise that says nothing of what is promised."""
_WILL = re.compile(r"\bi(?:'ll| will| shall| won't| shan't)\b")
_TO_ONESELF = re.compile(r"^(?:just |go on , |oh , )*(?:say|admit) (?:it|so|you|something|sorry)\b(?! , (?!you\b))")
"""In a thought, who bids themselves speak keeps something in."""
_AT_ONESELF = re.compile(r"^(?:oh , |well , )?you (?:\w+ ){0,2}(?:coward|fool|idiot|ass|liar|wretch)$")
_SILENCE = worded("promises", "silence")
_SILENT = worded("promises", "silent")
_ACCEPTS = worded("promises", "accepts")
_SILENCE_CONFIDENCE = 0.6
_ASKED = 4
"""Of the acts in front of a reply so many are asked whether it promises what they ask for."""
_STRONGER = {
    "question": ("request", "apology", "accusation", "farewell"),
    "confession": ("apology", "promise"),
    "request": ("farewell", "apology", "secret"),
}
"""A sentence that is one of the kinds on the right is not the kind on the left as well."""


class Act(msgspec.Struct, frozen=True):
    """A speech act in a direct line: its kind, its tokens (half-open), and who decided so.

    :ivar line: index of the line in :attr:`Ground.lines`.
    """

    kind: EntryKind
    line: int
    first: int
    last: int
    text: str
    confidence: float
    rule: str


def acts(ground: Ground) -> list[Act]:
    """Every speech act in the direct lines of a story, in order; sentences of one kind in a row are one act."""
    found: list[Act] = []
    for line, utterance in enumerate(ground.lines):
        held = pieces(ground, line)
        made = _once((act for piece in held for act in _in_piece(piece)), held)
        if utterance.kind == "thought":
            made = [thought for act in made if (thought := _thought(act)) is not None]
            made = made or list(_joined(act for piece in held for act in _kept_in(piece)))
        elif (pledge := _pledge(ground, line, found)) is not None and all(act.kind != "promise" for act in made):
            made.append(pledge)
        found += made
    return found


def _thought(act: Act) -> Act | None:
    """What an act is where it is only thought: who bids themselves speak has something to confess."""
    if act.kind == "request" and (_TELL_THEM.search(act.text) or _TO_ONESELF.search(act.text)):
        return structs.replace(act, kind="confession", rule="confession: tell them")
    if act.kind == "request" and _ASK_THEM.search(act.text):
        return structs.replace(act, kind="question", rule="question: ask them")
    if act.kind == "accusation" and _AT_ONESELF.search(act.text.rpartition(" . ")[2].rpartition(" , ")[2]):
        return None
    return act if act.kind != "question" or act.rule.endswith("them") or _SECOND.search(act.text) else None


def _once(found: Iterable[Act], before: Sequence[Piece]) -> list[Act]:
    """The acts of a line; "I promise", said beside what is promised, is no promise of its own.

    :param before: the sentences of the line: one that says what I will do is what "I promise" behind it promises.
    """
    made = _joined(found)
    promises = [act for act in made if act.kind == "promise"]
    bare = [act for act in promises if _BARE.search(act.text)]
    if len(promises) > len(bare):
        return [act for act in made if act not in bare]
    return [_with_what(act, before) if act in bare else act for act in made]


def _with_what(bare: Act, line: Sequence[Piece]) -> Act:
    """A bare "I promise" with the sentence right before it, where that says what is promised."""
    said = next((piece for piece in line if 0 <= bare.first - piece.last <= 1 and _WILL.search(piece.text)), None)
    return bare if said is None else structs.replace(bare, first=said.first, text=f"{said.text} . {bare.text}")


def _kept_in(piece: Piece) -> Iterator[Act]:
    """What somebody thinks toward another of what they did or feel: "I would have carried your bags"."""
    if _SECOND.search(piece.text) and OF_ONESELF.search(piece.text) and piece.end != "?":
        rule = "confession: thought"
        yield Act("confession", piece.line, piece.first, piece.last, piece.text, _KEPT_IN_CONFIDENCE, rule)


def _pledge(ground: Ground, line: int, found: list[Act]) -> Act | None:
    """A reply that promises what the line before has asked for: "Write to me." – "I will."; silence: "Not a word." """
    before = [act for act in found[-_ASKED:] if act.line == line - 1 and act.kind in {"request", "secret"}]
    piece = next(iter(pieces(ground, line)), None)
    if piece is None or ground.lines[line].speaker == ground.lines[line - 1].speaker:
        return None
    if _ACCEPTS.search(piece.text) and any(act.kind == "request" for act in before):
        rule = "promise: I will"
    elif _SILENT.search(piece.text) and any(_SILENCE.search(act.text) for act in before):
        rule = "promise: silence"
    else:
        return None
    return Act("promise", line, piece.first, piece.last, piece.text, _SILENCE_CONFIDENCE, rule)


def _in_piece(piece: Piece) -> Iterator[Act]:
    scored = kinds_of(piece.text)
    if "request" in scored and piece.end == "?" and _ASKS.search(piece.text):
        del scored["request"]
    if piece.end == "?" and _YOU_WILL_NOT.search(piece.text):
        scored["request"] = (QUESTION_CONFIDENCE, "request: you won't")
    if is_question(piece):
        marked = piece.end == "?"
        scored.setdefault(
            "question",
            (QUESTION_CONFIDENCE, "question: mark") if marked else (UNMARKED_CONFIDENCE, "question: inverted"),
        )
    for kind, (confidence, rule) in scored.items():
        stronger = _STRONGER.get(kind, ())
        if not any(other in scored for other in stronger) or (kind == "request" and _BY_MESSENGER.search(piece.text)):
            yield Act(kind, piece.line, piece.first, piece.last, piece.text, confidence, rule)


def kinds_of(text: str) -> dict[EntryKind, tuple[float, str]]:
    """The kinds of act that a sentence (as in :class:`Piece`) is worded as, each with confidence and rule."""
    by_cue = patterns("acts")
    tried = {pattern.order: pattern for cue in by_cue.keys() & text.split() for pattern in by_cue[cue]}
    scored: dict[EntryKind, tuple[float, str]] = {}
    takes_away = []
    for _, pattern in sorted(tried.items()):
        if pattern.takes_away:
            takes_away.append(pattern)
        elif pattern.confidence > scored.get(pattern.kind, (0.0, ""))[0] and pattern.holds(text):  # type: ignore[call-overload]
            scored[pattern.kind] = (pattern.confidence, pattern.rule)  # type: ignore[index]
    taken = {pattern.kind for pattern in takes_away if pattern.kind in scored and pattern.holds(text)}
    return {kind: found for kind, found in scored.items() if kind not in taken}


def is_question(piece: Piece) -> bool:
    """Does a sentence ask for something? Not one that echoes, answers itself, or asks in order to assert."""
    words = piece.text.replace(",", " ").split()
    if piece.end != "?" and not (not piece.end and _UNMARKED.search(piece.text)):
        return False
    if _NEWSMARK.search(piece.text):
        return False
    if len(words) <= 3 and all(word in _ECHO for word in words) and words not in (["why"], ["why", "not"]):
        return False
    if len(words) == 1 and words[0] not in {"why", "where", "who", "when", "how"}:
        return False
    tagged = _TAG.search(piece.text) and len(words) > 4 and not _ASKS.search(piece.text)
    return not (RHETORICAL.search(piece.text) or tagged)


def _joined(found: Iterable[Act]) -> list[Act]:
    """Acts of one kind in sentences in a row, as one act."""
    joined: list[Act] = []
    for act in found:
        at = next((i for i in range(len(joined) - 1, max(-1, len(joined) - 4), -1) if _follows(joined[i], act)), None)
        if at is None:
            joined.append(act)
            continue
        before = joined[at]
        stronger = max(before, act, key=lambda one: one.confidence)
        joined[at] = Act(
            before.kind,
            before.line,
            before.first,
            act.last,
            f"{before.text} . {act.text}",
            stronger.confidence,
            stronger.rule,
        )
    return joined


def _follows(before: Act, act: Act) -> bool:
    return before.kind == act.kind and before.line == act.line and act.first - before.last <= 1
