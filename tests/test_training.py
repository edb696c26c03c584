"""How the encoder's weights are made: the heads learn, a run goes on where it was stopped, what is kept reads alike."""

from __future__ import annotations

import random
from bisect import bisect_left
from itertools import accumulate
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs PyTorch, which nothing else does")
torch.set_num_threads(1)

from benchmarks.wild import paths  # noqa: E402
from tests import models  # noqa: E402
from training import distant, export, links, minilm, referents, speakers, train, weigh, wild  # noqa: E402
from training import heads as torch_heads  # noqa: E402
from training.dialogues import Novel, renamed  # noqa: E402
from training.litbank import Mention, Sample  # noqa: E402
from training.pages import pages  # noqa: E402
from training.referents import Referent  # noqa: E402
from training.smooth import smooth  # noqa: E402
from training.stretches import Stretch, bare, stretches  # noqa: E402
from unsaid.encoder import LABELS, load  # noqa: E402
from unsaid.encoder.decode import mentions  # noqa: E402
from unsaid.encoder.dialogue import by_turn  # noqa: E402
from unsaid.encoder.heads import NAMES, Heads, pair_kinds  # noqa: E402
from unsaid.encoder.heads import Mention as Found  # noqa: E402
from unsaid.encoder.layer import Dialogue, Named  # noqa: E402
from unsaid.encoder.speakers import HEARD, PREFIX, SpeakerHeads  # noqa: E402
from unsaid.encoder.speakers import NAMES as SPEAKERS  # noqa: E402
from unsaid.encoder.windows import cut  # noqa: E402
from unsaid.encoder.words import Words  # noqa: E402
from unsaid.models import session  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PERSON, SHE = LABELS.index(("PER", "name")), LABELS.index(("PER", "pronoun"))
WORDS = "Mara came to town . She saw Olan . Olan saw her . The ship left Mara .".split()
SAMPLE = Sample(
    "tale",
    tuple(WORDS),
    (0, 5, 9, 13),
    tuple(Mention(i, i, SHE if w in ("She", "her") else PERSON, 1 if w == "Olan" else 0)
          for i, w in enumerate(WORDS) if w in ("Mara", "She", "Olan", "her")),
    frozenset(i for i, w in enumerate(WORDS) if w in ("came", "saw", "left")),
)  # fmt: skip
PIECES = [(200 + k, 300 + k) if len(w) > 3 else (200 + k,) for k, w in enumerate(WORDS)]


class Tiny(torch.nn.Module):  # type: ignore[misc]
    """A model whose encoder is a table with each piece's place."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = _Table()
        self.heads = torch_heads.Heads(models.WIDTH * 8)
        self.speakers = speakers.Speakers(models.WIDTH * 8)


class _Table(torch.nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.rows = torch.nn.Embedding(512, models.WIDTH * 8)

    def forward(self, ids: Any, attended: Any) -> Any:
        return self.rows(ids) * attended[..., None]


def learning(steps: int, total: int = 60, dropout: float = 0.3) -> train.Training:
    torch.manual_seed(3)
    training = train.Training(Tiny(), total=total)
    training.model.heads.drop.p = dropout
    for _ in range(steps):
        training.learn(train.Batch(tuple(pages(SAMPLE, PIECES))))
    return training


def test_every_head_learns_a_tale_by_heart_and_reads_it_alike_when_written_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "RATES", (0.02, 0.004, 0.02))
    training = learning(30, total=36, dropout=0)
    found = training.learn(train.Batch(tuple(pages(SAMPLE, PIECES))))
    assert all(loss < 0.5 for loss in found.values()), found
    model = training.model.eval()
    (page,) = pages(SAMPLE, PIECES)
    np.savez(tmp_path / "heads.npz", **{n: a.detach().numpy() for n, a in model.heads.state_dict().items()})
    with np.load(tmp_path / "heads.npz") as held, torch.no_grad():
        of, words = Heads(held), train.vectors(model, [page.ids])[0][page.at]
        told = {i for i, chance in enumerate(of.events(words.numpy())) if chance > 0.5}
        seen = mentions(*of.spans(words.numpy(), [0, 5, 9, 13, len(WORDS)]))
    assert told == SAMPLE.events
    assert {(m.first, m.last, m.label) for m in seen} == {(m.first, m.last, m.label) for m in SAMPLE.mentions}


def test_the_reader_scores_as_the_trainer_does() -> None:
    torch.manual_seed(5)
    ours = torch_heads.Heads(models.WIDTH).eval()
    torch.nn.init.normal_(ours.inside.weight)
    theirs = Heads({name: array.detach().numpy() for name, array in ours.state_dict().items()})
    assert set(NAMES) == set(ours.state_dict())
    words = torch.randn(9, models.WIDTH)
    first, last, scores = theirs.spans(words.numpy(), [0, 4, 9])
    with torch.no_grad():
        np.testing.assert_allclose(scores, ours.spans(words, torch.tensor(first), torch.tensor(last)), atol=1e-5)
        np.testing.assert_allclose(theirs.events(words.numpy()), ours.events(words).sigmoid(), atol=1e-5)
        found = [Found(0, 1, PERSON), Found(2, 2, SHE), Found(5, 8, PERSON)]
        alike = torch.tensor([[2, 1, 0], [1, 2, 0], [0, 0, 2]])
        first, last, label = (torch.tensor([getattr(m, of) for m in found]) for of in ("first", "last", "label"))
        wanted = ours.links(ours.keys(words, first, last, label), label, alike, back=9)
    behind = np.arange(3)[:, None] - np.arange(3)[None, :]
    found_links = theirs.links(*theirs.keys(words.numpy(), found), pair_kinds(found, found), behind, alike.numpy())
    np.testing.assert_allclose(found_links, wanted.log_softmax(-1), atol=1e-4)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # PyTorch's own, inside its export
def test_the_shipped_encoder_is_the_trained_one(tmp_path: Path) -> None:
    torch.manual_seed(7)
    encoder = minilm.Encoder().eval()
    encoder.layers[2].norm.weight.data[5] = 40.0  # an outlier
    ids = torch.randint(1000, 20000, (2, 60))
    with torch.no_grad():
        wanted = encoder(ids, torch.ones_like(ids))
        smooth(encoder, ids.tolist())
        torch.testing.assert_close(encoder(ids, torch.ones_like(ids)), wanted, atol=1e-4, rtol=1e-4)
    export.to_onnx(encoder, tmp_path / "whole.onnx")
    (found,) = session(tmp_path / "whole.onnx").run(None, {"ids": ids.numpy()})
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_a_run_that_is_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = learning(6)
    stopped = learning(3)
    stopped.epoch = 1
    stopped.keep(tmp_path / "last.pt")
    torch.manual_seed(99)
    again = train.Training(Tiny(), total=60)
    again.go_on(tmp_path / "last.pt")
    assert (again.epoch, again.step) == (1, 3)
    for _ in range(3):
        again.learn(train.Batch(tuple(pages(SAMPLE, PIECES))))
    for name, array in whole.model.state_dict().items():
        torch.testing.assert_close(array, again.model.state_dict()[name])


# --- speakers ---------------------------------------------------------------------------------------------------------

PEOPLE = ("mara", "olan")
TALK = (
    'Mara met Olan . " Come in , " said Mara . " I will . " " Sit down . " " Thank you . " Olan sat . '
    '" Well ? " said Olan . " Well . "'
).split()
"""Olan answers Mara and she him; the first line of each has a cue."""


def novel() -> Novel:
    starts = tuple(accumulate((len(word) + 1 for word in TALK[:-1]), initial=0))
    marks = [k for k, word in enumerate(TALK) if word == '"']
    turns = tuple((starts[a], starts[b] + 1) for a, b in zip(marks[::2], marks[1::2], strict=True))
    speaking = ("mara", "olan", "mara", "olan", "olan", "mara")
    rules = ("cue-name", *["turn-taking"] * 3, "cue-name", "turn-taking")
    sure = ({"mara": 0.98, "olan": 0.02}, {"olan": 0.98, "mara": 0.02})
    even = {"mara": 0.5, "olan": 0.5}
    chances = (sure[0], even, even, even, sure[1], even)
    mentions = tuple(
        Named(start, start + len(word), "name", word.lower(), quoted=False)
        for start, word in zip(starts, TALK, strict=True)
        if word in ("Mara", "Olan")
    )
    named = [(m.start, m.end) for m in mentions]
    cues = (named[1], None, None, None, named[3], None)
    spoken = bytes(any(a <= start < b for a, b in turns) for start in starts)
    return Novel(
        name="talk",
        words=Words(starts, tuple(s + len(w) for s, w in zip(starts, TALK, strict=True)), tuple(TALK), (0,)),
        dialogue=Dialogue(turns, rules, chances, ((),) * 6, (1,) * 6, mentions, cues),
        right=tuple((who,) for who in speaking),
        heard=tuple(("olan",) if who == "mara" else ("mara",) for who in speaking),
        spoken=spoken,
        names={"Mara": "f", "Olan": "m"},
    )


class Pieces:
    """A tokenizer that has one wordpiece for each word."""

    def encode_batch(self, words: Sequence[str], **_: bool) -> list[SimpleNamespace]:
        return [self.encode(word) for word in words]

    def encode(self, word: str, **_: bool) -> SimpleNamespace:
        return SimpleNamespace(ids=[200 + sum(map(ord, word)) % 250])


def talk(chance: random.Random | None = None) -> Stretch:
    (held,) = stretches(novel(), TALK, Pieces(), chance)  # type: ignore[arg-type]
    return held


def test_the_heads_for_speakers_learn_a_talk_by_heart_and_the_reader_scores_as_they_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train, "RATES", (0.02, 0.004, 0.02))
    torch.manual_seed(3)
    training = train.Training(Tiny(), total=90)
    training.model.speakers.drop.p = 0
    held = talk()
    for _ in range(80):
        found = training.learn(train.Batch(stretches=(held,)))
    assert found.keys() == {"speakers", "alone", "addressees"}
    assert all(loss < 0.2 for loss in found.values()), found
    model = training.model.eval()
    with torch.no_grad():
        words = train.vectors(model, [w.ids for w in held.windows])[0][list(held.windows[0].at)]
        alone, both = model.speakers(words, held.rows)
    kept = {PREFIX + name: array.numpy() for name, array in model.speakers.state_dict().items()}
    assert set(kept) == {PREFIX + name for name in SPEAKERS}
    heads = SpeakerHeads(kept)
    theirs = heads.scores(heads.keys(words.numpy(), held.rows), held.rows)
    np.testing.assert_allclose(theirs[0], alone.numpy(), atol=1e-3)
    np.testing.assert_allclose(theirs[1], both.numpy(), atol=1e-3)
    said = heads.hear(novel().dialogue, novel().words.starts, words.numpy())
    assert [max(table, key=table.__getitem__) for table in said.speakers] == [who for (who,) in novel().right]
    told = by_turn(held.rows, theirs[1][HEARD])
    assert [tuple(who for who, score in table.items() if score > 0) for table in told] == list(novel().heard)


def test_without_its_marks_a_talk_is_learned_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "RATES", (0.02, 0.004, 0.02))
    monkeypatch.setattr("training.stretches.BARE", 1.1)
    torch.manual_seed(3)
    held = talk(random.Random(1))
    assert held.spoken is not None
    (window,) = held.windows
    assert len(window.ids) - 2 == sum(word != '"' for word in TALK)
    training = train.Training(Tiny(), total=90)
    training.model.heads.drop.p = 0
    for _ in range(80):
        found = training.learn(train.Batch(stretches=(held,)))
    assert found["spoken"] < 0.3
    model = training.model.eval()
    with torch.no_grad():
        words = train.vectors(model, [window.ids])[0][list(window.at)]
        odds = model.heads.speech(words)
    for word in ("Mara", "said", "sat", "Come", "will", "Thank"):  # others are spoken here and told there
        assert all((odds[k] > 0) == bool(novel().spoken[k]) for k, other in enumerate(TALK) if other == word)
    ours = Heads({name: array.numpy() for name, array in model.heads.state_dict().items()})
    np.testing.assert_allclose(ours.spoken(words.numpy()), odds.numpy(), atol=1e-3)


def test_a_mark_that_is_taken_out_stands_for_the_word_beside_it() -> None:
    pieces = [(200 + k,) for k in range(len(TALK))]
    (whole,) = cut(pieces, (0,))
    without = bare(whole, TALK, novel().spoken)
    kept = [k for k, word in enumerate(TALK) if word != '"']
    assert without.ids[1:-1] == tuple(200 + k for k in kept)
    for k, at in enumerate(without.at):
        opens = TALK[:k].count('"') % 2 == 0
        meant = k if k in kept else k + 1 if opens else k - 1
        assert without.ids[at] == 200 + meant


def test_what_the_heads_say_is_weighed_again_and_the_heads_then_say_it_so() -> None:
    torch.manual_seed(5)
    model, held = Tiny().eval(), talk()
    with torch.no_grad():
        words = train.vectors(model, [w.ids for w in held.windows])[0][list(held.windows[0].at)]
        alone, near = model.speakers.parts(words, speakers.Rows(held.rows))
        before = speakers.losses(model.speakers(words, held.rows), held.rows, held.gold)
        left = weigh.fit(model.speakers, [weigh.Story(held.rows, alone, near, held.gold)])
        after = speakers.losses(model.speakers(words, held.rows), held.rows, held.gold)
    tables = (model.speakers.weight, model.speakers.rule)
    spread = sum(float(((t - t.mean(1, keepdim=True)) ** 2).sum().detach()) for t in tables)
    fitted = float(after["speakers"] + after["addressees"])
    assert left == pytest.approx(fitted + weigh.RIDGE * spread, abs=1e-4)
    assert fitted < 0.8 * float(before["speakers"] + before["addressees"])


def test_a_masked_cue_hides_its_name_and_what_the_rules_know_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.stretches.MASKED", 1.1)
    held, whole = talk(random.Random(1)), talk()
    turn = held.rows.row_turn
    assert np.exp(held.rows.row_log[turn == 0]) == pytest.approx([0.5, 0.5])
    assert len(held.rows.mentions) < len(whole.rows.mentions)
    assert held.gold.right.tolist() == whole.gold.right.tolist()
    assert held.gold.ruled[torch.tensor(turn == 0)].sum() == 0
    assert held.gold.ruled[torch.tensor(turn == 1)].sum() == 1


def test_under_other_names_everybody_is_called_the_same_everywhere() -> None:
    pool = {"m": ["Tobin"], "f": ["Ilse"], "s": ["Hale"]}
    words = renamed(TALK, novel().names, pool, random.Random(1))
    assert words == tuple({"Mara": "Ilse", "Olan": "Tobin"}.get(word, word) for word in TALK)


REFERENTS = tuple(
    Referent(k, k, "pronoun" if word == "I" else "name", {"Mara": 0, "Olan": 1, "I": 1}[word])
    for k, word in enumerate(TALK)
    if word in ("Mara", "Olan", "I")
)


def test_whom_a_novels_words_mean_is_learned_by_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "RATES", (0.02, 0.004, 0.02))
    monkeypatch.setattr(train, "WEIGHTS", {"meant": 1.0})
    torch.manual_seed(3)
    training = train.Training(Tiny(), total=90)
    training.model.heads.drop.p = 0
    told = msgspec.structs.replace(novel(), referents=REFERENTS)
    (held,) = stretches(told, TALK, Pieces(), None)  # type: ignore[arg-type]
    for _ in range(60):
        found = training.learn(train.Batch(stretches=(held,)))
    assert found["meant"] < 0.1
    assert held.meant.who.tolist() == [r.who for r in REFERENTS]


def test_links_are_fitted_to_novels_as_the_shipped_encoder_reads_them(tmp_path: Path) -> None:
    told = msgspec.structs.replace(novel(), referents=REFERENTS)
    model = load(models.make(tmp_path))
    (held,) = links.heard(told, model)
    assert held.chain.tolist() == [r.who for r in REFERENTS]
    assert len(held.windows[0].words) == len(TALK)
    torch.manual_seed(3)
    heads = torch_heads.Heads(models.WIDTH)
    losses = links.fit(heads, [held], [held], epochs=60)
    assert losses[-1] < 0.7 * losses[0]


def test_gold_of_some_mentions_asks_nothing_of_the_others() -> None:
    scores = torch.tensor([[0.0, -1e4, -1e4, -1e4], [0.0, 9.0, -1e4, -1e4], [0.0, 1.0, 9.0, -1e4]])
    who = torch.tensor([0, -1, 0])
    # The third takes up the first or nobody: the second, likeliest of all, is as if it were not there.
    assert train.marginal(scores, who, who >= 0).item() == pytest.approx(np.log(1 + np.exp(-1)), abs=1e-4)
    # Of two that are known none takes up the other; either may take up one of whom gold says nothing.
    assert train.marginal(scores, torch.tensor([0, -1, 1]), who >= 0).item() == 0


def test_gold_of_a_quotation_says_whom_its_words_mean_and_who_speaks_in_its_cue() -> None:
    words = 'Mara met him . " I miss Olan , you see , " said the old man .'.split()
    starts = tuple(accumulate((len(word) + 1 for word in words[:-1]), initial=0))
    at = dict(zip(words, starts, strict=True))
    span = (starts[4], starts[12] + 1)
    cue = (at["the"], at["man"] + 3)
    mentions = (
        Named(0, 4, "name", "c1", quoted=False),
        Named(at["him"], at["him"] + 3, "pronoun", "c9", quoted=False),
        Named(at["Olan"], at["Olan"] + 4, "name", "c3", quoted=True),
        Named(*cue, "nominal", "c4", quoted=False),
    )
    dialogue = Dialogue((span,), ("cue-nominal",), ({},), ((),), (1,), mentions, (cue,))
    inside = ((at["Olan"], at["Olan"] + 4, "Olan"), (at["you"], at["you"] + 3, "Mara"))
    said = referents.Said((span,), "Tobin", inside)
    held = Words(starts, tuple(s + len(w) for s, w in zip(starts, words, strict=True)), tuple(words), (0,))
    found = referents.of(held, dialogue, [said], {"c1": "Mara"}, lambda offset: offset)
    named = {"Mara": 0, "him": None, "I": 1, "Olan": 2, "you": 0, "the old man": 1}
    assert [" ".join(words[r.first : r.last + 1]) for r in found] == list(named)
    groups = {text: r.who for text, r in zip(named, found, strict=True)}
    assert groups["him"] == referents.UNKNOWN
    assert groups["Mara"] == groups["you"]
    assert groups["I"] == groups["the old man"]
    assert len({groups["Mara"], groups["I"], groups["Olan"]}) == 3
    assert [r.kind for r in found] == ["name", "pronoun", "pronoun", "name", "pronoun", "nominal"]


def test_a_name_that_was_taken_away_is_no_name() -> None:
    held = Referent(1, 2, "name", 0)
    assert referents.kind_of(held, "said Mara Hill .".split()) == "name"
    assert referents.kind_of(held, "said the woman .".split()) == "nominal"
    assert referents.kind_of(Referent(1, 1, "name", 0), "said she .".split()) == "pronoun"


def test_the_rate_rises_and_falls() -> None:
    rates = [train.rate(step, 100) for step in range(101)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 < rates[-1] <= 0.05
    assert max(rates) <= 1


def test_a_wild_story_is_a_novel_whose_turns_gold_knows() -> None:
    path = next(p for p in paths("") if p.stem == "things-said-in-a-fever")
    novel = wild.load(path)
    known = [right for right in novel.right if right]
    assert len(novel.right) == len(novel.dialogue.turns)
    assert len(known) > 0.8 * len(novel.right)
    assert all(set(right) <= table.keys() for right, table in zip(novel.right, novel.dialogue.chances, strict=True))
    assert len(novel.spoken) == len(novel.words.starts)
    assert 0.2 < sum(novel.spoken) / len(novel.spoken) < 0.8
    assert novel.name in wild.KEPT


TOLD = (
    'Mara and Olan kept the light. "Is the lamp out?" asked Mara.\n\n"It is out," said Olan. "I saw it."\n\n'
    '"Then light it," Mara said, "and come back."\n\n"I shall," said Olan, and he took his coat.\n\n'
    '"Hurry!" said Mara.\n\n"I never hurry," said Olan.\n\n'
)


def test_a_novel_nobody_has_marked_teaches_who_speaks_by_lost_cues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distant, "SHARES", (0.5, 0.5))
    book = distant.load("talk", (TOLD * 8).encode())
    assert book.name == "book-talk"
    lost = [k for k, asked in enumerate(book.ruled) if asked]
    assert 10 < len(lost) < 40
    spelled = book.words.spelled
    said = spelled.count("said") + spelled.count("asked")
    assert said < 6 * 8  # some cues are gone ...
    assert spelled.count("she") > 0  # ... and of some the name
    named = [m for m in book.dialogue.mentions if m.kind == "name"]
    called = {m.who: spelled[bisect_left(book.words.starts, m.start)] for m in named}
    talk = [called[who] for (who,) in book.right]
    assert len(book.right) == len(book.dialogue.turns) >= 6 * 8
    assert [who for k, who in enumerate(talk) if k == 0 or talk[k - 1] != who] == ["Mara", "Olan"] * 24
    assert 'out . " " I saw' not in " ".join(spelled)  # mark to mark they would be two people's
    assert not any(book.heard)
    (quoted,) = {bool(book.spoken[k]) for k, word in enumerate(spelled) if word in ("lamp", "hurry")}
    assert quoted


@given(
    st.text("ab ", max_size=40).flatmap(
        lambda text: st.tuples(
            st.just(text), st.lists(st.integers(0, len(text)), max_size=8), st.text("xy", max_size=3)
        )
    )
)
def test_a_text_is_edited_as_if_one_edit_were_made_behind_the_other(made: tuple[str, list[int], str]) -> None:
    text, cuts, instead = made
    cuts = sorted(cuts)
    edits = [distant.Edit(a, b, instead) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    wanted = text
    for edit in reversed(edits):
        wanted = wanted[: edit.start] + edit.instead + wanted[edit.end :]
    assert distant.edited(text, edits) == wanted


def test_an_epoch_has_some_stretches_of_such_novels_those_the_likelier_that_ask_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train, "FAR", 20)
    rich, poor = talk(), talk()
    poor = msgspec.structs.replace(poor, gold=msgspec.structs.replace(poor.gold, ruled=0 * poor.gold.ruled))
    drawn = train._rich([*[poor] * 30, *[rich] * 30], random.Random(2))
    assert len(drawn) == 20
    assert sum(stretch is rich for stretch in drawn) > 15
    unasked = msgspec.structs.replace(novel(), ruled=(False,) * 6)
    (held,) = stretches(unasked, TALK, Pieces(), None)  # type: ignore[arg-type]
    assert held.gold.right.sum() == 6
    assert held.gold.ruled.sum() == 0
