"""The last steps of `make train`: from a checkpoint to the files that the package ships.

The encoder is written as int8 ONNX, its outliers spread; with that, samples and novels are read once more, the links
are fitted on what it sees over whole samples, and the scores are scaled so that chances can be believed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import torch

from training import links, scale, weigh, wild
from training.data import SAMPLES, TOKENIZER, novels, restore, tokenizer
from training.dialogues import SCALED
from training.export import export, write_heads
from training.heads import Model
from training.litbank import HELD_OUT, KEPT_BACK, Sample
from training.pages import spell
from training.smooth import smooth
from training.train import SEED
from unsaid.encoder import load
from unsaid.encoder.windows import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokenizers import Tokenizer

    from training.links import Read


def main(checkpoint: Path, data: Path, out: Path) -> None:
    """Write the model's files into ``out``."""
    torch.manual_seed(SEED)
    model = Model()
    model.load_state_dict(restore(checkpoint)["model"])
    pieces = tokenizer(data)
    held = msgspec.msgpack.decode((data / SAMPLES).read_bytes(), type=list[Sample])
    samples = [s for s in held if s.name not in HELD_OUT]
    smooth(model.encoder.eval(), _openings(samples, pieces))
    export(model, data / TOKENIZER, out)
    shipped = load(out)
    every = novels(data)
    heard = [read for n in every if n.name not in (*SCALED, *wild.KEPT) for read in links.heard(n, shipped)]
    _fit_links(model, {s.name: links.read(s, pieces, shipped.vectors) for s in samples}, heard)
    kept = [weigh.read(model.speakers, n, shipped) for n in every if n.name in SCALED]
    print("speakers and addressees, loss on what was kept back:", round(weigh.fit(model.speakers, kept), 3))
    write_heads(model, out)


def _fit_links(model: Model, read: Mapping[str, Read], heard: Sequence[Read]) -> None:
    """Fit the links to samples, by name, and to stretches of novels; scale the heads on the samples kept back."""
    taught = [held for name, held in read.items() if name not in KEPT_BACK]
    print("links, loss by epoch:", [round(loss, 3) for loss in links.fit(model.heads, taught, heard)])
    found = scale.temperatures(model.heads, [read[name] for name in KEPT_BACK])
    print("temperatures of mentions, events, links:", found)
    model.heads.temperature.copy_(torch.tensor(found))


def _openings(samples: Sequence[Sample], tokenizer: Tokenizer) -> Iterator[tuple[int, ...]]:
    """The first window of each sample."""
    for sample in samples:
        yield next(cut(spell(sample, tokenizer), sample.sentences)).ids


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    main(**vars(parser.parse_args()))
