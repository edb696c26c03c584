"""Findings about dialogue as it is set: rules ``D1..``."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import zip_longest
from typing import TYPE_CHECKING

from unsaid.findings.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Finding, Mention, Utterance
    from unsaid.voices.layer import Voices

_MIMICKED = re.compile(
    r"\b(?:in (?:his|her|my|their|the|an?|\w+'s|\w+’s) (?:\w+(?:'s|’s)? ){0,2}(?:voice|accent|manner)|mimick|imitat)"
)
_TAG = 90
"""Code points behind a line in which its tag may say in whose voice it is said."""
LONG_RUN = 10
"""Lines without a tag in a row that a reader is trusted to follow."""


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
        yield finding(
            "D103",
            "this quotation never closes; it is read to the end of its paragraph",
            [(quotation.start, quotation.end)],
        )


def unclear(voices: Voices) -> Iterator[Finding]:
    """D101: a line whose speaker is not known, with the reason."""
    for line in voices.utterances:
        if line.kind == "speech" and line.mode == "direct" and line.speaker is None:
            yield finding("D101", f"nobody could say who speaks here: {line.reason}", [(line.start, line.end)])


def untagged(prose: Prose, voices: Voices) -> Iterator[Finding]:
    """D102: a run of lines that nothing but taking turns gives to anybody, too long to follow.

    The second passage is the line that is least sure: there the reader is likeliest to slip.
    """
    run: list[Utterance] = []
    for line in (*(u for u in voices.utterances if u.mode == "direct" and u.kind == "speech"), None):
        if line is not None and line.evidence == "implicit" and (not run or _follows(prose, run[-1], line)):
            run.append(line)
            continue
        if len(run) > LONG_RUN:
            slip = min(run, key=lambda u: u.confidence)
            yield finding(
                "D102",
                f"{len(run)} lines in a row say nothing of who speaks",
                [(run[0].start, run[-1].end), (slip.start, slip.end)],
                f"readers count turns for about {LONG_RUN} lines; the second passage is where the count is least sure",
            )
        run = [line] if line is not None and line.evidence == "implicit" else []


def _follows(prose: Prose, one: Utterance, other: Utterance) -> bool:
    """Whether no paragraph of narration stands between two lines."""
    return prose.paragraph_at(other.start) - prose.paragraph_at(one.end - 1) <= 1


def self_address(prose: Prose, cast: Cast, voices: Voices) -> Iterator[Finding]:
    """D104: a line that calls its own speaker by name, where a tag says who speaks."""
    starts = [m.start for m in cast.mentions]
    for line in voices.utterances:
        if line.mode != "direct" or line.kind != "speech" or line.evidence != "explicit":
            continue
        for mention in cast.mentions[bisect_left(starts, line.start) : bisect_left(starts, line.end)]:
            own = mention.kind == "name" and mention.character == line.speaker
            if (
                own
                and line.cue is not None
                and _called(prose.text, mention, line)
                and not _mimicked(prose.text, mention, line)
            ):
                yield finding(
                    "D104",
                    f"{prose.text[mention.start : mention.end]} is called by name in a line of their own",
                    [(mention.start, mention.end), (line.cue.start, line.cue.end)],
                    "the tag gives the line to the very one whom it speaks to",
                )


def _mimicked(text: str, mention: Mention, line: Utterance) -> bool:
    """Whether what is called so is said as another would say it: "said Tom, in his uncle's voice"."""
    end = next((end for start, end in line.parts if start <= mention.start < end), line.end)
    tag = text[end : end + _TAG].partition(".")[0]
    return _MIMICKED.search(tag) is not None


def _called(text: str, mention: Mention, line: Utterance) -> bool:
    """Whether a name stands as a call: a comma or the opening mark before it, a mark behind it."""
    before = text[line.start : mention.start].rstrip()[-1:]
    after = text[mention.end : mention.end + 1]
    return before in {",", "“", '"', ""} and after in {",", "!", "?", "."}
