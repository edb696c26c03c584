"""A story in a screenful: what it is, who is in it and how much each says, who tells it, and what is not known."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from unsaid.formats.lines import clip, headline, labels, lines_of, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unsaid.story import Character, Evidence, Scene, Story, Utterance, UtteranceKind

CAST = 20  # characters with a line that are listed; the rest are counted
SILENT = 8  # characters without a line that are named
EXAMPLES = 3  # unknown lines that are quoted, and lines that a finding names
NAME_WIDTH, QUOTE_WIDTH, PASSAGE_WIDTH = 28, 64, 50  # code points

_QUOTED = re.compile("“[^”]*”")
_KINDS: tuple[UtteranceKind, ...] = ("speech", "thought", "writing")
_EVIDENCE: dict[Evidence, str] = {
    "explicit": "by name",
    "anaphoric": "by a pronoun or noun",
    "implicit": "by the conversation",
}


def summary(story: Story, *, bold: Callable[[str], str] = str) -> str:
    """Sum a story up.

    :param bold: makes a heading stand out on a terminal; by default it is left as it is.
    """
    called = labels(story)
    at_line = _line_numbers(story.text)
    parts = [
        [bold(headline(story)), *_about(story)],
        [bold("Cast"), *_cast(story, called)],
        [bold("Told"), *_telling(story, called)],
        [bold("Lines"), *_lines(story, at_line)],
        [bold("Findings"), *_findings(story, at_line)] if story.findings else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _about(story: Story) -> Iterator[str]:
    meta = story.metadata
    fields = (meta.rating and f"rated {meta.rating}", ", ".join(meta.genres), ", ".join(meta.fandoms))
    known = " · ".join(one_line(field) for field in fields if field)
    if known:
        yield known
    chapters = [_count(len(story.chapters), "chapter")] if story.chapters else []
    sizes = [_count(story.source.words, "word"), *chapters, _count(len(story.scenes), "scene")]
    yield " · ".join(sizes)


def _cast(story: Story, called: dict[str, str]) -> Iterator[str]:
    """A row for everyone with a line, who says most first; then those who have none."""
    uttered = Counter((u.speaker, u.kind) for u in lines_of(story))
    total = Counter({c.id: sum(uttered[c.id, kind] for kind in _KINDS) for c in story.characters})
    speaking = sorted((c for c in story.characters if total[c.id]), key=lambda c: (-total[c.id], -c.mentions))
    silent = [c for c in story.characters if not total[c.id]]
    if speaking:
        yield f"  {'':{NAME_WIDTH}} {'said':>6} {'thought':>8} {'wrote':>6} {'mentioned':>10}"
    for character in speaking[:CAST]:
        said, thought, wrote = (uttered[character.id, kind] or "·" for kind in _KINDS)
        name = clip(_with_pronoun(character, called), NAME_WIDTH)
        yield f"  {name:{NAME_WIDTH}} {said:>6} {thought:>8} {wrote:>6} {character.mentions:>10,}"
    if len(speaking) > CAST:
        yield f"  and {len(speaking) - CAST} more with a line"
    if silent:
        named = ", ".join(called[c.id] for c in sorted(silent, key=lambda c: -c.mentions)[:SILENT])
        more = f" and {len(silent) - SILENT} more" if len(silent) > SILENT else ""
        yield f"  without a line: {named}{more}"
    if not story.characters:
        yield "  nobody"


def _with_pronoun(character: Character, called: dict[str, str]) -> str:
    hint = "group" if character.kind == "group" else character.pronouns
    return f"{called[character.id]} ({hint})" if hint else called[character.id]


def _telling(story: Story, called: dict[str, str]) -> Iterator[str]:
    """Who tells the story, each way of telling once, the one with most text first."""
    told: Counter[str] = Counter()
    for scene in story.scenes:
        told[_voice(scene, called)] += scene.end - scene.start
    whole = sum(told.values())
    for voice, length in told.most_common():
        yield f"  {voice}" + (f" ({_percent(length, whole)})" if len(told) > 1 else "")
    if not told:
        yield "  nothing is told"


def _voice(scene: Scene, called: dict[str, str]) -> str:
    narrator = called.get(scene.narrator or "")
    by = f"by {narrator}, " if narrator else ""
    return f"{by}in the {scene.person} person, {scene.tense} tense"


def _lines(story: Story, at_line: Callable[[int], int]) -> Iterator[str]:
    """How many lines there are, how their speakers were known, and why the rest are not known."""
    lines = lines_of(story)
    unknown = [u for u in lines if u.speaker is None]
    known = len(lines) - len(unknown)
    how = Counter(u.evidence for u in lines if u.speaker is not None and u.evidence)
    ways = ", ".join(f"{how[evidence]:,} {way}" for evidence, way in _EVIDENCE.items() if how[evidence])
    yield f"  {_count(len(lines), 'line')}: {known:,} with a speaker{f' ({ways})' if ways else ''}"
    indirect = len(story.utterances) - len(lines)
    if indirect:
        yield f"  {indirect:,} more only told of (indirect)"
    if unknown:
        yield f"  {len(unknown):,} without a speaker: {_reasons(unknown)}"
        yield from (f"    line {at_line(u.start)}: {clip(story.passage(u), QUOTE_WIDTH)}" for u in unknown[:EXAMPLES])
        if len(unknown) > EXAMPLES:
            yield f"    and {len(unknown) - EXAMPLES:,} more"


def _reasons(unknown: list[Utterance]) -> str:
    """How often each reason is given; what a reason quotes from the text is left out, so that like stands with like."""
    why = Counter(_QUOTED.sub("“…”", one_line(u.reason or "no reason given")) for u in unknown)
    return "; ".join(f"{n:,} {reason}" for reason, n in why.most_common())


def _findings(story: Story, at_line: Callable[[int], int]) -> Iterator[str]:
    """A row for all findings that say the same, with the lines of the first few; notes are only counted."""
    where: dict[tuple[str, str, str], list[int]] = {}
    notes = Counter(f.rule for f in story.findings if f.severity == "note")
    for finding in story.findings:
        if finding.severity == "note":
            continue
        said = (finding.severity, finding.rule, one_line(finding.message))
        where.setdefault(said, []).extend(at_line(span.start) for span in finding.spans)
    for (severity, rule, message), lines in where.items():
        yield f"  {severity} {rule}: {message}{_at(lines)}"
    if notes:
        counted = ", ".join(f"{n:,} {rule}" for rule, n in sorted(notes.items()))
        yield f"  {_count(notes.total(), 'note')}: {counted} (`unsaid check --severity note` shows them)"


def _at(lines: list[int]) -> str:
    """`` (line 4)``, `` (lines 4, 9, 12 and 3 more)``, or nothing."""
    if not lines:
        return ""
    first = ", ".join(map(str, lines[:EXAMPLES]))
    more = f" and {len(lines) - EXAMPLES:,} more" if len(lines) > EXAMPLES else ""
    return f" (line{'' if len(lines) == 1 else 's'} {first}{more})"


def _line_numbers(text: str) -> Callable[[int], int]:
    """From an offset to the number of its line in the story's text, from 1."""
    breaks = [m.start() for m in re.finditer("\n", text)]
    return lambda offset: bisect_right(breaks, offset - 1) + 1


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%"
