"""Who knows of an entry, since when, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.story import Knowing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.story import Entry


_CROWD = 30
"""Where so many are present, being there does not tell that one heard."""


def known(entry: Entry, there: Sequence[str]) -> tuple[Knowing, ...]:
    """Those who know of an entry: who it is from, who heard or read it, and who else was there."""
    start = entry.again[-1].start if entry.again and entry.voice == "written" else entry.start
    found: dict[str, Knowing] = {}
    if entry.from_ is not None:
        found[entry.from_] = Knowing(entry.from_, entry.start, "wrote" if entry.voice == "written" else "said")
    if entry.to is not None and entry.to != entry.from_ and _reached(entry):
        found[entry.to] = Knowing(entry.to, start, "read" if entry.voice == "written" else "told")
    if entry.voice == "aloud" and entry.utterance is not None and len(there) <= _CROWD:
        for who in there:
            if who != entry.to:
                found.setdefault(who, Knowing(who, entry.start, "present"))
    return tuple(found.values())


def _reached(entry: Entry) -> bool:
    return entry.voice in {"aloud", "written"} and entry.heard is True
