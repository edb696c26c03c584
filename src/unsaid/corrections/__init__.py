"""Corrections: what a person has said of a reading, kept beside the story, and given when it is read again.

>>> from unsaid import Draft, corrections             # doctest: +SKIP
>>> draft = Draft.open("tale.txt")
>>> draft.correct(corrections.speaker(draft.story, "u12", "Ann"))

``model`` has the types, ``make`` makes them from a story, ``anchors`` finds their passages again, ``store`` keeps them
in ``NAME.unsaid.toml``, and ``given`` makes them the layer of constraints that the rooms take.
"""

from __future__ import annotations

from unsaid.corrections.anchors import anchor, locate
from unsaid.corrections.doubts import doubtful
from unsaid.corrections.make import (
    meant,
    merge,
    name_of,
    narrator,
    newcomer,
    no_utterance,
    passage,
    rename,
    retype,
    speaker,
    split,
)
from unsaid.corrections.model import (
    Anchor,
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
    Unfit,
)
from unsaid.corrections.show import shown
from unsaid.corrections.store import Book, Entry, beside, change, load

__all__ = [
    "Anchor", "Book", "Correction", "Entry", "Meant", "Merge", "Narrator", "Newcomer", "NoUtterance", "Rename",
    "Retype", "Speaker", "Split", "Unfit", "anchor", "beside", "change", "doubtful", "load", "locate", "meant", "merge",
    "name_of", "narrator", "newcomer", "no_utterance", "passage", "rename", "retype", "shown", "speaker", "split",
]  # fmt: skip
