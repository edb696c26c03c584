"""Two names for one person, told only by who answers, and in whose company each stands.

The narrative says "Mrs. Hill", everyone who talks to her says "Bunny": no sentence joins the two, but when Bunny is
called, Mrs. Hill answers. Such a pair is one person if one name is seldom said far from the other, and yet the two
never stand side by side as two: no sentence and no line has both, and neither answers the other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.people.joining import join
from unsaid.voices import turns as turning
from unsaid.voices.evidence import apart
from unsaid.voices.field import Field
from unsaid.voices.sights import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.voices.sights import Sight
    from unsaid.voices.turns import Turn

# Set so that every pair found in the development novels is one person in gold: eleven pairs are found.
_FEWEST_ANSWERS = 3
_SHARE = 0.35  # of all who answer
_LEAD = 1.5  # times as often as anybody else
_NEAR, _NEAR_SHARE = 1500, 0.4  # characters; the share of a name's mentions with the other told of so near
_FEWEST_NEAR = 4
_STRAY = 0.05  # of the mentions so near, so many may seem to show two people, by misread cues only
# Two answers are enough for a name that nobody but speakers uses, and that nothing at all speaks against.
_FEW, _MOST_TOLD, _CLOSE_SHARE = 2, 0.1, 0.6


class Calls(msgspec.Struct):
    """Who answers when someone is called, who calls them, and where each is named; all by character id.

    :ivar named: how often each is mentioned by name; ``told``: how often of these in the narrative.
    :ivar places: offsets of the mentions by name; ``told_at`` of those in the narrative.
    :ivar groups: for each, the sentences, lines and exchanges of cues that they are named in.
    """

    answers: defaultdict[str, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))
    callers: defaultdict[str, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))
    named: Counter[str] = msgspec.field(default_factory=Counter)
    told: Counter[str] = msgspec.field(default_factory=Counter)
    places: defaultdict[str, list[int]] = msgspec.field(default_factory=lambda: defaultdict(list))
    told_at: defaultdict[str, list[int]] = msgspec.field(default_factory=lambda: defaultdict(list))
    groups: defaultdict[str, set[tuple[str, int]]] = msgspec.field(default_factory=lambda: defaultdict(set))

    def near(self, one: str, other: str) -> int:
        """How many mentions of the rarer name have the other told of nearby."""
        rarer, told = (one, other) if self.named[one] <= self.named[other] else (other, one)
        at = self.told_at[told]
        return sum(bisect_left(at, p - _NEAR) < bisect_right(at, p + _NEAR) for p in self.places[rarer])

    def apart(self, one: str, other: str) -> int:
        """How often the two stand side by side, as two people do."""
        return len(self.groups[one] & self.groups[other])


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
    calls = Calls()
    _mention(field, turns, calls)
    for i, sight in enumerate(sights):
        speaker = _cued(sight)
        before = _cued(sights[i - 1]) if i and apart(field, turns, i) <= 1 else None
        if speaker and before and speaker != before:
            calls.groups[speaker].add(("exchange", i))
            calls.groups[before].add(("exchange", i))
        for one in sight.address.called:
            if speaker:
                calls.callers[one][speaker] += 1
            for j in (i - 1, i + 1):
                if 0 <= j < len(turns) and apart(field, turns, max(i, j)) == 1:
                    other = _cued(sights[j])
                    if other and other != speaker:
                        calls.answers[one][other] += 1
    return calls


def _mention(field: Field, turns: Sequence[Turn], calls: Calls) -> None:
    """Count where everyone is named: in the narrative by sentence, in speech by line."""
    starts = [turn.start for turn in turns]
    for i, mention in enumerate(field.cast.mentions):
        who = mention.character
        if who is None or mention.kind != "name":
            continue
        calls.named[who] += 1
        calls.places[who].append(mention.start)
        if field.is_quoted(i):
            calls.groups[who].add(("line", bisect_right(starts, mention.start)))
        else:
            calls.told[who] += 1
            calls.told_at[who].append(mention.start)
            calls.groups[who].add(("sentence", field.prose.sentence_at(mention.start)))


def _cued(sight: Sight) -> str | None:
    """Whom a cue names, or describes, as the speaker; a pronoun says too little."""
    subject = sight.subject
    return subject.character if subject and subject.kind in ("name", "nominal") else None


def _same_as(field: Field, calls: Calls, called: str) -> str | None:
    """The one who answers to a name, if that is the same person."""
    answers = calls.answers[called]
    (answerer, count), *rest = answers.most_common(2)
    runner_up = rest[0][1] if rest else 0
    if called not in field.named or {called, answerer} & field.groups:
        return None
    if count < _FEW or count < _SHARE * answers.total() or count < _LEAD * runner_up:
        return None
    one, other = field.pronouns[called], field.pronouns[answerer]
    if one is not None and other is not None and one != other:
        return None
    near, rarer = calls.near(called, answerer), min(calls.named[called], calls.named[answerer])
    against = calls.callers[called][answerer] + calls.callers[answerer][called] + calls.apart(called, answerer)
    if count < _FEWEST_ANSWERS:
        spoken = calls.told[called] <= _MOST_TOLD * calls.named[called]
        return answerer if spoken and not against and near >= max(_FEWEST_NEAR, _CLOSE_SHARE * rarer) else None
    if near < max(_FEWEST_NEAR, _NEAR_SHARE * rarer) or against > max(1, _STRAY * near):
        return None
    return answerer
