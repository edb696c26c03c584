"""Indirect speech, thought and writing: "she told him that …", "he wondered whether …", "Ann wrote that …".

Only what is reported as having been said or thought counts: "she never told him that …" and "he could have asked
whether …" report no utterance, and are left out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from unsaid.story import Cue, Utterance, UtteranceKind
from unsaid.voices.field import OBLIQUE, Field

if TYPE_CHECKING:
    from unsaid.narration import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose, Sentence
    from unsaid.voices.field import Subject

__all__ = ["find_indirect"]

_THAT = "that"
_WH = frozenset("if whether why how what where when who which whom".split())
_SUBJECTS = frozenset("i we he she they it you there".split())
_TO = frozenset({"to", "not"})
_HINDERING = frozenset(
    "would could should might must may can will shall cannot can't won't couldn't wouldn't shouldn't never not "
    "n't didn't don't doesn't hadn't hasn't haven't to if was were is are been being be did do does nor neither "
    "nobody having".split()
)
_PASSED_OVER = frozenset(
    "had has have then also just only once again softly finally simply even still now suddenly quietly later already "
    "always often sometimes both all once".split()
)
_GOVERNING = frozenset("to at with of for from by on in into upon about like than between".split())
_STOPS = frozenset({"!", "?", ";", ":", "--", "—", "–", "…", "...", '"', "“", "”", "(", ")"})
_COPULAS = frozenset("was were is had would could might must should did seemed looked wasn't wouldn't couldn't".split())
_BARE_THAT = frozenset(
    "said says told tells thought thinks knew hoped wished believed supposed promised swore admitted".split()
)


class _Verb(msgspec.Struct, frozen=True):
    """How a verb reports: what kind of utterance, whether it takes an object, and what clauses follow it.

    :ivar objects: "none", "may" or "must": whether the one spoken to stands right behind the verb.
    :ivar clauses: any of "that", "wh", "to".
    """

    kind: UtteranceKind
    objects: str
    clauses: frozenset[str]


@cache
def _verbs() -> dict[str, _Verb]:
    """Finite forms of the reporting verbs; own list, after the public and private verbs of Quirk et al. (1985)."""
    table: tuple[tuple[str, UtteranceKind, str, str], ...] = (
        ("told tells", "speech", "must", "that wh to"),
        ("assured assures informed informs reminded reminds notified notifies", "speech", "must", "that"),
        ("warned warns", "speech", "may", "that to"),
        ("asked asks", "speech", "may", "wh to"),
        ("begged begs ordered orders urged urges implored implores forbade", "speech", "must", "to"),
        ("promised promises", "speech", "may", "that to"),
        ("inquired enquired inquires enquires demanded demands", "speech", "none", "wh that"),
        (
            "said says explained explains admitted admits confessed confesses insisted insists replied replies "
            "answered answers mentioned mentions swore swears announced announces declared declares claimed claims "
            "complained complains suggested suggests agreed agrees protested protests whispered whispers vowed vows",
            "speech",
            "none",
            "that",
        ),
        ("offered offers vowed vows", "speech", "none", "to"),
        ("wondered wonders", "thought", "none", "wh"),
        (
            "thought thinks hoped hopes wished wishes believed believes supposed realised realized",
            "thought",
            "none",
            "that",
        ),
        ("wrote writes", "writing", "may", "that"),
    )
    found: dict[str, _Verb] = {}
    for forms, kind, objects, clauses in table:
        for form in forms.split():
            before = found.get(form)
            merged = frozenset(clauses.split()) | (before.clauses if before else frozenset())
            found[form] = _Verb(kind, objects, merged)
    return found


def find_indirect(prose: Prose, cast: Cast, telling: Telling) -> tuple[Utterance, ...]:
    """Every indirect report outside quotations whose subject is somebody, in order; ids are empty."""
    field = Field(prose, cast, telling)
    verbs = _verbs()
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    found: list[Utterance] = []
    for sentence in prose.sentences:
        token = sentence.first + 1
        while token < sentence.last - 2:
            verb = verbs.get(lower[token])
            report = _report(field, sentence, token, verb) if verb is not None and not quoted[token] else None
            if report is None:
                token += 1
            else:
                found.append(report)
                token = max(token + 1, field.last_token_before(report.end))
    return tuple(found)


def _report(field: Field, sentence: Sentence, token: int, verb: _Verb) -> Utterance | None:
    subject = _subject(field, sentence.first, token)
    if subject is None or field.text[subject.start : subject.end].lower() == "you":
        return None
    addressee, behind = _object(field, token, sentence.last, verb)
    if verb.objects == "must" and addressee is None:
        return None
    start = _clause(field, behind, sentence.last, verb, token)
    if start is None:
        return None
    last = _clause_end(field, start, sentence.last)
    if last - start < 3:
        return None
    tokens = field.tokens
    part = tokens.starts[start], tokens.ends[last - 1]
    to = addressee.character if addressee is not None else None
    who = subject.character
    return Utterance(
        id="",
        start=part[0],
        end=part[1],
        parts=(part,),
        kind=verb.kind,
        mode="indirect",
        speaker=who,
        addressees=(to,) if to is not None and to != who else (),
        cue=Cue(subject.start, tokens.ends[behind - 1]),
        evidence=("explicit" if subject.kind == "name" else "anaphoric") if who is not None else None,
        heard=None,
        confidence=0.85 if subject.kind in {"name", "first"} else 0.7,
        rule=f"indirect: {tokens.lower[token]}",
        reason=None if who is not None else "it is not known whom the subject refers to",
    )


def _subject(field: Field, low: int, verb: int) -> Subject | None:
    """The mention right before the verb, adverbs and auxiliaries passed over; None where the verb is hindered."""
    lower = field.tokens.lower
    at = verb - 1
    while at > low and (lower[at] in _PASSED_OVER or lower[at].endswith("ly")):
        at -= 1
    if lower[at] in _HINDERING or field.tokens.quoted[at]:
        return None
    for first in range(at, max(low, at - 4) - 1, -1):
        read = field.subject_at(first)
        if read is not None and read[1] == at + 1:
            governed = first > low and lower[first - 1] in _GOVERNING
            return None if governed or lower[first] in OBLIQUE else read[0]
    return None


def _object(field: Field, verb: int, last: int, kind: _Verb) -> tuple[Subject | None, int]:
    """Whom the verb has as object, or behind "to"; and the token behind it."""
    lower = field.tokens.lower
    behind = verb + 1
    if kind.kind != "thought" and lower[behind] == "to" and behind + 1 < last:
        read = field.subject_at(behind + 1)
        if read is not None:
            return read
    if kind.objects == "none":
        return None, behind
    read = field.subject_at(behind)
    if read is None or lower[behind] in _SUBJECTS - {"it", "you"} or lower[read[1] : read[1] + 1] == ("'s",):
        return None, behind
    return read


def _clause(field: Field, at: int, last: int, verb: _Verb, token: int) -> int | None:
    """Where the reported clause begins: "that", "whether", "to", or its subject where "that" is left out."""
    lower = field.tokens.lower
    if at + 2 > last or field.tokens.quoted[at]:
        return None
    word = lower[at]
    if word == _THAT and "that" in verb.clauses:
        return at if lower[at + 1] not in {",", ".", ";"} else None
    if word in _WH and "wh" in verb.clauses:
        return at
    if word in _TO and "to" in verb.clauses and (word == "to" or lower[at + 1] == "to"):
        infinitive = at + 1 if word == "to" else at + 2
        return at if infinitive < last and field.subject_at(infinitive) is None else None
    if word in _SUBJECTS - {"you"} and "that" in verb.clauses and lower[token] in _BARE_THAT:
        # "She thought it wise" has an object and no clause.
        return at if word not in {"it", "there"} or lower[at + 1] in _COPULAS else None
    return None


def _clause_end(field: Field, start: int, last: int) -> int:
    """The token behind the reported clause: a stop, or ", and he", ", but" where the narration goes on."""
    lower, quoted = field.tokens.lower, field.tokens.quoted
    for at in range(start + 1, last):
        if lower[at] in _STOPS or quoted[at] or (lower[at] == "." and at + 2 >= last):
            return at
        if (
            lower[at] == ","
            and at + 2 < last
            and (lower[at + 1] == "but" or (lower[at + 1] in {"and", "so"} and field.subject_at(at + 2) is not None))
        ):
            return at
    return last
