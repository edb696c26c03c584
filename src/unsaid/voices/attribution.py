"""Turns to utterances: each conversation is decoded as a whole, and every decision keeps its grounds."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.story import Cue, Evidence, Utterance
from unsaid.voices import decode
from unsaid.voices.addressees import addressees
from unsaid.voices.audience import audience, spoken_to
from unsaid.voices.confidence import UNMARKED, Judge, calibrated
from unsaid.voices.ear import Ear
from unsaid.voices.evidence import Weights, scores
from unsaid.voices.field import Field
from unsaid.voices.given import CORRECTED
from unsaid.voices.lessons import Lesson, learn
from unsaid.voices.linking import link
from unsaid.voices.manner import Manners
from unsaid.voices.memory import Memory
from unsaid.voices.reranking import DECIDED, reranked
from unsaid.voices.sights import Sight, look
from unsaid.voices.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unsaid.corrections.given import Owned
    from unsaid.encoder import Listener
    from unsaid.voices.field import Subject
    from unsaid.voices.given import Spans
    from unsaid.voices.trees import Forest

# Narrative of more than this many characters between two turns ends a conversation (about a page).
_FARTHEST = 2500
_LEAST_CHANCE = 0.02
# Somebody takes part as if they spoke one turn more than they do; a turn counts e times less every so many turns, and
# every so many characters of narrative. Of some thirty settings the best on the fifteen novels looked at, where 0.825
# of the lines are right with it and 0.815 without; of 498 lines of the examples 383 and 376; of 1,527 of the wild sort
# 1,022 and 1,039.
_ONE_MORE, _FADING_TURNS, _FADING_TEXT = 1.0, 40, 1000
_TRACE = 0.01  # what is less counts as nothing, so that time is linear in one endless conversation
_MOST_USES = 100  # of one description that are weighed together, so that time is linear in one endless conversation
# Where so many lines are surely known, whoever surely says none of them hardly speaks at all: 13 more of the lines of
# the fifteen novels are right with it. In a story of a few dozen lines it says nothing (seven fewer of 1,153).
_MANY_LINES = 300
# "said the other": someone known, whom only the conversation tells, must be this probable.
_SURE = 0.5
# So often is what "someone" says whoever's who comes in behind it: 25 of 39 such lines of novels and stories looked at.
_COMES_IN = 0.6
_SHORT_CUE = 20  # characters: "they both said"
# Below this probability a speaker would be a guess dressed as knowledge.
LEAST_CONFIDENCE = 0.25


class Decision(msgspec.Struct, frozen=True):
    """Who speaks a turn: the speaker or None, its probability, the rule that weighed most, and why nobody is known."""

    speaker: str | None
    probability: float
    rule: str
    evidence: Evidence
    reason: str | None


class Talk(msgspec.Struct, frozen=True):
    """The spoken turns of a story with all that the text around each shows of its speaker, before anybody decides.

    :ivar tables: for each turn its candidates with their log-scores; ``links`` how it hangs on those before it.
    :ivar conversations: ranges of turns that are decided together.
    :ivar manners: how each one talks.
    :ivar memory: what conversations came to before. ``worths``: what it was worth to know a turn. No part of the
        layer's meaning.
    """

    field: Field
    turns: tuple[Turn, ...]
    sights: tuple[Sight, ...]
    tables: tuple[dict[str, float], ...]
    links: tuple[decode.Link, ...]
    conversations: tuple[range, ...]
    weights: Weights
    manners: Manners = Manners()
    memory: Memory = msgspec.field(default_factory=Memory)
    worths: Memory = msgspec.field(default_factory=Memory)


def listen(
    field: Field,
    turns: Sequence[Turn],
    *,
    weights: Weights | None = None,
    memory: Memory | None = None,
    manners: Manners | None = None,
) -> Talk:
    """Look around every turn.

    :param weights: log-odds of each kind of evidence.
    :param manners: how each one talks.
    :param memory: what conversations came to before, for the same cast.
    """
    weights, manners = weights or Weights(), manners or Manners()
    sights = look(field, turns)
    return Talk(
        field=field,
        turns=tuple(turns),
        sights=sights,
        tables=tuple(
            _in_manner(field, manners, turn, scores(field, turns, sights, i, weights), weights)
            for i, turn in enumerate(turns)
        ),
        links=tuple(link(field, turns, sights, i, weights) for i in range(len(turns))),
        conversations=tuple(range(low, high) for low, high in _conversations(field, turns)),
        weights=weights,
        manners=manners,
        memory=memory if memory is not None else Memory(),
    )


def _in_manner(
    field: Field, manners: Manners, turn: Turn, table: dict[str, float], weights: Weights
) -> dict[str, float]:
    """A turn's candidates with their log-scores, and what it says for each that the line sounds like theirs."""
    like = manners.of(field.tokens, turn.parts, table)
    found = {}
    for who, score in table.items():
        words, names = like.get(who, (0.0, 0.0))
        found[who] = score + weights.manner * words + weights.naming * names
        if who not in like and len(manners.known) >= _MANY_LINES:
            found[who] += weights.unheard
    return found


def attribute(
    talk: Talk,
    given: Spans[Owned] | None = None,
    listener: Listener | None = None,
    *,
    again: bool = True,
    grown: Forest | None = None,
) -> tuple[Utterance, ...]:
    """Find the speaker and addressees of every turn.

    :param given: passages whose speakers are known; the conversations around them are decoded under them.
    :param listener: what the encoder has read of the story: it is asked what the rules leave open.
    :param again: rank the candidates of what is not sure again (:mod:`unsaid.voices.reranking`), and look around for
        those who are spoken to (:mod:`unsaid.voices.audience`).
    :param grown: other trees for the second look than the package's.
    """
    field, turns = talk.field, talk.turns
    fixed = fixed_turns(turns, given) if given else {}
    first = chances_of(talk, fixed)
    ear = Ear(talk, first, reranked(talk, first, fixed, grown) if again else first, fixed, listener)
    decisions = [_decide(talk, ear, i, fixed=i in fixed) for i in range(len(turns))]
    speakers = [d.speaker for d in decisions]
    told = (
        partial(spoken_to, talk, audience(talk, ear.chances, speakers), speakers)
        if again
        else partial(addressees, field, turns, talk.sights, speakers, ear.chances)
    )
    judge: Judge = "encoder" if listener is not None else "again" if again else "first"
    return tuple(
        _utterance(talk, decisions, group, told(group), judge) for group in _same_breath(field, turns, decisions)
    )


def subjects(talk: Talk, utterances: Sequence[Utterance]) -> dict[tuple[int, int], str]:
    """Whom the subjects of cues mean, by span, now that it is known who speaks: see :class:`Voices`."""
    speakers = {start: u.speaker for u in utterances for start, _ in u.parts}
    found = {}
    for turn, sight in zip(talk.turns, talk.sights, strict=True):
        subject, speaker = sight.subject, speakers.get(turn.start)
        if subject is None or speaker is None:
            continue
        if subject.kind == "nominal" or (subject.kind == "pronoun" and subject.pronouns != "they"):
            found[subject.start, subject.end] = speaker
    return found


def fixed_turns(turns: Sequence[Turn], given: Spans[Owned]) -> dict[int, str]:
    """The speakers that are given, by index of the turn."""
    owners = ((i, given.over(turn.start, turn.end)) for i, turn in enumerate(turns))
    return {i: owner.who for i, owner in owners if owner is not None}


def _conversations(field: Field, turns: Sequence[Turn]) -> Iterator[tuple[int, int]]:
    """Index ranges of turns that follow one another without a break or a page of narrative."""
    begin = 0
    breaks = [i for i, p in enumerate(field.prose.paragraphs) if p.after_break]
    at = 0
    for i in range(1, len(turns)):
        while at < len(breaks) and breaks[at] <= turns[i - 1].last_paragraph:
            at += 1
        parted = at < len(breaks) and breaks[at] <= turns[i].paragraph
        if parted or turns[i].start - turns[i - 1].end > _FARTHEST:
            yield begin, i
            begin = i
    if turns:
        yield begin, len(turns)


def chances_of(talk: Talk, fixed: Mapping[int, str]) -> list[dict[str, float]]:
    """The probability of each candidate of each turn, under given speakers and what they teach about the others."""
    known: dict[int, str | Lesson] = {**learn(talk, fixed), **fixed}
    chances = []
    for span in talk.conversations:
        here = {i - span.start: known[i] for i in span if i in known}
        layers = (talk.turns, talk.sights, talk.tables, talk.links)
        seen = (*(layer[span.start : span.stop] for layer in layers), here)
        chances += talk.memory.recall(DECIDED, talk.turns[span.start].start, seen, partial(decoded, talk, span, known))
    return chances


def _taught(talk: Talk, i: int, known: str | Lesson | None) -> dict[str, float]:
    """A turn's candidates with their log-scores, as what is known leaves them."""
    if isinstance(known, str):
        return {known: 0.0}
    cue = talk.sights[i].cue
    if known is None or (cue is not None and cue.is_strangers):
        return talk.tables[i]
    table: dict[str, float] = {}
    for who, held in talk.tables[i].items():
        meant = known.instead.get(who, who)
        table[meant] = max(held, table.get(meant, held))
    new = known.favours.keys() - table.keys()
    if new:
        known_of = scores(talk.field, talk.turns, talk.sights, i, talk.weights, also=new)
        known_of = _in_manner(talk.field, talk.manners, talk.turns[i], known_of, talk.weights)
        table.update({who: known_of[who] for who in new})
    for who, favour in known.favours.items():
        table[who] += favour
    return table


def decoded(talk: Talk, span: range, known: Mapping[int, str | Lesson]) -> list[dict[str, float]]:
    """Marginals of one conversation's turns; a turn without any candidate gets an empty dict and parts the chain."""
    result: list[dict[str, float]] = [{} for _ in span]
    tables = {i: _taught(talk, i, known.get(i)) for i in span}
    run: list[int] = []

    def finish() -> None:
        if run:
            own, links = [tables[i] for i in run], [talk.links[i] for i in run]
            first = decode.marginals(own, links)
            tied = _added(own, _tied(talk.field, talk.sights, run, first, talk.weights))
            again = _added(tied, _taking_part(talk, run, first))
            for i, table in zip(run, decode.marginals(again, links), strict=True):
                result[i - span.start] = table
        run.clear()

    for i in span:
        if tables[i]:
            run.append(i)
        else:
            finish()
    finish()
    return result


def _tied(
    field: Field,
    sights: Sequence[Sight],
    run: Sequence[int],
    chances: Sequence[Mapping[str, float]],
    weights: Weights,
) -> dict[int, dict[str, float]]:
    """One description is one person throughout a conversation: what all its turns say of who "the girl" is.

    :returns: for each place in ``run`` whose cue uses a description that other turns use too, a bonus by candidate.
    """
    uses: dict[str, list[int]] = {}
    for place, i in enumerate(run):
        subject = _description(sights[i])
        if subject is not None:
            uses.setdefault(field.text[subject.start : subject.end].lower(), []).append(place)
    bonus: dict[int, dict[str, float]] = {}
    for places in (all_[k : k + _MOST_USES] for all_ in uses.values() for k in range(0, len(all_), _MOST_USES)):
        if len(places) < 2:
            continue
        mean = {
            who: sum(math.log(chances[p].get(who, 0.0) + _LEAST_CHANCE) for p in places) / len(places)
            for who in {who for p in places for who in chances[p]}
        }
        for p in places:
            bonus[p] = {who: weights.tied * mean[who] for who in chances[p]}
    return bonus


def _taking_part(talk: Talk, run: Sequence[int], chances: Sequence[Mapping[str, float]]) -> dict[int, dict[str, float]]:
    """A conversation is few people's: whoever speaks the turns around is likelier to speak this one.

    Not where a cue describes who speaks ("said the boy"): it may well be somebody who speaks but once.

    :returns: for each other place in ``run`` a bonus by candidate: the log of how many of the others they speak, the
        nearer the heavier.
    """
    turns = [talk.turns[i] for i in run]
    apart = [max(0, here.start - before.end) for before, here in pairwise(turns)]
    fades = [math.exp(-1 / _FADING_TURNS - gap / _FADING_TEXT) for gap in apart]
    before, behind = _faded(chances, fades), _faded(chances[::-1], fades[::-1])[::-1]
    return {
        place: {
            who: talk.weights.takes_part * math.log(one.get(who, 0.0) + other.get(who, 0.0) + _ONE_MORE)
            for who in table
        }
        for place, (table, one, other) in enumerate(zip(chances, before, behind, strict=True))
        if _description(talk.sights[run[place]]) is None
    }


def _description(sight: Sight) -> Subject | None:
    """What a turn's cue describes its speaker by ("said the boy"), if it does."""
    subject = sight.subject
    return subject if subject is not None and subject.kind == "nominal" else None


def _faded(chances: Sequence[Mapping[str, float]], fades: Sequence[float]) -> list[dict[str, float]]:
    """For each place, by candidate, the sum of their chances at those before it, the nearer the heavier.

    :param fades: what is left of a sum from one place to the next.
    """
    sums: list[dict[str, float]] = [{}]
    for table, fade in zip(chances, fades, strict=False):
        held = sums[-1]
        faded = {who: fade * (held.get(who, 0.0) + table.get(who, 0.0)) for who in held.keys() | table.keys()}
        sums.append({who: left for who, left in faded.items() if left > _TRACE})
    return sums


def _added(tables: Sequence[dict[str, float]], bonus: Mapping[int, Mapping[str, float]]) -> list[dict[str, float]]:
    return [
        {who: score + bonus.get(place, {}).get(who, 0.0) for who, score in table.items()}
        for place, table in enumerate(tables)
    ]


def _decide(talk: Talk, ear: Ear, i: int, *, fixed: bool) -> Decision:
    """Choose a turn's speaker, and name the evidence that weighed most."""
    field, sight, chances = talk.field, talk.sights[i], ear.chances[i]
    subject = sight.subject
    evidence: Evidence = "implicit"
    if subject is not None:
        evidence = "explicit" if subject.kind == "name" else "anaphoric"
    if fixed:
        return Decision(next(iter(chances)), 1.0, CORRECTED, evidence, None)
    if subject is not None and sight.cue is not None and sight.cue.is_strangers:
        return _stranger(field, subject, chances)
    if not chances:
        return Decision(None, 0.0, "none", evidence, "nobody is mentioned near this line")
    best = max(chances, key=lambda c: chances[c])
    rule = ear.rule(i, best)
    if subject is not None and _tells_of_several(field, sight) and field.pronouns.get(best) in ("he", "she"):
        passage = field.text[subject.start : subject.end]
        return Decision(None, chances[best], rule, evidence, f"the cue says “{passage}”, who are more than one")
    unheard_of = subject is not None and subject.character is None and subject.kind in ("name", "nominal")
    behind = sight.cue is not None and sight.cue.where != "before"
    clashes = behind and subject is not None and {subject.pronouns, field.pronouns.get(best)} == {"he", "she"}
    if subject and unheard_of and (subject.kind == "name" or clashes or chances[best] < _SURE):
        passage = field.text[subject.start : subject.end]
        return Decision(None, chances[best], rule, evidence, f"the cue says “{passage}”, who is nobody known")
    if chances[best] < LEAST_CONFIDENCE:
        return Decision(None, chances[best], rule, evidence, "several people could say this line")
    return Decision(best, chances[best], rule, evidence, None)


def _tells_of_several(field: Field, sight: Sight) -> bool:
    """Whether a cue behind a line has nobody in it but several: "they cried"; before it "they" may be somebody else."""
    cue, subject = sight.cue, sight.subject
    plural = subject is not None and subject.kind == "pronoun" and subject.pronouns == "they"
    if cue is None or subject is None or not plural or cue.where != "after":
        return False
    joined = subject.end - subject.start > _SHORT_CUE / 2  # "Ann and Ben", and no "they"
    opens = field.text[cue.start : subject.start].strip().lower() in ("", "they")
    return joined or (opens and cue.end - cue.start <= _SHORT_CUE)


def _stranger(field: Field, subject: Subject, chances: Mapping[str, float]) -> Decision:
    """What "someone" says is said by whoever comes in right behind it, or else by nobody known."""
    rule = f"cue-{subject.kind}"
    if chances:
        return Decision(next(iter(chances)), _COMES_IN, rule, "anaphoric", None)
    passage = field.text[subject.start : subject.end]
    return Decision(None, 0.0, rule, "anaphoric", f"the cue says “{passage}”, and not who")


def _same_breath(field: Field, turns: Sequence[Turn], decisions: Sequence[Decision]) -> Iterator[list[int]]:
    """Group turns of one paragraph and one known speaker into one utterance, unless they stand mark to mark."""
    group: list[int] = []
    for i, turn in enumerate(turns):
        joins = (
            group
            and turns[group[-1]].last_paragraph == turn.paragraph
            and not turn.abuts
            and decisions[i].speaker is not None
            and decisions[i].speaker == decisions[group[-1]].speaker
            and field.prose.paragraphs[turn.paragraph].end - field.prose.paragraphs[turn.paragraph].start < 4000
        )
        if joins:
            group.append(i)
            continue
        if group:
            yield group
        group = [i]
    if group:
        yield group


def _sure(field: Field, decision: Decision, judge: Judge) -> float:
    held = calibrated(decision.probability, decision.rule, judge)
    return held if field.marked else round(UNMARKED * held, 3)


def _utterance(
    talk: Talk, decisions: Sequence[Decision], group: Sequence[int], addressed: tuple[str, ...], judge: Judge
) -> Utterance:
    sights = talk.sights
    lead = next((i for i in group if sights[i].cue and decisions[i].evidence == "explicit"), None)
    lead = lead if lead is not None else next((i for i in group if sights[i].cue), group[0])
    decision, cue = decisions[lead], sights[lead].cue
    if any(decisions[i].rule == CORRECTED for i in group):
        decision = msgspec.structs.replace(decision, probability=1.0, rule=CORRECTED)
    parts = tuple(part for i in group for part in talk.turns[i].parts)
    return Utterance(
        id="",
        start=parts[0][0],
        end=parts[-1][1],
        parts=parts,
        kind="speech",
        mode="direct",
        speaker=decision.speaker,
        addressees=addressed,
        cue=Cue(cue.start, cue.end) if cue else None,
        evidence=decision.evidence,
        heard=None,
        confidence=1.0 if decision.rule == CORRECTED else _sure(talk.field, decision, judge),
        rule=decision.rule,
        reason=decision.reason,
    )
