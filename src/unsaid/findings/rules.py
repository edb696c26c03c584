"""Every rule: its code, name, severity and page. A family's letter is followed by a number that never changes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from unsaid.errors import NoSuchRule
from unsaid.story import Finding, Severity, Span

FAMILIES = {
    "T": "time",
    "C": "people",
    "K": "knowledge",
    "L": "ledger",
    "V": "viewpoint",
    "D": "dialogue",
    "N": "names",
    "X": "the text",
}


class Rule(msgspec.Struct, frozen=True):
    """What a rule looks for.

    :ivar code: the family's letter and three digits.
    :ivar name: a few words with hyphens between them.
    :ivar severity: what a finding of it weighs where no setting says otherwise: an *error* cannot be meant, a
        *warning* is worth a look, a *note* is often on purpose.
    :ivar summary: the rule in half a sentence.
    """

    code: str
    name: str
    severity: Severity
    summary: str

    @property
    def page(self) -> str:
        """The rule explained, with an example, as Markdown (also ``docs/rules/CODE.md``)."""
        return (files(__package__) / "pages" / f"{self.code}.md").read_text(encoding="utf-8")


_TABLE: tuple[tuple[str, str, Severity, str], ...] = (
    ("T101", "durations-clash", "warning", "spans of time that cannot all hold"),
    ("T102", "age-off", "warning", "an age that does not fit the time that has passed"),
    ("T103", "weekday-off", "warning", "a weekday that does not fit its date, or the weekday told before"),
    ("T104", "season-off", "note", "a season that does not fit its month"),
    ("T105", "moon-off", "warning", "phases of the moon that the days between them do not allow"),
    ("T106", "already-over", "note", "something told to have happened that is said to be still to come"),
    ("C101", "trait-changes", "warning", "someone's eyes or hair are of two colours that cannot be one"),
    ("C102", "relative-renamed", "warning", "one relative of someone bears two names"),
    ("C103", "dead-speaks", "warning", "someone speaks after the story has told of their death"),
    ("C104", "in-two-places", "note", "someone is in two places at once"),
    ("C105", "gone-speaks", "note", "someone speaks who has left and not come back"),
    ("D101", "speaker-unclear", "note", "a line whose speaker no reader could find"),
    ("D102", "long-untagged-run", "note", "a run of lines without a tag that is too long to follow"),
    ("D103", "quotation-open", "note", "a quotation that never closes"),
    ("D104", "speaker-named-in-line", "note", "a line that calls its own speaker by name"),
    ("N101", "name-misspelt", "warning", "a name one slip away from a name of the story"),
    ("N102", "names-alike", "note", "two people whose names are easily confused"),
    ("N103", "name-spelling-varies", "note", "a name that is often spelt in two ways"),
    ("K101", "knows-too-much", "note", "someone speaks of what only others were told"),
    ("L101", "promise-open", "note", "a promise that is neither kept nor broken"),
    ("L102", "question-open", "note", "a question that nobody answers"),
    ("L103", "letter-unanswered", "note", "a letter that is never answered"),
    ("V101", "two-minds", "note", "the thoughts of a second person inside one scene"),
    ("V102", "person-shifts", "warning", "the narration changes person without a break"),
    ("V103", "tense-shifts", "note", "the narration changes tense without a break"),
    ("V104", "narrator-changes", "note", 'another "I" tells from here on, without a break'),
    ("X101", "lines-lost", "warning", "lines that seem to be lost"),
    ("X102", "no-english-prose", "warning", "a text that is no English prose"),
    ("X103", "paragraph-doubled", "warning", "a paragraph that stands in the text twice"),
    ("X104", "characters-garbled", "warning", "characters that a wrong encoding has garbled"),
    ("X105", "note-left-in", "warning", "a note to oneself, or a placeholder, left inside the story"),
    ("X106", "correction-unfit", "warning", "a correction that no longer fits the story"),
)
RULES = {code: Rule(code, name, severity, summary) for code, name, severity, summary in _TABLE}
"""Every rule by its code."""


def rule(called: str) -> Rule:
    """A rule by its code or its name, without regard to case.

    :raises NoSuchRule: if there is none; names those that come near.
    """
    return _by_name().get(called.casefold()) or _missing(called)


@cache
def _by_name() -> dict[str, Rule]:
    return {key.casefold(): one for one in RULES.values() for key in (one.code, one.name)}


def _missing(called: str) -> Rule:
    raise NoSuchRule(called, list(RULES))


def finding(code: str, message: str, spans: list[tuple[int, int]], why: str | None = None) -> Finding:
    """A finding of a rule with the severity that the rule has by default."""
    return Finding(code, RULES[code].severity, message, tuple(Span(start, end) for start, end in spans), why)
