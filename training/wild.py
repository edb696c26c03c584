"""The project's own stories of the wild sort as training sees novels; none that nobody reads is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import wild
from training.dialogues import Novel, covered, names_of
from unsaid import sources
from unsaid.encoder.words import words_of
from unsaid.reading import Settings, straight, walk
from unsaid.voices.attribution import chances_of
from unsaid.voices.ear import dialogue_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from unsaid.reading import Reading
    from unsaid.story import Character

PREFIX = "wild-"
"""Their names begin so."""
KEPT = frozenset(PREFIX + name for name in wild.KEPT)
"""Those that nothing is trained on: choices are made on them."""


def read(path: Path, settings: Settings | None = None) -> Reading:
    """Read a marked story with the rules."""
    text, _ = wild.story_of(path)
    return walk(sources.load(text.encode("utf-8")), (), straight, settings or Settings(), lines_only=True)


def load(path: Path) -> Novel:
    """Read a marked story with the rules, and hold its turns against its gold."""
    return held(path, read(path))


def held(path: Path, read: Reading) -> Novel:
    """Hold the turns of a story that has been read against its gold."""
    text, gold = wild.story_of(path)
    if read.story.text != text:
        raise ValueError(f"{path.name}: what is read is not the text as it is marked")
    talk, field = read.lines.talk, read.lines.field
    carried = _carried(field.cast.characters)
    asked = dialogue_of(talk, chances_of(talk, {}))
    spoken = [u for u in gold["utterances"] if u["kind"] == "speech"]
    right, heard = [], []
    for turn, table in zip(talk.turns, asked.chances, strict=True):
        found = _over(spoken, turn.start, turn.end)
        right.append(tuple(who for who in table if found and carried[who] & _forms(found["speaker"], gold)))
        wanted = [_forms(to, gold) for to in found["addressees"]] if found else []
        heard.append(tuple(who for who, forms in carried.items() if any(forms & to for to in wanted)))
    words = words_of(field.prose)
    said = covered(((u["start"], u["end"]) for u in spoken), len(text))
    names = names_of(field.cast.characters)
    told = bytes(said[start] for start in words.starts)
    return Novel(PREFIX + path.stem, words, asked, tuple(right), tuple(heard), told, names)


def thinkers(path: Path, characters: Sequence[Character]) -> list[tuple[int, int, frozenset[str]]]:
    """Each gold thought's start and end, and those of a reading's characters who carry a name of who thinks it."""
    _, gold = wild.story_of(path)
    carried = _carried(characters)
    return [
        (u["start"], u["end"], frozenset(who for who, names in carried.items() if names & _forms(u["speaker"], gold)))
        for u in gold["utterances"]
        if u["kind"] == "thought"
    ]


def _carried(characters: Sequence[Character]) -> dict[str, frozenset[str]]:
    """What each character is called, in lower case."""
    return {c.id: frozenset(name.lower() for name in (c.name, *c.names)) for c in characters}


def _forms(wanted: str | Sequence[str], gold: dict[str, Any]) -> frozenset[str]:
    """All forms of a gold name, or of several that are each right, in lower case."""
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    also = (form for name in names for form in gold["also"].get(name, ()))
    return frozenset(form.lower() for form in (*names, *also))


def _over(spoken: Sequence[dict[str, Any]], start: int, end: int) -> dict[str, Any] | None:
    """The gold line that covers more than half of a span."""
    best = max(spoken, key=lambda u: min(end, u["end"]) - max(start, u["start"]), default=None)
    if best is None or 2 * (min(end, best["end"]) - max(start, best["start"])) < end - start:
        return None
    return best
