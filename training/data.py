"""`make data`: LitBank's samples and books, PDNC's novels, wild stories and MiniLM's weights, in one folder."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import msgspec
import torch
from tokenizers import Tokenizer

from benchmarks import corpus
from benchmarks import wild as written
from training import dialogues, distant, litbank, minilm, wild
from training.dialogues import Novel

SAMPLES, NOVELS, BASE, TOKENIZER = "samples.msgpack", "novels", "base.pt", "tokenizer.json"
"""The folder's files, and its folder of novels."""


def main(folder: Path, out: Path) -> None:
    """Write the files.

    :param folder: LitBank's.
    """
    out.mkdir(parents=True, exist_ok=True)
    samples = litbank.load(folder)
    (out / SAMPLES).write_bytes(msgspec.msgpack.encode(samples))
    (out / NOVELS).mkdir(exist_ok=True)
    for book in corpus.novels():
        if book not in dialogues.DEV:
            (out / NOVELS / f"{book}.msgpack").write_bytes(msgspec.msgpack.encode(dialogues.load(book)))
    for path in written.paths(""):
        held = wild.load(path)
        (out / NOVELS / f"{held.name}.msgpack").write_bytes(msgspec.msgpack.encode(held))
    for name, text in litbank.books(folder):
        told = distant.load(name, text)
        (out / NOVELS / f"{told.name}.msgpack").write_bytes(msgspec.msgpack.encode(told))
    base = minilm.base_files()
    torch.save(minilm.from_base(base / "model.safetensors").state_dict(), out / BASE)
    shutil.copyfile(base / "tokenizer.json", out / TOKENIZER)
    print(f"{len(samples)} samples, {sum(len(s.words) for s in samples):,} words, in {out}")


def novels(folder: Path) -> list[Novel]:
    """The novels of a folder, in the order of their names."""
    files = sorted((folder / NOVELS).glob("*.msgpack"))
    return [msgspec.msgpack.decode(file.read_bytes(), type=Novel) for file in files]


def tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a folder; it neither fills up what it is given nor cuts it off, as MiniLM's own settings do."""
    held = Tokenizer.from_file(str(folder / TOKENIZER))
    held.no_padding()
    held.no_truncation()
    return held


def restore(file: Path) -> dict[str, torch.Tensor]:
    """The weights that a file holds."""
    held: dict[str, torch.Tensor] = torch.load(file, weights_only=True)
    return held


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("litbank", type=Path)
    parser.add_argument("out", type=Path)
    said = parser.parse_args()
    main(said.litbank, said.out)
