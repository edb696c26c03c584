"""Masks: a spoken line and the thought that the same person has under it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unsaid.ledger.lexicon import worded
from unsaid.ledger.pieces import pieces
from unsaid.ledger.valence import valence
from unsaid.story import Mask

if TYPE_CHECKING:
    from unsaid.ledger.ground import Ground
    from unsaid.story import Utterance

_APART = 250
"""Code points of narration that may stand between a line and the thought under it."""
_MOOD = 0.3
"""How far from neutral both must be, to opposite sides, to be opposed in mood."""
_BEGIN = 3
"""Who begins a thought with so many words of the line, and goes on otherwise, says what the line should have said."""
_SELF = re.compile(r"\bto (?:him|her|my|them)sel(?:f|ves)\b")
_CUE_REACH = 24
"""Code points behind a cue in which it says to whom."""
_ADDRESSES = worded("masks", "addresses")
_NEGATED = worded("masks", "negated")
_PLEADS = worded("masks", "pleads")
_LETS_GO = worded("masks", "lets-go")
_BIDS = worded("masks", "bids")
_DOUBTS = worded("masks", "doubts")
_TAKES_BACK = worded("masks", "takes-back")
_COMMON = frozenset(
    "i you he she it we they me him her us them my your his its our the a an and but or so to of in on at for with is "
    "was are were be been am do did does have has had i'm i've i'll i'd you're that this what all not "
    "never no just don't didn't can't couldn't won't wasn't isn't as at there . ,".split()
)


def masks(ground: Ground) -> tuple[Mask, ...]:
    """Every pair of a spoken line and the thought under it, in order; a line and a thought are in one pair at most."""
    found = []
    used: set[str] = set()
    for index, line in enumerate(ground.lines):
        if line.kind != "thought" or line.speaker is None or _goes_on(ground, index):
            continue
        last = index + 1
        while last < len(ground.lines) and _goes_on(ground, last):
            last += 1
        for near in _beside(ground, index, last):
            said = ground.lines[near]
            if said.id in used or not _under(ground, said, line):
                continue
            thought = " . ".join(_words(ground, part) for part in range(index, last))
            opposed, rule = _opposed(_words(ground, near), thought)
            close = ground.text[said.end : line.start].strip() == ""
            if not opposed and not close and not _ADDRESSES.search(thought):
                continue
            used.add(said.id)
            base = 0.75 if near < index else 0.55
            # "No," she thought. "I'll never go." says what she means behind the cue.
            told = ground.lines[index + 1] if last > index + 1 and len(_words(ground, index).split()) < _BEGIN else line
            found.append(Mask(said.id, told.id, opposed, round(base * (0.5 + 0.5 * line.confidence), 3), rule))
            break
    return tuple(found)


def _beside(ground: Ground, index: int, last: int) -> list[int]:
    """The lines right before and right behind a thought, the nearer one first.

    A thought in the middle of somebody's turn is nearest to what it stands behind; one that another's line calls up, to
    what its thinker says instead.
    """
    thought, lines = ground.lines[index], ground.lines
    before = [index - 1] if index > 0 else []
    behind = [last] if last < len(lines) else []
    if before and behind and not _same_paragraph(ground, lines[index - 1], thought):
        nearer = lines[last].start - lines[last - 1].end < thought.start - lines[index - 1].end
        return [*behind, *before] if nearer else [*before, *behind]
    return [*before, *behind]


def _goes_on(ground: Ground, index: int) -> bool:
    """Does a thought go on with the one before it, behind a cue: "Don't go," she thought. "Stay." """
    if index == 0:
        return False
    before, here = ground.lines[index - 1], ground.lines[index]
    alike = before.kind == here.kind == "thought" and before.speaker == here.speaker
    return alike and _same_paragraph(ground, before, here)


def _under(ground: Ground, said: Utterance, thought: Utterance) -> bool:
    """Do a line and a thought belong together: one person's, in one scene, with little between them?"""
    if said.kind != "speech" or said.speaker != thought.speaker or said.heard is False or _to_oneself(ground, said):
        return False
    if all(who == said.speaker for who in (*said.addressees, *thought.addressees)):
        return False
    if any(start < thought.end and thought.start < end for start, end in said.parts):
        return False
    low, high = min(said.end, thought.end), max(said.start, thought.start)
    return high - low <= _APART and ground.scene_index(said.start) == ground.scene_index(thought.start)


def _to_oneself(ground: Ground, said: Utterance) -> bool:
    """Whether the cue of a line says that it is said to nobody else."""
    cue = said.cue
    return cue is not None and _SELF.search(ground.text, cue.start, cue.end + _CUE_REACH) is not None


def _same_paragraph(ground: Ground, one: Utterance, other: Utterance) -> bool:
    return ground.prose.paragraph_at(one.start) == ground.prose.paragraph_at(other.start)


def _words(ground: Ground, line: int) -> str:
    return " . ".join(piece.text for piece in pieces(ground, line))


def _opposed(said: str, meant: str) -> tuple[bool, str]:
    """Does the thought take the line back? And who says so."""
    if _TAKES_BACK.search(meant):
        return True, "opposed: taken back"
    shared = (set(said.split()) & set(meant.split())) - _COMMON
    if shared and bool(_NEGATED.search(said)) != bool(_NEGATED.search(meant)):
        return True, f"opposed: {min(shared)}, with and without a negation"
    alike = said.split()[:_BEGIN] == meant.split()[:_BEGIN] and len(meant.split()) > _BEGIN
    if alike and said != meant:
        return True, "opposed: begun alike"
    one, other = valence(said.split()), valence(meant.split())
    if one * other < 0 and min(abs(one), abs(other)) >= _MOOD:
        return True, "opposed: in mood"
    if _BIDS.search(meant) and not _BIDS.search(said):
        return True, "opposed: bids oneself say something else"
    if _DOUBTS.search(meant) and not _DOUBTS.search(said) and not said.endswith("?"):
        return True, "opposed: sure aloud, unsure within"
    if meant.startswith("because ") and "because" not in said:
        return True, "opposed: another reason"
    if _PLEADS.search(meant) and _LETS_GO.search(said):
        return True, "opposed: lets go and pleads"
    return False, "a thought under a line"
