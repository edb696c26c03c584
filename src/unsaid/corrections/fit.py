"""Which corrections no longer fit the story as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.corrections.model import Unfit

if TYPE_CHECKING:
    from unsaid.corrections.given import Given
    from unsaid.people import Amended
    from unsaid.voices import Voices

NO_LINE = "no line stands at its passage any more"


def misfits(given: Given, amended: Amended, heard: Voices) -> tuple[Unfit, ...]:
    """Every correction that does not fit the story as it is now, and why."""
    theirs = sorted((u.start, u.end, u.speaker) for u in heard.utterances if u.rule and u.rule.startswith("corrected"))
    lost = []
    for spoken in given.spoken:
        if amended.whom(spoken.correction.speaker) is None:
            lost.append(Unfit(spoken.correction, f"nobody in the story is called “{spoken.correction.speaker}”"))
        elif not any(start < spoken.end and spoken.start < end for start, end, _ in theirs):
            lost.append(Unfit(spoken.correction, NO_LINE))
    return (*given.unfit, *amended.unfit, *lost)
