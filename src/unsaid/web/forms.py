"""The pages that hold forms: people and corrections, and the findings that can be meant. They work without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from unsaid import corrections
from unsaid.errors import NotReady, UnsaidError
from unsaid.findings import RULES
from unsaid.formats.lines import clip, to_see
from unsaid.report.page import template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unsaid.web.shelf import View, Work

SPANS = 4
"""Passages of a finding that are shown."""


def people_page(work: Work, said: str = "") -> str:
    """Whom one can be told about, and everything that was corrected.

    :param said: why what was asked for could not be done.
    """
    view, draft = work.look(), work.draft
    entries = draft.book.entries if draft else ()
    reasons = {id(u.correction): u.reason for u in draft.unfit} if draft else {}
    rows = [(e, corrections.shown(e.correction), reasons.get(id(e.correction))) for e in reversed(entries)]
    return template("web/people.html").render(
        work=work,
        title=work.title,
        people=people(view),
        several=_several(view),
        rows=rows,
        kept=corrections.beside(work.path).name,
        said=said,
    )


def findings_page(work: Work, said: str = "") -> str:
    """What does not hold together, each with its passages.

    :param said: why what was asked for could not be done.
    """
    story = work.whole().whole
    found = [
        (f, RULES[f.rule].name, [(s.start, clip(story.passage(s), 110)) for s in f.spans[:SPANS]])
        for f in sorted(to_see(story), key=lambda f: f.spans[0].start)
    ]
    silenced = sum(f.meant for f in story.findings)
    return template("web/findings.html").render(work=work, title=work.title, found=found, silenced=silenced, said=said)


def sent(
    work: Work,
    page: Callable[[Work, str], str],
    change: Callable[[Work, Mapping[str, str]], View],
    asked: Mapping[str, str],
    address: str,
) -> Response:
    """Do what a form asks for, and show its page again: anew where it was done, with the reason where it was not."""
    try:
        change(work, asked)
    except NotReady:
        raise
    except UnsaidError as error:
        return HTMLResponse(page(work, str(error)), 400)
    return RedirectResponse(address, 303)


def _several(view: View) -> list[tuple[str, str]]:
    """Everybody with more than one name, and all their names: these can be told apart by their names."""
    named = {c.id: c.names for c in view.story.characters}
    return [(p["id"], clip(", ".join(named[p["id"]]), 110)) for p in people(view) if len(named[p["id"]]) > 1]


def people(view: View) -> list[dict[str, str]]:
    """Whom a line can be given to: those who have lines first, then all others who have a name."""
    rest = [c.id for c in view.story.characters if c.id not in view.faces.order]
    return [
        {"id": who, "name": view.faces.name(who), "face": view.faces.style(who)} for who in (*view.faces.order, *rest)
    ]
