"""No function does more than in proportion to the text: counted in lines that run, the same on every machine."""

from __future__ import annotations

import pytest

import unsaid
from benchmarks import growth


@pytest.mark.parametrize(
    ("unit", "count"),
    [
        (growth.round_of, 12),
        (growth.UNITS["one paragraph"], 100),
        (growth.UNITS["one sentence"], 60),
        (growth.UNITS["new names"], 250),  # in fewer hardly a line has one addressee, in four times as many most have
        (lambda _: "Go home and sleep.\n\n", 100),
        (lambda _: "*i was made for loving you baby*\n", 250),
        (lambda _: "*Come in,* Mara typed, and *go,* it said, and ", 100),
        (lambda i: f"u{i % 9}: ok then\n\n", 100),
        (lambda _: 'You look at Mara. "Go," you say. "Come," someone said. ', 150),
    ],
    ids=[
        "a round of everything",
        "one paragraph",
        "one sentence",
        "new names",
        "bare lines",
        "verse",
        "typed in italics",
        "a chat",
        "told to you",
    ],
)
def test_no_function_grows_faster_than_the_text(unit, count):
    unsaid.read("Mara sat.\n\nShe wept.\n")  # what is loaded at first use
    assert list(growth.superlinear(unit, count)) == []


def test_what_looks_back_at_everything_is_caught(monkeypatch):
    source = (
        "def read(text):\n    words = text.split()\n    for a in words:\n        for b in words:\n            pass\n"
    )
    program: dict[str, object] = {}
    exec(compile(source, f"{growth.PROGRAM}/slow.py", "exec"), program)
    monkeypatch.setattr(unsaid, "read", program["read"])
    caught = list(growth.superlinear(growth.UNITS["one line"], 20))
    assert [line.split(" lines")[0].rpartition(":")[0] for line in caught] == ["slow.py:read"]
