"""The cast on PDNC novels and LitBank samples: are the people there, are they one each, whom do mentions mean.

``python -m benchmarks.people [NOVEL…] [--litbank]`` prints one row a book. Columns, in percent:

cast      quotations whose gold speaker is in the cast under one of their names (``pdnc_score.name_map``)
gender    of those, quotations whose speaker's gender is right (where gold states one)
explicit  quotations with a named cue whose cue's first mention means the speaker
he said   quotations with a pronoun in their cue ("I" apart) that means the speaker
man said  quotations with another cue without a name whose first mention means the speaker
split     quotations (cue resolved) whose speaker is mostly another character of ours
names     gold names inside quotations that we resolve to the right person
pronouns  gold third-person pronouns inside quotations, likewise
"""

from __future__ import annotations

import csv
import re
import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks import corpus
from unsaid import people, prose, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unsaid.people import Cast

_THIRD = frozenset("he him his himself she her hers herself".split())
# How far around a quotation its cue is looked for, in code points.
_NEAR = 250
# PDNC names one novel's people in no novel of LitBank's that is kept clean for measuring.
_CLEAN_SAMPLES = ("158_emma", "208_daisy", "5230_the_invisible")


class Ratio(msgspec.Struct):
    """A count of what is right among what was asked."""

    right: int = 0
    asked: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.asked += 1

    def __str__(self) -> str:
        return f"{100 * self.right / self.asked:5.1f}" if self.asked else "    -"


def novel(book: str) -> tuple[dict[str, Ratio], float, Counter[str]]:
    """Measure one novel: ratios by column, the seconds that ``gather`` took, and the speakers who are missing."""
    folder = corpus.folder_of(book)
    score = corpus.scorer("pdnc_score")
    manuscript = sources.load(folder / "novel_text.txt")
    composed = prose.compose(manuscript)
    began = time.perf_counter()
    cast = people.gather(composed, manuscript.metadata)
    seconds = time.perf_counter() - began
    gold, quotes = score.load_gold(folder)
    mapped = score.name_map(
        {"characters": [{"id": c.id, "names": {c.name: 1, **c.names}} for c in cast.characters]}, gold
    )
    to_novel = score.offset_map(manuscript.text, corpus.novel_text(book))
    columns: defaultdict[str, Ratio] = defaultdict(Ratio)
    missing = _speakers(cast, mapped, folder, quotes, columns)
    _mentions(cast, mapped, folder, score, to_novel, columns)
    _cues(cast, mapped, folder, score, to_novel, columns)
    return columns, seconds, missing


def _rows(folder: Any) -> Iterator[dict[str, str]]:
    with (folder / "quotation_info.csv").open(newline="", encoding="utf-8") as handle:
        yield from csv.DictReader(handle)


def _speakers(
    cast: Cast, mapped: dict[str, str], folder: Any, quotes: list[dict[str, Any]], columns: dict[str, Ratio]
) -> Counter[str]:
    with (folder / "character_info.csv").open(newline="", encoding="utf-8") as handle:
        genders = {row["Main Name"]: row["Gender"] for row in csv.DictReader(handle)}
    ours: dict[str, Any] = {}
    for character in cast.characters:
        ours.setdefault(mapped.get(character.id, ""), character)
    missing: Counter[str] = Counter()
    for quote in quotes:
        who = quote["speaker"]
        if who in ("_unknowable", "_group", ""):
            continue
        columns["cast"].add(who in ours)
        if who not in ours:
            missing[who] += 1
        elif genders.get(who) in ("M", "F"):
            columns["gender"].add(ours[who].pronouns == {"M": "he", "F": "she"}[genders[who]])
    return missing


def _mentions(
    cast: Cast,
    mapped: dict[str, str],
    folder: Any,
    score: Any,
    to_novel: Callable[[int], int],
    columns: dict[str, Ratio],
) -> None:
    found = {to_novel(m.start): m for m in cast.mentions}
    main = {a: g["name"] for g in score.load_gold(folder)[0] for a in g["aliases"]}
    for row in _rows(folder):
        texts, spans, whose = (
            score.parse(row[k]) or [] for k in ("mentionTextsList", "mentionSpansList", "mentionEntitiesList")
        )
        for text, span, entities in zip(*map(chain.from_iterable, (texts, spans, whose)), strict=False):
            if len(entities) != 1 or entities[0].startswith("_"):
                continue
            kind = "pronouns" if text.lower() in _THIRD else "names" if text[:1].isupper() and " I" not in text else ""
            if not kind or text in ("I", "You", "My"):
                continue
            mention = found.get(span[0])
            is_right = mention is not None and mapped.get(mention.character or "") == main.get(score.norm(entities[0]))
            columns[kind].add(is_right)


def _cues(
    cast: Cast,
    mapped: dict[str, str],
    folder: Any,
    score: Any,
    to_novel: Callable[[int], int],
    columns: dict[str, Ratio],
) -> None:
    book = corpus.novel_text(folder.name)
    starts = [to_novel(m.start) for m in cast.mentions]
    main = {a: g["name"] for g in score.load_gold(folder)[0] for a in g["aliases"]}
    by_speaker: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(folder):
        speaker = main.get(score.norm(row["speaker"]))
        kind = row["quoteType"].strip().lower()
        at = _cue(book, row["referringExpression"], score.parse(row["quoteByteSpans"]) or [])
        if speaker is None or kind not in ("explicit", "anaphoric") or at is None:
            continue
        i = bisect_left(starts, at[0])
        mention = cast.mentions[i] if i < len(starts) and starts[i] < at[1] else None
        who = mention.character if mention is not None else None
        if mention is not None and book[at[0] : at[0] + 2] == "I ":
            continue  # the narrator is settled later
        column = kind if kind == "explicit" else "he said" if mention and mention.kind == "pronoun" else "man said"
        columns[column].add(mapped.get(who or "") == speaker)
        if who is not None and mapped.get(who) == speaker:
            by_speaker[speaker][who] += 1
    for counts in by_speaker.values():
        columns["split"].right += counts.total() - max(counts.values())
        columns["split"].asked += counts.total()


def _cue(book: str, expression: str, spans: list[list[int]]) -> tuple[int, int] | None:
    """Where the cue of a quotation stands in the novel, looked for around the quotation's parts."""
    words = [re.escape(w) for w in expression.split()]
    if not words or not spans:
        return None
    pattern = re.compile(r"\s+".join(words))
    low, high = max(0, min(s[0] for s in spans) - _NEAR), max(s[1] for s in spans) + _NEAR
    hits = [m.span() for m in pattern.finditer(book, low, high)]
    inside = [h for h in hits if not any(s <= h[0] < e for s, e in spans)]
    edges = [edge for span in spans for edge in span]
    return min(inside, key=lambda h: min(min(abs(h[0] - e), abs(h[1] - e)) for e in edges), default=None)


def sample(name: str) -> Ratio:
    """Third-person singular pronouns of one LitBank sample that mean whom gold says, by the names of each cluster."""
    text, gold = _sample(name)
    manuscript = sources.load(text)
    composed = prose.compose(manuscript)
    cast = people.gather(composed, manuscript.metadata)
    clusters: defaultdict[str, Counter[str]] = defaultdict(Counter)
    ours = {(m.start, m.end): m for m in cast.mentions}
    by_end = {m.end: m for m in cast.mentions if m.kind != "pronoun"}
    for (_, end), (cluster, kind) in gold.items():
        mention = by_end.get(end)
        if mention is not None and mention.character and kind != "PRON":
            clusters[mention.character][cluster] += 1
    means = {who: votes.most_common(1)[0][0] for who, votes in clusters.items()}
    ratio = Ratio()
    for (start, end), (cluster, _) in gold.items():
        if text[start:end].lower() in _THIRD:
            mention = ours.get((start, end))
            ratio.add(mention is not None and means.get(mention.character or "") == cluster)
    return ratio


def _sample(name: str) -> tuple[str, dict[tuple[int, int], tuple[str, str]]]:
    """A sample's text, one paragraph a chapter of the sample, and its gold mentions by span: cluster and sort."""
    folder = corpus.shared() / "data" / "litbank" / "coref" / "tsv"
    lines = [line.split() for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()]
    pieces: list[str] = []
    at, spans = 0, {}
    for i, line in enumerate(lines):
        for j, token in enumerate(line):
            tight = token[0] in ",.;:!?)’”" or token in ("'s", "''") or (bool(pieces) and pieces[-1][-1:] in "“‘(")
            gap = "" if tight or not pieces else " "
            pieces.append(gap + token)
            at += len(gap)
            spans[i, j] = (at, at + len(token))
            at += len(token)
    rows = [r.split("\t") for r in (folder / f"{name}.ann").read_text(encoding="utf-8").splitlines()]
    cluster = {r[1]: r[2] for r in rows if r[0] == "COREF"}
    gold = {
        (spans[int(r[2]), int(r[3])][0], spans[int(r[4]), int(r[5])][1]): (cluster[r[1]], r[8])
        for r in rows
        if r[0] == "MENTION" and r[1] in cluster
    }
    return "".join(pieces), gold


def _print_novels(books: list[str]) -> None:
    names = ("cast", "gender", "explicit", "he said", "man said", "split", "names", "pronouns")
    print(f"{'':30}" + "".join(f"{n:>10}" for n in names) + "   seconds  not in the cast")
    sums: defaultdict[str, Ratio] = defaultdict(Ratio)
    for book in books:
        columns, seconds, missing = novel(book)
        for column, ratio in columns.items():
            sums[column].right += ratio.right
            sums[column].asked += ratio.asked
        lost = ", ".join(f"{who} {n}" for who, n in missing.most_common(4))
        print(f"{book:30}" + "".join(f"{columns[n]!s:>10}" for n in names) + f"{seconds:10.2f}  {lost}", flush=True)
    print(f"{'all':30}" + "".join(f"{sums[n]!s:>10}" for n in names))


def _print_samples() -> None:
    folder = corpus.shared() / "data" / "litbank" / "coref" / "tsv"
    total = Ratio()
    for path in sorted(folder.glob("*.ann")):
        if path.stem.startswith(_CLEAN_SAMPLES):
            continue
        ratio = sample(path.stem)
        total.right += ratio.right
        total.asked += ratio.asked
        print(f"{path.stem[:60]:62}{ratio!s:>8}{ratio.asked:6}")
    print(f"{'all':62}{total!s:>8}{total.asked:6}")


if __name__ == "__main__":
    if "--litbank" in sys.argv:
        _print_samples()
    else:
        _print_novels([a for a in sys.argv[1:] if not a.startswith("-")] or corpus.developed())
