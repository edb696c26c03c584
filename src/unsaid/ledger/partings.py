"""Partings: who leaves whom, with a farewell or without; who turns back, comes back, and who meets again."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from msgspec import structs

from unsaid.ledger.lexicon import worded
from unsaid.ledger.promises import past_of
from unsaid.lexica import inflect
from unsaid.story import Parting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.ledger.ground import Ground
    from unsaid.story import Entry, PartingKind, Scene

_VERBS = frozenset(
    "couldn't could left went walked ran drove rode sailed flew set strode stalked stormed slipped hurried rushed fled "
    "departed was turned were came returned got had moved hung rang disappeared vanished parted met took taken stole "
    "marched limped dashed crept stumbled trudged wandered tramped scurried galloped cycled pedalled shuffled quitted "
    "withdrew retired stepped passed bolted swept started let shut closed slammed pulled banged climbed jumped sprang "
    "raced tore retraced thought changed found threw thrown flung cast hurled fell saw".split()
)
_MOVES = (
    "leave go walk run drive ride sail fly set stride stalk storm slip hurry rush flee depart turn come return get "
    "move hang ring disappear vanish part meet take steal march limp dash creep stumble trudge wander tramp scurry "
    "gallop withdraw retire step pass bolt sweep start let shut close slam pull bang climb jump spring race tear throw "
    "fling fall see change find"
)
_PRESENT = {form: past_of(lemma) for lemma in _MOVES.split() for form in (lemma, inflect(lemma)[0])} | {
    "is": "was",
    "am": "was",
    "are": "were",
    "has": "had",
    "can't": "couldn't",
    "cannot": "couldn't",
}
"""The verbs' forms in stories that are told in the present tense; the patterns are written for the past."""
_AWAY = worded("partings", "away")
_BACK = worded("partings", "back")
_TURNED = worded("partings", "turned")
_GIVEN_UP = worded("partings", "given-up")
"""What turns somebody back who has set out; of anyone else it says nothing."""
_AGAIN = worded("partings", "again")
_WENT_BACK = worded("partings", "went-back")
_ARMS = worded("partings", "arms")
_APART = re.compile(
    r"\b(?:back|home|again|knock\w*|never wrote|platform|station|quay|dead|return\w*|at last|alive|found|lost"
    r"|(?:after|for) (?:\w+ ){1,4}years)\b",
    re.IGNORECASE,
)
"""Something of this stands near an embrace that ends a separation."""
_SETTING_OUT = re.compile(
    r"\b(?:leav|left|going|gone|went|walk|way|road|door|gate|steps?|stairs|path|street|lane|corner|bridge|train|ship|boat|bus|drove|rode"
    r"|home|farther|further)"
)
"""Something of this is told right before somebody turns back who has set out; others turn back to a book."""
_ON_THE_WAY = 260
"""Code points before a turning back in which it is told that somebody has set out."""
_KINDS: tuple[tuple[PartingKind, re.Pattern[str], float], ...] = (
    ("turning-back", _TURNED, 0.55),
    ("turning-back", _WENT_BACK, 0.5),
    ("turning-back", _GIVEN_UP, 0.5),
    ("return", _BACK, 0.55),
    ("reunion", _AGAIN, 0.6),
    ("reunion", _ARMS, 0.5),
    ("departure", _AWAY, 0.6),
)
_MODAL = frozenset(
    "would could should might must may can will shall to not never n't if didn't wouldn't "
    "when before after until".split()
)
_WINDOW = 6
"""Tokens before a verb in which a word may make it a habit or a condition."""
_UNTOLD = frozenset("if would used usually always often sometimes whenever wherever unless every never".split())
_BY_THE_WAY = frozenset(
    "when whenever before after until till since where wherever whence if that which whom as while".split()
)
"""Right before its subject these make a verb something else than what happens next."""
_OPENERS = frozenset("and but then so or yet last once now later again still there day night morning evening".split())
"""... and of "had left", any other word: "the house she had left"."""
_WITH_THAT = frozenset("with at on upon after".split())
_ONCE = 1500
"""Code points within which what is told of somebody's going twice is one departure."""
_BE = frozenset("was were is are be been being am".split())
_ARRIVES = frozenset("came got was returned".split())
_OWNERS = frozenset("his her their my your its the our 's a".split())
_FARE_BACK = 2500
"""Code points before a departure within which a farewell belongs to it."""
_RECENT = 6
_ALONE_WITH = 1500
_NEED_A_START = tuple(
    f"turning-back: {verb}"
    for verb in "couldn't could got stepped jumped climbed retraced thought changed ran went walked hurried rushed "
    "raced drove rode tore".split()
)
"""Verbs that turn somebody back only where it is told that they had left; of others they say something else."""


def partings(ground: Ground, entries: Sequence[Entry]) -> tuple[Parting, ...]:
    """Every departure, return, reunion and turning back that the narration tells of, in order."""
    found: list[Parting] = []
    for told in _told(ground):
        parting, before = told, found[-1] if found else None
        if (parting.rule or "").endswith(_NEED_A_START) and not _set_out(found, parting):
            if "back" not in ground.text[parting.start : parting.end].split():
                continue
            parting = structs.replace(parting, kind="return", rule=f"return: {(parting.rule or '').split()[-1]}")
        same = before is not None and (before.who, before.kind, before.scene) == (
            parting.who,
            parting.kind,
            parting.scene,
        )
        if not same or before is None or parting.start - before.end > _ONCE:
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
    now = any(scene.tense == "present" for scene in ground.scenes)
    for token, sentence in ground.of_words(_VERBS | _PRESENT.keys() if now else _VERBS):
        if inside[token] or not _MODAL.isdisjoint(lower[max(sentence.first, token - 2) : token]):
            continue
        if not _UNTOLD.isdisjoint(lower[max(sentence.first, token - _WINDOW) : token]):
            continue
        text = _in_past(ground, token, min(sentence.last, token + 9))
        if text is None:
            continue
        for kind, expression, confidence in _KINDS:
            match = expression.match(text)
            who = ground.doer_of(token, sentence.first) if match is not None else None
            if match is None or who is None or who in ground.groups or _is_no_verb(ground, token, match.group()):
                continue
            if not _is_borne_out(ground, token, expression, match.group()):
                continue
            last = token + match.group().count(" ")
            # Who goes home from somebody leaves them.
            leaves = (
                match.group().endswith(" home")
                and lower[token] not in _ARRIVES
                and _spoken_with(ground, who, ground.tokens.starts[token])
            )
            told: PartingKind = "departure" if leaves else kind
            yield _parting(ground, told, who, (token - 1, last), confidence, f"{told}: {lower[token]}")
            break


def _in_past(ground: Ground, first: int, last: int) -> str | None:
    """The words from a verb on, in the past tense; None for a form that is no verb of the tale's tense."""
    lower = ground.tokens.lower
    scene = ground.scene_at(ground.tokens.starts[first])
    if scene is not None and scene.tense == "present":
        return " ".join(_PRESENT.get(word, word) for word in lower[first:last])
    return " ".join(lower[first:last]) if lower[first] in _VERBS else None


def _is_no_verb(ground: Ground, token: int, found: str) -> bool:
    """Whether a verb tells of nothing that happens next: "was left", "his left", "the house she had left"."""
    lower = ground.tokens.lower
    passive = lower[token] not in _BE and not _BE.isdisjoint(lower[max(0, token - 2) : token])
    if passive or lower[token - 1] in _OWNERS or lower[token - 2 : token] == ("right", "and"):
        return True
    first = ground.subject_at(token)
    before = lower[first - 1] if first else "."
    described = found == "left" and lower[token - 1] == "had" and before[0].isalpha() and before not in _OPENERS
    by_the_way = before in _BY_THE_WAY and (before != "that" or lower[(first or 0) - 2] not in _WITH_THAT)
    return by_the_way or described or (found.startswith("returned") and _is_cue(ground, token))


def _is_cue(ground: Ground, token: int) -> bool:
    """Whether a verb gives a line to somebody: "Here I am," returned the old woman."""
    offset = ground.tokens.starts[token]
    index = ground.line_before(offset)
    near = ground.lines[max(0, index) : index + 2]
    return any(line.cue is not None and line.cue.start <= offset < line.cue.end for line in near)


def _is_borne_out(ground: Ground, token: int, expression: re.Pattern[str], found: str) -> bool:
    """Whether the text around bears out that somebody who turns back was on the way, or that two were apart."""
    offset = ground.tokens.starts[token]
    if expression is _TURNED and " and " not in found:
        return _SETTING_OUT.search(ground.text, max(0, offset - _ON_THE_WAY), offset) is not None
    return (
        expression is not _ARMS
        or _APART.search(ground.text, max(0, offset - _ON_THE_WAY), offset + _ON_THE_WAY) is not None
    )


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
