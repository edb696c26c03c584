"""What every readable form needs: the lines of a story (its direct utterances), and what to call its people."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unsaid.story import Finding, Story, Utterance

MARKS = "\"'“”‘’„‚«»‹›"
"""Quotation marks, which a script has no use for: who speaks is said in front."""

DOUBLE = {'"': '"', "“": "”", "„": "“", "«": "»"}
"""Double opening marks, each with what closes it."""

ENDS = (".", "!", "?", "…")  # what ends a sentence

_DASH = re.compile(r"^[—–―-]+\s+")  # a dialogue dash; one without a blank after it interrupts
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")


def lines_of(story: Story) -> tuple[Utterance, ...]:
    """The story's lines: what is said, thought or written in so many words (not what is only told of)."""
    return tuple(u for u in story.utterances if u.is_direct)


def labels(story: Story) -> dict[str, str]:
    """A name for each character id; the second of two who are called the same is "the old man (2)"."""
    seen: Counter[str] = Counter()
    called = {}
    for character in story.characters:
        seen[character.name] += 1
        number = seen[character.name]
        called[character.id] = character.name if number == 1 else f"{character.name} ({number})"
    return called


def headline(story: Story) -> str:
    """The story's title and author; the file's name where it has no title."""
    title = story.metadata.title or PurePath(story.source.name).name
    return f"{title}, by {story.metadata.author}" if story.metadata.author else title


def to_see(story: Story) -> tuple[Finding, ...]:
    """The findings to show: those that point at a passage and are not meant."""
    return tuple(f for f in story.findings if f.spans and not f.meant)


def word_count(story: Story, line: Utterance) -> int:
    """The words of a line, its cue left out."""
    return sum(len(story.text[start:end].split()) for start, end in line.parts)


def counted(count: int, what: str) -> str:
    """So many of something: "1 scene", "1,200 scenes"."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def one_line(text: str) -> str:
    """The text with every run of white space as one blank."""
    return " ".join(text.split())


def clip(text: str, width: int) -> str:
    """The text in one line, cut at a word's end with "…" where it is longer than ``width`` code points."""
    line = one_line(text)
    if len(line) <= width:
        return line
    kept, _, _ = line[: width - 1].rpartition(" ")
    return (kept or line[: width - 1]).rstrip(" ,;:—-") + "…"


def words_of(story: Story, utterance: Utterance) -> list[str]:
    """The words of a line by paragraph: its parts joined, the cue left out, marks taken off, hard wraps undone.

    The comma that stands before a cue in place of a full stop ("I know," she said.) is made one again.
    """
    spans = utterance.parts
    parts = [_bare(story.text[start:end]) for start, end in spans]
    for i, part in enumerate(parts):
        between = story.text[spans[i][1] : spans[i + 1][0]].rstrip() if i + 1 < len(parts) else "."
        if part.endswith(",") and between.endswith(ENDS):
            parts[i] = part[:-1] + "."
    return [_continued(one_line(paragraph)) for paragraph in _PARAGRAPH.split(" ".join(parts)) if paragraph.strip()]


def _bare(text: str) -> str:
    """A part without the marks around it. One that is not closed loses a double mark; a single one may be elision."""
    text = _DASH.sub("", text.strip())
    if len(text) > 1 and text[0] in MARKS and text[-1] in MARKS:
        return text[1:-1].strip()
    return text[1:].strip() if text[:1] in tuple(DOUBLE) else text


def _continued(paragraph: str) -> str:
    """A paragraph without the mark that only says that the turn before goes on: one that nothing in it closes."""
    mark = paragraph[:1]
    if mark and mark in DOUBLE and paragraph.count(mark) > paragraph.count(DOUBLE[mark], 1):
        return paragraph[1:].lstrip()
    return paragraph
