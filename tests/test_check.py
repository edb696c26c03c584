"""``unsaid check``: what it shows, what it leaves out, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Ran

    Run = Callable[..., Ran]

SOUND = "Marielle came in. Anton looked at Marielle, and Marielle waited.\n\n" * 2 + "Marielle and Marielle's boat.\n"
SLIP = SOUND + "\nOutside, Mareille began to cry.\n"
TWICE = "The boat had been his father's, and before that his uncle's, and nobody could say who built it.\n\n" * 2
OPEN = '"I will not go back, said Marielle.\n\nThe wind had turned by then.\n'


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A draft with a misspelt name, a doubled paragraph (both warnings), and a quotation left open (a note)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draft.txt").write_text(SLIP + "\n" + TWICE + OPEN, encoding="utf-8")
    return tmp_path / "draft.txt"


def rules(ran: Ran) -> list[str]:
    return [row["rule"] for row in json.loads(ran.out)]


def test_a_finding_shows_where_both_passages_and_why(run: Run, draft: Path) -> None:
    ran = run("check", "draft.txt")
    lines = ran.out.splitlines()
    assert lines[0] == "draft.txt:7:10: N101 Mareille may be Marielle, misspelt"
    assert lines[1].startswith("      7 | Outside, Mareille")
    assert lines[2].startswith("      1 | Marielle came in.")
    assert lines[3] == "        = one slip apart: Marielle stands in the text 9 times, Mareille 1 time"
    assert lines[-1] == "found 2 warnings; 1 note not shown (--severity note shows them)"
    assert ran.status == 1


def test_nothing_found_is_status_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SOUND, encoding="utf-8")
    ran = run("check", tmp_path / "a.txt")
    assert (ran.status, ran.out) == (0, "nothing found\n")


def test_a_file_that_cannot_be_read_is_status_2_and_the_others_are_checked(run: Run, draft: Path) -> None:
    ran = run("check", "none.txt", "draft.txt")
    assert ran.status == 2
    assert "none.txt" in ran.err
    assert "N101" in ran.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["N101", "X103"]),
        (["--severity", "note"], ["N101", "X103", "D103"]),
        (["--severity", "error"], []),
        (["--select", "N"], ["N101"]),
        (["--select", "D103,paragraph-doubled"], ["X103", "D103"]),
        (["--ignore", "x"], ["N101"]),
        (["--select", "X103", "--ignore", "X"], ["X103"]),
        (["--select", "X", "--ignore", "X103"], []),
    ],
)
def test_rules_are_chosen(run: Run, draft: Path, options: list[str], expected: list[str]) -> None:
    ran = run("check", "--format", "json", *options, "draft.txt")
    assert rules(ran) == expected
    assert ran.status == (1 if expected else 0)


def test_a_rule_that_there_is_none_of_is_refused(run: Run, draft: Path) -> None:
    ran = run("check", "--select", "N9", "draft.txt")
    assert ran.status == 2
    assert "there is no rule 'N9'" in ran.err


def test_settings_are_found_above_the_story_and_the_command_line_wins(run: Run, draft: Path) -> None:
    (draft.parent / "part").mkdir()
    moved = draft.rename(draft.parent / "part" / "draft.txt")
    settings = draft.parent / "unsaid.toml"
    settings.write_text('[check]\nignore = ["N101"]\nseverity = "note"\n[check.severities]\nquotation-open = "error"\n')
    ran = run("check", "--format", "json", moved)
    assert [(row["rule"], row["severity"]) for row in json.loads(ran.out)] == [("X103", "warning"), ("D103", "error")]
    assert rules(run("check", "--format", "json", "--ignore", "X", "--severity", "error", moved)) == ["D103"]
    (draft.parent / "other.toml").write_text('[check]\nselect = ["N101"]\n')
    assert rules(run("check", "--format", "json", "--config", "other.toml", moved)) == ["N101"]


@pytest.mark.parametrize(
    "text",
    ['[check]\nselct = ["T"]', "[check", '[check]\nseverity = "loud"', "[[check.silence]]\nrule = 'N101'", "\xff"],
)
def test_settings_that_mean_nothing_are_refused_with_their_place(run: Run, draft: Path, text: str) -> None:
    (draft.parent / "unsaid.toml").write_bytes(text.encode("latin-1"))
    ran = run("check", "draft.txt")
    assert ran.status == 2
    assert ran.err.startswith("unsaid: ")
    assert "unsaid.toml" in ran.err
    assert ran.err.count("\n") == 1


def test_one_place_is_silenced(run: Run, draft: Path) -> None:
    (draft.parent / "unsaid.toml").write_text(
        '[[check.silence]]\nrule = "N"\npassage = "mareille"\nreason = "the officer cannot spell"\n'
        '[[check.silence]]\nrule = "X103"\npassage = "words that stand elsewhere"\n'
    )
    assert rules(run("check", "--format", "json", "draft.txt")) == ["X103"]


def test_a_baseline_leaves_out_what_is_known_while_the_text_moves(run: Run, draft: Path) -> None:
    ran = run("check", "--baseline", "known.json", "--update-baseline", "draft.txt")
    assert (ran.status, ran.out) == (0, "known.json: 2 findings are known from now on\n")
    assert run("check", "--baseline", "known.json", "draft.txt").status == 0
    draft.write_text("A new opening.\n\n" + draft.read_text() + "\nThere stood Marille.\n", encoding="utf-8")
    ran = run("check", "--baseline", "known.json", "--format", "json", "draft.txt")
    assert [row["passages"][0]["text"] for row in json.loads(ran.out)] == ["Marille"]
    (draft.parent / "unsaid.toml").write_text('[check]\nbaseline = "known.json"\n')
    assert rules(run("check", "--format", "json", "draft.txt")) == ["N101"]


def test_a_baseline_must_be_one_and_must_be_named(run: Run, draft: Path) -> None:
    assert "--baseline" in run("check", "--update-baseline", "draft.txt").err
    (draft.parent / "known.json").write_text("[]")
    ran = run("check", "--baseline", "known.json", "draft.txt")
    assert (ran.status, "no baseline" in ran.err) == (2, True)


def test_json_says_everything_of_a_finding(run: Run, draft: Path) -> None:
    (row, *_) = json.loads(run("check", "--format", "json", "draft.txt").out)
    passage = row.pop("passages")[0]
    text = draft.read_text(encoding="utf-8")
    assert text[passage["start"] : passage["end"]] == passage["text"] == "Mareille"
    assert (passage["line"], passage["column"]) == (7, 10)
    assert set(row) == {"path", "rule", "name", "severity", "message", "why", "fingerprint"}


def test_sarif_points_at_both_passages(run: Run, draft: Path) -> None:
    log = json.loads(run("check", "--format", "sarif", "draft.txt").out)
    (made,) = log["runs"]
    result = made["results"][0]
    rule = made["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "N101"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "draft.txt"
    assert place["region"] == {
        "startLine": 7,
        "startColumn": 10,
        "endLine": 7,
        "endColumn": 18,
        "snippet": {"text": "Mareille"},
    }
    assert result["relatedLocations"][0]["physicalLocation"]["region"]["snippet"]["text"] == "Marielle"


def test_github_gets_one_escaped_line_a_finding(run: Run, draft: Path) -> None:
    odd = draft.rename(draft.parent / "a,b:c.txt")
    lines = run("check", "--format", "github", odd.name).out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::warning file=a%2Cb%3Ac.txt,line=7,col=10,title=N101::Mareille may be")
    assert "%0A" in lines[0]


def test_the_output_goes_to_a_file(run: Run, draft: Path) -> None:
    ran = run("check", "--format", "json", "-o", "found.json", "draft.txt")
    assert (ran.status, ran.out) == (1, "")
    assert json.loads((draft.parent / "found.json").read_text(encoding="utf-8"))


def test_rules_are_listed_and_explained(run: Run) -> None:
    assert "N101  warning  name-misspelt" in run("rule").out
    assert run("rule", "n101").out == run("rule", "name-misspelt").out
    assert run("rule", "n101").out.startswith("# N101 name-misspelt\n")
    ran = run("rule", "Q7")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no rule 'Q7'" in ran.err


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!-- unsaid: ignore N101 -->\n\nOutside, Mareille began to cry.", False),
        ("<!-- unsaid: ignore -->\nOutside, Mareille began to cry.", False),
        ("Outside, Mareille began to cry. <!-- unsaid: ignore X103, name-misspelt -->", False),
        ("Outside, Mareille<!--unsaid:ignore N--> began to cry.", False),
        ("<!-- unsaid: ignore V102 -->\n\nOutside, Mareille began to cry.", True),
        ("<!-- unsaid: ignore N101 -->\n\nShe wept.\n\nOutside, Mareille began to cry.", True),
        ("Outside, Mareille began to cry.\n\n<!-- unsaid: ignore N101 -->", True),
    ],
)
@pytest.mark.parametrize("ending", ["txt", "md"])
def test_a_comment_silences_a_rule_in_its_paragraph(run: Run, tmp_path: Path, written: str, shown: bool, ending: str):
    story = tmp_path / f"draft.{ending}"
    story.write_text(f"{SOUND}\n{written}\n", encoding="utf-8")
    done = run("check", str(story))
    assert ("N101" in done.out, done.status) == (shown, int(shown))


def test_a_comment_that_names_no_rule_is_found(run: Run, tmp_path: Path):
    story = tmp_path / "draft.txt"
    story.write_text(f"{SOUND}\n<!-- unsaid: ignore N999 -->\n\nShe wept.\n", encoding="utf-8")
    assert "a comment silences no rule: there is no rule 'N999'" in run("check", str(story)).out
