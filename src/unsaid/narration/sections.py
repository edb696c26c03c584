"""Sections: runs of paragraphs between chapter headings, breaks and marks that say whose view follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from unsaid.people import Cast
    from unsaid.prose import Prose

_MARK_LENGTH = 60
_NAME_WORDS = 3
_POINT_OF_VIEW = re.compile(
    r"(?:(?P<a>[\w.'’\- ]{1,40}?)(?:['’]s?)?\s+(?:p\.?\s?o\.?\s?v\b\.?|point of view|perspective|journal|diary|"
    r"narrative|story)|(?:p\.?\s?o\.?\s?v\b\.?|point of view|perspective|narrated by|told by|contributed by|"
    r"written by|related by|continued by)[\s:–—-]*(?P<b>[\w.'’\- ]{1,40}))",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"^[\s~*\-–—=\[({<_#:.]+(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2})[\s~*\-–—=\])}>_#:.]+$")
_BARE = re.compile(
    r"^(?:(?:chapter|part)\s+[\w-]+[.:–—\s-]*)?(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2})[.:]?$", re.IGNORECASE
)


class Section(msgspec.Struct, frozen=True):
    """Paragraphs ``first`` up to ``last`` (half-open) of one chapter with no break between them.

    :ivar reason: what stands before it: "start", "chapter", "break" or "heading" (a mark of whose view follows).
    :ivar headed: the character that a heading or mark names, or None; ``sure`` where the mark says outright that it
        is a point of view, journal or narrative, and not merely a name.
    """

    first: int
    last: int
    reason: str
    headed: str | None = None
    sure: bool = False


def sections(prose: Prose, cast: Cast) -> tuple[Section, ...]:
    """Cut the story at chapters, breaks and point-of-view marks."""
    by_name = _by_name(cast)
    alone = _name_lines(prose, by_name)
    titles = {chapter.start: chapter.title or "" for chapter in prose.chapters}
    starts = sorted(titles)
    found: list[Section] = []
    first, reason, headed, sure = 0, "start", None, False
    chapter_at = 0
    for index, paragraph in enumerate(prose.paragraphs):
        before = prose.paragraphs[index - 1].end if index else 0
        mark = ""
        while chapter_at < len(starts) and starts[chapter_at] <= paragraph.start:
            mark = titles[starts[chapter_at]]
            chapter_at += 1
        between = prose.text[before : paragraph.start]
        if 0 < len(between.strip()) <= 4 * _MARK_LENGTH:
            mark = f"{mark}\n{between}"
        who, outright = _headed(mark, by_name)
        if who is None:
            who, outright = (alone[index], True) if index in alone else _headed_by_line(prose, index, by_name)
        new = index > 0 and paragraph.chapter != prose.paragraphs[index - 1].chapter
        if index and (new or paragraph.after_break or who is not None):
            found.append(Section(first, index, reason, headed, sure))
            first, reason = index, "chapter" if new else "break" if paragraph.after_break else "heading"
            headed, sure = who, outright
        elif index == 0:
            headed, sure = who, outright
    if prose.paragraphs:
        found.append(Section(first, len(prose.paragraphs), reason, headed, sure))
    return tuple(found)


def _name_lines(prose: Prose, by_name: dict[str, str]) -> dict[int, str]:
    """Paragraphs that are a name and nothing else ("MAEVE"), where two people's names stand so: whose view follows.

    In capitals, or set off from what stands before: at the foot of a letter a name signs it.
    """
    found: dict[int, str] = {}
    for index, paragraph in enumerate(prose.paragraphs):
        if paragraph.last - paragraph.first > _NAME_WORDS or any(prose.tokens.quoted[paragraph.first : paragraph.last]):
            continue
        line = prose.text[paragraph.start : paragraph.end].strip(" *_")
        apart = index == 0 or paragraph.after_break or _blank_lines(prose, index) > 1
        if (line.isupper() or (apart and line[:1].isupper())) and line.lower() in by_name:
            found[index] = by_name[line.lower()]
    return found if len(set(found.values())) > 1 else {}


def _blank_lines(prose: Prose, index: int) -> int:
    """How many blank lines stand before a paragraph."""
    return prose.text.count("\n", prose.paragraphs[index - 1].end, prose.paragraphs[index].start) - 1


def _by_name(cast: Cast) -> dict[str, str]:
    """Names in lower case to the character most often called so; single words of longer names too."""
    found: dict[str, tuple[int, str]] = {}
    for character in cast.characters:
        if character.kind == "group":
            continue
        for name, count in {character.name: 1, **character.names}.items():
            # "The Prisoner" may head a chapter that is about one: only proper names announce a narrator.
            for form in (name.lower(), *name.lower().split()) if name[:1].isupper() else ():
                if len(form) > 2 and count >= found.get(form, (0, ""))[0]:
                    found[form] = (count, character.id)
    return {name: character for name, (_, character) in found.items()}


def _headed(mark: str, by_name: dict[str, str]) -> tuple[str | None, bool]:
    """The character whose view a heading announces."""
    for line in (line.strip() for line in mark.split("\n")):
        if not line or len(line) > _MARK_LENGTH:
            continue
        view = _POINT_OF_VIEW.search(line)
        if view is not None:
            who = _lookup(view["a"] or view["b"] or "", by_name)
            if who is not None:
                # "Anne Watson's Story" may be told of her as well as by her.
                return who, not view.group(0).lower().endswith("story")
        for pattern in (_BRACKETED, _BARE):
            alone = pattern.match(line)
            if alone is not None and alone["name"].lower() in by_name:
                return by_name[alone["name"].lower()], False
    return None, False


def _headed_by_line(prose: Prose, index: int, by_name: dict[str, str]) -> tuple[str | None, bool]:
    """A paragraph that is nothing but a mark ("Ben's POV", "[Ann]")."""
    paragraph = prose.paragraphs[index]
    if paragraph.last - paragraph.first > 8 or paragraph.end - paragraph.start > _MARK_LENGTH:
        return None, False
    if any(prose.tokens.quoted[paragraph.first : paragraph.last]):
        return None, False  # "—Ann." is what somebody says
    line = prose.text[paragraph.start : paragraph.end]
    view = _POINT_OF_VIEW.fullmatch(line.strip(" ~*-–—=[](){}<>_#:."))
    who = _lookup(view["a"] or view["b"] or "", by_name) if view is not None else None
    if who is not None:
        return who, True
    alone = _BRACKETED.match(line)
    return (by_name.get(alone["name"].lower()) if alone is not None else None), False


def _lookup(name: str, by_name: dict[str, str]) -> str | None:
    """The character of a written name, whole or by its rarest word that is known ("Jonathan Harker" by "harker")."""
    whole = name.strip(" .'’-").lower().removeprefix("the ")
    if whole in by_name:
        return by_name[whole]
    hits = {by_name[word] for word in (w.strip(".'’-") for w in whole.split()) if word in by_name}
    return hits.pop() if len(hits) == 1 else None
