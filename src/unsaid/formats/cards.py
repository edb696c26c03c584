"""How a story, a character, a conversation and a bond show themselves in a notebook: small tables, escaped.

The colours are the notebook's own, so that a card is readable in light and dark alike; a bar is as wide as its number.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from unsaid.formats.lines import clip, counted, headline, labels, lines_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unsaid.story import Bond, Story, Utterance
    from unsaid.views import CharacterView

MOST = 12
"""A card shows so many rows and says how many more there are."""
_WIDTH = 90
_CELL = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top;"
_QUIET = "opacity:.65;"


def story_card(story: Story) -> str:
    """Title, length, and who says how much."""
    called = labels(story)
    lines = [u for u in lines_of(story) if u.speaker in called]
    said = {who: sum(u.speaker == who for u in lines) for who in dict.fromkeys(u.speaker for u in lines) if who}
    most = max(said.values(), default=1)
    order = sorted(said, key=lambda who: (-said[who], called[who]))
    rows = [(escape(called[who]), _bar(said[who] / most), str(said[who])) for who in order[:MOST]]
    unknown = sum(u.speaker is None for u in lines_of(story))
    counts = [(len(story.scenes), "scene"), (len(lines_of(story)), "line"), (len(story.findings), "finding")]
    told = [f"{story.source.words:,} words", *(counted(n, what) for n, what in counts if n)]
    told += [f"{unknown} without a speaker"] if unknown else []
    return _card(headline(story), " · ".join(told), rows, len(order) - MOST)


def character_card(view: CharacterView) -> str:
    """Names, traits and relations, and what the character says, thinks and writes, with whom."""
    called, character = labels(view.story), view.character
    to: dict[str, int] = {}
    for line in view.said:
        for other in line.addressees:
            to[other] = to.get(other, 0) + 1
    facts = [
        ("called", ", ".join(f"{name} ({uses})" for name, uses in character.names.items())),
        ("pronouns", character.pronouns or ""),
        *((trait.trait, trait.value) for trait in character.traits),
        *((r.kind, f"of {called.get(r.to, r.to)}") for r in character.relations),
        ("speaks to", ", ".join(f"{called.get(w, w)} ({n})" for w, n in sorted(to.items(), key=lambda p: -p[1]))),
    ]
    rows = [(escape(what), escape(clip(value, _WIDTH))) for what, value in facts if value]
    counts = f"{len(view.said)} said, {len(view.thought)} thought, {len(view.wrote)} written"
    return _card(view.name, f"{counts}; mentioned {character.mentions} times", rows[:MOST], len(rows) - MOST)


def conversation_card(story: Story, lines: Sequence[Utterance]) -> str:
    """Lines one under the other: who, to whom, how, and the words."""
    called = labels(story)
    rows = []
    for line in lines[:MOST]:
        to = ", ".join(called[a] for a in line.addressees if a in called)
        how = " · ".join(part for part in ("" if line.kind == "speech" else line.kind, to and f"to {to}") if part)
        who = f"{escape(called.get(line.speaker or '', '?'))}<br><small style='{_QUIET}'>{escape(how)}</small>"
        rows.append((who, "<br>".join(escape(clip(words, 4 * _WIDTH)) for words in words_of(story, line))))
    return _card("", counted(len(lines), "line"), rows, len(lines) - MOST)


def bond_card(story: Story, bond: Bond) -> str:
    """What each shows the other, scene by scene, from -1 to 1."""
    called = labels(story)
    one, other = called.get(bond.a, bond.a), called.get(bond.b, bond.b)
    rows = [(escape(p.scene), _pole(p.from_a), _pole(p.from_b)) for p in bond.arc[:MOST]]
    head = ("", escape(f"{one} → {other}"), escape(f"{other} → {one}"))
    return _card(f"{one} and {other}", counted(len(bond.arc), "scene"), [head, *rows], len(bond.arc) - MOST)


def _card(title: str, about: str, rows: Iterable[Sequence[str]], more: int) -> str:
    body = "".join("<tr>" + "".join(f"<td style='{_CELL}'>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    rest = f"<div style='{_QUIET}'>and {more} more</div>" if more > 0 else ""
    head = f"<strong>{escape(title)}</strong> " if title else ""
    table = f"<table style='border-collapse:collapse;margin:.4em 0'>{body}</table>" if body else ""
    return f"<div>{head}<span style='{_QUIET}'>{escape(about)}</span>{table}{rest}</div>"


def _bar(share: float) -> str:
    width = max(1, round(120 * share))
    return f"<span style='display:inline-block;height:.7em;width:{width}px;background:currentColor;opacity:.5'></span>"


def _pole(value: float | None) -> str:
    return "·" if value is None else f"{_bar(abs(value))} {value:+.2f}"
