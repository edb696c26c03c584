"""To whom each line is spoken, once it is known who speaks the lines around.

Boosted trees weigh what a line shows of everybody around it: the features of :mod:`unsaid.voices.aspects`, with the
chances of speaking each line, and what tells of being spoken to. They are fitted to the logistic loss of each person by
themself, so several may be spoken to at once. `make audience` grows them, on novels and stories that no figure is
reported on.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from unsaid.voices import aspects
from unsaid.voices.addressees import addressees, to_self
from unsaid.voices.aspects import GENDERS, OUTSIDE, Aspects, beside
from unsaid.voices.reranking import RANKED
from unsaid.voices.trees import Forest, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.voices.attribution import Talk
    from unsaid.voices.field import Subject

ADDRESSED = (
    "answered", "answered_before", "answered_behind", "told_by_cue", "form_of_address", "group", "resumed", "goes_on",
    "you", "speaker", "gender_of_speaker", "answered_in_all",
)  # fmt: skip
"""What tells of being spoken to: whether the rules have it so of the line and of those before and behind; whom the cue
names; whether a form of address agrees; whether it is a group; whether who speaks spoke the line before, and speaks
the next; whether the line says "you"; how likely its speaker is, and of whose sex; how many the rules name."""
FEATURES = (*aspects.FEATURES, *ADDRESSED)

LIKELY = 0.6
"""From this chance on somebody is spoken to. The lower the bound, the more of a company are named: in novels mostly
rightly, in modern stories less so. Of 24,079 lines of novels and 7,776 of stories that the trees do not know, just
those whom gold names are named in 0.549 and 0.674 so, in 0.548 and 0.649 with 0.5, in 0.544 and 0.686 with 0.7."""
LEAST = 0.25
"""Below this the likeliest of all is named no more, who is so rightly in one of four such lines."""
_MAY_SPEAK, _SPEAKERS = 0.05, 6  # the chance from which, and the turns within which, whoever speaks may be spoken to
_BEFORE, _BEHIND = 3, 1  # paragraphs in which whoever is told of may be spoken to, and no farther off than so many
_FAR_BEFORE, _FAR_BEHIND = 3_000, 1_000  # characters: one paragraph may be a whole story
_YOU = frozenset("you your yours yourself yourselves ye thee thou thy".split())
_ADDRESSED = "addressed"


@cache
def forest() -> Forest:
    """The trees that the package ships."""
    return shipped("audience.json", FEATURES, "make audience")


class Audience:
    """Those around each turn of a story who may be spoken to.

    :param chances: each turn's candidates with their chances, after all that is asked who speaks.
    :param speakers: who speaks each turn.
    """

    def __init__(self, talk: Talk, chances: Sequence[Mapping[str, float]], speakers: Sequence[str | None]) -> None:
        self._talk, self._chances, self._speakers = talk, chances, speakers
        self._aspects = Aspects(talk, chances)
        self._answered: dict[int, tuple[str, ...]] = {}

    def of(self, i: int) -> dict[str, tuple[float, ...]]:
        """The features of each one who may be spoken to, in the order of :data:`FEATURES`."""
        held, you = self._aspects.of(i, self._around(i)), float(self._says_you(i))
        return {who: (*features, *self._addressed(i, who, you)) for who, features in held.items()}

    def _around(self, i: int) -> list[str]:
        """Everybody who may speak near a turn, is named in it or told of beside it, but its speaker."""
        talk, field, span = self._talk, self._talk.field, self._aspects.spans[i]
        sight, turn, paragraphs = talk.sights[i], talk.turns[i], talk.field.prose.paragraphs
        near = range(max(span.start, i - _SPEAKERS), min(span.stop, i + _SPEAKERS + 1))
        found = dict.fromkeys(who for j in near for who, chance in self._chances[j].items() if chance > _MAY_SPEAK)
        found.update(dict.fromkeys((*sight.address.called, *sight.address.spoken_of, *self._rules(i))))
        if sight.cue and sight.cue.addressee and sight.cue.addressee.character:
            found[sight.cue.addressee.character] = None
        begin = max(paragraphs[max(0, turn.paragraph - _BEFORE)].start, turn.start - _FAR_BEFORE)
        last = paragraphs[min(len(paragraphs) - 1, turn.last_paragraph + _BEHIND)]
        end = min(last.end, turn.end + _FAR_BEHIND)
        for m in field.mentions_between(begin, end):
            who = field.cast.mentions[m].character
            if who is not None and not field.is_quoted(m):
                found[who] = None
        found.pop(self._speakers[i] or "", None)
        return list(found)

    def _rules(self, i: int) -> tuple[str, ...]:
        """To whom a turn is spoken by the rules."""
        if not 0 <= i < len(self._talk.turns):
            return ()
        held = self._answered.get(i)
        if held is None:
            talk = self._talk
            held = addressees(talk.field, talk.turns, talk.sights, self._speakers, self._chances, [i])
            self._answered[i] = held
        return held

    def _addressed(self, i: int, who: str, you: float) -> tuple[float, ...]:
        field, sight, speaker = self._talk.field, self._talk.sights[i], self._speakers[i]
        told = sight.cue.addressee if sight.cue else None
        before, behind = (self._speakers[j] if 0 <= j < len(self._speakers) else None for j in (i - 1, i + 1))
        gender, own = field.pronouns.get(who), field.pronouns.get(speaker or "")
        return (
            *(float(who in self._rules(j)) for j in (i, i - 1, i + 1)),
            _told(told, who),
            _agrees(sight.address.pronouns, gender),
            float(who in field.groups),
            float(speaker is not None and before == speaker),
            float(speaker is not None and behind == speaker),
            you,
            self._chances[i].get(speaker, 0.0) if speaker is not None else 0.0,
            _agrees(own, gender),
            float(len(self._rules(i))),
        )

    def _says_you(self, i: int) -> bool:
        tokens = self._talk.field.tokens
        return any(tokens.lower[k] in _YOU for part in self._talk.turns[i].parts for k in tokens.within(*part))


def _told(told: Subject | None, who: str) -> float:
    """Nobody, this one by name, this one by other words, somebody else, nobody known."""
    if told is None:
        return 0.0
    if told.character == who:
        return 1.0 if told.kind == "name" else 2.0
    return 3.0 if told.character else 4.0


def _agrees(shown: str | None, held: str | None) -> float:
    """Unknown, the same, another."""
    return 0.0 if shown not in GENDERS or held not in GENDERS else 1.0 if shown == held else 2.0


def audience(
    talk: Talk,
    chances: Sequence[Mapping[str, float]],
    speakers: Sequence[str | None],
    grown: Forest | None = None,
) -> list[dict[str, float]]:
    """How likely each one around a turn is spoken to, by turn.

    :param chances: each turn's candidates with their chances, after all that is asked who speaks.
    :param speakers: who speaks each turn, or None.
    :param grown: other trees than the package's.
    """
    grown = grown or forest()
    around = Audience(talk, chances, speakers)
    found: list[dict[str, float]] = []
    for span in talk.conversations:
        begin = talk.turns[span.start].start
        reach = (*span, *beside(span, OUTSIDE, len(speakers)))
        seen = (grown, talk.memory.grounds(RANKED, begin), [(chances[i], speakers[i]) for i in reach])
        found += talk.memory.recall(_ADDRESSED, begin, seen, partial(_conversation, around, grown, span))
    return found


def _conversation(around: Audience, grown: Forest, span: range) -> list[dict[str, float]]:
    return [{who: grown.chance(held) for who, held in around.of(i).items()} for i in span]


def spoken_to(
    talk: Talk, heard: Sequence[Mapping[str, float]], speakers: Sequence[str | None], group: Sequence[int]
) -> tuple[str, ...]:
    """To whom the turns ``group`` are spoken, which are one utterance: whom the cue names, or whoever likely is, or the
    likeliest.

    Of 236 lines of novels and 54 of stories whose cue says to whom, nobody but those whom gold names is named in 92 and
    44 where the cue alone is followed, in 83 and 42 where whoever is likely is named beside.

    :param heard: how likely each one is spoken to, by turn.
    """
    if to_self(talk.sights, group):
        return ()
    chances: dict[str, float] = {}
    for i in group:
        for who, chance in heard[i].items():
            chances[who] = max(chance, chances.get(who, 0.0))
    chances.pop(speakers[group[0]] or "", None)
    cues = (talk.sights[i].cue for i in group)
    told = dict.fromkeys(cue.addressee.character for cue in cues if cue is not None and cue.addressee is not None)
    by_cue = tuple(who for who in told if who is not None and chances.get(who, 0.0) > LEAST)
    if by_cue:
        return by_cue
    ranked = sorted(chances, key=lambda who: -chances[who])
    named = tuple(who for who in ranked if chances[who] > LIKELY)
    return named or tuple(who for who in ranked[:1] if chances[who] > LEAST)
