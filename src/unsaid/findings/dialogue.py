"""Findings about dialogue as it is set: rules ``D1..``."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from unsaid.story import Finding, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.prose import Prose
    from unsaid.voices.layer import Voices


def unclosed(prose: Prose, voices: Voices) -> Iterator[Finding]:
    """D103: a quotation that never closes, so that its end is a guess.

    A paragraph of a longer speech stays open by convention where the next one opens with a mark again; that is no
    finding, and neither is one inside a letter, where every paragraph opens anew and only the last one closes.
    """
    letters = [(w.start, w.end) for w in voices.writings]
    at = 0
    for quotation, following in zip_longest(prose.quotations, prose.quotations[1:]):
        while at < len(letters) and letters[at][1] <= quotation.start:
            at += 1
        inside = at < len(letters) and letters[at][0] <= quotation.start
        continued = following is not None and following.continues
        if quotation.closed or quotation.mark == "dash" or continued or inside:
            continue
        yield Finding(
            rule="D103",
            severity="warning",
            message="this quotation never closes; it is read to the end of its paragraph",
            spans=(Span(quotation.start, quotation.end),),
        )
