"""What a first reading has overheard of who speaks, as the second walk through the story comes by it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.people.layer import Overheard
    from unsaid.people.names import Name
    from unsaid.prose import Prose


class Hearing:
    """Whom the pronouns of cues mean, by the offset they start at, and who has spoken up to where the walk stands.

    :ivar meant: index of a person by the start of a pronoun.
    """

    def __init__(self, prose: Prose, overheard: Overheard, names: Sequence[Name], of: Sequence[int]) -> None:
        """Find the people again by their names.

        :param of: whom each of ``names`` names, as an index.
        """
        people = {name.start: who for name, who in zip(names, of, strict=True)}
        self.meant = {start: people[name] for start, name in overheard.subjects.items() if name in people}
        starts = prose.tokens.starts
        last = max(0, len(starts) - 1)
        self._spoken = [
            (min(last, bisect_left(starts, end)), people[name]) for end, name in overheard.speakers if name in people
        ]
        self._next = 0
        self._told_from = [start for start, _ in overheard.tellers]
        self._tellers = [people.get(name, -1) for _, name in overheard.tellers]

    def teller(self, offset: int) -> int:
        """Who tells the story at an offset, as an index, or -1: of themselves they say "I", and never "she"."""
        at = bisect_right(self._told_from, offset) - 1
        return self._tellers[at] if at >= 0 else -1

    def until(self, token: int) -> Iterator[tuple[int, int]]:
        """Who has spoken since the last call, with the token behind what they said."""
        while self._next < len(self._spoken) and self._spoken[self._next][0] <= token:
            yield self._spoken[self._next]
            self._next += 1
