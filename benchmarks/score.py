"""The score of a reading against a story's gold: utterances, and what is true of the whole story.

A gold utterance counts as *found* where one direct utterance of the reading covers half of it or more. *both* are
those found with the right kind and the right speaker; an utterance's *addressees* are met where all of gold's are
named, and *exact* where nobody else is; *precision* is the share of the reading's direct utterances that touch a gold
one. A character is right where one of its names is the gold name, without regard to case.
"""

from __future__ import annotations

from typing import Any

import msgspec

Spans = list[list[int]]


class Miss(msgspec.Struct, frozen=True):
    """A gold utterance that was not read right: where, what it is, and what it was taken for."""

    start: int
    kind: str
    speaker: str
    read_as: str
    text: str

    def __str__(self) -> str:
        return f"{self.start:>6}  {self.kind} of {self.speaker}, read as {self.read_as}: {self.text}"


class Score(msgspec.Struct, frozen=True):
    """Counts over the gold utterances, the share of the reading's that are real, and checks of the whole story."""

    n: int
    found: int
    kind: int
    speaker: int
    both: int
    addressed: int
    addressees: int
    exact: int
    units: int
    real: int
    kinds: dict[str, tuple[int, int]]
    story: dict[str, bool]
    misses: tuple[Miss, ...]

    @property
    def accuracy(self) -> float:
        """The share of the gold utterances with the right kind and the right speaker."""
        return self.both / max(1, self.n)

    @property
    def precision(self) -> float:
        """The share of the reading's direct utterances that are one in gold; 1 where the reading has none."""
        return self.real / self.units if self.units else 1.0


class _Reading:
    """Names by character and direct utterances of a reading, looked up by gold names and spans."""

    def __init__(self, reading: dict[str, Any], gold: dict[str, Any]) -> None:
        self.names = {c["id"]: {n.lower() for n in (c["name"], *c["names"])} for c in reading["characters"]}
        self.units = [u for u in reading["utterances"] if u["mode"] in ("direct", "free-direct")]
        self.also: dict[str, list[str]] = gold.get("also", {})

    def is_any(self, who: str | None, wanted: str | list[str]) -> bool:
        """Whether a character carries one of the wanted names, or another form of one."""
        forms = [wanted] if isinstance(wanted, str) else wanted
        forms = [*forms, *(other for form in forms for other in self.also.get(form, ()))]
        return who is not None and any(form.lower() in self.names.get(who, ()) for form in forms)

    def best(self, start: int, end: int) -> dict[str, Any] | None:
        """The direct utterance that covers half of the span or more, the one nearest in length among equals."""
        best = max(
            self.units,
            key=lambda u: (covered(start, end, u["parts"]), -abs((u["end"] - u["start"]) - (end - start))),
            default=None,
        )
        return best if best is not None and covered(start, end, best["parts"]) >= (end - start) / 2 else None

    def called(self, who: str | None) -> str:
        """A character's names, for a person to read."""
        return "/".join(sorted(self.names.get(who, ()))[:2]) if who is not None else "nobody"


def covered(start: int, end: int, parts: Spans) -> int:
    """How many code points of ``start:end`` the parts cover."""
    return sum(max(0, min(end, b) - max(start, a)) for a, b in parts)


def score(reading: dict[str, Any], gold: dict[str, Any]) -> Score:
    """Score a reading (``unsaid-story/1``) against gold whose utterances have offsets into the reading's text."""
    known = _Reading(reading, gold)
    tally = dict.fromkeys(("found", "kind", "speaker", "both", "addressed", "addressees", "exact"), 0)
    kinds: dict[str, tuple[int, int]] = {}
    misses: list[Miss] = []
    for entry in gold["utterances"]:
        best = known.best(entry["start"], entry["end"])
        kind = best is not None and best["kind"] == entry["kind"]
        speaker = best is not None and known.is_any(best["speaker"], entry["speaker"])
        right, n = kinds.get(entry["kind"], (0, 0))
        kinds[entry["kind"]] = (right + (kind and speaker), n + 1)
        tally["found"] += best is not None
        tally["kind"] += kind
        tally["speaker"] += speaker
        tally["both"] += kind and speaker
        tally["addressed"] += bool(entry["addressees"])
        met = bool(entry["addressees"]) and best is not None and _addressed(known, best, entry)
        tally["addressees"] += met
        tally["exact"] += met and best is not None and _addresses_nobody_else(known, best, entry)
        if not (kind and speaker):
            misses.append(_miss(known, best, entry, reading["text"]))
    spans = [*((g["start"], g["end"]) for g in gold["utterances"]), *gold.get("optional", ())]
    return Score(
        n=len(gold["utterances"]),
        **tally,
        units=len(known.units),
        real=sum(any(covered(a, b, u["parts"]) for a, b in spans) for u in known.units),
        kinds=kinds,
        story=_story_checks(known, reading, gold),
        misses=tuple(misses),
    )


def _addressed(known: _Reading, best: dict[str, Any], entry: dict[str, Any]) -> bool:
    return all(any(known.is_any(to, wanted) for to in best["addressees"]) for wanted in entry["addressees"])


def _addresses_nobody_else(known: _Reading, best: dict[str, Any], entry: dict[str, Any]) -> bool:
    return all(any(known.is_any(to, wanted) for wanted in entry["addressees"]) for to in best["addressees"])


def _miss(known: _Reading, best: dict[str, Any] | None, entry: dict[str, Any], text: str) -> Miss:
    wanted = entry["speaker"] if isinstance(entry["speaker"], str) else "/".join(entry["speaker"])
    read_as = f"{best['kind']} of {known.called(best['speaker'])} ({best.get('rule')})" if best else "nothing"
    return Miss(entry["start"], entry["kind"], wanted, read_as, text[entry["start"] : entry["end"]][:60])


def _story_checks(known: _Reading, reading: dict[str, Any], gold: dict[str, Any]) -> dict[str, bool]:
    checks = _header_checks(reading["metadata"], gold.get("header") or {})
    scenes = reading["scenes"]
    if "narrators" in gold:
        told = {s["narrator"] for s in scenes if s["narrator"]}
        checks["narrators"] = len(told) == len(gold["narrators"]) and all(
            any(known.is_any(t, name) for t in told) for name in gold["narrators"]
        )
        checks["person"] = all(s["person"] == gold["person"] for s in scenes)
    for i, part in enumerate(gold.get("narration", ()), 1):
        start = reading["text"].find(part["starts"])
        end = reading["text"].find(part["ends"]) + len(part["ends"])
        own = [[s["start"], s["end"]] for s in scenes if known.is_any(s["narrator"], part["narrator"])]
        checks[f"stretch {i} told by {part['narrator']}"] = covered(start, end, own) >= 0.8 * (end - start)
    if "end_note_starts" in gold:
        at = reading["text"].find(gold["end_note_starts"])
        notes = [m for m in reading["matter"] if m["kind"] == "note"]
        checks["end note is matter"] = any(m["start"] <= at < m["end"] for m in notes)
    checks["characters"] = all(any(known.is_any(c, name) for c in known.names) for name in gold["characters"])
    return checks


def _header_checks(metadata: dict[str, Any], header: dict[str, Any]) -> dict[str, bool]:
    checks = {
        field: metadata.get(field) == wanted
        for field, wanted in header.items()
        if field in ("title", "author", "rating", "genres", "dedication")
    }
    if "summary_starts" in header:
        checks["summary"] = (metadata.get("summary") or "").startswith(header["summary_starts"])
    return checks
