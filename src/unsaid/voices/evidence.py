"""What speaks for each candidate of a turn, apart from the other turns."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people.kin import is_kin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unsaid.voices.beats import Beat
    from unsaid.voices.field import Field, Subject
    from unsaid.voices.sights import Sight
    from unsaid.voices.turns import Turn


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds of each kind of evidence.

    Set by hand in whole and half steps on twelve novels of PDNC (docs/benchmarks.md names them); none is fitted.
    Fitted by likelihood over whole conversations, on nine of the twelve and tried on the other three, they named 0.797
    of the lines; as they stood 0.801 (before ``takes_part``). What is missing is evidence, and not its weight.

    Tried again one by one beside 132 modern stories, two of fourteen changes are more than chance: what they set right
    outnumbers what they set wrong by twice the root of both (``nameless_much``: 151 to 73 lines, in the novels none).
    """

    cue_name: float = 20.0
    cue_nominal: float = 5.0
    cue_first: float = 20.0
    cue_newcomer: float = 5.0
    cue_role: float = 4.5
    cue_called: float = 8.0
    cue_attendant: float = 8.0
    cue_generic: float = 2.0
    cue_generic_named: float = 0.5
    cue_agrees: float = 3.0
    cue_clashes: float = -6.0
    cue_unmentioned: float = -4.5
    cue_elsewhere: float = 1.0
    cue_kin_named: float = 1.0
    cue_too_old: float = -3.0
    narrator_named: float = -5.0
    beat_after: float = 2.5
    beat_asked: float = 0.6
    beat_gesture: float = 0.5
    beat_before: float = 2.0
    beat_run_together: float = 3.5
    beat_named: float = 1.5
    beat_clashes: float = -1.5
    lead_in: float = 0.8
    announced: float = 3.0
    called_self: float = -6.0
    spoken_of: float = -4.0
    called_before: float = 2.0
    called_after: float = 1.0
    introduced: float = 5.0
    address_agrees: float = 0.7
    presence: float = 0.6
    prominence: float = 0.5
    passing: float = -1.5
    tells: float = 0.5  # whoever tells the story is there to speak
    nameless: float = -2.5
    stay_adjacent: float = -4.5
    stay_apart: float = 0.8
    stay_after_silence: float = 2.0
    stay_after_long: float = 0.7
    stay_same_paragraph: float = 4.0
    stay_mixed: float = 1.0
    stay_mixed_beat: float = -1.0
    stay_run_together: float = -1.0
    stay_abutting: float = -2.0
    stay_after_gap: float = 2.0
    stay_pronoun: float = 2.0
    stay_led: float = 2.0
    stay_beat: float = 2.0
    stay_going_on: float = 2.0
    stay_answering: float = -2.0
    stay_replying: float = -1.0
    back: float = 1.2
    acts_behind: float = -1.0
    tied: float = 2.0
    takes_part: float = 1.2
    manner: float = 0.5
    naming: float = 0.4
    unheard: float = -0.5
    nameless_much: float = 6.0  # times their mentions, of those of whoever is named most, as a share
    unmet: float = -2.0  # the story comes to them only later


_WINDOW_BEFORE = 6000
_WINDOW_AFTER = 500
_HALF_LIFE = 300.0
_SOON = 3  # turns: whoever is called by name so soon was there before
_MOST_CANDIDATES = 8
_SPEAKERS_BACK = 10  # turns: whoever was named as speaker so recently is still there
_CALLED_WITHIN = 20  # turns: whoever is called by name is there, and so are those who are still to be called
# Whoever waits on the others: such words are hardly ever said of somebody who has a name.
_ATTENDANTS = frozenset(
    "servant maid housemaid parlourmaid chambermaid maidservant manservant butler footman valet page groom ostler cook "
    "coachman driver cabman cabby chauffeur conductor postman porter waiter waitress barman barmaid steward usher "
    "doorman doorkeeper gatekeeper jailer gaoler turnkey warder constable policeman officer guard sentry messenger "
    "courier clerk croupier shopman shopkeeper salesman salesgirl carpenter gardener sexton nursemaid charwoman "
    "carrier boatman ferryman watchman attendant lackey receptionist cashier bartender".split()
)
_TELLING, _ALL_ALONG = 3, 3  # words of a description ("the old woman") and how often it stands for one person
_AS_A_NAME = 7  # how often "the stranger", which may be anybody, has to stand for one person
_ELSEWHERE = 20.0  # one use in twenty that means somebody elsewhere counts as much as none does
_GENERIC = frozenset(
    "man woman girl boy lady gentleman lad lass fellow child youth creature stranger person one other others guy kid "
    "teen teenager male female friend companion speaker former latter dame maiden chap".split()
)


def presence(field: Field, turn: Turn) -> dict[str, float]:
    """How much each character is in the narrative around a turn: mentions, the nearer the heavier."""
    held = field.around.get((turn.start, turn.end))
    if held is not None:
        return held.copy()
    weight: dict[str, float] = defaultdict(float)
    begin, end = field.told_before(turn.start), field.told_before(turn.end)
    starts, told, whom = field.told_mentions
    low, high = bisect_left(starts, turn.start - _WINDOW_BEFORE), bisect_left(starts, turn.end + _WINDOW_AFTER)
    # The innermost loop of the whole reading: each turn looks at all that is told around it.
    for at, who in zip(told[low:high], whom[low:high], strict=True):
        distance = begin - at if at < begin else at - end if at > end else 0.0
        weight[who] += math.exp(-distance / _HALF_LIFE)
    field.around[turn.start, turn.end] = weight
    return weight.copy()


def scores(
    field: Field,
    turns: Sequence[Turn],
    sights: Sequence[Sight],
    i: int,
    weights: Weights,
    also: Iterable[str] = (),
) -> dict[str, float]:
    """The candidates of turn ``i`` with their log-scores; empty where nobody is about, or "someone" speaks.

    :param also: candidates whether or not they are about.
    """
    turn, sight = turns[i], sights[i]
    if sight.cue is not None and sight.cue.is_strangers:
        return dict.fromkeys((sight.comes_in,), 0.0) if sight.comes_in else _called_out(field, sights, i)
    near = presence(field, turn)
    narrator = field.telling.narrator_at(turn.start)
    if narrator:
        near[narrator] += 1.0
    for leading in field.leading:
        near[leading] += 0.03
    for j in range(max(0, i - _CALLED_WITHIN), min(len(turns), i + _CALLED_WITHIN + 1)):
        for called in sights[j].address.called if j != i else ():
            near[called] += _still_there(turns[j], turn)
    named = _named(sight)
    for j in range(max(0, i - _SPEAKERS_BACK), min(len(turns), i + 3)):
        subject = sights[j].subject
        if j != i and subject and subject.character and subject.kind == "name":
            near[subject.character] += _still_there(turns[j], turn)
    for character in field.groups:
        near.pop(character, None) if character not in named else None
    for character in named:
        near[character] += 0.3
    here = {*named, narrator, *(who for s in sights[i + 1 : i + 1 + _SOON] for who in s.address.called)}
    ranked = sorted(near, key=lambda c: (c in named, near[c]), reverse=True)[:_MOST_CANDIDATES]
    return {
        c: weights.presence * math.log(0.05 + near[c])
        + _own(field, sight, c, weights, tells=c == narrator)
        + (0.0 if sight.subject or c in here or field.met.get(c, 0) <= turn.end else weights.unmet)
        + (_as_teller(sight, weights) if c == narrator else 0.0)
        + _neighbours(field, turns, sights, i, c, weights)
        for c in {**dict.fromkeys(ranked), **dict.fromkeys(also)}
    }


def _called_out(field: Field, sights: Sequence[Sight], i: int) -> dict[str, float]:
    """Who answers unseen: "a voice" is that of whoever is called by name right before it, or greeted right behind."""
    subject = sights[i].subject
    if subject is None or not field.text[subject.start : subject.end].endswith("voice"):
        return {}
    around = (sights[j].address.called for j in (i - 1, i + 1) if 0 <= j < len(sights))
    called = next((who for one in around for who in one), None)
    return {called: 0.0} if called and called not in sights[i].address.called else {}


def _still_there(known: Turn, turn: Turn) -> float:
    """How much someone whom one turn shows to be there still is at another."""
    return 0.5 * math.exp(-abs(known.start - turn.start) / _WINDOW_BEFORE)


def _named(sight: Sight) -> frozenset[str]:
    """Those whom the turn's own surroundings name, however far they were last mentioned."""
    found = [beat.subject.character for beat in sight.beats]
    if sight.subject:
        found.append(sight.subject.character)
    return frozenset(c for c in found if c)


def _own(field: Field, sight: Sight, character: str, weights: Weights, *, tells: bool) -> float:
    """Evidence from the turn's own cue, beats and words.

    :param tells: they tell the story, and so are somebody, however seldom they are named.
    """
    pronouns = field.pronouns.get(character)
    score = weights.prominence * field.prominence.get(character, 0.0)
    if tells:
        pass
    elif character not in field.named:
        much = 0.0 if sight.described is not None else weights.nameless_much * field.mentioned.get(character, 0.0)
        score += weights.nameless * max(0.0, 1.0 - much)
    elif character in field.passing:
        score += weights.passing
    if sight.cue and sight.subject:
        score += _cue(field, sight.subject, character, pronouns, weights)
        score += _could_be(field, sight, character, weights)
        if sight.told and character not in sight.told and pronouns in (sight.subject.pronouns, None):
            score += weights.cue_unmentioned
        if sight.cue.addressee and sight.cue.addressee.character == character:
            score += weights.called_self
    for beat in sight.beats:
        strength = _strength(sight, beat, weights)
        score += _beat(beat.subject, character, pronouns, strength, weights)
    score += _led_in(sight, character, pronouns, weights)
    if character == sight.behind:
        score += weights.acts_behind
    if character == sight.address.introduced:
        score += weights.introduced
    if character in sight.address.called:
        score += weights.called_self
    elif character in sight.address.spoken_of:
        score += weights.spoken_of
    return score


def _led_in(sight: Sight, character: str, pronouns: str | None, weights: Weights) -> float:
    """What the narrative right before says, where the turn itself shows no more than "he said"."""
    action = sight.lead_in
    cued = sight.subject.kind if sight.subject else None
    if action is None or action.subject is None or cued not in (None, "pronoun") or sight.beats:
        return 0.0
    if action.speaks and cued is None:
        return _beat(action.subject, character, pronouns, weights.announced, weights)
    return 0.0 if action.silent else weights.lead_in * (action.subject.character == character)


def _as_teller(sight: Sight, weights: Weights) -> float:
    """A narrator says "I" of themself: whoever a cue or beat tells of otherwise is someone else."""
    subject = sight.subject
    if subject is not None:
        return 0.0 if subject.kind == "first" else weights.narrator_named
    told = [0.5 * _worth(sight, b, weights) for b in sight.beats if b.subject.kind != "first"]
    return weights.tells + weights.narrator_named * max(told, default=0.0)


def _cue(field: Field, subject: Subject, character: str, pronouns: str | None, weights: Weights) -> float:
    if subject.kind == "first":
        return weights.cue_first * (subject.character == character)
    if subject.kind == "name":
        return weights.cue_name * (subject.character == character)
    score = _agreement(subject.pronouns, pronouns, weights.cue_agrees, weights.cue_clashes)
    if subject.kind == "pronoun" or subject.character != character:
        return score
    return score + _described(field, subject, character, weights)


def _could_be(field: Field, sight: Sight, character: str, weights: Weights) -> float:
    """What a cue's description says for and against somebody whom it may mean, whomever it was taken to mean."""
    described = sight.described
    if described is None:
        return 0.0
    if described.held:
        if character == sight.holder and is_kin(described.head):
            return weights.called_self
        return weights.cue_kin_named * (is_kin(described.head) and character in field.named)
    score = weights.cue_elsewhere * math.log(1 + _ELSEWHERE * sight.elsewhere.get(character, 0.0))
    return score + weights.cue_too_old * (described.grown and character in field.young)


def _described(field: Field, subject: Subject, character: str, weights: Weights) -> float:
    """ "the girl" may be a girl without a name, or, as often, one whose name was told before."""
    words = field.text[subject.start : subject.end].lower()
    generic = is_generic(words)
    if character in field.named:
        return weights.cue_generic_named if generic else weights.cue_nominal
    if _is_called(field, character, words):
        return weights.cue_called
    if field.is_newcomer(character, subject.start):
        return weights.cue_newcomer
    if words.rsplit(maxsplit=1)[-1] in _ATTENDANTS:
        return weights.cue_attendant
    return weights.cue_generic if generic else weights.cue_role


def _is_called(field: Field, character: str, words: str) -> bool:
    """Whether a description is what the story calls someone all along, as if it were a name: "the old woman"."""
    called = {name.lower(): count for name, count in field.by_id[character].names.items()}
    often = called.get(words, 0)
    return often >= _ALL_ALONG if len(words.split()) >= _TELLING else often >= _AS_A_NAME and is_generic(words)


def is_generic(words: str) -> bool:
    """Whether a description in lower case ("the old man") may mean almost anybody."""
    return words.rsplit(maxsplit=1)[-1] in _GENERIC


def _strength(sight: Sight, beat: Beat, weights: Weights) -> float:
    """How much a beat says: between lines that run together it leads the next one in."""
    before = weights.beat_run_together if sight.run_together else weights.beat_before
    return (weights.beat_after if beat.where == "after" else before) * _worth(sight, beat, weights)


def _worth(sight: Sight, beat: Beat, weights: Weights) -> float:
    """What a beat is worth: behind a question, or if it is a mere gesture, it may be the listener's answer."""
    if beat.tag:
        return 1.0
    asked = weights.beat_asked if sight.asks and beat.where == "after" else 1.0
    return asked * (weights.beat_gesture if beat.gesture and not sight.run_together else 1.0)


def _beat(subject: Subject, character: str, pronouns: str | None, strength: float, weights: Weights) -> float:
    if subject.kind != "pronoun":
        return strength * weights.beat_named * (subject.character == character)
    score = _agreement(subject.pronouns, pronouns, 0.5 * strength, weights.beat_clashes)
    return score + 0.6 * strength * (subject.character == character)


def _agreement(shown: str | None, held: str | None, agrees: float, clashes: float) -> float:
    if shown is None or held is None:
        return 0.0
    return agrees if shown == held else clashes


def _neighbours(
    field: Field, turns: Sequence[Turn], sights: Sequence[Sight], i: int, character: str, weights: Weights
) -> float:
    """Evidence from whom the turns on either side call, and from whom their cues say they are spoken to."""
    score = 0.0
    goes_on = i and turns[i].paragraph == turns[i - 1].last_paragraph and not sights[i].run_together
    if i and not goes_on and answers(field, turns, i):
        before = sights[i - 1]
        if character in before.address.called:
            score += weights.called_before
        if before.cue and before.cue.addressee and before.cue.addressee.character == character:
            score += weights.called_before
        score += weights.address_agrees * _fits(field, before.address.pronouns, character)
    if i + 1 < len(turns) and turns[i + 1].paragraph - turns[i].last_paragraph <= 2:
        after = sights[i + 1]
        if character in after.address.called and turns[i + 1].paragraph != turns[i].paragraph:
            score += weights.called_after
        score += weights.address_agrees * _fits(field, after.address.pronouns, character)
    return score


def rule_of(sight: Sight, speaker: str) -> str:
    """The evidence that weighed most for a turn's speaker."""
    if sight.subject:
        return f"cue-{sight.subject.kind}"
    if any(beat.subject.character == speaker for beat in sight.beats):
        return "beat"
    if sight.lead_in and sight.lead_in.subject and sight.lead_in.subject.character == speaker:
        return "lead-in"
    return "turn-taking"


def apart(field: Field, turns: Sequence[Turn], i: int) -> int:
    """How many paragraphs turn ``i`` stands behind the turn before it, thoughts and letters not counted."""
    last, here = turns[i - 1].last_paragraph, turns[i].paragraph
    return here - last - sum(p in field.silent for p in range(last + 1, here))


def follows_gap(field: Field, turns: Sequence[Turn], i: int) -> bool:
    """Does a turn seem to be lost right before turn ``i``?"""
    last, here = turns[i - 1].last_paragraph, turns[i].paragraph
    return any(field.prose.paragraphs[p].after_gap for p in range(last + 1, here + 1))


def answers(field: Field, turns: Sequence[Turn], i: int) -> bool:
    """Can turn ``i`` be the answer to the turn before it, with no narrative and no lost line between?

    Behind a paragraph of narrative the one who was called by name speaks half as often as the caller goes on
    (32 to 66 in the development novels).
    """
    return apart(field, turns, i) <= 1 and not follows_gap(field, turns, i)


def _fits(field: Field, shown: str | None, character: str) -> float:
    held = field.pronouns.get(character)
    if shown is None or held is None:
        return 0.0
    return 1.0 if shown == held else -1.0
