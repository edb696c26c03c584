"""What the encoder says of speakers: its arrays, its scores, and what a reading makes of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unsaid import corrections, sources
from unsaid.encoder import Dialogue, Named, Said, Signals
from unsaid.encoder.dialogue import AFTER, BEFORE, EDGES, NEIGHBOURS, PLACES, REACH, RULES, SORTS, arrays, by_turn
from unsaid.encoder.layer import KINDS
from unsaid.encoder.speakers import NAMES, PREFIX, SpeakerHeads, StoryVectors
from unsaid.reading import Sensed, Settings, compose, straight, walk
from unsaid.voices.attribution import chances_of
from unsaid.voices.reranking import reranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.encoder.dialogue import Arrays
    from unsaid.encoder.heads import Floats
    from unsaid.story import Story, Utterance

PEOPLE = ("ann", "ben", "cal")
WIDTH, KEY, NEAR = 3, 2, 2


@st.composite
def dialogues(draw: st.DrawFn) -> tuple[Dialogue, list[int]]:
    """Turns and mentions over words of one code point each, with a blank behind each."""
    starts = [2 * k for k in range(draw(st.integers(20, 400)))]
    cuts = sorted(draw(st.lists(st.integers(0, len(starts) - 1), min_size=2, max_size=12, unique=True)))
    turns = tuple((2 * a, 2 * b - 1) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    chance = st.floats(0.001, 1.0)
    tables = [draw(st.dictionaries(st.sampled_from(PEOPLE), chance, max_size=3)) for _ in turns]
    places = sorted(draw(st.lists(st.integers(0, len(starts) - 1), max_size=25)))
    mentions = [
        Named(2 * at, 2 * at + 1, draw(st.sampled_from(KINDS)), draw(st.sampled_from(PEOPLE)), draw(st.booleans()))
        for at in places
    ]
    told = tuple(tuple(draw(st.sets(st.sampled_from(PEOPLE), max_size=2))) for _ in turns)
    rules = tuple(draw(st.sampled_from([*RULES, "none"])) for _ in turns)
    talks = tuple(sorted(draw(st.integers(1, 2)) for _ in turns))
    cues = tuple(draw(st.none() | st.sampled_from([(2 * at, 2 * at + 1) for at in places or [0]])) for _ in turns)
    return Dialogue(turns, rules, tuple(tables), told, talks, tuple(mentions), cues), starts


@given(dialogues())
def test_rows_pairs_and_neighbours_are_those_that_a_plain_search_finds(made: tuple[Dialogue, list[int]]) -> None:
    dialogue, starts = made
    rows = arrays(dialogue, starts)
    named = list(zip(rows.row_turn.tolist(), rows.row_who, strict=True))
    assert named == [(t, who) for t, table in enumerate(dialogue.chances) for who in table]
    pairs = {
        (t, who, m)
        for t, who in named
        for m, mention in enumerate(dialogue.mentions)
        if mention.who == who
        and dialogue.turns[t][0] // 2 - BEFORE <= mention.start // 2 < (dialogue.turns[t][1] + 1) // 2 + AFTER
    }
    found = list(zip(rows.pair_row.tolist(), rows.pair_mention.tolist(), strict=True))
    assert {(*named[row], mention) for row, mention in found} == pairs
    assert len(found) == len(pairs)
    near = {
        (t, who, other)
        for t, who in named
        for other, table in enumerate(dialogue.chances)
        if other != t
        and abs(other - t) <= REACH
        and dialogue.conversations[other] == dialogue.conversations[t]
        and table.get(who, 0.0) > 0.01
    }
    assert {(*named[row], o) for row, o in zip(rows.near_row.tolist(), rows.near_turn.tolist(), strict=True)} == near


@given(dialogues())
def test_a_cue_is_known_by_its_words_where_it_stands_among_them(made: tuple[Dialogue, list[int]]) -> None:
    dialogue, starts = made
    rows = arrays(dialogue, starts[5:])
    for cue, (first, last) in zip(dialogue.cues, rows.cue.tolist(), strict=True):
        if cue is None or cue[0] < starts[5]:
            assert (first, last) == (-1, -1)
        else:
            assert starts[5:][first] == cue[0]
            assert first == last


@given(dialogues())
def test_a_place_tells_before_inside_and_behind_apart_and_far_from_near(made: tuple[Dialogue, list[int]]) -> None:
    dialogue, starts = made
    rows = arrays(dialogue, starts)
    inside = len(EDGES) + 1
    for row, mention, place, sort in zip(
        rows.pair_row.tolist(),
        rows.pair_mention.tolist(),
        rows.pair_place.tolist(),
        rows.pair_sort.tolist(),
        strict=True,
    ):
        start, end = dialogue.turns[rows.row_turn[row]]
        held = dialogue.mentions[mention]
        assert 0 <= place < PLACES
        assert (place < inside) == (held.end <= start)
        assert (place > inside) == (held.start >= end)
        assert KINDS[sort % len(KINDS)] == held.kind
        assert (sort >= len(KINDS)) == held.quoted


def weights(seed: int = 3) -> dict[str, Floats]:
    chance = np.random.default_rng(seed)
    shapes = {
        "turn.0.weight": (4, 7 * WIDTH), "turn.0.bias": (4,), "turn.2.weight": (2 * KEY + 4 * NEAR, 4),
        "turn.2.bias": (2 * KEY + 4 * NEAR,), "mention.0.weight": (4, 2 * WIDTH), "mention.0.bias": (4,),
        "mention.2.weight": (2 * KEY, 4), "mention.2.bias": (2 * KEY,), "place": (2, PLACES, SORTS), "absent": (2,),
        "near": (2, NEIGHBOURS), "rule": (2, len(RULES)), "told": (2,), "even": (2,),
        "weight": (2, len(RULES)),
    }  # fmt: skip
    assert set(shapes) == set(NAMES)
    return {PREFIX + name: chance.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}


@given(dialogues(), st.integers(0, 3))
def test_scores_are_the_sum_of_what_each_mention_each_neighbour_and_the_rules_say(
    made: tuple[Dialogue, list[int]], seed: int
) -> None:
    dialogue, starts = made
    of = {name.removeprefix(PREFIX): array.astype(float) for name, array in weights(seed).items()}
    words = np.random.default_rng(seed).normal(0, 1, (len(starts), WIDTH)).astype(np.float32)
    rows = arrays(dialogue, starts)
    heads = SpeakerHeads(weights(seed))
    alone, both = heads.scores(heads.keys(words, rows), rows)
    for k in (0, 1):
        for row in range(len(rows.row_who)):
            said, added = _by_hand(of, words, rows, row, k)
            assert alone[k][row] == pytest.approx(said, abs=2e-3)
            weighed = of["weight"][k][rows.rule[rows.row_turn[row]]] * said + added
            assert both[k][row] == pytest.approx(weighed, abs=5e-3)


def _by_hand(of: dict[str, Floats], words: Floats, rows: Arrays, row: int, k: int) -> tuple[float, float]:
    """The two scores of a row, one number after the other."""
    turn = int(rows.row_turn[row])
    asked = _asked(of, words, rows, turn)
    total = math.exp(of["absent"][k])
    for p in np.flatnonzero(rows.pair_row == row):
        first, last = rows.mentions[rows.pair_mention[p]]
        offered = _through(of, "mention", [*words[first], *words[last - 1]])
        product = asked[k * KEY : (k + 1) * KEY] @ offered[k * KEY : (k + 1) * KEY] / math.sqrt(KEY)
        total += math.exp(product + of["place"][k][rows.pair_place[p], rows.pair_sort[p]])
    begin = 2 * KEY + 2 * k * NEAR
    added = of["told"][k] * rows.row_told[row] + of["even"][k] + of["rule"][k][rows.rule[turn]] * rows.row_log[row]
    for n in np.flatnonzero(rows.near_row == row):
        other = _asked(of, words, rows, int(rows.near_turn[n]))
        product = asked[begin : begin + NEAR] @ other[begin + NEAR : begin + 2 * NEAR] / math.sqrt(NEAR)
        added += (product + of["near"][k][rows.near_class[n]]) * rows.near_chance[n]
    return math.log(total), float(added)


def _asked(of: dict[str, Floats], words: Floats, rows: Arrays, turn: int) -> Floats:
    first, behind = rows.turns[turn]
    edge = [words[first], words[behind - 1], words[first:behind].mean(0), words[max(0, first - 1)]]
    first, last = rows.cue[turn]
    cued = [words[first], words[last]] if first >= 0 else [np.zeros(WIDTH)] * 2
    return _through(of, "turn", np.concatenate([*edge, words[min(behind, len(words) - 1)], *cued]))


def _through(of: dict[str, Floats], name: str, held: Sequence[float] | Floats) -> Floats:
    hidden = of[f"{name}.0.weight"] @ np.asarray(held, dtype=float) + of[f"{name}.0.bias"]
    curve = 0.5 * hidden * (1 + np.tanh(math.sqrt(2 / math.pi) * (hidden + 0.044715 * hidden**3)))
    key: Floats = of[f"{name}.2.weight"] @ curve + of[f"{name}.2.bias"]
    return key


def test_heads_of_another_shape_are_refused() -> None:
    odd = weights() | {PREFIX + "near": np.zeros((2, 3), dtype=np.float32)}
    with pytest.raises(ValueError, match="near"):
        SpeakerHeads(odd)


def test_a_story_without_a_line_is_heard_to_say_nothing() -> None:
    heads = StoryVectors(SpeakerHeads(weights()), (0, 2), [np.zeros((2, WIDTH), dtype=np.float16)])
    assert heads.hear(Dialogue((), (), (), (), (), (), ())) == Said((), ())


def test_values_go_back_to_their_turn_and_person() -> None:
    chances = ({"ann": 0.5, "ben": 0.5}, {"cal": 1.0})
    dialogue = Dialogue(((0, 3), (4, 7)), ("beat", "beat"), chances, ((), ()), (1, 1), (), (None, None))
    rows = arrays(dialogue, [0, 2, 4, 6])
    assert by_turn(rows, np.array([1.0, 2.0, 3.0], dtype=np.float32)) == ({"ann": 1.0, "ben": 2.0}, {"cal": 3.0})


# --- what a reading makes of it ---------------------------------------------------------------------------------------

TALE = (
    "Mara and Ilse sat by the fire, and Bruno mended the net.\n\n"
    "“Is it far?” asked Mara.\n\n"
    "“Two days.”\n\n"
    "“Then we should go.”\n\n"
    "“You will be cold.”\n\n"
    "Nobody moved.\n"
)


class Fake:
    """A listener that is sure of what it was told, by the words of a line."""

    def __init__(self, text: str, speakers: dict[str, str]) -> None:
        self.text, self.by = text, speakers
        self.asked: list[Dialogue] = []

    def hear(self, dialogue: Dialogue) -> Said:
        self.asked.append(dialogue)
        lines = [self.text[start:end].strip("“”") for start, end in dialogue.turns]
        scores = tuple(
            {who: 6.0 if self.by.get(line) == who else math.log(max(p, 1e-4)) for who, p in table.items()}
            for line, table in zip(lines, dialogue.chances, strict=True)
        )
        mass = [{who: math.exp(score) for who, score in table.items()} for table in scores]
        spoken = tuple({who: m / sum(table.values()) for who, m in table.items()} for table in mass)
        return Said(scores, spoken)


def read(text: str, listener: Fake, *corrected: corrections.Correction) -> Story:
    manuscript = sources.load(text)
    sensed = Sensed(compose(manuscript), Signals("fake", (), (), listener))
    return walk(manuscript, corrected, straight, Settings(sensed)).story


def line(story: Story, words: str) -> Utterance:
    return next(u for u in story.utterances if story.passage(u).strip("“”").startswith(words))


def whom(story: Story) -> dict[str, str]:
    return {c.name: c.id for c in story.characters}


def plain() -> Story:
    return walk(sources.load(TALE), (), straight, Settings()).story


def test_what_the_encoder_is_sure_of_overrules_a_guess_and_says_that_it_did() -> None:
    ids = whom(plain())
    before = line(plain(), "Then we")
    other = next(
        who for who in ids.values() if who != before.speaker and who in (ids["Bruno"], ids["Ilse"], ids["Mara"])
    )
    story = read(TALE, Fake(TALE, {"Then we should go.": other}))
    after = line(story, "Then we")
    assert (after.speaker, after.rule) == (other, "encoder")
    assert after.confidence > 0.5
    assert line(story, "Is it far").rule == "cue-name"
    assert line(story, "Is it far").speaker == ids["Mara"]


def test_one_who_says_what_the_rules_say_changes_nobody() -> None:
    story = read(TALE, Fake(TALE, {}))
    assert [u.speaker for u in story.utterances] == [u.speaker for u in plain().utterances]
    assert not any(u.rule == "encoder" for u in story.utterances)


def test_a_corrected_line_stays_corrected_whatever_the_encoder_says() -> None:
    ids = whom(plain())
    known = corrections.speaker(plain(), line(plain(), "You will").id, "Bruno")
    story = read(TALE, Fake(TALE, {"You will be cold.": ids["Mara"]}), known)
    held = line(story, "You will")
    assert (held.speaker, held.rule, held.confidence) == (ids["Bruno"], "corrected", 1.0)


def test_the_encoder_is_asked_who_speaks_behind_the_second_look() -> None:
    listener = Fake(TALE, {})
    read(TALE, listener)
    (asked,) = listener.asked
    talk = walk(sources.load(TALE), (), straight, Settings()).lines.talk
    assert list(asked.chances) == reranked(talk, chances_of(talk, {}))
    assert [TALE[start:end] for start, end in asked.turns] == [
        "“Is it far?”", "“Two days.”", "“Then we should go.”", "“You will be cold.”",
    ]  # fmt: skip
    assert asked.rules[0] == "cue-name"
    assert all(abs(sum(table.values()) - 1) < 1e-6 for table in asked.chances)
    assert len(set(asked.conversations)) == 1
