"""Partings: who leaves whom, with a farewell or without; who turns back, comes back, and who meets again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from msgspec import structs

from unsaid.ledger.lexicon import worded
from unsaid.story import Parting

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.story import Entry, PartingKind, Scene

_VERBS = frozenset(
    "couldn't could "
    "left went walked ran drove rode sailed flew set strode stalked stormed slipped hurried rushed fled departed was "
    "turned were came returned got had moved hung "
    "disappeared vanished parted met took stole marched limped dashed".split()
)
_AWAY = worded("partings", "away")
_BACK = worded("partings", "back")
_TURNED = worded("partings", "turned")
_GIVEN_UP = worded("partings", "given-up")
"""What turns somebody back who has set out; of anyone else it says nothing."""
_AGAIN = worded("partings", "again")
_KINDS: tuple[tuple[PartingKind, re.Pattern[str], float], ...] = (
    ("turning-back", _TURNED, 0.55),
    ("turning-back", _GIVEN_UP, 0.5),
    ("return", _BACK, 0.55),
    ("reunion", _AGAIN, 0.6),
    ("departure", _AWAY, 0.6),
)
_MODAL = frozenset(
    "would could should might must may can will shall to not never n't if didn't wouldn't "
    "when before after until".split()
)
_FARE_BACK = 2500
"""Code points before a departure within which a farewell belongs to it."""
_RECENT = 6
_ALONE_WITH = 1500


def partings(ground: Ground, entries: Sequence[Entry]) -> tuple[Parting, ...]:
    """Every departure, return, reunion and turning back that the narration tells of, in order."""
    found: list[Parting] = []
    for parting in _told(ground):
        before = found[-1] if found else None
        if (parting.rule or "").endswith(("couldn't", "could")) and not _set_out(found, parting):
            continue
        if before is None or (before.who, before.kind, before.scene) != (parting.who, parting.kind, parting.scene):
            found.append(parting)
    farewells = [e for e in entries if e.kind == "farewell" and e.voice in {"aloud", "written"}]
    starts = [e.start for e in farewells]

    def near(parting: Parting) -> Sequence[Entry]:
        low, high = parting.start - _FARE_BACK, parting.start + _FARE_BACK // 4
        return farewells[bisect_right(starts, low) : bisect_left(starts, high)]

    return tuple(_numbered(parting, i, near(parting)) for i, parting in enumerate(found, start=1))


def _set_out(found: Sequence[Parting], parting: Parting) -> bool:
    """Has whoever turns back left in the same scene?"""
    return any((p.who, p.scene, p.kind) == (parting.who, parting.scene, "departure") for p in found[-_RECENT:])


def _told(ground: Ground) -> Iterator[Parting]:
    lower, inside = ground.tokens.lower, ground.inside
    for token, sentence in ground.of_words(_VERBS):
        if inside[token] or not _MODAL.isdisjoint(lower[max(sentence.first, token - 2) : token]):
            continue
        text = ground.words(token, min(sentence.last, token + 9))
        for kind, expression, confidence in _KINDS:
            match = expression.search(text)
            who = ground.doer_of(token, sentence.first) if match is not None else None
            if match is None or who is None or who in ground.groups:
                continue
            last = token + match.group().count(" ")
            # Who goes home from somebody leaves them.
            leaves = match.group().startswith("went") and _spoken_with(ground, who, ground.tokens.starts[token])
            told: PartingKind = "departure" if leaves else kind
            yield _parting(ground, told, who, (token - 1, last), confidence, f"{told}: {lower[token]}")
            break


def _parting(
    ground: Ground, kind: PartingKind, who: str, span: tuple[int, int], confidence: float, rule: str
) -> Parting:
    start, end = ground.tokens.starts[span[0]], ground.tokens.ends[min(span[1], len(ground.tokens) - 1)]
    scene = ground.scene_at(start)
    return Parting(
        id="", kind=kind, who=who, from_=_left(ground, who, start, scene), start=start, end=end, farewell=None,
        scene=scene.id if scene is not None else None, confidence=confidence, rule=rule,
    )  # fmt: skip


def _spoken_with(ground: Ground, who: str, offset: int) -> bool:
    """Has somebody just spoken with another where they are?"""
    index = ground.line_before(offset)
    if index < 0 or offset - ground.lines[index].end > _ALONE_WITH:
        return False
    line = ground.lines[index]
    spoken = line.kind == "speech" and (line.speaker == who or who in line.addressees)
    return spoken and ground.scene_index(line.start) == ground.scene_index(offset)


def _left(ground: Ground, who: str, offset: int, scene: Scene | None) -> str | None:
    """Whom somebody leaves or comes to: whom they last spoke with, else who tells it, else the only other one there."""
    index = ground.line_before(offset)
    for line in reversed(ground.lines[max(0, index - 5) : index + 1]):
        if line.kind != "speech" or scene is None or line.start < scene.start or offset - line.end > _ALONE_WITH:
            continue
        if line.speaker == who and line.addressees:
            return line.addressees[0]
        if who in line.addressees and line.speaker is not None:
            return line.speaker
    if scene is None:
        return None
    if scene.narrator is not None and scene.narrator != who:
        return scene.narrator
    others = [one for one in scene.present if one != who]
    return others[0] if len(others) == 1 else None


def _numbered(parting: Parting, number: int, farewells: Sequence[Entry]) -> Parting:
    said = any(parting.who in (e.from_, e.to) and e.scene == parting.scene for e in farewells)
    return structs.replace(parting, id=f"p{number}", farewell=said if parting.kind == "departure" else None)
