"""Gold quotations side by side with what Unsaid made of each: the ground for reading errors and for calibration."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from benchmarks import corpus
from unsaid.story import Utterance

if TYPE_CHECKING:
    from collections.abc import Callable

    from unsaid import Story

LOOK_BACK = 50  # parts before a span that may still reach into it: parts seldom nest, and then by one or two


class Verdict(msgspec.Struct, frozen=True):
    """A gold quotation and the utterance that covers it.

    :ivar spans: the quotation's spans in the novel's text.
    :ivar gold: the gold speaker's main name; ``wanted`` the gold addressees.
    :ivar utterance: the utterance that covers most of it, or None where half of it is not covered.
    :ivar ours: the name of the character it is given to, or None.
    :ivar counts_as: the gold character whose names that character carries, or None where it carries nobody's.
    :ivar right: that is the gold speaker.
    :ivar told: the gold characters whose names those carry whom it is said to be spoken to; "" where one carries none.
    """

    spans: tuple[tuple[int, int], ...]
    type: str
    gold: str
    wanted: tuple[str, ...]
    utterance: Utterance | None
    ours: str | None
    counts_as: str | None
    right: bool
    told: tuple[str, ...] = ()


class Spurious(msgspec.Struct, frozen=True):
    """An utterance of direct speech that is no quotation in gold; the span is in the novel's text."""

    start: int
    end: int
    utterance: Utterance
    ours: str | None


class Comparison(msgspec.Struct, frozen=True):
    """A novel read and compared: a verdict for each gold quotation, and what was quoted beside them."""

    text: str
    verdicts: tuple[Verdict, ...]
    spurious: tuple[Spurious, ...]


class _Part(msgspec.Struct, frozen=True):
    start: int
    end: int
    utterance: Utterance


def compare(book: str, story: Story) -> Comparison:
    """Hold a reading of a novel against gold, by the same rules as ``pdnc_score`` (only the ties may fall apart)."""
    rules = corpus.scorer("pdnc_score")
    text = corpus.novel_text(book)
    characters, quotes = rules.load_gold(corpus.folder_of(book))
    carried = rules.name_map(msgspec.to_builtins({"characters": _named(story)}), characters)
    called = {c.id: c.name for c in story.characters}
    parts = _parts(story, rules.offset_map(story.text, text))
    starts = [p.start for p in parts]
    verdicts = []
    for quote in corpus.attributed(quotes):
        utterance = _covering(quote["spans"], parts, starts)
        speaker = utterance.speaker if utterance else None
        counts_as = carried.get(speaker) if speaker else None
        verdicts.append(
            Verdict(
                spans=tuple(quote["spans"]),
                type=quote["type"],
                gold=quote["speaker"],
                wanted=tuple(quote["addressees"]),
                utterance=utterance,
                ours=called.get(speaker) if speaker else None,
                counts_as=counts_as,
                right=counts_as == quote["speaker"],
                told=tuple(carried.get(who, "") for who in utterance.addressees) if utterance else (),
            )
        )
    gold = sorted(span for quote in quotes for span in quote["spans"])
    return Comparison(text, tuple(verdicts), tuple(_spurious(parts, gold, called)))


def _named(story: Story) -> list[dict[str, object]]:
    return [{"id": c.id, "names": {c.name: 1, **c.names}} for c in story.characters]


def _parts(story: Story, to: Callable[[int], int]) -> list[_Part]:
    return sorted(
        (
            _Part(to(start), to(end), utterance)
            for utterance in story.utterances
            if utterance.kind == "speech" and utterance.is_direct
            for start, end in utterance.parts
        ),
        key=lambda p: (p.start, p.end),
    )


def _covering(spans: list[tuple[int, int]], parts: list[_Part], starts: list[int]) -> Utterance | None:
    cover: Counter[str] = Counter()
    by_id: dict[str, Utterance] = {}
    for start, end in spans:
        for part in parts[max(0, bisect_left(starts, start) - LOOK_BACK) : bisect_left(starts, end)]:
            shared = min(end, part.end) - max(start, part.start)
            if shared > 0:
                cover[part.utterance.id] += shared
                by_id[part.utterance.id] = part.utterance
    if sum(cover.values()) < 0.5 * sum(end - start for start, end in spans):
        return None
    # An utterance with a speaker goes before one without, as in the scorer.
    return by_id[max(cover, key=lambda i: (by_id[i].speaker is not None, cover[i]))]


def _spurious(parts: list[_Part], gold: list[tuple[int, int]], called: dict[str, str]) -> list[Spurious]:
    starts = [start for start, _ in gold]
    found = []
    for part in parts:
        near = gold[max(0, bisect_left(starts, part.start) - LOOK_BACK) : bisect_left(starts, part.end)]
        covered = sum(max(0, min(part.end, end) - max(part.start, start)) for start, end in near)
        if covered < 0.5 * (part.end - part.start):
            found.append(Spurious(part.start, part.end, part.utterance, called.get(part.utterance.speaker or "")))
    return found
