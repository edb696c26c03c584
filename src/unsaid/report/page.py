"""The page itself: what the story holds, section by section, and its text with the people in the margin."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup

from unsaid.findings import RULES
from unsaid.formats.lines import clip, counted, headline, lines_of, to_see
from unsaid.ledger.view import UNANSWERED
from unsaid.report import plots
from unsaid.report.people import COLOURS, Faces, cast
from unsaid.report.text import anchor, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment, Template

    from unsaid.story import Entry, Finding, Story

SHOWN_ROLES = 24
"""Of the cast are shown at once; the rest stand behind a fold, of whom those without a line are only counted."""
TALKERS = 10
MOST_QUESTIONS = 150
"""A novel asks a thousand questions; of those that nothing answers the report lists so many."""
_WIDTH = 150
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_YEAR = 365.25  # days


class Row(msgspec.Struct, frozen=True):
    """A passage that a section points at: where it is, what it says, cells that tell of it, and where these point."""

    at: int
    words: str
    cells: tuple[str | Markup, ...]
    also: tuple[int, ...] = ()


def report(story: Story, paragraphs: Sequence[tuple[int, int]] | None = None) -> str:
    """The story as one HTML page, with nothing to load from elsewhere.

    :param paragraphs: the paragraphs' spans, where they are known already.
    """
    faces = Faces(story)
    shown = sections(story, faces)
    return template("report.html").render(
        story=story,
        language=_language(story.metadata.language),
        legend=[faces.chip(who) for who in faces.order[:COLOURS]],
        blocks=list(blocks(story, faces, shown["linked"], paragraphs=paragraphs)),
        style=Markup(file("report.css")),
        **shown,
    )


def sections(story: Story, faces: Faces) -> dict[str, Any]:
    """What stands before the text: everything that ``sections.html`` shows, and the passages that it links to."""
    rows = {
        "findings": _findings(story),
        "unsaid": _unsaid(story, faces),
        "ledger": _ledger(story, faces),
        "partings": _partings(story, faces),
        "letters": _letters(story, faces),
        "times": _times(story),
    }
    linked = {at for held in rows.values() for row in held for at in (row.at, *row.also)}
    linked.update(s.start for s in story.scenes)
    linked.update(e.start for e in story.chronology if e.earliest is not None)
    roles = [r for r in cast(story, faces) if r.said or r.thought or r.wrote]
    return {
        "title": headline(story),
        "counts": _counts(story),
        "summary": story.metadata.summary,
        "faces": faces,
        "roles": roles,
        "shown": SHOWN_ROLES,
        "silent": len(story.characters) - len(roles),
        "talk": _talk(story, faces),
        "plots": {
            "presence": plots.presence(story, faces),
            "bonds": plots.bonds(story, faces),
            "timeline": plots.timeline(story),
        },
        "anchor": anchor,
        "most_questions": MOST_QUESTIONS,
        "linked": linked,
        **rows,
    }


def template(name: str) -> Template:
    """One of the package's templates; what is put into it is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - only where a page is made

    return Environment(
        loader=FunctionLoader(file), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def file(name: str) -> str:
    """The text of a template or style sheet; ``web/NAME`` is one of the reader's."""
    package, _, own = name.rpartition("/")
    return (files(f"unsaid.{package or 'report'}") / own).read_text(encoding="utf-8")


def _language(said: str | None) -> str:
    """A language as HTML takes it; files say "English" as often as "en"."""
    return said if said and _TAG.fullmatch(said) else "en"


def _counts(story: Story) -> str:
    lines = lines_of(story)
    unknown = sum(line.speaker is None for line in lines)
    counts = [(story.source.words, "word"), (len(story.chapters), "chapter"), (len(story.scenes), "scene")]
    counts += [(len(lines), "line"), (len(story.findings), "finding")]
    told = [counted(n, what) for n, what in counts if n]
    return " · ".join([*told, f"{unknown:,} without a known speaker"] if unknown else told)


def _talk(story: Story, faces: Faces) -> dict[str, object]:
    """Lines from each to each, for those who speak most."""
    counts = Counter((u.speaker, to) for u in lines_of(story) if u.kind == "speech" for to in u.addressees if u.speaker)
    people = faces.order[:TALKERS]
    most = max((n for (a, b), n in counts.items() if a in people and b in people), default=0)
    rows = [
        (who, [(counts[who, other], counts[who, other] / most if most else 0.0) for other in people]) for who in people
    ]
    return {"people": people, "rows": rows, "most": most}


def _row(story: Story, start: int, end: int, *cells: str | Markup) -> Row:
    return Row(start, clip(story.text[start : min(end, start + 4 * _WIDTH)], _WIDTH), cells)


def _findings(story: Story) -> list[Row]:
    return [_finding(story, f) for f in sorted(to_see(story), key=lambda f: (_WEIGHT[f.severity], f.spans[0].start))]


_WEIGHT = {"error": 0, "warning": 1, "note": 2}


def _finding(story: Story, finding: Finding) -> Row:
    first, others = finding.spans[0], finding.spans[1:4]
    against = Markup(" ").join(_link(s.start, clip(story.text[s.start : s.end], 60)) for s in others)
    rule = RULES[finding.rule].name if finding.rule in RULES else ""
    cells = (finding.severity, finding.rule, rule, finding.message, finding.why or "", against)
    row = _row(story, first.start, first.end, *cells)
    return msgspec.structs.replace(row, also=tuple(s.start for s in others))


def _link(at: int, words: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(anchor(at), words)


def _unsaid(story: Story, faces: Faces) -> list[Row]:
    return [_entry(story, entry, faces) for entry in story.unsaid()]


def _ledger(story: Story, faces: Faces) -> list[Row]:
    """Everything but questions that were answered; of the others so many as a page bears."""
    questions = [e for e in story.entries if e.kind == "question" and e.status in UNANSWERED][:MOST_QUESTIONS]
    rest = [e for e in story.entries if e.kind != "question"]
    return [_entry(story, entry, faces) for entry in sorted([*questions, *rest], key=lambda e: e.start)]


def _entry(story: Story, entry: Entry, faces: Faces) -> Row:
    to = Markup(" to {}").format(faces.chip(entry.to)) if entry.to else ""
    answer: str | Markup = entry.reason or ""
    if entry.answer is not None:
        answer = _link(entry.answer.start, clip(story.text[entry.answer.start : entry.answer.end], 80))
    who = Markup("{}{}").format(faces.chip(entry.from_), to)
    also = (entry.answer.start,) if entry.answer is not None else ()
    return Row(entry.start, clip(entry.gist, _WIDTH), (entry.kind, who, entry.voice, entry.status, answer), also)


def _partings(story: Story, faces: Faces) -> list[Row]:
    said = {True: "with a farewell", False: "without a farewell", None: ""}
    return [
        _row(
            story,
            p.start,
            p.end,
            p.kind,
            Markup("{}{}").format(faces.chip(p.who), Markup(" from {}").format(faces.chip(p.from_)) if p.from_ else ""),
            said[p.farewell],
        )
        for p in story.partings
    ]


def _letters(story: Story, faces: Faces) -> list[Row]:
    answered = {True: "answered", False: "not answered", None: ""}
    return [
        _row(
            story,
            w.start,
            w.end,
            w.kind,
            Markup("{} to {}").format(faces.chip(w.sender), faces.chip(w.recipient)),
            w.status if w.status != "unknown" else "",
            answered[w.answered],
        )
        for w in story.writings
    ]


def _times(story: Story) -> list[Row]:
    """Dated events, as far as they are no scenes: those the plot shows."""
    return [
        _row(story, e.start, e.end, e.what.partition(":")[0], _when(e.earliest, e.latest))
        for e in story.chronology
        if e.what != "scene" and (e.earliest is not None or e.latest is not None)
    ]


def _when(earliest: float | None, latest: float | None) -> str:
    """Between which times, counted from the first scene."""
    if earliest is None or latest is None:
        return f"not before {_day(earliest)}" if earliest is not None else f"by {_day(latest or 0.0)}"
    first, last = _day(earliest), _day(latest)
    return first if first == last else f"{first} to {last}"


def _day(day: float) -> str:
    size = abs(day)
    long = f"{size / _YEAR:.1f} years" if size > 2 * _YEAR else counted(round(size), "day")
    if round(size) == 0:
        return "the first scene"
    return f"{long} {'before' if day < 0 else 'after'} the first scene"
