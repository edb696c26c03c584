"""How the encoder's weights are made: the heads learn, a run goes on where it was stopped, what is kept reads alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which nothing else does")
torch.set_num_threads(1)

from tests import models  # noqa: E402
from training import export, minilm, speakers, train  # noqa: E402
from training import heads as torch_heads  # noqa: E402
from training.litbank import Mention, Sample  # noqa: E402
from training.pages import pages  # noqa: E402
from training.smooth import smooth  # noqa: E402
from unsaid.encoder import LABELS  # noqa: E402
from unsaid.encoder.decode import mentions  # noqa: E402
from unsaid.encoder.heads import NAMES, Heads, pair_kinds  # noqa: E402
from unsaid.encoder.heads import Mention as Found  # noqa: E402
from unsaid.models import session  # noqa: E402

if TYPE_CHECKING:
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
    monkeypatch.setattr(train, "RATES", (0.02, 0.004))
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
    links = theirs.links(*theirs.keys(words.numpy(), found), pair_kinds(found, found), behind, alike.numpy())
    np.testing.assert_allclose(links, wanted.log_softmax(-1), atol=1e-4)


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


def test_the_rate_rises_and_falls() -> None:
    rates = [train.rate(step, 100) for step in range(101)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert 0 < rates[-1] <= 0.05
    assert max(rates) <= 1
