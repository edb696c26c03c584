"""A trained model to the files that the package ships: the encoder as int8 ONNX, the heads as arrays, a manifest."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.minilm import HEADS
from unsaid.encoder.heads import NAMES
from unsaid.encoder.model import FILES, MANIFEST
from unsaid.encoder.speakers import NAMES as SPEAKERS
from unsaid.encoder.speakers import PREFIX
from unsaid.models import digest_of

if TYPE_CHECKING:
    from training.heads import Model
    from training.minilm import Encoder

_ONNX, _HEADS, _TOKENIZER = FILES


def export(model: Model, tokenizer: Path, out: Path) -> None:
    """Write the model's files and the manifest that names their digests into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    model.eval()
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        to_onnx(model.encoder, whole)
        quantize_dynamic(whole, out / _ONNX, weight_type=QuantType.QInt8, per_channel=True)
    shutil.copyfile(tokenizer, out / _TOKENIZER)
    write_heads(model, out)


def write_heads(model: Model, folder: Path) -> None:
    """Write the heads' arrays, and the manifest over the folder's files as they are then."""
    heads, speakers = model.heads.state_dict(), model.speakers.state_dict()
    held = {name: heads[name] for name in NAMES} | {PREFIX + name: speakers[name] for name in SPEAKERS}
    np.savez(folder / _HEADS, **{name: array.numpy().astype(np.float16) for name, array in held.items()})
    digests = {name: digest_of(folder / name) for name in FILES}
    (folder / MANIFEST).write_text(json.dumps({"files": digests}, indent=1) + "\n", encoding="utf-8")


class _Alone(torch.nn.Module):
    """The encoder as it is shipped: it reads a window by itself, so that nothing is padded and nothing is masked.

    ONNX Runtime's own attention never holds all the logits of a window at once if there is no mask: a window of 384
    wordpieces takes 58 ms with it where the operators of the standard take 88.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.encoder.read(ids, _fused)


def _fused(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    seen: torch.Tensor = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention", (q, k, v), {"num_heads": HEADS}, dtype=q.dtype, shape=q.shape, version=1
    )
    return seen


def to_onnx(encoder: Encoder, file: Path) -> None:
    """Write the encoder as ONNX: ``ids``, (batch, length), windows of one length, to ``vectors``."""
    batch, length = torch.export.Dim("batch", min=1, max=256), torch.export.Dim("length", min=2, max=512)
    torch.onnx.export(
        _Alone(encoder).eval(),
        (torch.ones(2, 16, dtype=torch.long),),
        file,
        input_names=["ids"],
        output_names=["vectors"],
        dynamic_shapes={"ids": {0: batch, 1: length}},
        dynamo=True,
        external_data=False,
        opset_version=20,
    )
    onnx.checker.check_model(str(file))
