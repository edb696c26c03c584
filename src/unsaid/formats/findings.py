"""Findings for people and for other programs: lines of text, JSON, SARIF 2.1.0, GitHub's workflow commands."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid import __version__
from unsaid.findings import FAMILIES, RULES, fingerprint
from unsaid.formats.lines import clip, one_line
from unsaid.story import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WIDTH = 100
"""Code points of a passage that are shown."""
_SARIF_LEVEL = {"error": "error", "warning": "warning", "note": "note"}
_GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


class Checked(msgspec.Struct, frozen=True):
    """A story that was checked: the path to show it under, its text, what was found, and how much weighs too little."""

    path: str
    text: str
    findings: tuple[Finding, ...]
    lighter: int = 0

    def places(self) -> Callable[[int], tuple[int, int]]:
        """A function from an offset to its line and column in the text as it was read, both counted from 1."""
        breaks = [i for i, character in enumerate(self.text) if character == "\n"]

        def place(offset: int) -> tuple[int, int]:
            line = bisect_right(breaks, offset - 1)
            return line + 1, offset - (breaks[line - 1] + 1 if line else 0) + 1

        return place


def as_text(checked: Sequence[Checked], bold: Callable[[str], str] = str) -> str:
    """``path:line:column: CODE message``, the passages below it, why they clash; and a summary at the end."""
    lines: list[str] = []
    for one in checked:
        place = one.places()
        for finding in one.findings:
            start = finding.spans[0].start if finding.spans else 0
            line, column = place(start)
            lines.append(f"{bold(f'{one.path}:{line}:{column}')}: {finding.rule} {finding.message}")
            lines += [f"  {place(s.start)[0]:>5} | {_shown(one.text, s.start, s.end)}" for s in finding.spans]
            if finding.why is not None:
                lines.append(f"        = {finding.why}")
    return "\n".join([*lines, _summary(checked), ""])


_CLOSING = frozenset(".,;:!?\"”’'")
"""What stands right behind a passage's last word."""


def _shown(text: str, start: int, end: int) -> str:
    """A passage with the words of its sentence around it where it is short."""
    if end - start < WIDTH // 2:
        low = max(text.rfind("\n\n", 0, start) + 1, start - WIDTH // 3)
        high = text.find("\n\n", end)
        high = min(len(text) if high < 0 else high, end + WIDTH // 3)
        before, after = text[low:start], text[end:high]
        lead = one_line(before.partition(" ")[2] if low and not before[:1].isspace() else before)
        tail = one_line(after.rpartition(" ")[0])
        return " ".join(f"{lead} {text[start:end]}{'' if after[:1] in _CLOSING else ' '}{tail}".split())
    return clip(text[start:end], WIDTH)


def _summary(checked: Sequence[Checked]) -> str:
    counts = Counter(f.severity for one in checked for f in one.findings)
    files = f" in {len(checked)} files" if len(checked) > 1 else ""
    lighter = sum(one.lighter for one in checked)
    more = f"; {_number(lighter, 'note')} not shown (--severity note shows them)" if lighter else ""
    if not counts:
        return f"nothing found{files}{more}"
    kinds = ", ".join(_number(counts[s], s) for s in ("error", "warning", "note") if counts[s])
    return f"found {kinds}{files}{more}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def as_json(checked: Sequence[Checked]) -> str:
    """One JSON array of findings, each with its path, fingerprint and passages."""
    found = [row for one in checked for row in _rows(one)]
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def _rows(one: Checked) -> Iterator[dict[str, Any]]:
    place = one.places()
    for finding in one.findings:
        yield {
            "path": one.path,
            "rule": finding.rule,
            "name": RULES[finding.rule].name,
            "severity": finding.severity,
            "message": finding.message,
            "why": finding.why,
            "fingerprint": fingerprint(one.text, finding),
            "passages": [
                {
                    "start": span.start,
                    "end": span.end,
                    "line": place(span.start)[0],
                    "column": place(span.start)[1],
                    "text": one.text[span.start : span.end],
                }
                for span in finding.spans
            ],
        }


def as_sarif(checked: Sequence[Checked]) -> str:
    """A SARIF 2.1.0 log (OASIS, 2020): what code hosts and editors show beside the text."""
    codes = list(RULES)
    rules = [
        {
            "id": rule.code,
            "name": "".join(word.capitalize() for word in rule.name.split("-")),
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.page.split("\n\n")[1].replace("\n", " ")},
            "help": {"text": rule.page, "markdown": rule.page},
            "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
            "properties": {"tags": [FAMILIES[rule.code[0]]]},
        }
        for rule in RULES.values()
    ]
    results = [_result(one, finding, codes) for one in checked for finding in one.findings]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "unsaid", "version": __version__, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _result(one: Checked, finding: Finding, codes: list[str]) -> dict[str, Any]:
    place = one.places()
    locations = [
        {
            "id": number,
            "physicalLocation": {
                "artifactLocation": {"uri": one.path},
                "region": _region(place(span.start), place(span.end), one.text[span.start : span.end]),
            },
        }
        for number, span in enumerate(finding.spans)
    ]
    message = finding.message if finding.why is None else f"{finding.message}: {finding.why}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": codes.index(finding.rule),
        "level": _SARIF_LEVEL[finding.severity],
        "message": {"text": message},
        "locations": locations[:1],
        "relatedLocations": locations[1:],
        "partialFingerprints": {"unsaid/v1": fingerprint(one.text, finding)},
    }


def _region(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    where = {"startLine": start[0], "startColumn": start[1], "endLine": end[0], "endColumn": end[1]}
    return {**where, "snippet": {"text": text}}


def as_github(checked: Sequence[Checked]) -> str:
    """Workflow commands that GitHub shows as annotations of the lines."""
    lines = []
    for one in checked:
        place = one.places()
        for finding in one.findings:
            line, column = place(finding.spans[0].start if finding.spans else 0)
            others = "".join(f"\n{place(s.start)[0]}: {_shown(one.text, s.start, s.end)}" for s in finding.spans)
            why = f"\n{finding.why}" if finding.why else ""
            where = f"file={_escape(one.path, ':,')},line={line},col={column},title={finding.rule}"
            lines.append(f"::{_GITHUB_LEVEL[finding.severity]} {where}::{_escape(f'{finding.message}{others}{why}')}\n")
    return "".join(lines)


def _escape(text: str, more: str = "") -> str:
    """Percent-encode what a workflow command gives a meaning."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
