"""What the text around a turn shows of its speaker: its cue, the acts beside it, whom it calls, what led in to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.voices.beats import Action, Beat, Observer
from unsaid.voices.callings import Description, describe
from unsaid.voices.nearby import acts_behind, comes_in, told_before
from unsaid.voices.reports import Found
from unsaid.voices.vocatives import Address, address_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.voices.field import Field, Subject
    from unsaid.voices.turns import Turn

# From so many paragraphs on with lines by two people who are named, and from this share of all with several lines, a
# story sets its lines so: of the 134 stories that may be read one does, and another has a paragraph of the kind.
_SEVERAL, _SEVERAL_OF = 3, 0.1
CROWDED = 6
"""More quotations in one paragraph: its breaks are lost, so neighbours in it need not be one speaker's."""


class Sight(msgspec.Struct, frozen=True):
    """All that the text around one turn shows of its speaker.

    :ivar asks: the turn ends with a question mark, so an action right behind it may be the answer.
    :ivar lead_in: what ended the narrative paragraph right before.
    :ivar run_together: the turn stands in a paragraph of several people's lines: its breaks are lost.
    :ivar mixed: the turn stands in a paragraph with another, in a story that often sets several people's lines in one.
    :ivar told: whom the "he" or "she" of the cue can mean of those in the narrative right before, if it names one.
    :ivar behind: who is named first in the narrative right behind: whoever spoke is seldom told of next.
    :ivar described: what the cue describes its speaker by ("said the boy"); ``elsewhere`` whom that means in the
        rest of the story, by share of its uses.
    :ivar holder: whose relation or friend the cue says its speaker is ("said her father"): not the one who speaks.
    :ivar comes_in: who is told of behind a line that "someone" says, and was not there before.
    """

    cue: Found | None
    beats: tuple[Beat, ...]
    lead_in: Action | None
    address: Address
    asks: bool = False
    run_together: bool = False
    mixed: bool = False
    told: frozenset[str] = frozenset()
    behind: str | None = None
    described: Description | None = None
    elsewhere: dict[str, float] = {}
    holder: str | None = None
    comes_in: str | None = None

    @property
    def subject(self) -> Subject | None:
        """Who speaks by the cue, if one says so."""
        return self.cue.subject if self.cue else None


def look(field: Field, turns: Sequence[Turn]) -> tuple[Sight, ...]:
    """Look around every turn once."""
    reader = Observer(field)
    sights: list[Sight] = []
    lost = breaks_lost(turns)
    for i, turn in enumerate(turns):
        low, high = _room(field, turns, i)
        reach = _reach_back(field, turn, low)
        if sights and sights[-1].cue and sights[-1].cue.where == "after":
            reach = max(reach, reader.open_from(sights[-1].cue))  # one cue does not report two turns
        cue = reader.cue_of(turn, reach, high) or _goes_on(field, turn, sights)
        beats = () if cue and cue.subject else tuple(reader.beats_of(low, turn, high))
        if turn.paragraph in lost and i + 1 < len(turns) and turns[i + 1].paragraph == turn.paragraph:
            beats = tuple(beat for beat in beats if beat.where == "before")  # the other is the next line's
        asks = field.text[max(turn.start, turn.end - 2) : turn.end - 1] == "?"
        lead_in, address = _lead_in(field, reader, turn), address_of(field, turn)
        told, behind = told_before(field, turn, cue), acts_behind(field, turn, cue, beats)
        described, elsewhere = _meant(field, cue)
        run, holder = turn.paragraph in lost, _holder(field, cue) if described and described.held else None
        new = comes_in(field, turn, cue)
        sight = Sight(cue, beats, lead_in, address, asks, run, False, told, behind, described, elsewhere, holder, new)
        sights.append(sight)
    return tuple(_mixed(turns, sights))


def _mixed(turns: Sequence[Turn], sights: Sequence[Sight]) -> Sequence[Sight]:
    """Mark the turns that share a paragraph, where cues show that such turns are often two people's."""
    together: dict[int, list[int]] = defaultdict(list)
    for i, turn in enumerate(turns):
        together[turn.paragraph].append(i)
    shared = [held for held in together.values() if len(held) > 1]
    several = sum(len({_cued(sights[i]) for i in held} - {None}) > 1 for held in shared)
    if several < _SEVERAL or several < _SEVERAL_OF * len(shared):
        return sights
    mixed = {i for held in shared for i in held}
    return [msgspec.structs.replace(sight, mixed=i in mixed) for i, sight in enumerate(sights)]


def _cued(sight: Sight) -> str | None:
    """Who speaks by a name in the cue; "" for "I"."""
    subject = sight.subject
    if subject is None or subject.kind not in ("name", "first"):
        return None
    return "" if subject.kind == "first" else subject.character


def _goes_on(field: Field, turn: Turn, sights: Sequence[Sight]) -> Found | None:
    """The cue of the line before, where "someone" says both: "Is it true?" someone asked. "They say so." """
    cue = sights[-1].cue if sights else None
    if cue is None or not cue.is_strangers or cue.end > turn.start:
        return None
    if field.prose.paragraph_at(cue.end) != turn.paragraph:
        return None
    return cue if not any(map(str.isalnum, field.text[cue.end : turn.start])) else None


def _meant(field: Field, cue: Found | None) -> tuple[Description | None, dict[str, float]]:
    """What a cue describes its speaker by, and whom that means in the rest of the story."""
    subject = cue.subject if cue else None
    if subject is None or subject.kind != "nominal":
        return None, {}
    described = describe(field.text[subject.start : subject.end])
    return described, {} if described.held else field.callings.shares(described, subject.start)


def _holder(field: Field, cue: Found | None) -> str | None:
    """Whose relation a cue's subject is: "her" of "said her father"."""
    subject = cue.subject if cue else None
    if subject is None:
        return None
    within = (field.cast.mentions[m] for m in field.mentions_between(subject.start, subject.start + 1))
    return next((m.character for m in within if m.kind == "pronoun"), None)


def breaks_lost(turns: Sequence[Turn]) -> frozenset[int]:
    """Indices of the paragraphs that hold several people's lines: some stand mark to mark, or there are very many."""
    count = Counter(turn.paragraph for turn in turns)
    abutting = {turn.paragraph for turn in turns if turn.abuts}
    return frozenset(abutting | {paragraph for paragraph, n in count.items() if n > CROWDED})


def _room(field: Field, turns: Sequence[Turn], i: int) -> tuple[int, int]:
    """The narrative that can belong to turn ``i``: from the turn before to the turn after, within its paragraphs."""
    turn = turns[i]
    paragraphs = field.prose.paragraphs
    low = paragraphs[turn.paragraph].start
    high = paragraphs[turn.last_paragraph].end
    if i and turns[i - 1].end > low:
        low = turns[i - 1].end
    if i + 1 < len(turns) and turns[i + 1].start < high:
        high = turns[i + 1].start
    return low, high


def _reach_back(field: Field, turn: Turn, low: int) -> int:
    """A paragraph that ends with a colon or comma introduces the turn that opens the next one; one that ends with no
    mark at all may have lost its dash ("and Ann replied")."""
    if low != turn.start or turn.paragraph == 0:
        return low
    before = field.prose.paragraphs[turn.paragraph - 1]
    last = field.text[before.end - 1]
    return before.start if last in ":,—-" or last.isalnum() else low


def _lead_in(field: Field, reader: Observer, turn: Turn) -> Action | None:
    """What ended the narrative right before the turn's own paragraph, if some stands there.

    Behind a line of the paragraph before, it counts only if it tells of speech: "“…” A pause followed, and Ann began."
    """
    here = field.prose.paragraphs[turn.paragraph]
    if turn.paragraph == 0 or turn.start != here.start or here.after_break:
        return None
    index = turn.paragraph - 1
    while index > 0 and index in field.silent:
        index -= 1
    before = field.prose.paragraphs[index]
    if before.first == before.last:
        return None
    quoted = field.tokens.quoted
    if not any(quoted[before.first : before.last]):
        return reader.last_action(before.start, before.end)
    first, _ = field.sentence_bounds(before.end - 1)
    if first <= before.first or any(quoted[first - 1 : before.last]):
        return None
    action = reader.last_action(field.tokens.starts[first], before.end)
    if action is None or action.subject is None or action.subject.kind != "name":
        return None
    return action if action.speaks else None
