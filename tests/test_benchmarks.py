"""The measuring programs measure what they say: averages, calibration, tables, transcripts, on cases worked by hand."""

from __future__ import annotations

import re

import pytest

import unsaid
from benchmarks import (
    calibration,
    continuity,
    coreference,
    findings,
    library,
    pdnc,
    report,
    robustness,
    speed,
    table,
    times,
    transcripts,
)
from benchmarks.calibration import Claim
from benchmarks.continuity.plant import plant
from benchmarks.pdnc import BookMarks, Marks, Tally
from unsaid.findings import RULES


def marks(n: int, named: float) -> Marks:
    tally = Tally(n=n, found=n, named=named, oracle=named)
    return Marks(tallies=dict.fromkeys(pdnc.KINDS, tally), quoted=n, real=n / 2)


def test_averages_count_each_quotation_once() -> None:
    both = pdnc.pool([marks(10, 10), marks(90, 0)])
    assert both.share("named") == pytest.approx(0.1)
    assert both.precision == pytest.approx(0.5)
    assert pdnc.pool([]).share("named") is None


def test_the_pdnc_table_keeps_the_unseen_apart_and_shows_no_average_beside_one_over_fewer_books() -> None:
    results = [BookMarks("Emma", marks(10, 9), marks(10, 5), 1.0), BookMarks("HardTimes", marks(30, 15), None, 1.0)]
    rows = {str(row[0]): row for row in pdnc.table(results).rows}
    named = pdnc.COLUMNS.index("named")
    assert rows["**all: 2**"][named : named + 2] == (pytest.approx(0.6), None)
    assert rows["**BookNLP's: 1**"][named : named + 2] == (0.9, 0.5)
    assert rows["**unseen †: 1**"][named] == 0.9
    assert rows["**looked at: 1**"][named] == 0.5


def test_calibration_error_is_the_weighted_distance_between_saying_and_being() -> None:
    sure = [Claim("r", 0.9, right) for right in (True, True, True, False)]  # says 0.9, is 0.75
    unsure = [Claim("r", 0.35, right) for right in (True, False, False, False)]  # says 0.35, is 0.25
    assert calibration.expected_calibration_error(sure + unsure) == pytest.approx((0.15 + 0.10) / 2)
    assert calibration.expected_calibration_error([]) == 0
    assert calibration.expected_calibration_error([Claim("r", 1.0, True)]) == 0


def test_bins_are_tenths_and_the_last_one_holds_one() -> None:
    made = [Claim("r", confidence, True) for confidence in (0.0, 0.05, 0.1, 0.95, 1.0)]
    assert {b: len(claims) for b, claims in calibration.by_bin(made).items()} == {0: 2, 1: 1, 9: 2}


def test_a_table_is_markdown_with_its_columns_in_line() -> None:
    rows = (("a|b", 1234, 0.5), ("c", None, 1.0))
    assert str(table.Table("Title", ("x", "n", "share"), rows, "A note.")) == (
        "## Title\n\n"
        "| x    |     n | share |\n"
        "|------|------:|------:|\n"
        "| a\\|b | 1,234 | 0.500 |\n"
        "| c    |       | 1.000 |\n"
        "\nA note.\n"
    )


def test_the_readme_gets_its_figures_between_its_marks_and_keeps_the_rest() -> None:
    measured = [pdnc.table([BookMarks("Emma", marks(10, 9), marks(10, 5), 1.0)])]
    readme = "before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n"
    once = report.with_figures(readme, measured)
    assert once.startswith("before\n<!-- figures -->\n")
    assert once.endswith("<!-- /figures -->\nafter\n")
    assert "| 1 novels never looked at" in once
    assert "old" not in once
    assert report.with_figures(once, measured) == once


def test_a_transcript_is_run_and_what_it_prints_is_put_in_its_place() -> None:
    page = "Text.\n\n```console\n$ echo one; echo two\nstale\n\n$ printf 'a\\nb\\nc\\n'\n1\n2\n…\n```\n"
    renewed = transcripts.renewed(page)
    assert renewed == "Text.\n\n```console\n$ echo one; echo two\none\ntwo\n\n$ printf 'a\\nb\\nc\\n'\na\nb\n…\n```\n"
    assert transcripts.renewed(renewed) == renewed


def test_a_text_of_a_length_is_whole_paragraphs_from_its_start_again() -> None:
    assert speed.of_length("one two\n\nthree", 2) == "one two"
    assert speed.of_length("one two\n\nthree", 4) == "one two\n\nthree\n\none two"


def test_planted_errors_stand_where_they_are_said_to_and_a_seed_plants_the_same() -> None:
    told = "{} took the lamp from its hook and went down the stairs to the cellar, one hand on the wall, and went on."
    said = '"Where have you been all this time?" asked {}, and turned the lamp down a little.'
    names = ["Marielle", "Anton", "Edda"]
    blocks = [said.format(names[i % 3]) if i % 4 > 1 else told.format(names[i % 3]) + f" {i}." for i in range(240)]
    story = unsaid.read("\n\n".join(blocks) + "\n")
    text, errors = plant(story, "a seed")
    assert {e.kind for e in errors} >= {"trait", "relative", "duration", "age", "weekday", "misspelt"}
    assert all(text[a:b].strip() for e in errors for a, b in e.spans)
    (age,) = [e for e in errors if e.kind == "age"]
    assert all(any(word in text[a:b] for word in ("twenty-", "teen", "eleven", "twelve")) for a, b in age.spans)
    assert plant(story, "a seed") == (text, errors)
    assert plant(story, "another")[0] != text


def test_a_planted_error_counts_as_found_only_by_its_rule_at_its_place() -> None:
    tried = [
        continuity.Tried("a", 50_000, ("age", "trait"), ("age",), (("trait", "x"),), (("N101", "m", ("p",)),)),
        continuity.Tried("b", 50_000, ("age",), (), (("age", "y"),), ()),
    ]
    rows = {str(row[0]): row[1:] for row in continuity.table({"seen": tried}).rows}
    assert rows[continuity.NAMES["age"]] == (2, 0.5)
    assert rows[continuity.NAMES["trait"]] == (1, 0.0)
    assert rows["**all**"] == (3, pytest.approx(1 / 3))
    assert rows["untouched: warnings for 100,000 words"] == (100_000, 1.0)


def test_times_are_scored_in_order_with_what_is_none_counted() -> None:
    story = unsaid.read("He left three years ago. She came on Tuesday. They met in May.\n")
    wanted = [
        times.Expected("DATE", "P3Y", "three years ago"),
        times.Expected("DATE", "XXXX-WXX-3", "Tuesday"),
        times.Expected("DATE", "PAST_REF", "met"),
    ]
    scored = times.score(story, wanted)
    assert (scored.gold, scored.found, scored.valued, scored.spurious) == (3, 2, 1, 1)


def test_times_of_the_examples_are_read() -> None:
    every = times.scores()
    assert sum(s.found for s in every.values()) >= 0.88 * sum(s.gold for s in every.values())
    assert sum(s.spurious for s in every.values()) <= 2


def test_findings_are_held_against_gold_by_rule_and_place() -> None:
    page = re.search("## Example\n\n```story\n(.*?)```", RULES["C101"].page, re.S)
    assert page is not None
    text = page[1] + "\n[TODO: more]\n"
    story = unsaid.read(text)
    here, there = (0, text.index("eyes") + 4), (text.index("In the dark"), text.index("[TODO") - 2)
    gold = [
        findings.Wanted("C101", (here, there), optional=False),
        findings.Wanted("T101", (here,), optional=False),
        findings.Wanted("C103", (here,), optional=True),
    ]
    scored = findings.compare(story, gold)
    assert (dict(scored.gold), dict(scored.found)) == ({"C101": 1, "T101": 1}, {"C101": 1})
    assert (scored.pairs, scored.shown) == (1, 1)
    assert dict(scored.false) == {"X105": 1}
    assert [error.split()[:2] for error in scored.errors] == [["missed", "T101"], ["false", "X105"]]


def test_findings_of_the_examples_are_found() -> None:
    every = findings.measure(clean=False).values()
    assert sum(s.found.total() for s in every) >= 14
    assert sum(s.false.total() for s in every) <= 2


def test_coreference_metrics_are_those_of_their_papers() -> None:
    # Gold {a b c} {d e f g}, found {a b} {c d} {f g h i}: Pradhan et al. (2014), "Scoring coreference partitions of
    # predicted mentions", figure 1 and section 3.4.
    gold = [frozenset("abc"), frozenset("defg")]
    found = [frozenset("ab"), frozenset("cd"), frozenset("fghi")]
    scores = coreference.compare(gold, found)
    assert (scores.muc.hit_gold / scores.muc.gold, scores.muc.hit_found / scores.muc.found) == (2 / 5, 2 / 5)
    assert scores.b3.hit_gold / scores.b3.gold == pytest.approx(0.42, abs=0.01)
    assert scores.b3.hit_found / scores.b3.found == pytest.approx(0.50, abs=0.01)
    assert scores.ceafe.hit_gold / scores.ceafe.gold == pytest.approx(0.65, abs=0.01)
    assert scores.ceafe.hit_found / scores.ceafe.found == pytest.approx(0.43, abs=0.01)
    both = scores + coreference.compare(gold, gold)
    assert both.muc.gold == 10
    assert coreference.compare(gold, gold).mean == 1


def test_the_library_s_table_takes_the_place_of_the_one_before() -> None:
    page = "# Benchmarks\n\n## Speed\n\nx\n\n## Twenty warnings\n\ny\n"
    once = library.with_library(page, "## A library of 3 stories\n\nfirst\n")
    assert once == "# Benchmarks\n\n## Speed\n\nx\n\n## A library of 3 stories\n\nfirst\n\n## Twenty warnings\n\ny\n"
    assert library.with_library(once, "## A library of 3 stories\n\nfirst\n") == once
    assert library.with_library(once, "## A library of 4 stories\n\nthen\n").count("A library of") == 1
    assert len({name for name, _ in library.described()}) == len(library.described()) > 20


@pytest.mark.parametrize(
    ("kind", "becomes", "quoted"),
    [
        ("none", '"Go, _Ann_!"\n\n"No," said Ann.\n', ['"Go, _Ann_!"', '"No,"']),
        ("marks: «angles»", "«Go, _Ann_!»\n\n«No,» said Ann.\n", ["«Go, _Ann_!»", "«No,»"]),
        ("all marks lost", "Go, _Ann_!\n\nNo, said Ann.\n", ["Go, _Ann_!", "No,"]),
        ("italics lost", '"Go, Ann!"\n\n"No," said Ann.\n', ['"Go, Ann!"', '"No,"']),
        ("turns parted by commas alone", '"Go, _Ann_!", "No," said Ann.\n', ['"Go, _Ann_!"', '"No,"']),
        ("all in lower case", '"go, _ann_!"\n\n"no," said ann.\n', ['"go, _ann_!"', '"no,"']),
    ],
)
def test_quotations_stay_where_they_are_in_a_damaged_text(kind: str, becomes: str, quoted: list[str]) -> None:
    whole = robustness.Novel('"Go, _Ann_!"\n\n"No," said Ann.\n', [], [{"spans": [(0, 12)]}, {"spans": [(14, 19)]}])
    novel = robustness.damaged(whole, kind)
    assert novel.text == becomes
    assert [novel.text[a:b] for q in novel.quotes for a, b in q["spans"]] == quoted


def test_names_are_misspelt_and_nothing_else_is() -> None:
    text = "Harold met Harold. Haroldine was there. " * 200
    novel = robustness.damaged(robustness.Novel(text, [{"aliases": {"the harold"}}], []), "one name in ten misspelt")
    words = [w.strip(".") for w in novel.text.split()]
    assert words.count("Haroldine") == 200
    assert 20 < sum(w not in ("Harold", "met", "Haroldine", "was", "there") for w in words) < 70
