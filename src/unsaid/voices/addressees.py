"""To whom a turn is spoken: whom it calls, whom its cue names, or who speaks before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unsaid.voices.field import Field
    from unsaid.voices.sights import Sight
    from unsaid.voices.turns import Turn

_NEAR = 3  # paragraphs: a turn farther away than this is no part of the exchange


def addressees(
    field: Field,
    turns: Sequence[Turn],
    sights: Sequence[Sight],
    speakers: Sequence[str | None],
    chances: Sequence[Mapping[str, float]],
    group: Sequence[int],
) -> tuple[str, ...]:
    """The addressees of the utterance made of the turns ``group``, or an empty tuple where none is known or there is
    none: somebody speaks to themself.
    """
    if to_self(sights, group):
        return ()
    speaker = speakers[group[0]]
    called = _called(sights, group, speaker)
    if called:
        return called
    partner = _partner(field, turns, speakers, group)
    if partner:
        return (partner,)
    if speaker is None:
        return ()
    rivals = [c for i in group for c in chances[i] if c != speaker and c not in field.groups]
    return (rivals[0],) if rivals and len(set(rivals)) == 1 else ()


def to_self(sights: Sequence[Sight], group: Sequence[int]) -> bool:
    """Whether a cue says that somebody speaks to themself."""
    return any(cue is not None and cue.to_self for cue in (sights[i].cue for i in group))


def _called(sights: Sequence[Sight], group: Sequence[int], speaker: str | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for i in group:
        cue = sights[i].cue
        if cue and cue.addressee and cue.addressee.character:
            found[cue.addressee.character] = None
    if not found:
        for i in group:
            found.update(dict.fromkeys(sights[i].address.called))
    return tuple(c for c in found if c != speaker)


def _partner(field: Field, turns: Sequence[Turn], speakers: Sequence[str | None], group: Sequence[int]) -> str | None:
    """The nearest other speaker of the exchange: first the one before, then the one after."""
    speaker = speakers[group[0]]
    first, last = turns[group[0]], turns[group[-1]]
    candidates = [(first.paragraph - turns[j].last_paragraph, j) for j in range(max(0, group[0] - 4), group[0])]
    candidates.reverse()
    candidates += [
        (turns[j].paragraph - last.last_paragraph, j) for j in range(group[-1] + 1, min(len(turns), group[-1] + 4))
    ]
    for apart, j in candidates:
        if apart <= _NEAR and speakers[j] is not None and speakers[j] != speaker:
            breaks = field.prose.paragraphs[min(first.paragraph, turns[j].paragraph) + 1 : first.paragraph + 1]
            if not any(p.after_break for p in breaks):
                return speakers[j]
    return None
