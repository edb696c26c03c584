"""Whom the words of PDNC's novels mean: a second gold for links, of whole novels, beside that of LitBank's samples.

PDNC says of every quotation who speaks it, to whom, and whom each name, noun phrase and pronoun inside it means
(Vishnubhotla, Hammond and Hirst 2022). Three sorts of mention are taken from that: those inside quotations that mean
one person; "I" in a quotation, which is its speaker; and the subject of a cue ("said the old man"), which is the
speaker of its line. Names in the narrative mean whoever carries them. All other mentions of people are kept as unknown:
they count where it is asked how far two mentions stand apart, and are never asked about.
"""

from __future__ import annotations

import csv
from ast import literal_eval
from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from benchmarks import corpus
from unsaid.people.pronouns import PRONOUNS
from unsaid.story import MentionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from unsaid.encoder.layer import Dialogue
    from unsaid.encoder.words import Words

UNKNOWN = -1
"""The number of whoever is meant by a mention of which gold says nothing."""
_CUED: dict[str, MentionKind] = {
    "cue-name": "name",
    "cue-nominal": "nominal",
    "cue-pronoun": "pronoun",
    "cue-first": "pronoun",
}


class Referent(msgspec.Struct, frozen=True):
    """A mention of somebody: words ``first`` to ``last`` (both within) and the number of whom they mean in gold."""

    first: int
    last: int
    kind: MentionKind
    who: int = UNKNOWN


class Said(msgspec.Struct, frozen=True):
    """What gold says of a quotation: its spans, its speaker, and those inside it who are meant alone, by span.

    Names are gold's main names; offsets those of the novel's file.
    """

    spans: tuple[tuple[int, int], ...]
    speaker: str
    inside: tuple[tuple[int, int, str], ...]


def quotations(folder: Path) -> list[Said]:
    """Every quotation of a novel's folder."""
    rules = corpus.scorer("pdnc_score")
    main: dict[str, str] = {}
    for character in rules.load_gold(folder)[0]:
        for alias in (*character["aliases"], rules.norm(character["name"])):
            main.setdefault(alias, character["name"])

    def called(name: str) -> str:
        return main.get(rules.norm(name), name)

    with (folder / "quotation_info.csv").open(newline="", encoding="utf-8") as rows:
        return [
            Said(
                tuple((a, b) for a, b in literal_eval(row["quoteByteSpans"] or "[]")),
                called(row["speaker"]),
                tuple(_alone(row, called)),
            )
            for row in csv.DictReader(rows)
        ]


def _alone(row: Mapping[str, str], called: Callable[[str], str]) -> Iterator[tuple[int, int, str]]:
    """The mentions inside a quotation that mean one person."""
    spans, people = (literal_eval(row[f"mention{field}List"] or "[]") for field in ("Spans", "Entities"))
    for places, meant in zip(spans, people, strict=False):
        if len(places) != len(meant):
            continue  # 21 rows of one novel name more or fewer people than they have spans
        for (start, end), who in zip(places, meant, strict=True):
            if len(who) == 1 and not who[0].startswith("_"):
                yield start, end, called(who[0])


def of(
    words: Words, dialogue: Dialogue, said: Sequence[Said], carried: Mapping[str, str], at: Callable[[int], int]
) -> tuple[Referent, ...]:
    """Every mention of somebody in a novel, in order: whom gold says it means, or that it is not known.

    :param carried: the gold name that each of the rules' characters carries.
    :param at: where an offset of the text that was read lies in the novel's file.
    """
    places = [at(start) for start in words.starts]
    numbers: dict[str, int] = {}
    found: dict[tuple[int, int], Referent] = {}
    for start, end, kind, who in chain(
        _quoted(words, places, said), _cued(dialogue, said, at), _told(dialogue, carried, at)
    ):
        first, last = bisect_left(places, start), bisect_left(places, end) - 1
        if first <= last:
            number = UNKNOWN if who is None else numbers.setdefault(who, len(numbers))
            found.setdefault((first, last), Referent(first, last, kind, number))
    return tuple(found[span] for span in sorted(found, key=lambda span: (span[0], -span[1])))


_Meant = tuple[int, int, MentionKind, str | None]  # a span of the novel's file, and the name of whom it means


def _quoted(words: Words, places: Sequence[int], said: Iterable[Said]) -> Iterator[_Meant]:
    """What stands in quotations: whom gold names, and "I"."""
    for quotation in said:
        for start, end, who in quotation.inside:
            first, last = bisect_left(places, start), bisect_left(places, end)
            yield start, end, _kind(words.spelled[first:last]), who
        for start, end in quotation.spans:
            for k in range(bisect_left(places, start), bisect_left(places, end)):
                if _is(words.spelled[k], "I"):
                    yield places[k], places[k] + 1, "pronoun", quotation.speaker


def _cued(dialogue: Dialogue, said: Iterable[Said], at: Callable[[int], int]) -> Iterator[_Meant]:
    """Who is said to speak a line: its speaker."""
    speakers = sorted((span, q.speaker) for q in said for span in q.spans)
    for turn, cue, rule in zip(dialogue.turns, dialogue.cues, dialogue.rules, strict=True):
        if cue is not None and rule in _CUED:
            yield at(cue[0]), at(cue[1] - 1) + 1, _CUED[rule], _speaker(speakers, at(turn[0]), at(turn[1]))


def _told(dialogue: Dialogue, carried: Mapping[str, str], at: Callable[[int], int]) -> Iterator[_Meant]:
    """All mentions that the rules know; only a name in the narrative says whom it means."""
    for m in dialogue.mentions:
        who = carried.get(m.who) if m.kind == "name" and not m.quoted else None
        yield at(m.start), at(m.end - 1) + 1, m.kind, who


def _speaker(speakers: Sequence[tuple[tuple[int, int], str]], start: int, end: int) -> str | None:
    """Who speaks the first gold quotation that begins within a turn."""
    k = bisect_left(speakers, ((start, 0), ""))
    return speakers[k][1] if k < len(speakers) and speakers[k][0][0] < end else None


def _kind(words: Sequence[str]) -> MentionKind:
    if len(words) == 1 and words[0].lower() in PRONOUNS:
        return "pronoun"
    return "name" if words and words[-1][:1].isupper() and words[-1].lower() not in PRONOUNS else "nominal"


def _is(word: str, of_whom: str) -> bool:
    kind = PRONOUNS.get(word.lower())
    return kind is not None and kind.of == of_whom


def kind_of(referent: Referent, spelled: Sequence[str]) -> MentionKind:
    """A mention's kind as it is spelled now: where its name was taken away it is a pronoun or a noun phrase."""
    words = spelled[referent.first : referent.last + 1]
    if referent.kind != "name" or words[0][:1].isupper():
        return referent.kind
    return "nominal" if words[0] == "the" else "pronoun"
