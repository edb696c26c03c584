"""A story that is read with the encoder: what it adds to a reading, and that nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from tests import models
from unsaid import corrections
from unsaid.encoder import Event, Link, Second, Sighting, Signals, entities, happenings, load
from unsaid.encoder.model import FOLDER
from unsaid.errors import NoEncoder
from unsaid.formats import named
from unsaid.story import Mention, MentionKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Ran
    from unsaid.encoder import Model

TALE = "Mara met Ilse at the mill in Corran. She laughed, and the mill stood still.\n"


def sighting(
    words: str, kind: MentionKind, links: tuple[Link, ...] = (), category: str = "PER", nth: int = 0
) -> Sighting:
    start = -1
    for _ in range(nth + 1):
        start = TALE.index(words, start + 1)
    return Sighting(start, start + len(words), category, kind, 0.9, links)  # type: ignore[arg-type]


def event(word: str, chance: float) -> Event:
    return Event(TALE.index(word), TALE.index(word) + len(word), chance)


def signals(she: tuple[Link, ...] = (Link(0, 0.97), Link(1, 0.02))) -> Signals:
    """What an encoder says of the tale; ``she``: whom the pronoun takes up."""
    return Signals(
        "digest",
        (
            sighting("Mara", "name"),
            sighting("Ilse", "name"),
            sighting("the mill", "nominal", (Link(None, 0.9),), "FAC"),
            sighting("Corran", "name", (Link(None, 0.8), Link(2, 0.1)), "GPE"),
            sighting("She", "pronoun", she),
            sighting("the mill", "nominal", (Link(2, 0.7), Link(None, 0.3)), "FAC", nth=1),
        ),
        (
            Event(TALE.index("met"), TALE.index("met") + 3, 0.8),
            Event(TALE.index("laughed"), TALE.index("laughed") + 7, 1.0),
        ),
    )


def test_places_keep_their_id_and_events_their_words() -> None:
    found = entities(signals(), TALE, ())
    assert [(TALE[e.start : e.end], e.category, e.kind, e.entity) for e in found] == [
        ("Mara", "PER", "name", "e1"),
        ("Ilse", "PER", "name", "e2"),
        ("the mill", "FAC", "nominal", "e3"),
        ("Corran", "GPE", "name", "e4"),
        ("She", "PER", "pronoun", "e1"),
        ("the mill", "FAC", "nominal", "e3"),
    ]
    told = happenings(signals())
    assert [(TALE[h.start : h.end], h.confidence, h.rule) for h in told] == [
        ("met", 0.8, "encoder"),
        ("laughed", 1.0, "encoder"),
    ]
    assert entities(None, TALE, ()) == happenings(None) == ()


def test_people_bear_the_ids_of_the_rules_where_those_know_them() -> None:
    mara, ilse = Mention(0, 4, "name", "c1"), Mention(9, 13, "name", "c2")
    she = TALE.index("She")
    linked = {e.start: e.entity for e in entities(signals(), TALE, (mara, ilse)) if e.category == "PER"}
    assert linked == {0: "c1", 9: "c2", she: "c1"}
    unknown = {e.start: e.entity for e in entities(signals(), TALE, (Mention(0, 4, "name", None), ilse))}
    assert (unknown[0], unknown[9], unknown[she]) == ("e1", "c2", "e1")


@pytest.mark.parametrize(
    ("kind", "sure", "whom"),
    [("pronoun", 0.97, "c1"), ("pronoun", 0.1, "c2"), ("nominal", 0.97, "c1"), ("nominal", 0.02, "c2"),
     ("name", 0.97, "c2")],
)  # fmt: skip
def test_the_surer_one_of_links_and_rules_says_whom_a_pronoun_means_and_the_rules_whom_a_name(
    kind: MentionKind, sure: float, whom: str
) -> None:
    mara, ilse = Mention(0, 4, "name", "c1"), Mention(9, 13, "name", "c2")
    she = TALE.index("She")
    said = signals((Link(0, sure), Link(1, 0.02)))
    said = msgspec.structs.replace(
        said, sightings=tuple(msgspec.structs.replace(s, kind=kind) if s.start == she else s for s in said.sightings)
    )
    told = entities(said, TALE, (mara, ilse, Mention(she, she + 3, kind, "c2")))
    assert {e.start: e.entity for e in told}[she] == whom


def test_a_mention_joins_the_chain_that_all_its_links_together_lead_to() -> None:
    twice = (
        sighting("Mara", "name"),
        sighting("Ilse", "name"),
        sighting("She", "pronoun", (Link(1, 0.9),)),
        sighting("Corran", "name", (Link(0, 0.4), Link(1, 0.3), Link(2, 0.3))),
    )
    found = entities(Signals("digest", twice, ()), TALE, ())
    assert [e.entity for e in found] == ["e1", "e2", "e2", "e2"]


def test_a_chain_is_whose_most_of_its_mentions_are_and_one_wrong_mention_takes_nobody_from_their_own() -> None:
    chained = (
        sighting("She", "pronoun"),
        sighting("the mill", "nominal", (Link(0, 0.9),)),
        sighting("Ilse", "name"),
        sighting("the mill", "nominal", (Link(0, 0.5), Link(1, 0.4)), nth=1),
    )
    spans = [(s.start, s.end, s.kind) for s in chained]
    rules = tuple(Mention(*span, who) for span, who in zip(spans, ("c2", "c1", "c2", "c1"), strict=True))
    found = entities(Signals("digest", chained, ()), TALE, rules)
    # The rules are wrong about "she" alone: the chain is c1's all the same, and c2 has one of her own.
    assert [e.entity for e in found] == ["c1", "c1", "c2", "c1"]


def doubted(chance: float, second: Second, rules: tuple[Mention, ...] = ()) -> list[tuple[str, str, str, float]]:
    """What is kept of a tale whose Corran seems to be a person."""
    corran = msgspec.structs.replace(sighting("Corran", "name"), chance=chance, second=second)
    later = sighting("the mill", "nominal", (Link(0, 0.9),), "FAC", nth=1)
    found = entities(Signals("digest", (corran, later), ()), TALE, rules)
    return [(TALE[e.start : e.end], e.category, e.entity, e.confidence) for e in found]


def test_a_name_that_the_rules_know_nobody_by_is_rather_a_place_or_no_name() -> None:
    mill = ("the mill", "FAC", "e2", 0.9)
    place = Second("GPE", "name", 0.3)
    # 0.6 to 0.4 against a person's name, a quarter of it left: 0.15 to 0.4.
    assert doubted(0.6, place) == [("Corran", "GPE", "e1", 0.545), mill]
    assert doubted(0.9, Second("GPE", "name", 0.1)) == [("Corran", "PER", "e1", 0.692), mill]
    # What is nothing after all begins no chain, and nothing is linked to it.
    assert doubted(0.6, Second(None, None, 0.4)) == [("the mill", "FAC", "e1", 0.9)]
    start = TALE.index("Corran")
    known = Mention(start - 3, start + 6, "name", "c1")
    assert doubted(0.6, place, (known,)) == [("Corran", "PER", "e1", 0.6), mill]
    # A name elsewhere, or a pronoun, is nobody of that name.
    others = Mention(0, 4, "name", "c1"), Mention(start, start + 6, "pronoun", "c1"), Mention(9, start, "name", "c2")
    assert doubted(0.6, place, others) == doubted(0.6, place)


SPANS = st.tuples(st.integers(0, len(TALE) - 1), st.integers(1, 30)).map(lambda s: (s[0], min(s[0] + s[1], len(TALE))))


@given(
    st.lists(st.tuples(SPANS, st.sampled_from(["name", "nominal", "pronoun"]))), st.sampled_from(["name", "nominal"])
)
def test_the_rules_see_somebody_where_a_name_of_theirs_shares_a_letter(
    rules: list[tuple[tuple[int, int], MentionKind]], kind: MentionKind
) -> None:
    corran = msgspec.structs.replace(sighting("Corran", kind), chance=0.51, second=Second(None, None, 0.49))
    found = entities(Signals("digest", (corran,), ()), TALE, [Mention(*span, sort, None) for span, sort in rules])
    shared = [sort for (start, end), sort in rules if set(range(start, end)) & set(range(corran.start, corran.end))]
    assert bool(found) == ("name" in shared or (kind == "nominal" and "nominal" in shared))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load(models.make(tmp_path_factory.mktemp("model"), seed=5))


def test_a_reading_with_the_encoder_says_by_which_model_and_one_without_that_there_was_none(model: Model) -> None:
    text = TALE * 12
    plain, read = unsaid.read(text), unsaid.read(text, encoder=model)
    assert (plain.encoder, plain.entities, plain.events) == (None, (), ())
    assert read.encoder == model.digest
    assert read.entities
    assert read.events
    assert read == unsaid.Story.from_json(read.to_json()) == unsaid.read(text, encoder=model)


def test_a_story_is_read_by_heads_for_speakers_alike_on_every_run_and_spans_and_confidence_hold(model: Model) -> None:
    assert model.speakers is not None
    text = "“Is it far?” asked Mara.\n\n“Two days,” said Ilse.\n\n“Then we go.”\n\n“You will be cold.”\n\n" * 8
    read = unsaid.read(text, encoder=model)
    assert read == unsaid.read(text, encoder=model)
    assert {u.rule for u in read.utterances} - {"encoder"}
    for utterance in read.utterances:
        assert 0 <= utterance.confidence <= 1
        assert utterance.speaker not in utterance.addressees


def test_the_packages_own_model_knows_who_speaks_and_to_whom() -> None:
    text = (
        "Mara and Ilse sat in the kitchen of the inn.\n\n“Did you sell the boat, Ilse?” asked Mara.\n\n“I did.”\n\n"
        "“To whom?”\n\n“To the ferryman,” said Ilse, and looked away.\n\n"
    )
    story = unsaid.read(text, encoder=True)
    called = {c.id: c.name for c in story.characters}
    lines = [(called.get(u.speaker or ""), [called[who] for who in u.addressees]) for u in story.utterances]
    assert lines == [("Mara", ["Ilse"]), ("Ilse", ["Mara"]), ("Mara", ["Ilse"]), ("Ilse", ["Mara"])]


def test_the_packages_own_model_sees_what_happens_and_where() -> None:
    text = (
        "The carriage stopped before the inn at Tarrow. Mara jumped down and knocked, for she had not slept.\n\n"
        "“Nobody will open,” said the driver. He laughed, and drove away across the bridge.\n\n"
    )
    story = unsaid.read(text, encoder=True)
    told = {story.passage(event) for event in story.events}
    assert {"stopped", "jumped", "knocked", "said", "laughed", "drove"} <= told
    assert not told & {"will", "open", "slept"}
    seen = {story.passage(entity).split()[-1]: entity.category for entity in story.entities}
    assert seen["carriage"] == "VEH"
    assert seen["bridge"] == "FAC"
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 30_000_000


def test_a_corrected_story_is_read_with_the_encoder_again() -> None:
    story = unsaid.read(TALE * 4, encoder=True)
    who = story.characters[0].id
    again = story.correct(corrections.rename(story, who, "Somebody Else"))
    assert again.encoder == story.encoder is not None
    assert (again.events, again.entities) == (story.events, story.entities)


def test_booknlps_files_have_entities_and_events_where_the_encoder_read(model: Model) -> None:
    story = unsaid.read(TALE * 12, encoder=model)
    files = named("booknlp").render(story)
    assert isinstance(files, dict)
    tables = {name.rpartition(".")[2]: file.decode().splitlines() for name, file in files.items()}
    rows = [line.split("\t") for line in tables["entities"][1:]]
    assert {row[4] for row in rows} == {"PER", *(e.category for e in story.entities)}
    assert [(int(r[1]), int(r[2])) for r in rows] == sorted((int(r[1]), int(r[2])) for r in rows)
    people_numbers = {row[0] for row in rows if row[4] == "PER"}
    assert not people_numbers & {row[0] for row in rows if row[4] != "PER"}
    events = [line.split("\t") for line in tables["tokens"][1:] if line.endswith("EVENT")]
    assert [int(row[6]) for row in events] == sorted({e.start for e in story.events})


def test_from_the_command_line_a_damaged_model_is_one_line_and_nothing_is_read(
    tmp_path: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tale.txt").write_text(TALE * 12, encoding="utf-8")
    made = models.make(tmp_path / "model", seed=5)
    monkeypatch.setattr(load.__wrapped__, "__defaults__", (made,))
    load.cache_clear()
    ran = run("read", "--json", "--encoder", tmp_path / "tale.txt")
    assert ran.status == 0
    assert unsaid.Story.from_json(ran.out).entities
    load.cache_clear()
    (made / "heads.npz").write_bytes(b"")
    ran = run("read", "--json", "--encoder", tmp_path / "tale.txt")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("unsaid: ")
    assert ran.err.count("\n") == 1
    assert "heads.npz is damaged" in ran.err
    load.cache_clear()


@pytest.mark.parametrize("command", ["cast", "check"])
def test_a_cast_and_a_check_are_read_with_the_model_where_that_is_asked_for(
    command: str, tmp_path: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tale.txt").write_text(TALE * 12, encoding="utf-8")
    monkeypatch.setattr("unsaid.encoder.load", lambda **_: (_ for _ in ()).throw(NoEncoder("asked for", "stop")))
    assert run(command, str(tmp_path / "tale.txt")).status in (0, 1)
    asked = run(command, str(tmp_path / "tale.txt"), "--encoder")
    assert asked.status == 2
    assert "asked for" in asked.err
