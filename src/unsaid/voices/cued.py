"""Thoughts in quotation marks with a cue of thought: “I should go,” she thought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.lexica import finite_forms
from unsaid.narration.lexicon import THIRD
from unsaid.story import Cue, Utterance
from unsaid.voices.cues import Reader
from unsaid.voices.reports import Found
from unsaid.voices.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Quotation
    from unsaid.story import Evidence, Mode
    from unsaid.voices.field import Field, Subject

CUED, SINGLE, KEPT_IN = "thought: cue", "thought: single quotes", "thought: not said"
DOUBLE_MARKS = frozenset('"“”„«»')
"""What opens or closes spoken words; a thought that nothing marks has none of them."""

_NOT_THOUGHT = frozenset(
    "decided decides decide reminded reminds remind considered considers reasoned realized realised".split()
)
# Verbs of talk as much as of thought; within so many tokens behind one, "to herself" or "inwardly" tells which.
_ALOUD_TOO = frozenset("mused muses reflected reflects marvelled marveled marvels".split())
_INWARDLY = frozenset("inwardly silently mentally privately".split())
_NEAR_INWARD = 4
_OBJECTS = frozenset("it them him this these those the a an my your his her its our their".split())
_STOPS = frozenset({".", ";"})
_LONGEST_DENIAL = 12  # tokens behind a quotation in which it is said that nobody says it
_DENIALS = (
    ("does", "not"), ("did", "not"), ("do", "not"), ("doesn't",), ("didn't",), ("don't",), ("never",), ("almost",),
    ("nearly",), ("wants", "to"), ("wanted", "to"), ("want", "to"), ("could", "have"), ("should", "have"),
    ("would", "have"), ("might", "have"), ("longs", "to"), ("longed", "to"),
)  # fmt: skip
_SAID = frozenset("say says said add adds added tell tells told ask asks asked whisper whispered".split())
# "“Where?” Ann didn't say." refuses an answer.
_NOT_REFUSED = frozenset("ask asks asked add adds added".split())
_BEHIND_DENIAL = frozenset("to aloud out back either him her them me then".split())


def thought_verbs() -> frozenset[str]:
    """Finite forms of the verbs that report a thought in its own words."""
    return (finite_forms("thought_verbs") | {"thinking"}) - _NOT_THOUGHT


def cued(field: Field, quoted: Sequence[Quotation]) -> Iterator[Utterance]:
    """Quotations with "she thought": those with a verb of thought close by are looked at, the others are skipped."""
    verbs = thought_verbs()
    reader = Reader(field)
    skip = 0
    for index, quotation in enumerate(quoted):
        if index < skip or not _verb_near(field, quotation, verbs):
            continue
        last = index
        while last + 1 < len(quoted) and _cue_between(field, quoted[last], quoted[last + 1], verbs):
            last += 1
        skip = last + 1
        parts = tuple((q.start, q.end) for q in quoted[index : last + 1])
        turn = Turn(parts, quotation.paragraph, quoted[last].paragraph, False, True)
        low, high = _own_ground(field, quoted, index, last)
        found = reader.cue_of(turn, low, high)
        if found is not None and found.verb in verbs and _belongs(field, turn, found) and _is_inward(field, found):
            yield thought_of(parts, CUED, 0.9 if found.subject and found.subject.kind == "name" else 0.8, found)


def kept_in(field: Field, quoted: Sequence[Quotation]) -> Iterator[Utterance]:
    """Quotations of which a cue says that nobody has said them: “I love you,” he doesn't say."""
    tokens = field.tokens
    for quotation in quoted:
        at = field.token_at(quotation.end)
        stop = min(field.prose.paragraphs[quotation.paragraph].last, at + _LONGEST_DENIAL)
        read = field.subject_at(at) if at < stop and not tokens.quoted[at] else None
        verb = _denied(tokens.lower, read[1], stop) if read is not None else None
        if read is None or verb is None:
            continue
        goes_on = field.text[quotation.end - 2] == "," or tokens.words[at].islower()
        behind = tokens.lower[verb + 1] if verb + 1 < stop else "."
        if (goes_on or tokens.lower[verb] in _NOT_REFUSED) and (not behind[0].isalnum() or behind in _BEHIND_DENIAL):
            found = Found(tokens.starts[at], tokens.ends[verb], tokens.lower[verb], read[0], None, "after")
            yield thought_of(((quotation.start, quotation.end),), KEPT_IN, 0.85, found)


def _denied(lower: Sequence[str], at: int, stop: int) -> int | None:
    """The verb of speech behind "doesn't", "never", "almost", "wanted to" or "could have"."""
    for words in _DENIALS:
        verb = at + len(words)
        if verb < stop and tuple(lower[at:verb]) == words and lower[verb] in _SAID:
            return verb
    return None


def _belongs(field: Field, turn: Turn, found: Found) -> bool:
    """Whether a cue of thought reports this very line, and not an act of thinking beside a spoken one.

    '"No; wait a moment." He thought. "Take my car."' is all speech, and so is a line behind "he was thinking it over".
    """
    if found.start < turn.start:
        last = field.token_at(turn.start)
        lead = range(field.token_at(found.start), last)
        verb = next((t for t in reversed(lead) if field.tokens.lower[t] == found.verb), None)
        return verb is not None and field.tokens.words[last - 1] not in _STOPS and not _has_object(field, verb, last)
    line = field.text[turn.start : found.start].rstrip(" \n\"”’'»_*")
    begins_anew = field.text[found.start].isupper() and field.tokens.lower[field.token_at(found.start)] in THIRD
    return line.endswith(",") or not begins_anew


def _is_inward(field: Field, found: Found) -> bool:
    """Whether a verb that is said of talk as well ("mused Ann") tells of thought: somebody's "to herself" shows it."""
    if found.verb not in _ALOUD_TOO:
        return True
    first = field.token_at(found.start)
    lower = field.tokens.lower[first : field.token_at(found.end) + _NEAR_INWARD]
    return any(word.endswith("self") or word in _INWARDLY for word in lower)


def _has_object(field: Field, verb: int, last: int) -> bool:
    """Whether a verb of thought has an object of its own before the line: "thought it over", "thinking the word"."""
    following = field.tokens.lower[verb + 1 : min(verb + 2, last)]
    return bool(following) and following[0] in _OBJECTS


def _verb_near(field: Field, quotation: Quotation, verbs: frozenset[str]) -> bool:
    lower = field.tokens.lower
    after, before = field.token_at(quotation.end), field.token_at(quotation.start)
    return any(word in verbs for word in lower[after : after + 9]) or any(
        word in verbs for word in lower[max(0, before - 12) : before]
    )


def _cue_between(field: Field, one: Quotation, other: Quotation, verbs: frozenset[str]) -> bool:
    """Whether nothing but a short cue of thought parts two quotations of one paragraph."""
    if one.paragraph != other.paragraph or other.start - one.end > 80 or one.mark != other.mark:
        return False
    words = field.tokens.lower[field.token_at(one.end) : field.token_at(other.start)]
    if words[-1:] == (")",) or (words[-1:] == (":",) and words[-2:-1] and words[-2] not in verbs):
        return False  # ("Who is it?" thought Ann.) "It is I."; "Fool!" he was thinking. Aloud he said: "Good day."
    if not 0 < len(words) <= 10 or "and" in words or not any(word in verbs for word in words):
        return False
    # '"Fun at last!" thought Ann. "Guess again," she said aloud.': the second line has a cue of its own.
    speech = finite_forms("speech_verbs") - verbs
    return words[-1] == "," or not said_right_after(field, other, speech)


def _own_ground(field: Field, quoted: Sequence[Quotation], first: int, last: int) -> tuple[int, int]:
    """The stretch of a quotation's paragraph that no other quotation stands in."""
    begin = field.prose.paragraphs[quoted[first].paragraph]
    end = field.prose.paragraphs[quoted[last].paragraph]
    low = max(begin.start, quoted[first - 1].end) if first else begin.start
    high = min(end.end, quoted[last + 1].start) if last + 1 < len(quoted) else end.end
    return min(low, quoted[first].start), max(high, quoted[last].end)


def thought_of(
    parts: Sequence[tuple[int, int]],
    rule: str,
    confidence: float,
    found: Found | None = None,
) -> Utterance:
    """A thought in these parts; ``found`` is the cue that tells of it, if there is one."""
    mode: Mode = "direct" if found or rule == SINGLE else "free-direct"
    subject = found.subject if found else None
    return Utterance(
        id="",
        start=parts[0][0],
        end=parts[-1][1],
        parts=tuple(parts),
        kind="thought",
        mode=mode,
        speaker=subject.character if subject else None,
        addressees=(),
        cue=Cue(found.start, found.end) if found else None,
        evidence=evidence_of(subject) if subject else None,
        heard=False,
        confidence=confidence,
        rule=rule,
        reason=None if subject and subject.character else "the thinker is not named",
    )


def evidence_of(subject: Subject) -> Evidence:
    """How a subject tells who it is: by name, or by a pronoun or noun phrase."""
    return "explicit" if subject.kind == "name" else "anaphoric"


def said_right_after(field: Field, quotation: Quotation, verbs: frozenset[str]) -> bool:
    """Whether a verb of speech stands in the few words right behind a quotation: "he said", "said Ann"."""
    first = field.token_at(quotation.end)
    for token in range(first, min(first + 4, len(field.tokens))):
        if field.tokens.quoted[token] or not field.tokens.words[token][0].isalnum():
            return False
        if field.tokens.lower[token] in verbs:
            return True
    return False
