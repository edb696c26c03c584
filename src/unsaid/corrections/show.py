"""A correction in a line of words."""

from __future__ import annotations

from unsaid.corrections.given import anchor_of
from unsaid.corrections.model import (
    Correction,
    Meant,
    Merge,
    Narrator,
    Newcomer,
    NoUtterance,
    Rename,
    Retype,
    Speaker,
    Split,
)

_MARKS = '"“”„«»'  # a passage's own, where others stand around it
_SHOWN = 60  # characters of a passage that are shown


def shown(correction: Correction) -> str:
    """A correction in a line: what it says, and the first words of its passage."""
    anchor = anchor_of(correction)
    words = " ".join(anchor.exact.split()).strip(_MARKS) if anchor else ""
    words = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
    at = f" at “{words}”" if words else ""
    match correction:
        case Speaker(speaker=who):
            return f"{who} is the speaker{at}"
        case Retype(to=to):
            return f"{to}{at}"
        case NoUtterance():
            return f"no utterance{at}"
        case Merge(one=one, other=other):
            return f"{one} and {other} are one"
        case Split(one=one, names=names):
            return f"{one} and {' or '.join(names)} are two"
        case Newcomer(name=name):
            return f"there is {name}"
        case Rename(one=one, name=name):
            return f"{one} is called {name}"
        case Narrator(narrator=who):
            return f"{who or 'nobody in it'} tells the story{at}"
        case Meant(rule=rule):
            return f"{rule} is meant{at or ' everywhere'}"
