"""Which findings count: rules chosen or left out, severities, places that are silenced, what a baseline knows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from unsaid.findings.rules import RULES, rule
from unsaid.story import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

ORDER: tuple[Severity, ...] = ("note", "warning", "error")
_LONGEST = 200  # code points of a passage that tell it from any other


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place that is as it should be.

    :ivar rule: a code, a name or a family ("T").
    :ivar passage: words that stand in one of the finding's passages.
    :ivar reason: why, for whoever reads the settings.
    """

    rule: str
    passage: str
    reason: str | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as a finding.

    :ivar select: rules, by code, name or the beginning of a code ("T", "C1"); all where it is empty.
    :ivar ignore: rules that are left out, unless ``select`` names them more exactly.
    :ivar least: the least severity that counts; where None, a warning, or a note of a rule that was selected.
    :ivar severities: severities by code or name, in place of the rules' own.
    :ivar silences: places that are as they should be.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    least: Severity | None = None
    severities: Mapping[str, Severity] = {}
    silences: tuple[Silence, ...] = ()


class Chosen(msgspec.Struct, frozen=True):
    """The findings that count, and how many do not because they weigh too little."""

    findings: tuple[Finding, ...]
    lighter: int


def choose(text: str, findings: Iterable[Finding], choice: Choice) -> Chosen:
    """The findings that count, each with the severity that it is to have.

    :param text: the text of the story they were found in.
    :raises NoSuchRule: if the choice names a rule that there is none of.
    """
    select, ignore = (tuple(map(prefix, names)) for names in (choice.select, choice.ignore))
    severities = {rule(name).code: severity for name, severity in choice.severities.items()}
    silences = [(prefix(s.rule), _plain(s.passage)) for s in choice.silences]
    least = choice.least or ("note" if select else "warning")
    kept, lighter = [], 0
    for finding in findings:
        if finding.meant or not _selected(finding.rule, select, ignore) or _silenced(text, finding, silences):
            continue
        weighed = msgspec.structs.replace(finding, severity=severities.get(finding.rule, finding.severity))
        if ORDER.index(weighed.severity) < ORDER.index(least):
            lighter += 1
        else:
            kept.append(weighed)
    return Chosen(tuple(kept), lighter)


def fingerprint(text: str, finding: Finding) -> str:
    """What a finding is known by while the text around it changes: its rule and the words of its passages."""
    passages = (_plain(text[span.start : span.end])[:_LONGEST] for span in finding.spans)
    return hashlib.sha256("\0".join((finding.rule, *passages)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def beyond(text: str, findings: Iterable[Finding], known: Iterable[str]) -> tuple[Finding, ...]:
    """The findings that a baseline does not hold; one that it holds twice is taken away twice.

    :param known: the fingerprints of the baseline.
    """
    left = Counter(known)
    fresh = []
    for finding in findings:
        mark = fingerprint(text, finding)
        if left[mark]:
            left[mark] -= 1
        else:
            fresh.append(finding)
    return tuple(fresh)


def prefix(named: str) -> str:
    """The beginning of the codes that a name stands for.

    :raises NoSuchRule: if no rule begins so.
    """
    code = named.upper()
    if code and any(known.startswith(code) for known in RULES):
        return code
    return rule(named).code


def _selected(code: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    wanted = max((len(p) for p in select if code.startswith(p)), default=-1 if select else 0)
    unwanted = max((len(p) for p in ignore if code.startswith(p)), default=-1)
    return wanted >= 0 and wanted > unwanted


def _silenced(text: str, finding: Finding, silences: list[tuple[str, str]]) -> bool:
    fitting = [passage for prefix, passage in silences if finding.rule.startswith(prefix)]
    return bool(fitting) and any(
        passage in _plain(text[span.start : span.end]) for passage in fitting for span in finding.spans
    )


def _plain(passage: str) -> str:
    return " ".join(passage.split()).casefold()
