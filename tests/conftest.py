"""What several tests need: a small story read by hand, and the command line run in this process."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from unsaid.story import (
    Chapter,
    Character,
    Cue,
    Finding,
    Matter,
    Mention,
    Metadata,
    Scene,
    Source,
    Span,
    Story,
    Utterance,
)

# The same examples on every run: a new counterexample must not turn up in somebody else's change. No deadline: speed is
# measured in benchmarks, and a busy machine must not fail a test.
settings.register_profile("fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
if "UNSAID_FUZZ" not in os.environ:
    settings.load_profile("fixed")

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = """The Orchard Wall

by P. Vane

Chapter One

"You came back," said Odile. The gate swung shut behind her.

"I never left," Bram said, "not really. I was in the shed,
with the apples."

She cannot know.

"Who is there?"

Dear Odile,

I took the ladder. B.
"""


class Ran(msgspec.Struct, frozen=True):
    """What a run of the command line left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line in this process."""
    from unsaid.cli import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["unsaid", *map(str, arguments)])
        with pytest.raises(SystemExit) as exited:
            main()
        captured = capsys.readouterr()
        return Ran(int(str(exited.value.code or 0)), captured.out, captured.err)

    return run


@pytest.fixture
def orchard() -> Story:
    """A story of two people and a voice that nobody owns, read by hand."""
    return Story(
        source=Source("orchard.txt", "text/plain", "utf-8", "0" * 64, 52),
        text=TEXT,
        metadata=Metadata(title="The Orchard Wall", author="P. Vane", rating="T", genres=("Mystery", "Romance")),
        matter=(
            _matter("The Orchard Wall", "title"),
            _matter("by P. Vane", "byline"),
            _matter("Chapter One", "heading"),
        ),
        chapters=(Chapter("h1", *_span("Chapter One"), "Chapter One"),),
        scenes=(
            Scene(
                "s1",
                *_span('"You came[^§]*', regex=True),
                "h1",
                "third",
                "past",
                None,
                "c2",
                ("c1", "c2"),
                "the orchard",
            ),
        ),
        characters=(
            Character("c1", "Odile", {"Odile": 2}, "she", "person", 3),
            Character("c2", "Bram", {"Bram": 1, "B.": 1}, "he", "person", 4),
            Character("c3", "the apples", {"the apples": 1}, None, "group", 1),
        ),
        mentions=(Mention(*_span("Odile"), "name", "c1"), Mention(*_span("Bram"), "name", "c2")),
        utterances=(
            _line("u1", ['"You came back,"'], "c1", ("c2",), cue="said Odile", evidence="explicit"),
            _line(
                "u2", ['"I never left,"', r'"not really\.[^"]*"'], "c2", ("c1",), cue="Bram said", evidence="explicit"
            ),
            _line("u3", ["She cannot know."], "c2", (), kind="thought", evidence="implicit"),
            _line("u4", [r'"Who is there\?"'], None, (), reason="no cue, and two could have said it"),
            _line(
                "u5", [r"Dear Odile,\n\nI took the ladder\. B\."], "c2", ("c1",), kind="writing", evidence="explicit"
            ),
        ),
        findings=(Finding("X101", "warning", "lines seem to be missing", (Span(*_span('"Who is')),)),),
    )


def _span(passage: str, *, regex: bool = False) -> tuple[int, int]:
    found = re.search(passage if regex else re.escape(passage), TEXT)
    assert found is not None
    return found.span()


def _matter(passage: str, kind: str) -> Matter:
    return msgspec.convert({"start": _span(passage)[0], "end": _span(passage)[1], "kind": kind}, Matter)


def _line(
    id_: str,
    passages: list[str],
    speaker: str | None,
    addressees: tuple[str, ...],
    *,
    kind: str = "speech",
    cue: str | None = None,
    evidence: str | None = None,
    reason: str | None = None,
) -> Utterance:
    parts = [_span(passage, regex=True) for passage in passages]
    fields = {
        "id": id_,
        "start": parts[0][0],
        "end": parts[-1][1],
        "parts": parts,
        "kind": kind,
        "mode": "free-direct" if kind == "thought" else "direct",
        "speaker": speaker,
        "addressees": addressees,
        "cue": None if cue is None else msgspec.to_builtins(Cue(*_span(cue))),
        "evidence": evidence,
        "heard": None,
        "confidence": 0.9 if speaker else 0.0,
        "reason": reason,
    }
    return msgspec.convert(fields, Utterance)
