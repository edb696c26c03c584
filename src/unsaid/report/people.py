"""How the people of a story look on a page: what each is called, and in which colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup, escape

from unsaid.formats.lines import labels, lines_of, one_line, word_count
from unsaid.story import Character

if TYPE_CHECKING:
    from unsaid.story import Story

COLOURS = 8
"""As many as can be told apart, also by those who do not see every colour; whoever has none is told by name alone."""
_LONGEST = 48
_UNKNOWN = "?"


class Faces:
    """Names and colours by character id; who has most lines has the first colour."""

    def __init__(self, story: Story) -> None:
        self._names = {who: _short(name) for who, name in labels(story).items()}
        counts: dict[str, int] = {}
        for line in lines_of(story):
            if line.speaker:
                counts[line.speaker] = counts.get(line.speaker, 0) + 1
        self.order = tuple(sorted(counts, key=lambda who: -counts[who]))
        self._colours = {who: f"c{n}" for n, who in enumerate(self.order[:COLOURS])}

    def name(self, who: str | None) -> str:
        """What to call somebody."""
        return self._names.get(who or "", _UNKNOWN)

    def style(self, who: str | None) -> str:
        """The class of somebody's colour."""
        if who is None:
            return "cu"
        return self._colours.get(who, "cx")

    def chip(self, who: str | None) -> Markup:
        """A name in its colour."""
        return Markup(f'<span class="who {self.style(who)}">{escape(self.name(who))}</span>')


class Role(msgspec.Struct, frozen=True):
    """A row of the cast: a character, how much they say, think and write, and what is known of them."""

    character: Character
    said: int
    words: int
    thought: int
    wrote: int
    share: float
    facts: str


def cast(story: Story, faces: Faces) -> list[Role]:
    """Everybody who has a line or a name, most words first."""
    tallies: dict[str, dict[str, int]] = {}
    for line in lines_of(story):
        if line.speaker:
            tally = tallies.setdefault(line.speaker, {})
            tally[line.kind] = tally.get(line.kind, 0) + 1
            if line.kind == "speech":
                tally["words"] = tally.get("words", 0) + word_count(story, line)
    most = max((t.get("words", 0) for t in tallies.values()), default=0) or 1
    roles = []
    for character in story.characters:
        tally = tallies.get(character.id, {})
        words = tally.get("words", 0)
        roles.append(
            Role(
                character=character,
                said=tally.get("speech", 0),
                words=words,
                thought=tally.get("thought", 0),
                wrote=tally.get("writing", 0),
                share=words / most,
                facts=_facts(character, faces),
            )
        )
    return sorted(roles, key=lambda r: (-r.words, -r.said - r.thought, -r.character.mentions))


def _facts(character: Character, faces: Faces) -> str:
    others = [name for name in character.names if name != character.name]
    facts = [f"also {', '.join(map(_short, others[:4]))}"] if others else []
    facts += dict.fromkeys(f"{r.kind} of {faces.name(r.to)}" for r in character.relations[:4])
    facts += dict.fromkeys(f"{t.trait}: {_short(t.value)}" for t in character.traits[:4])
    return "; ".join(facts)


def _short(name: str) -> str:
    name = one_line(name)
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
