"""Who is present when, how bonds change, and when it all happens, drawn by Matplotlib as vector graphics.

Colours are written as the page's own (``var(--c0)``), so that a plot follows light and dark; marks lead to passages.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from unsaid.formats.lines import clip
from unsaid.report.people import COLOURS
from unsaid.report.text import anchor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from unsaid.report.people import Faces
    from unsaid.story import Bond, Story

MOST_PEOPLE = 14
MOST_BONDS = 6
MOST_DATED = 40

_WIDTH = 7.2  # inches; the page scales it
_INK, _RULE = "#0101f0", "#0101f1"  # stand-ins, replaced by the page's variables
_STANDS = {_INK: "var(--ink)", _RULE: "var(--rule)"} | {f"#0101e{n}": f"var(--c{n})" for n in range(COLOURS)}
_STANDS["#0101ef"] = "var(--cx)"
_STAND_IN = re.compile("|".join(_STANDS))
_ID = re.compile(r'(id="|xlink:href="#|url\(#)(?!u\d|o\d|s\d)')


def presence(story: Story, faces: Faces) -> Markup | None:
    """Who is present in which scene, from the story's beginning to its end; None where scenes tell of nobody."""
    counts: dict[str, int] = {}
    for scene in story.scenes:
        for who in scene.present:
            counts[who] = counts.get(who, 0) + scene.end - scene.start
    people = sorted(counts, key=lambda who: -counts[who])[:MOST_PEOPLE]
    if not people:
        return None
    figure, axes = _figure(0.5 + 0.26 * len(people))
    length = max(1, len(story.text))
    for row, who in enumerate(people):
        here = [s for s in story.scenes if who in s.present]
        bars = [(100 * s.start / length, max(0.4, 100 * (s.end - s.start) / length) - 0.15) for s in here]
        drawn = axes.broken_barh(bars, (row - 0.36, 0.72), facecolors=_colour(faces, who))
        drawn.set_urls([f"#{anchor(s.start)}" for s in here])
    axes.set_yticks(range(len(people)), [faces.name(who) for who in people])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent of the story")
    return _svg(figure, "presence", "Who is present in which scene")


def bonds(story: Story, faces: Faces) -> Markup | None:
    """What two people show each other, scene by scene, for the bonds that move most; None where none moves."""
    chosen = chief_bonds(story)
    if not chosen:
        return None
    rows = (len(chosen) + 1) // 2
    figure = _empty(0.4 + 1.5 * rows)
    starts = {s.id: s.start for s in story.scenes}
    length = max(1, len(story.text))
    for n, bond in enumerate(chosen, 1):
        axes = figure.add_subplot(rows, min(2, len(chosen)), n)
        _plain(axes)
        for side, (who, style) in enumerate(((bond.a, "-"), (bond.b, "--"))):
            arc = [(starts[p.scene], p.from_b if side else p.from_a) for p in bond.arc if p.scene in starts]
            shown = [(at, value) for at, value in arc if value is not None]
            xs, ys = [100 * at / length for at, _ in shown], [value for _, value in shown]
            axes.plot(xs, ys, style, color=_colour(faces, who), linewidth=1.3)
            marks = axes.scatter(xs, ys, s=12, color=_colour(faces, who), zorder=3)
            marks.set_urls([f"#{anchor(at)}" for at, _ in shown])
        axes.set_title(f"{faces.name(bond.a)} (solid), {faces.name(bond.b)} (dashed)", fontsize=8.5, color=_INK)
        axes.set_ylim(-1.1, 1.1)
        axes.set_xlim(-2, 102)
        axes.set_yticks([-1, 0, 1])
        axes.axhline(0, color=_RULE, linewidth=0.6)
    figure.tight_layout()
    return _svg(figure, "bonds", "How bonds change, scene by scene")


def chief_bonds(story: Story) -> list[Bond]:
    """The bonds that are drawn: those shown in most scenes, two at least."""
    moving = [b for b in story.bonds if len(b.arc) > 1]
    return sorted(moving, key=lambda b: -len(b.arc))[:MOST_BONDS]


def timeline(story: Story) -> Markup | None:
    """Between which days each scene and event may lie, in the order of the telling; None where nothing is dated."""
    dated = [e for e in story.chronology if e.earliest is not None and e.latest is not None]
    days = {(e.earliest, e.latest) for e in dated}
    if len(days) < 2:
        return None
    shown: list[Any] = []
    for event in dated:
        same = shown and (shown[-1].earliest, shown[-1].latest) == (event.earliest, event.latest)
        if not same:
            shown.append(event)
    shown = shown[:MOST_DATED]
    figure, axes = _figure(0.6 + 0.2 * len(shown))
    least = 0.004 * (max(e.latest for e in shown) - min(e.earliest for e in shown) or 1.0)
    bars = axes.barh(
        range(len(shown)),
        [max(least, e.latest - e.earliest) for e in shown],
        left=[e.earliest for e in shown],
        color=_STAND_OF[0],
        height=0.7,
    )
    for bar, event in zip(bars, shown, strict=True):
        bar.set_url(f"#{anchor(event.start)}")
    axes.set_yticks(range(len(shown)), [_named(story, e) for e in shown])
    axes.invert_yaxis()
    axes.set_xlabel("days from the first scene")
    axes.grid(axis="x", color=_RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    return _svg(figure, "timeline", "When scenes and events happen")


def _named(story: Story, event: Any) -> str:
    if event.what != "scene":
        return clip(str(event.what), 30)
    chapter = next((s.chapter for s in story.scenes if s.id == event.scene), None)
    title = next((c.title for c in story.chapters if c.id == chapter), None)
    return f"scene {event.scene or ''}{f' ({clip(title, 24)})' if title else ''}"


_STAND_OF = [f"#0101e{n}" for n in range(COLOURS)]


def _colour(faces: Faces, who: str) -> str:
    style = faces.style(who)
    return _STAND_OF[int(style[1:])] if style[1:].isdigit() else "#0101ef"


def _empty(height: float) -> Figure:
    import matplotlib as mpl  # noqa: PLC0415 - half a second, only where something is drawn
    from matplotlib.figure import Figure  # noqa: PLC0415

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "unsaid", "font.size": 8.5, "text.parse_math": False})
    return Figure(figsize=(_WIDTH, height), facecolor="none")


def _figure(height: float) -> tuple[Figure, Any]:
    figure = _empty(height)
    axes = figure.add_subplot()
    _plain(axes)
    return figure, axes


def _plain(axes: Any) -> None:
    """No frame, quiet ticks, the page's ink."""
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_RULE)
    axes.tick_params(colors=_INK, length=0)
    axes.xaxis.label.set_color(_INK)


def _svg(figure: Figure, name: str, about: str) -> Markup:
    """A figure as an element of the page: no header, its own ids, the page's colours, a name for who cannot see it."""
    held = io.BytesIO()
    figure.savefig(held, format="svg", bbox_inches="tight", pad_inches=0.05, metadata={"Date": None, "Creator": None})
    drawn = held.getvalue().decode("utf-8")
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace(' target="_blank"', "")  # a mark leads to a place of this page
    drawn = _STAND_IN.sub(lambda m: _STANDS[m[0]], drawn)
    drawn = _ID.sub(rf"\1{name}-", drawn)
    head = re.match(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', drawn)
    view = head[1] if head else "0 0 500 300"
    opened = f'<svg class="plot" viewBox="{view}" role="img" aria-label="{escape(about)}" xmlns:xlink="http://www.w3.org/1999/xlink">'
    return Markup(opened + drawn[head.end() if head else 0 :])
