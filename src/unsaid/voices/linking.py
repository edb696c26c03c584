"""How each turn hangs on the ones before it: who spoke last, and last but one, and what the cue says of going on.

A line in a paragraph of its own is seldom the last speaker's, but "he added" and "she went on" are, and "he replied"
never is. A pronoun alone in the cue is a sign, too: whoever speaks in turn with somebody of the same sex is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.lexica import inflect
from unsaid.voices import decode
from unsaid.voices.evidence import apart, follows_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.voices.evidence import Weights
    from unsaid.voices.field import Field
    from unsaid.voices.sights import Sight
    from unsaid.voices.turns import Turn

_LONG_TURN = 300
# Two neighbouring paragraphs as long as this are a speech that went on rather than two who take turns: of turns in the
# development novels, 2 % are followed by one of the same speaker, but 2 of the 7 pairs of this length.
_SPEECH = 700

_CLOSE = 3  # characters: a full stop and a blank
# A narrator names who speaks where the order would not tell it: such a line says less of the one two lines before.
_NAMED = 0.25


def _forms(lemmas: str) -> frozenset[str]:
    """Every form of these verbs; of phrasal ones ("go_on") the first word."""
    verbs = [lemma.replace("_", " ") for lemma in lemmas.split()]
    return frozenset(form.split()[0] for verb in verbs for form in (verb, *inflect(verb)))


GOES_ON = _forms("add continue resume proceed pursue conclude go_on")
"""Of lines in the next paragraph with one of these and a pronoun, a third are the last speaker's, of others 15 %."""
REPLIES = _forms(
    "answer reply return rejoin retort respond interpose interrupt echo agree assent object protest acquiesce concur "
    "contradict"
)
"""Of lines in the next paragraph with one of these, 0.3 % are the last speaker's, on the fifteen novels looked at."""


def link(field: Field, turns: Sequence[Turn], sights: Sequence[Sight], i: int, weights: Weights) -> decode.Link:
    """How turn ``i`` hangs on those before it."""
    if i == 0:
        return decode.Link(0.0, 0.0)
    if turns[i].paragraph == turns[i - 1].last_paragraph:
        return _within(turns, sights, i, weights)
    if follows_gap(field, turns, i):
        return decode.Link(weights.stay_after_gap, 0.0)
    lead_in = sights[i].lead_in
    if lead_in and lead_in.silent:
        return decode.Link(weights.stay_after_silence, 0.0)
    before, here = turns[i - 1], turns[i]
    if apart(field, turns, i) <= 1:
        shorter = min(before.end - before.start, here.end - here.start)
        share = 0.2 if shorter > _SPEECH else 0.5 if shorter > _LONG_TURN else 1.0
        stay = (weights.stay_adjacent + _shown(sights[i], weights)) * share
        return decode.Link(stay, weights.back * share * (_NAMED if _is_named(sights[i]) else 1.0))
    long = before.end - before.start > _LONG_TURN
    stay = weights.stay_apart + (weights.stay_after_long if long else 0.0)
    return decode.Link(stay + _going_on(sights[i], weights), weights.back * 0.5)


def _is_named(sight: Sight) -> bool:
    """Whether a cue names who speaks."""
    return sight.subject is not None and sight.subject.kind == "name"


def _within(turns: Sequence[Turn], sights: Sequence[Sight], i: int, weights: Weights) -> decode.Link:
    """The link of a turn that begins in the paragraph in which the last one ends."""
    if turns[i].abuts:
        return decode.Link(weights.stay_abutting, weights.back)
    if sights[i].run_together:
        return decode.Link(weights.stay_run_together, weights.back)
    if sights[i].mixed and not _goes_straight_on(turns, sights, i):
        beaten = any(beat.where == "before" for beat in sights[i].beats)
        return decode.Link(weights.stay_mixed_beat if beaten else weights.stay_mixed, weights.back)
    cue = sights[i].cue
    if cue and cue.verb in REPLIES:
        return decode.Link(weights.stay_replying, weights.back)
    return decode.Link(weights.stay_same_paragraph, 0.0)


def _goes_straight_on(turns: Sequence[Turn], sights: Sequence[Sight], i: int) -> bool:
    """Whether nothing but the cue of the turn before stands between it and this one: "…," she said. "…" """
    cue = sights[i - 1].cue
    between = range(turns[i - 1].end, turns[i].start)
    return cue is not None and cue.start in between and turns[i].start - cue.end <= _CLOSE


def _shown(sight: Sight, weights: Weights) -> float:
    """What a turn's own paragraph shows for the last speaker, as log-odds, where that paragraph is the next one."""
    cue = sight.cue
    if cue is None or cue.subject is None:
        return weights.stay_beat if any(beat.where == "before" for beat in sight.beats) else 0.0
    if cue.verb in REPLIES:
        return weights.stay_answering
    pronoun = weights.stay_pronoun if cue.subject.kind == "pronoun" else 0.0
    led = weights.stay_led if cue.where == "before" else 0.0
    return pronoun + led + _going_on(sight, weights)


def _going_on(sight: Sight, weights: Weights) -> float:
    return weights.stay_going_on if sight.cue and sight.cue.verb in GOES_ON else 0.0
