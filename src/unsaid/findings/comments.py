"""What the comments in a text silence: ``<!-- unsaid: ignore V102 -->``, each in one paragraph."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.errors import NoSuchRule
from unsaid.findings.choice import prefix
from unsaid.findings.rules import finding
from unsaid.sources import COMMENT_FIELD
from unsaid.story import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unsaid.prose import Prose
    from unsaid.story import Matter


class Hush(msgspec.Struct, frozen=True):
    """A paragraph in which rules are silenced: those whose codes begin with one of ``codes``."""

    start: int
    end: int
    codes: tuple[str, ...]


class Hushed(msgspec.Struct, frozen=True):
    """What the comments silence, and a finding for each rule that they name and that there is none of."""

    places: tuple[Hush, ...] = ()
    unknown: tuple[Finding, ...] = ()


def hushed(prose: Prose, matter: Iterable[Matter]) -> Hushed:
    """Read the comments of a text.

    One inside a paragraph is for that paragraph, one on a line of its own for the next; without a rule, for all rules.
    """
    codes: dict[int, set[str]] = {}
    unknown = []
    for comment in matter:
        if comment.field != COMMENT_FIELD:
            continue
        here = codes.setdefault(_paragraph_of(prose, comment), set())
        for name in (comment.value or "").split() or [""]:
            try:
                here.add(prefix(name) if name else "")
            except NoSuchRule as error:
                unknown.append(finding("X106", f"a comment silences no rule: {error}", [(comment.start, comment.end)]))
    places = (
        Hush(prose.paragraphs[at].start, prose.paragraphs[at].end, tuple(sorted(rules)))
        for at, rules in sorted(codes.items())
        if at < len(prose.paragraphs)
    )
    return Hushed(tuple(places), tuple(unknown))


def _paragraph_of(prose: Prose, comment: Matter) -> int:
    """The paragraph that a comment is for, which may be one behind the last."""
    at = prose.paragraph_at(comment.start)
    if at >= 0 and "\n" not in prose.text[prose.paragraphs[at].end : comment.start]:
        return at
    return at + 1


def is_hushed(found: Finding, places: Sequence[Hush]) -> bool:
    """Whether a finding points at a paragraph in which its rule is silenced."""
    for span in found.spans:
        first = bisect_right(places, span.start, key=lambda place: place.end)
        last = bisect_left(places, span.end, key=lambda place: place.start)
        if any(found.rule.startswith(place.codes) for place in places[first:last]):
            return True
    return False
