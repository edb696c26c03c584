"""A story as a screenplay in Fountain (https://fountain.io/syntax): scenes, action, and dialogue, thoughts as (V.O.).

Every element is forced by its mark (``.`` a scene, ``!`` action, ``@`` a character), so that no sentence of a story is
taken for another element because of how it is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unsaid.formats.lines import headline, labels, lines_of, one_line, words_of
from unsaid.formats.script import REST_OF_A_LINE, outside_matter
from unsaid.story import Chapter, Scene, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.story import Story

UNKNOWN = "UNKNOWN"
"""The character that speaks the lines of nobody known."""
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_NOTES = re.compile(r"\[\[|\]\]|/\*|\*/")
_EMPHASIS = re.compile(r"([*_\\])")
_JOINER = "\u2060"  # takes no place on the page, and keeps "(aside)" from being read as a parenthetical


def fountain(story: Story) -> str:
    """Write the story as a Fountain screenplay; matter is left out but for the title page and chapter headings."""
    called = labels(story)
    blocks, at = [_title_page(story)], 0
    items: list[Chapter | Scene | Utterance] = [*story.chapters, *story.scenes, *lines_of(story)]
    for item in sorted(items, key=lambda i: (i.start, isinstance(i, Scene), isinstance(i, Utterance))):
        stop = item.start
        if isinstance(item, Utterance) and item.cue and at <= item.cue.start < item.start:
            stop = item.cue.start
        blocks += _action(story, at, stop)
        at = max(at, stop)
        if isinstance(item, Chapter):
            blocks += [f"# {one_line(item.title)}"] if item.title else []
        elif isinstance(item, Scene):
            blocks.append(f".{_plain(one_line(item.place or 'a scene')).upper()}")
        else:
            blocks.append(_dialogue(story, item, called))
            at = max(at, item.end, item.cue.end if item.cue else 0)
    blocks += _action(story, at, len(story.text))
    return "\n\n".join(blocks) + "\n"


def _title_page(story: Story) -> str:
    title = story.metadata.title or headline(story)
    rows = [f"Title: {one_line(title)}"]
    if story.metadata.author:
        rows += ["Credit: by", f"Author: {one_line(story.metadata.author)}"]
    return "\n".join(rows)


def _dialogue(story: Story, line: Utterance, called: dict[str, str]) -> str:
    """A character, how and to whom in brackets, and the words; two blanks stand for an empty line in a speech."""
    who = _name(called.get(line.speaker or "", UNKNOWN))
    aloud = line.kind == "speech"
    to = ", ".join(_name(called[a]) for a in line.addressees if a in called)
    how = ", ".join(part for part in ("writing" if line.kind == "writing" else "", to and f"to {to}") if part)
    words = [_spoken(paragraph) for paragraph in words_of(story, line)] or ["..."]
    rows = [f"@{who}{'' if aloud else ' (V.O.)'}", *([f"({how})"] if how else []), "\n  \n".join(words)]
    return "\n".join(rows)


def _name(name: str) -> str:
    """A name in one line without what would end it: brackets begin an extension, ``^`` a second column."""
    return re.sub(r"[()^*_\\]", "", one_line(name)).strip() or UNKNOWN


def _spoken(paragraph: str) -> str:
    words = _plain(paragraph)
    return _JOINER + words if words.startswith(("(", "!", "@", ".", ">", "~", "#", "=", "[")) else words or "..."


def _action(story: Story, start: int, end: int) -> Iterator[str]:
    """The narration between two lines, a block for each paragraph."""
    for low, high in outside_matter(story, start, end):
        for paragraph in _PARAGRAPH.split(story.text[low:high]):
            told = one_line(paragraph).lstrip(REST_OF_A_LINE)
            if any(c.isalnum() for c in told):
                yield f"!{_plain(told)}"


def _plain(text: str) -> str:
    """Text without what Fountain would read as emphasis, a note or a comment."""
    bare = _NOTES.sub(lambda m: f"{m[0][0]}{_JOINER}{m[0][1]}", text)
    return _EMPHASIS.sub(r"\\\1", bare)
