"""Two names for one person, told only by who answers.

The narrative says "Mrs. Hill", everyone who talks to her says "Bunny": no sentence joins the two, but whenever Bunny is
called, Mrs. Hill answers. Such a pair is one person if the called name lives in speech alone, one other person
answers to it nearly always, and the two never stand side by side as two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people.joining import join
from unsaid.voices import turns as turning
from unsaid.voices.evidence import apart, look
from unsaid.voices.field import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.voices.evidence import Sight
    from unsaid.voices.turns import Turn

# Set so that every pair found in the development novels is one person in gold; few are found, and none is wrong.
_FEWEST_ANSWERS = 4
_SHARE = 0.6
_LEAD = 4
_STRAY = 0.1  # a person seems to call themself, or to be called beside themself, by misread cues only: at most so often
_MOST_TOLD = 0.1  # the share of a called name's mentions that may stand in the narrative


class Calls(msgspec.Struct):
    """Who answers when someone is called, and who calls them; both by character id.

    :ivar named: how often each is mentioned by name; ``told``: how often of these in the narrative.
    """

    answers: defaultdict[str, Counter[str]]
    callers: defaultdict[str, Counter[str]]
    together: Counter[frozenset[str]]
    cued: Counter[str]
    named: Counter[str]
    told: Counter[str]


def recognise(prose: Prose, cast: Cast, telling: Telling) -> Cast:
    """Join characters whom speakers and the narrative call by different names; ids of narrators stay."""
    field = Field(prose, cast, telling)
    turns = turning.build(field, ())
    calls = _tally(field, turns, look(field, turns))
    narrators = {s.narrator for s in telling.stretches}
    joined: dict[str, str] = {}
    for called in sorted(calls.answers):
        answerer = _same_as(field, calls, called)
        if answerer and called not in narrators and answerer not in (narrators | joined.keys()):
            joined[called] = answerer
    return join(cast, joined) if joined else cast


def _tally(field: Field, turns: Sequence[Turn], sights: Sequence[Sight]) -> Calls:
    names = [(m.character, i) for i, m in enumerate(field.cast.mentions) if m.character and m.kind == "name"]
    named = Counter(who for who, _ in names)
    told = Counter(who for who, i in names if not field.is_quoted(i))
    calls = Calls(defaultdict(Counter), defaultdict(Counter), Counter(), Counter(), named, told)
    for i, sight in enumerate(sights):
        speaker = _cued(sight)
        if speaker:
            calls.cued[speaker] += 1
        present = {*sight.address.called, *sight.address.spoken_of}
        for one in sight.address.called:
            calls.together.update(frozenset((one, other)) for other in present - {one})
            if speaker:
                calls.callers[one][speaker] += 1
            for j in (i - 1, i + 1):
                if 0 <= j < len(turns) and apart(field, turns, max(i, j)) == 1:
                    other = _cued(sights[j])
                    if other and other != speaker:
                        calls.answers[one][other] += 1
    return calls


def _cued(sight: Sight) -> str | None:
    """Whom a cue names, or describes, as the speaker; a pronoun says too little."""
    subject = sight.cue.subject if sight.cue else None
    return subject.character if subject and subject.kind in ("name", "nominal") else None


def _same_as(field: Field, calls: Calls, called: str) -> str | None:
    """The one who answers to a name, if that is the same person."""
    if called not in field.named or calls.told[called] > _MOST_TOLD * calls.named[called] or calls.cued[called]:
        return None
    answers = calls.answers[called]
    (answerer, count), *rest = answers.most_common(2)
    runner_up = rest[0][1] if rest else 0
    if count < _FEWEST_ANSWERS or count < _SHARE * answers.total() or count < _LEAD * runner_up:
        return None
    against = calls.callers[called][answerer] + calls.together[frozenset((called, answerer))]
    if answerer in field.groups or against > max(1, _STRAY * count):
        return None
    one, other = field.pronouns[called], field.pronouns[answerer]
    return answerer if one is None or other is None or one == other else None
