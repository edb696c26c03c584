"""The encoder's room: words, windows, scores to mentions, links and events; models that cannot be used."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnxruntime.quantization import QuantType, quantize_dynamic

from tests import models
from unsaid import models as networks
from unsaid import prose, sources
from unsaid.encoder import LABELS, Link, load, sense, sense_all, spelling, words_of
from unsaid.encoder.batches import AHEAD, STEP, batched
from unsaid.encoder.decode import Chains, mentions
from unsaid.encoder.dequantized import dequantized
from unsaid.encoder.heads import WIDEST, Heads, Mention
from unsaid.encoder.model import FILES, FOLDER, MANIFEST
from unsaid.encoder.windows import LENGTH, Window, cut
from unsaid.errors import NoEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unsaid.encoder import Model

TALE = (
    "The girl came to the town. “Mara didn’t see it,” she said—and laughed.\n\n"
    "“It’s Olan’s ship!” He saw the boy, the girl and the ship.\n"
)
PERSON = LABELS.index(("PER", "nominal"))
PLACE = LABELS.index(("GPE", "name"))
NAME, SHE = LABELS.index(("PER", "name")), LABELS.index(("PER", "pronoun"))


def composed(text: str) -> prose.Prose:
    return prose.compose(sources.load(text))


# --- words and windows ------------------------------------------------------------------------------------------------


def test_words_are_the_treebanks_in_one_spelling() -> None:
    story = composed(TALE)
    words = words_of(story)
    assert " ".join(words.spelled) == (
        'The girl came to the town . " Mara did n\'t see it , " she said -- and laughed . '
        "\" It 's Olan 's ship ! \" He saw the boy , the girl and the ship ."
    )
    for start, end, spelled in zip(words.starts, words.ends, words.spelled, strict=True):
        assert spelling(story.text[start:end]) == spelled
    assert [words.spelled[i] for i in words.sentences] == ["The", '"', '"', "He"]


@pytest.mark.parametrize(("word", "spelled"), [("„", '"'), ("’tis", "'tis"), ("—", "--"), ("----", "--"), ("-", "-")])
def test_one_spelling_for_what_books_print_in_many(word: str, spelled: str) -> None:
    assert spelling(word) == spelled


SIZES = st.lists(st.integers(0, 9), max_size=120)


@given(sizes=SIZES, breaks=st.sets(st.integers(0, 119)), length=st.integers(4, 30), margin=st.integers(0, 20))
def test_windows_hold_every_word_once_and_never_more_than_fits(
    sizes: list[int], breaks: set[int], length: int, margin: int
) -> None:
    pieces = [tuple(range(1, n + 1)) for n in sizes]
    sentences = sorted({0, *(b for b in breaks if b < len(sizes))}) if sizes else []
    windows = list(cut(pieces, sentences, length=length, margin=margin))
    assert [i for w in windows for i in range(w.first, w.last)] == list(range(len(sizes)))
    for window in windows:
        assert len(window.ids) <= length
        assert len(window.at) == window.last - window.first
        assert all(0 < at < len(window.ids) - 1 for at in window.at)
    for window, after in pairwise(windows):
        inside = [s for s in sentences if window.first < s <= after.first]
        assert not inside or after.first in sentences  # a window ends inside a sentence only where it holds no other


@given(words=st.integers(0, 200), breaks=st.sets(st.integers(0, 199)), margin=st.integers(0, 12))
def test_a_window_is_read_with_what_stands_before_and_behind_it(words: int, breaks: set[int], margin: int) -> None:
    pieces = [(1000 + k,) for k in range(words)]
    sentences = sorted({0, *(b for b in breaks if b < words)}) if words else []
    for window in cut(pieces, sentences, length=40, margin=margin):
        low, high = max(0, window.first - margin), min(words, window.last + margin)
        assert window.ids[1:-1] == tuple(range(1000 + low, 1000 + high))
        assert [window.ids[at] for at in window.at] == list(range(1000 + window.first, 1000 + window.last))


def windows(sizes: list[int]) -> list[Window]:
    return [Window(n, n + 1, tuple(range(n, n + size)), (0,)) for n, size in enumerate(sizes)]


@given(sizes=st.lists(st.integers(1, LENGTH), max_size=150), rows=st.integers(1, 4))
def test_batches_hold_every_window_once_have_few_shapes_and_let_none_wait_long(sizes: list[int], rows: int) -> None:
    given = windows(sizes)
    taken = 0

    def counted() -> Iterator[Window]:
        nonlocal taken
        for window in given:
            taken += 1
            yield window

    seen: dict[int, Window] = {}
    for batch in batched(counted(), rows):
        assert batch.length % STEP == 0
        assert batch.rows == rows * LENGTH // batch.length
        held = [len(window.ids) for _, window in batch.windows]
        assert all(batch.length - STEP < size <= batch.length for size in held)
        arrays = batch.arrays()
        assert arrays["ids"].shape == arrays["attended"].shape == (batch.rows, batch.length)
        heeded = arrays["attended"].sum(axis=1).tolist()
        assert heeded == [*held, *[1] * (batch.rows - len(held))]
        for row, (number, window) in enumerate(batch.windows):
            assert tuple(arrays["ids"][row, : len(window.ids)]) == window.ids
            seen[number] = window
        oldest = next((n for n in range(taken) if n not in seen), taken)
        assert taken - oldest <= AHEAD * rows + 6
    assert [seen[n] for n in range(len(given))] == given


# --- scores by hand ---------------------------------------------------------------------------------------------------


def scored(spans: dict[tuple[int, int], tuple[int, float]], size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every span of a sentence with the score of one label, all others being certain to be none."""
    every = [(i, j) for i in range(size) for j in range(i, size)]
    scores = np.full((len(every), len(LABELS) + 1), -9.0, dtype=np.float32)
    scores[:, 0] = 0
    for span, (label, score) in spans.items():
        scores[every.index(span), 1 + label] = score
    first, last = np.array(every).T
    return first, last, scores


def test_a_mention_is_kept_unless_it_crosses_a_surer_one() -> None:
    found = mentions(
        *scored({(0, 3): (PERSON, 2.0), (2, 5): (PLACE, 1.0), (3, 3): (PLACE, 0.5), (6, 6): (PLACE, -1)}, 8)
    )
    assert [(m.first, m.last, m.label) for m in found] == [(0, 3, PERSON), (3, 3, PLACE)]
    assert found[0].chance == pytest.approx(1 / (1 + np.exp(-2)), abs=0.01)


def test_a_mention_knows_what_it_would_be_otherwise() -> None:
    first, last, scores = scored({(0, 3): (PERSON, 2.0), (5, 5): (PERSON, 1.0)}, 8)
    scores[(first == 0) & (last == 3), 1 + PLACE] = 1.5
    kept = mentions(first, last, scores)
    assert [(m.label, m.second) for m in kept] == [(PERSON, PLACE), (PERSON, None)]
    odds = [m.chance / m.second_chance for m in kept]
    assert odds == [pytest.approx(np.exp(0.5), rel=1e-3), pytest.approx(np.exp(1), rel=1e-3)]


def crossing(one: tuple[int, int], two: tuple[int, int]) -> bool:
    these, those = {*range(one[0], one[1] + 1)}, {*range(two[0], two[1] + 1)}
    return bool(these & those) and not (these <= those or those <= these)


def rivals(one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Whether two spans of one category leave no room for each other."""
    return crossing(one, two) or one[0] == two[0]


@given(st.dictionaries(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.integers(1, 50), max_size=14))
def test_no_two_mentions_are_rivals_and_what_is_left_out_has_a_surer_one(
    spans: dict[tuple[int, int], int],
) -> None:
    likely = {span: (PERSON, score / 10) for span, score in spans.items() if span[0] <= span[1]}
    found = [(m.first, m.last) for m in mentions(*scored(likely, 10))]
    assert not any(rivals(a, b) for a in found for b in found if a != b)
    for span, (_, score) in likely.items():
        assert span in found or any(rivals(span, kept) and likely[kept][1] >= score for kept in found)


def test_two_mentions_begin_together_where_one_owns_the_other_or_is_a_pronoun() -> None:
    words = "Ann 's brother met her aunt .".split()
    likely = {(0, 0): (NAME, 3.0), (0, 2): (PERSON, 2.0), (4, 4): (SHE, 3.0), (4, 5): (PERSON, 2.0)}
    found = {(m.first, m.last) for m in mentions(*scored(likely, 7), words)}
    assert found == likely.keys()
    without = {(m.first, m.last) for m in mentions(*scored(likely, 7), "Ann the brother met her aunt .".split())}
    assert without == likely.keys() - {(0, 2)}


def test_no_pronoun_is_a_clause_and_no_name_a_sentence() -> None:
    likely = {(0, 1): (SHE, 5.0), (2, 2): (SHE, 1.0), (3, 9): (NAME, 5.0)}
    found = mentions(*scored(likely, 12))
    assert [(m.first, m.last) for m in found] == [(2, 2)]


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def test_spans_are_scored_by_their_first_and_last_word_and_those_between_inside_their_sentence() -> None:
    of = models.weights()
    words = np.random.default_rng(3).normal(size=(9, models.WIDTH)).astype(np.float32)
    first, last, scores = Heads(of).spans(words, [0, 4, 9])
    assert set(zip(first.tolist(), last.tolist(), strict=True)) == {
        (i, j) for low, high in ((0, 4), (4, 9)) for i in range(low, high) for j in range(i, min(high, i + WIDEST))
    }
    for k in (0, 5, len(first) - 1):
        start = gelu(of["start.weight"] @ words[first[k]] + of["start.bias"])
        end = gelu(of["end.weight"] @ words[last[k]] + of["end.bias"])
        wanted = np.array([start @ form @ end for form in of["bilinear"]])
        wanted += of["start_bias.weight"] @ start + of["start_bias.bias"] + of["end_bias.weight"] @ end
        wanted += of["end_bias.bias"] + of["length.weight"][last[k] - first[k]]
        for word in words[first[k] : last[k] + 1]:
            wanted += of["inside.weight"] @ word + of["inside.bias"]
        np.testing.assert_allclose(scores[k], wanted, rtol=1e-4, atol=1e-4)


def test_heads_for_other_labels_are_refused() -> None:
    of = models.weights()
    with pytest.raises(ValueError, match="17 labels, 18 wanted"):
        Heads(of | {"bilinear": of["bilinear"][:-1]})
    with pytest.raises(KeyError):
        Heads({name: array for name, array in of.items() if name != "none.bias"})


def by_likeness() -> Heads:
    """Heads that know one thing: who has the same words is the same."""
    of = {name: np.zeros_like(array) for name, array in models.weights().items()}
    of["temperature"][:] = 1
    of["alike.weight"][:] = np.array([[-8.0], [-8.0], [8.0]])
    return Heads(of)


def test_a_link_reaches_into_the_window_before_and_counts_mentions_from_the_storys_beginning() -> None:
    chains = Chains(by_likeness())
    blank = np.zeros((6, models.WIDTH), dtype=np.float32)
    one = [Mention(0, 1, PERSON), Mention(3, 4, PLACE)]
    assert chains.link(blank, [], "nobody is here at all .".split()) == []
    first = chains.link(blank, one, "the girl saw the town .".split())
    assert [links[0] for links in first] == [Link(None, pytest.approx(1.0, abs=0.01))] * 2
    second = chains.link(blank, one, "the boy saw the town .".split())
    assert [links[0].to for links in second] == [None, 1]
    third = chains.link(blank, [Mention(0, 1, PERSON)], "the boy slept on and on".split())
    assert [(link.to, round(link.chance, 1)) for link in third[0]] == [(2, 1.0)]


# --- the package's own network in 32 bits -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wide() -> Model:
    return load(precision="float32")


def test_a_windows_vectors_do_not_hang_on_what_it_is_read_with(wide: Model) -> None:
    chance = np.random.default_rng(11)
    sizes = [130, 30, 61, 64, 5, 150, 12]
    ids = [(101, *chance.integers(1000, 20_000, size - 2).tolist(), 102) for size in sizes]
    given = [Window(n, n + 1, held, tuple(range(len(held)))) for n, held in enumerate(ids)]
    together = dict(wide.read(given))
    assert list(together) == given
    for window in given:
        np.testing.assert_allclose(together[window], wide.vectors(window.ids), rtol=0, atol=1e-4)
        ((_, alone),) = wide.read([window])
        assert (together[window] == alone).all()
    backwards = dict(wide.read(given[::-1]))
    assert all((backwards[window] == vectors).all() for window, vectors in together.items())


def test_stories_read_together_are_read_as_each_by_itself(wide: Model) -> None:
    tales = [TALE, "Nobody came.\n", "?!\n", TALE[:80] + "\n" + TALE * 3]
    stories = [composed(tale) for tale in tales]
    for model in (wide, load()):
        assert list(sense_all(stories, model)) == [sense(story, model) for story in stories]
    assert wide.digest == f"{load().digest}-float32"


def test_in_32_bits_the_network_multiplies_what_its_eight_bits_stand_for(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    table, weights = (chance.normal(0, 1, shape).astype(np.float32) for shape in ((50, 8), (8, 6)))
    onnx.save(models.multiplying(table, weights), tmp_path / "whole.onnx")
    quantize_dynamic(tmp_path / "whole.onnx", tmp_path / "bits.onnx", weight_type=QuantType.QInt8, per_channel=True)
    (tmp_path / "again.onnx").write_bytes(dequantized(tmp_path / "bits.onnx", extra="float32"))
    kinds = {node.op_type for node in onnx.load(tmp_path / "again.onnx").graph.node}
    assert not kinds & {"DynamicQuantizeLinear", "MatMulInteger"}
    ids = np.arange(50, dtype=np.int64)[None]
    whole, bits = (networks.session(tmp_path / f"{n}.onnx").run(None, {"ids": ids})[0] for n in ("whole", "bits"))
    again = networks.session(tmp_path / "again.onnx").run(None, {"ids": ids, "attended": np.ones_like(ids)})[0]
    assert np.abs(again - whole).max() < 0.05  # what rounding the weights takes away
    assert np.abs(again - whole).max() < np.abs(bits - whole).max()  # and no more: the rest is not rounded


def test_the_packages_network_is_all_in_32_bits(tmp_path: Path) -> None:
    kinds = {node.op_type for node in onnx.load_from_string(dequantized(FOLDER / FILES[0], extra="float32")).graph.node}
    assert not {kind for kind in kinds if "Integer" in kind or "Dynamic" in kind or kind.startswith("Q")}


# --- the model --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.make(tmp_path_factory.mktemp("model"))


def test_a_story_is_sensed_alike_on_every_run(folder: Path) -> None:
    story = composed(TALE * 40)
    one, two = sense(story, load(folder)), sense(story, load.__wrapped__(folder))
    assert one == two
    assert one.sightings
    assert one.events
    for i, sighting in enumerate(one.sightings):
        assert 0 <= sighting.start < sighting.end <= len(story.text)
        assert 0.5 <= sighting.chance + 0.5 <= 1.5
        assert all(link.to is None or link.to < i for link in sighting.links)
        assert sum(link.chance for link in sighting.links) <= 1.001
    spans = [(s.start, -s.end) for s in one.sightings]
    assert spans == sorted(spans)


@pytest.mark.parametrize("text", ["?!\n\n“”\n\n", "x" * 5000 + "\n", "ab " * 3000 + "\n", "\U0001f642 \u200d é\n"])
def test_whatever_a_story_holds_is_sensed(folder: Path, text: str) -> None:
    story = composed(text)
    signals = sense(story, load(folder))
    assert all(story.text[s.start : s.end].strip() for s in signals.sightings)


def test_what_is_read_costs_as_much_as_it_is_long(folder: Path) -> None:
    model = load(folder)
    pieces = model.pieces(words_of(composed(TALE * 60)).spelled)
    assert sum(len(w.ids) for w in cut(pieces, [])) < 1.6 * sum(map(len, pieces)) + LENGTH


def test_words_are_not_kept_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(folder)
    spelled = words_of(composed(TALE)).spelled
    wanted = model.pieces(spelled)
    monkeypatch.setattr("unsaid.encoder.model.KNOWN", 50)
    for n in range(40):
        model.pieces([f"word{n}x{k}" for k in range(20)])
        assert len(model._known) <= 50 + 20
    assert model.pieces(spelled) == wanted


def test_a_missing_file_is_named_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoEncoder, match=r"model\.json is missing; install Unsaid again"):
        load(tmp_path / "nowhere")
    made = models.make(tmp_path / "made")
    (made / FILES[1]).unlink()
    with pytest.raises(NoEncoder, match=r"heads\.npz is missing"):
        load(made)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    made = models.make(tmp_path)
    (made / name).write_bytes((made / name).read_bytes()[:-9])
    with pytest.raises(NoEncoder, match=f"{name} is damaged"):
        load(made)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_kind_under_a_right_digest_is_no_model(tmp_path: Path, name: str) -> None:
    made = models.make(tmp_path)
    (made / name).write_bytes(b"something else")
    models.seal(made)
    with pytest.raises(NoEncoder, match="cannot be opened"):
        load(made)


def test_a_device_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(NoEncoder, match="no device 'abacus' here; read on the processor"):
        load(folder, device="abacus")
    with pytest.raises(NoEncoder, match="the device cuda has no operations in eight bits; read in float32 there"):
        load(folder, device="cuda", precision="int8")


def test_a_gpu_is_used_where_onnx_runtime_can_and_is_said_to_be_lacking_where_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    class Opened(onnxruntime.InferenceSession):  # type: ignore[misc]
        """A session on a GPU, as far as it says; it runs on the processor."""

        def __init__(
            self, network: bytes, options: object, providers: list[tuple[str, dict[str, str]]], **_: object
        ) -> None:
            asked.extend(providers)
            super().__init__(network, options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return there

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [*networks.PROVIDERS.values()])
    monkeypatch.setattr(onnxruntime, "InferenceSession", Opened)
    there = ["CPUExecutionProvider"]
    with pytest.raises(NoEncoder, match=r"cannot use the device 'cuda' here.*pip install 'unsaid\[cuda\]'"):
        load(folder, device="cuda")
    there = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    model = load(folder, device="cuda")
    assert asked[-1] == ("CUDAExecutionProvider", {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"})
    assert (model.rows, model.digest) == (32, f"{load(folder).digest}-float32")
    story = composed(TALE * 40)
    signals = sense(story, model)
    assert (signals.sightings, signals.events) == (
        sense(story, load(folder)).sightings,
        sense(story, load(folder)).events,
    )
