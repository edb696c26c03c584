"""Time: what expressions are found, what they date, how wide they are, and when a story's times cannot be."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from unsaid.chronology.calendar import YEAR, weekdays_of
from unsaid.chronology.network import Constraint, solve
from unsaid.chronology.numbers import counted, number


def times(text: str) -> dict[str, tuple[str, str]]:
    story = unsaid.read(text + "\n")
    return {story.passage(t): (t.type, t.value) for t in story.times}


@pytest.mark.parametrize(
    ("text", "passage", "kind", "value"),
    [
        ("He left three years ago.", "three years ago", "DATE", "P3Y"),
        ("He was away for nearly five years.", "nearly five years", "DURATION", "P5Y"),
        ("A few weeks later he wrote.", "A few weeks later", "DATE", "PXW"),
        ("They walked for a hundred and five days.", "a hundred and five days", "DURATION", "P105D"),
        ("It took about a year and a half.", "about a year and a half", "DURATION", "P1.5Y"),
        ("It took two or three months.", "two or three months", "DURATION", "PXM"),
        ("She waited half an hour.", "half an hour", "DURATION", "PT0.5H"),
        ("Four summers ago she came.", "Four summers ago", "DATE", "P4Y"),
        ("Every Sunday they sang.", "Every Sunday", "SET", "XXXX-WXX-7"),
        ("She wrote every couple of months.", "every couple of months", "SET", "PXM"),
        ("They closed on Mondays.", "Mondays", "SET", "XXXX-WXX-1"),
        ("He came on Tuesday.", "Tuesday", "DATE", "XXXX-WXX-2"),
        ("It was the 14th of March, 1876.", "the 14th of March, 1876", "DATE", "1876-03-14"),
        ("It was May 4th.", "May 4th", "DATE", "XXXX-05-04"),
        ("It was Monday, the 3rd of June 2019.", "Monday, the 3rd of June 2019", "DATE", "2019-06-03"),
        ("They met at ten past five in the evening.", "ten past five in the evening", "TIME", "T17:10"),
        ("She was up until two in the morning.", "two in the morning", "TIME", "T02:00"),
        ("There was a new moon.", "new moon", "DATE", "new moon"),
        ("The moon hung full over the yard.", "moon hung full", "DATE", "full moon"),
        ("The moon had been at the full.", "moon had been at the full", "DATE", "full moon"),
        ("It was the twenty-first of June.", "the twenty-first of June", "DATE", "XXXX-06-21"),
        ("She was born in 1844.", "1844", "DATE", "1844"),
        ("It snowed on Christmas Eve.", "Christmas Eve", "DATE", "XXXX-12-24"),
        ("They met on New Year's Eve.", "New Year's Eve", "DATE", "XXXX-12-31"),
        ("They came in winter.", "winter", "DATE", "XXXX-WI"),
        ("The next morning it rained.", "The next morning", "TIME", "TMO"),
        ("One night it rained.", "One night", "DATE", "XXXX-XX-XX"),
        ("A full moon stood over the mill.", "full moon", "DATE", "full moon"),
        ("Tomorrow they would leave.", "Tomorrow", "DATE", "FUTURE_REF"),
    ],
)
def test_expressions_have_timex3s_type_and_value(text: str, passage: str, kind: str, value: str) -> None:
    assert times(text)[passage] == (kind, value)


@pytest.mark.parametrize(
    "text", ["She may go.", "They march on.", "The old man sat down.", "He took a second helping."]
)
def test_words_that_only_look_like_times_are_none(text: str) -> None:
    assert times(text) == {}


@pytest.mark.parametrize(
    ("words", "value"),
    [("twenty-three", 23), ("two hundred and six", 206), ("18", 18), ("a dozen", 12), ("a", 1), ("a few", None)],
)
def test_number_words(words: str, value: float | None) -> None:
    assert number(words.split()) == value


@given(st.integers(min_value=1, max_value=200))
def test_a_plain_number_holds_itself_and_spreads_by_half_a_unit_at_least(value: int) -> None:
    quantity = counted(value)
    assert quantity.low <= value - 0.5 < value + 0.5 <= quantity.high


def test_an_event_is_dated_from_the_scene_that_tells_of_it() -> None:
    story = unsaid.read("Edda laid the table. Tom died three years ago.\n\nTwo years later Edda sold the house.\n")
    (death,) = [e for e in story.chronology if e.what.startswith("death")]
    assert death.earliest is not None
    assert death.latest is not None
    assert death.earliest / YEAR == pytest.approx(-3.6)
    assert death.latest / YEAR == pytest.approx(-2.4)
    (time,) = [t for t in story.times if story.passage(t) == "three years ago"]
    assert time.of == death.id


def clashes(text: str) -> list[str]:
    return [f.rule for f in unsaid.read(text + "\n").findings if f.rule.startswith("T")]


def test_time_that_passes_between_two_statements_is_counted() -> None:
    one, other = "Tom died three years ago, and Edda sat there.", "Edda got up. Tom had died ten years ago."
    assert clashes(f"{one}\n\n{other}") == ["T101"]
    assert clashes(f"{one}\n\nSeven years later.\n\n{other}") == []
    assert clashes(f"{other}\n\nSeven years later.\n\n{one}") == ["T101"]


def test_a_circle_of_several_statements_is_found_and_shown_whole() -> None:
    text = (
        "Tom was gone. Tom had left in the night, and nobody had seen him go.\n\n"
        "Two years later a letter came from him. Since then Edda had written to him every month. "
        "It had been nearly six years.\n\n"
        "She lit a candle. It had been exactly six years since Tom's departure.\n"
    )
    story = unsaid.read('"I am off to the station," said Tom.\n\n' + text)
    (finding,) = [f for f in story.findings if f.rule == "T101"]
    shown = {story.passage(span) for span in finding.spans}
    assert {"Two years later", "nearly six years"} < shown
    assert finding.why is not None
    assert "exactly six years since Tom's departure" in finding.why


def test_departures_happen_often_and_deaths_once() -> None:
    assert clashes("Tom left two days ago, and Edda sat there.\n\nTom had left five days ago.") == []
    assert clashes("Tom left two years ago, and Edda sat there.\n\nTom had left five years ago.") == ["T101"]


@pytest.mark.parametrize(
    "other",
    [
        "If Tom had died ten years ago, she would have sold it.",
        "Tom's brother had died ten years ago.",
        "Tom nearly died ten years ago.",
        "Tom had died about four years ago.",
        "Tom had died some years ago.",
    ],
)
def test_what_only_looks_like_a_clash_is_none(other: str) -> None:
    assert clashes(f"Edda laid the table. Tom died three years ago.\n\n{other}") == []


def test_a_narrator_who_looks_back_counts_from_the_end() -> None:
    tale = (
        "I was a boy when I came to the mill. I saw the wheel, and I saw the river, and I was afraid of both.\n\n" * 4
    )
    early = "My uncle had died two years before, and I slept in his bed.\n\n"
    late = "It is forty years since my uncle died, and I still dream of the wheel.\n"
    assert clashes(tale + early + tale + late) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They met on Tuesday, March 14, 1876, at the mill.", []),
        ("They met on Monday, March 13, 1876, and on Friday, March 17, 1876.", []),
        ("They met on Friday, March 14, 1876, at the mill.", ["T103"]),
        ("They met on Monday, May 3. On Thursday, May 6, it rained.", []),
        ("They met on Monday, May 3. On Friday, May 6, it rained.", ["T103"]),
        ('"Today is Friday," said Tom. "And tomorrow is Sunday."', ["T103"]),
        ('"It is Friday," said Tom.\n\n"It is Wednesday," said Edda.', []),
        ('"It was Monday, and this is Thursday," said Tom.', []),
        ("It was Tuesday. They walked.\n\nA week later it was Friday, and they walked.", []),
    ],
)
def test_weekdays_are_held_against_the_calendar(text: str, found: list[str]) -> None:
    assert clashes(text) == found


def test_the_calendar_knows_the_julian_one_before_1900() -> None:
    assert weekdays_of(1876, 3, 14) == {2, 7}
    assert weekdays_of(1950, 3, 14) == {2}
    assert weekdays_of(1950, 2, 30) == frozenset()


Edges = list[tuple[int, int, int, int]]


@given(
    st.integers(min_value=2, max_value=6),
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(-9, 9), st.integers(0, 6)), min_size=1, max_size=12
    ),
)
def test_the_network_agrees_with_all_pairs_shortest_paths(count: int, drawn: Edges) -> None:
    """Floyd and Warshall as an oracle: consistent or not, and the same bounds."""
    edges = [(a % count, b % count, low, low + wide) for a, b, low, wide in drawn if a % count != b % count]
    solved = solve(count, [Constraint(a, b, low, high) for a, b, low, high in edges])
    distance = [[0.0 if i == j else inf for j in range(count)] for i in range(count)]
    for a, b, low, high in edges:
        distance[a][b] = min(distance[a][b], high)
        distance[b][a] = min(distance[b][a], -low)
    for k in range(count):
        for i in range(count):
            for j in range(count):
                distance[i][j] = min(distance[i][j], distance[i][k] + distance[k][j])
    consistent = all(distance[i][i] >= 0 for i in range(count))
    assert (not solved.clashes) == consistent
    if consistent:
        assert [inf if x is None else x for x in solved.latest] == distance[0]
        assert [-inf if x is None else x for x in solved.earliest] == [-distance[i][0] for i in range(count)]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-9, 9)), min_size=2, max_size=10))
def test_a_clash_is_a_circle_that_is_itself_inconsistent(drawn: list[tuple[int, int, int]]) -> None:
    constraints = [Constraint(a, b, low, low + 1) for a, b, low in drawn if a != b]
    for clash in solve(5, constraints).clashes:
        assert solve(5, [constraints[i] for i in clash]).clashes


HABIT = (
    "Every night Hanna locked the mill and walked along the dyke with the dog.\n\n"
    "She would stop at the lock and count the lamps.\n\n"
)
ONCE = "One night the dog did not come.\n\nHanna called it, and went back, and the lock was shut.\n"


def test_a_habit_is_told_from_what_happened_once() -> None:
    story = unsaid.read(HABIT + ONCE)
    (habit,) = [e for e in story.chronology if e.what == "habit"]
    assert (habit.often, story.passage(habit)) == ("P1D", HABIT.strip())
    assert [e.often for e in story.chronology if e.what == "scene"] == [None]


def test_a_scene_that_is_all_habit_says_how_often() -> None:
    story = unsaid.read(HABIT + "* * *\n\n" + ONCE)
    assert [(e.what, e.often) for e in story.chronology] == [("scene", "P1D"), ("scene", None)]


def test_a_day_that_the_next_one_counts_from_is_a_day_of_the_story() -> None:
    told = "By Wednesday they had bread. The next day, a {}, there was a line outside the door.\n"
    assert [f.rule for f in unsaid.read(told.format("Saturday")).findings] == ["T103"]
    assert not unsaid.read(told.format("Thursday")).findings


def test_what_had_lasted_by_then_takes_no_time_of_the_story() -> None:
    first = "Edda laid the table. Tom's father had been dead for thirteen years.\n\nShe went to the window. "
    assert "T101" in [
        f.rule for f in unsaid.read(first + "Since the death of Tom's father, five years ago, it was shut.\n").findings
    ]
    later = "She waited for ten years.\n\nTom's father had died twenty-three years ago.\n"
    assert "T101" not in [f.rule for f in unsaid.read(first + later).findings]


def test_she_is_not_one_who_is_he() -> None:
    story = unsaid.read(
        '"You will not tell Father," said Petra. "Promise me."\n\n"I promise," said Ansel.\n\n'
        "He was twelve that spring, and she was nineteen.\n\nPetra kissed him, and she went out. He watched her go.\n"
    )
    assert not [f for f in story.findings if f.rule == "T102"]
