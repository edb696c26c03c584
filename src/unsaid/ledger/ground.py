"""What the ledger room looks things up in: mentions by token, lines by place, scenes by offset."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from unsaid.ledger.pieces import Piece
    from unsaid.people import Cast
    from unsaid.prose import Prose, Sentence
    from unsaid.story import Mention, Scene, Utterance
    from unsaid.voices import Voices

_BETWEEN = frozenset(
    "had has have would could should might must may did do does was were is are am be been 'd also only just still "
    "then even now never not once always ever suddenly finally almost nearly quietly slowly at last both all again "
    "simply merely hardly scarcely barely".split()
)
"""What may stand between a subject and its verb."""

_COORDINATED = 40
"""How many tokens back the subject of "and went" may stand."""
_CLAUSE = 10
"""How many tokens a relative clause may take between its noun and the noun's verb."""
_BEFORE = 12
"""How many auxiliaries and adverbs at most may stand between a subject and its verb."""
_BESIDE = 6
"""Paragraphs on either side in which whoever is there to hear a line is shown."""
_NOT_SUBJECTS = frozenset("him her them me us his their my our its your".split())

TOLD_MODES = frozenset({"indirect", "free-indirect", "report"})


class Ground:
    """A story's layers, indexed once for the whole room.

    :ivar cut: the lines in pieces, as far as :func:`unsaid.ledger.pieces.pieces` has been asked for them.
    """

    def __init__(self, prose: Prose, cast: Cast, scenes: Sequence[Scene], voices: Voices) -> None:
        self.prose, self.cast, self.scenes, self.voices = prose, cast, scenes, voices
        self.text, self.tokens = prose.text, prose.tokens
        self.groups = frozenset(c.id for c in cast.characters if c.kind == "group")
        self.cut: dict[int, tuple[Piece, ...]] = {}
        self._scene_starts = [s.start for s in scenes]
        direct = (u for u in voices.utterances if u.mode not in TOLD_MODES)
        self.lines: list[Utterance] = sorted(direct, key=lambda u: u.start)
        self.told = [u for u in voices.utterances if u.mode in TOLD_MODES]
        self.starting: dict[int, Mention] = {}
        self.ending: dict[int, Mention] = {}
        starts, first = self.tokens.starts, 0
        for mention in cast.mentions:
            first = bisect_left(starts, mention.start, first)
            last = bisect_left(starts, mention.end, first, min(len(starts), first + mention.end - mention.start + 1))
            self.starting.setdefault(first, mention)  # an outer mention stands before an inner one
            self.ending[last] = mention if last not in self.ending else _longer(self.ending[last], mention)

    @cached_property
    def stops(self) -> list[int]:
        """The tokens, in order, that begin with a mark that ends a sentence."""
        words = concordance(self.tokens)
        return words.of(word for word in words.lower if word[0] in ".!?…")

    @cached_property
    def inside(self) -> bytes:
        """1 for each token inside a direct line of speech, thought or writing, else 0."""
        marked = bytearray(self.tokens.quoted)
        for line in self.lines:
            for start, end in line.parts:
                span = self.tokens.within(start, end)
                marked[span.start : span.stop] = b"\x01" * len(span)
        return bytes(marked)

    def scene_index(self, offset: int) -> int:
        """Index of the scene at an offset; -1 before the first."""
        return bisect_right(self._scene_starts, offset) - 1

    def scene_at(self, offset: int) -> Scene | None:
        """The scene at an offset, if any."""
        index = self.scene_index(offset)
        return self.scenes[index] if index >= 0 else None

    @cached_property
    def _shown(self) -> tuple[list[int], list[str]]:
        """Where the narration shows somebody, in order, and whom: outside what is said, or as who says it."""
        shown = sorted(
            [(m.start, m.character) for at, m in self.starting.items() if m.character and not self.inside[at]]
            + [(line.start, line.speaker) for line in self.lines if line.speaker is not None]
        )
        return [start for start, _ in shown], [who for _, who in shown]

    @cached_property
    def _places(self) -> list[dict[str, int]]:
        """For each scene the place of each of those in it in its order."""
        return [{who: place for place, who in enumerate(scene.present)} for scene in self.scenes]

    def there(self, offset: int) -> tuple[str, ...]:
        """Who is there at an offset: of those in its scene, whoever is shown a few paragraphs before or behind it."""
        index = self.scene_index(offset)
        if index < 0:
            return ()
        scene, places = self.scenes[index], self._places[index]
        at, paragraphs = self.prose.paragraph_at(offset), self.prose.paragraphs
        low = max(scene.start, paragraphs[max(0, at - _BESIDE)].start)
        high = min(scene.end, paragraphs[min(len(paragraphs) - 1, at + _BESIDE)].end)
        starts, whom = self._shown
        near = set(whom[bisect_left(starts, low) : bisect_left(starts, high)])
        return tuple(sorted(near & places.keys(), key=places.__getitem__))

    def of_words(self, wanted: Collection[str]) -> Iterator[tuple[int, Sentence]]:
        """Every token that is one of some words, but a sentence's first, with its sentence."""
        sentences = self.prose.sentences
        at = 0
        for token in concordance(self.tokens).of(wanted):
            while at < len(sentences) and sentences[at].last <= token:
                at += 1
            if at < len(sentences) and sentences[at].first < token:
                yield token, sentences[at]

    def mentions_in(self, start: int, end: int) -> Sequence[Mention]:
        """The mentions that start inside a passage."""
        mentions = self.cast.mentions
        low = bisect_left(mentions, start, key=lambda m: m.start)
        return mentions[low : bisect_left(mentions, end, low, key=lambda m: m.start)]

    def narrator_at(self, offset: int) -> str | None:
        """Who tells the scene at an offset in the first person, if anybody."""
        scene = self.scene_at(offset)
        return scene.narrator if scene is not None else None

    def who_starts(self, token: int) -> str | None:
        """The character of the mention that starts at a token."""
        mention = self.starting.get(token)
        return mention.character if mention is not None else None

    def subject_before(self, verb: int, low: int) -> str | None:
        """The character whose mention stands right before a verb, auxiliaries and adverbs passed over."""
        lower = self.tokens.lower
        at, least = verb, max(low, verb - _BEFORE)
        while (
            at > least
            and at not in self.ending
            and (lower[at - 1] in _BETWEEN or lower[at - 1].endswith(("ly", "n't")))
        ):
            at -= 1
        mention = self.ending.get(at)
        return mention.character if mention is not None and mention.start >= self.tokens.starts[low] else None

    def subject_at(self, verb: int) -> int | None:
        """The first token of the mention right before a verb, auxiliaries and adverbs passed over; None without one."""
        at, least = verb, max(0, verb - _BEFORE)
        while at > least and at not in self.ending and (self.tokens.lower[at - 1] in _BETWEEN):
            at -= 1
        mention = self.ending.get(at)
        return bisect_left(self.tokens.starts, mention.start) if mention is not None else None

    def doer_of(self, verb: int, low: int) -> str | None:
        """The subject of a verb; of one that is tied to another by "and", the one that its sentence begins with."""
        who = self.subject_before(verb, low) or self._antecedent(verb, low)
        at, least = verb, max(low, verb - _BEFORE)
        while at > least and self.tokens.lower[at - 1] in _BETWEEN:
            at -= 1
        if who is not None or self.tokens.lower[at - 1] not in {"and", "then", "but"}:
            return who
        for token in range(max(low, at - _COORDINATED), at):
            mention = self.starting.get(token)
            if mention is not None and not self.inside[token] and self.tokens.lower[token] not in _NOT_SUBJECTS:
                return mention.character
        return None

    def _antecedent(self, verb: int, low: int) -> str | None:
        """Of "the man who had stood by the stove all winter went out" the man."""
        for token in range(verb - 1, max(low, verb - _CLAUSE), -1):
            if self.tokens.lower[token] in {",", "and", "but", ";", ":", "that"} or self.inside[token]:
                return None
            if self.tokens.lower[token] == "who":
                mention = self.ending.get(token)
                return mention.character if mention is not None else None
        return None

    def line_before(self, offset: int) -> int:
        """Index of the last direct line that starts before an offset; -1 if there is none."""
        return bisect_left(self.lines, offset, key=lambda u: u.start) - 1

    def words(self, first: int, last: int) -> str:
        """Tokens as one string, lower case, one blank between them."""
        return " ".join(self.tokens.lower[first:last])


def _longer(one: Mention, other: Mention) -> Mention:
    return one if one.end - one.start >= other.end - other.start else other
