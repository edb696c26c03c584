"""Where a key leads to: the next line, one that is not sure, a finding, or the line that is best asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.formats.lines import lines_of, to_see
from unsaid.web.shelf import is_unsure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unsaid.story import Utterance
    from unsaid.web.shelf import Work

WHAT = ("line", "unsure", "finding", "doubt")


def goal(work: Work, what: str, origin: int, asked: Mapping[str, str]) -> tuple[int, str] | None:
    """The offset that a step from an offset leads to, and the id that stands there; None where there is none.

    :param what: one of :data:`WHAT`. Lines that are not sure and findings go round from the end to the beginning.
    :param asked: ``back`` goes to the one before; ``who`` and ``kind`` say which lines are looked at.
    """
    view = work.whole() if what == "finding" else work.look()
    if what == "finding":
        goals = {f.spans[0].start: f"o{f.spans[0].start}" for f in to_see(view.story)}
    else:
        goals = {u.start: u.id for u in lines_of(view.story) if _wanted(u, what, asked)}
    if what == "doubt":
        order = [u.start for u in work.doubtful() if u.start in goals]
        at = order[(order.index(origin) + 1) % len(order) if origin in order else 0] if order else None
    elif asked.get("back"):
        before = [at for at in goals if at < origin]
        at = max(before or (goals if what != "line" else ()), default=None)
    else:
        behind = [at for at in goals if at > origin]
        at = min(behind or (goals if what != "line" else ()), default=None)
    return None if at is None else (at, goals[at])


def _wanted(line: Utterance, what: str, asked: Mapping[str, str]) -> bool:
    """Whether a step leads to a line."""
    if what != "line":
        return what == "doubt" or is_unsure(line)
    who, kind = asked.get("who"), asked.get("kind")
    return (not who or line.speaker == who) and (
        not kind or (is_unsure(line) if kind == "unsure" else line.kind == kind)
    )
