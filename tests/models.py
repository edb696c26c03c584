"""Tiny models for the tests of the encoder: wordpieces to vectors by a table, heads by chance or by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from unsaid.encoder.dialogue import NEIGHBOURS, PLACES, RULES, SORTS
from unsaid.encoder.heads import DISTANCES, WIDEST
from unsaid.encoder.layer import KINDS, LABELS
from unsaid.encoder.model import FILES, MANIFEST
from unsaid.encoder.speakers import PREFIX
from unsaid.models import digest_of

if TYPE_CHECKING:
    from pathlib import Path

    from unsaid.encoder.heads import Floats

WIDTH, KEY, LINK_KEY = 6, 5, 4
WORDS = "[UNK] the a girl boy ship town came saw he she it and . , \" ' ? ! mara olan s".split()


def weights(seed: int = 7, *, scale: float = 0.6) -> dict[str, Floats]:
    """Every array of the heads, by chance."""
    chance = np.random.default_rng(seed)
    classes, pairs = len(LABELS) + 1, len(KINDS) ** 2
    shapes = {
        "start.weight": (KEY, WIDTH), "start.bias": (KEY,), "end.weight": (KEY, WIDTH), "end.bias": (KEY,),
        "bilinear": (classes, KEY, KEY), "length.weight": (WIDEST, classes),
        "inside.weight": (classes, WIDTH), "inside.bias": (classes,),
        "start_bias.weight": (classes, KEY), "start_bias.bias": (classes,),
        "end_bias.weight": (classes, KEY), "end_bias.bias": (classes,),
        "event.0.weight": (KEY, WIDTH), "event.0.bias": (KEY,), "event.2.weight": (1, KEY), "event.2.bias": (1,),
        "spoken.0.weight": (KEY, WIDTH), "spoken.0.bias": (KEY,), "spoken.2.weight": (1, KEY), "spoken.2.bias": (1,),
        "labels.weight": (len(LABELS), 3), "apart.weight": (len(DISTANCES) + 1, pairs), "alike.weight": (3, pairs),
        "none.weight": (1, LINK_KEY), "none.bias": (1,), "temperature": (3,),
    }  # fmt: skip
    for which in ("anaphor", "antecedent"):
        shapes |= {
            f"{which}.0.weight": (8, 3 * WIDTH + 3), f"{which}.0.bias": (8,),
            f"{which}.2.weight": (LINK_KEY, 8), f"{which}.2.bias": (LINK_KEY,),
        }  # fmt: skip
    rules = (2, len(RULES))
    shapes |= {
        PREFIX + name: shape
        for name, shape in {
            "turn.0.weight": (4, 7 * WIDTH), "turn.0.bias": (4,), "turn.2.weight": (12, 4), "turn.2.bias": (12,),
            "mention.0.weight": (4, 2 * WIDTH), "mention.0.bias": (4,),
            "mention.2.weight": (4, 4), "mention.2.bias": (4,), "place": (2, PLACES, SORTS), "near": (2, NEIGHBOURS),
            "absent": (2,), "told": (2,), "even": (2,), "rule": rules, "weight": rules,
        }.items()
    }  # fmt: skip
    of = {name: chance.normal(0, scale, shape).astype(np.float32) for name, shape in shapes.items()}
    return of | {"temperature": np.ones(3, dtype=np.float32)}


def make(folder: Path, *, seed: int = 7) -> Path:
    """A whole model in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    table = chance.normal(0, 1, (128, WIDTH)).astype(np.float32)
    onnx.save(_looking_up(table), folder / FILES[0])
    np.savez(folder / FILES[1], **weights(seed))
    known = {word: k for k, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(known, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / FILES[2]))
    seal(folder)
    return folder


def seal(folder: Path) -> None:
    """A manifest over a folder's files as they are now."""
    manifest = {"files": {name: digest_of(folder / name) for name in FILES}}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _looking_up(table: Floats) -> onnx.ModelProto:
    """An encoder that gives each wordpiece its row of a table."""
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "ids"], ["vectors"], axis=0)],
        "tiny",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", "length", table.shape[1]])],
        [numpy_helper.from_array(table, "table")],
    )
    return helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)])


def multiplying(table: Floats, weights: Floats) -> onnx.ModelProto:
    """An encoder that looks up each wordpiece, bends it and multiplies it once."""
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["found"], axis=0),
            helper.make_node("Tanh", ["found"], ["bent"]),
            helper.make_node("MatMul", ["bent", "weights"], ["vectors"]),
        ],
        "once",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", "length", weights.shape[1]])],
        [numpy_helper.from_array(table, "table"), numpy_helper.from_array(weights, "weights")],
    )
    return helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)])
