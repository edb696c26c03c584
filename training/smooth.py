"""The encoder's outliers spread before its numbers are cut to eight bits (SmoothQuant; Xiao et al. 2023).

A few of MiniLM's 384 numbers a wordpiece are ten times as large as the rest. Eight bits that have to reach those leave
hardly any for the others. What goes into a product of matrices is therefore divided, number by number, by a scale that
the matrix is multiplied with; the product stays what it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from training.minilm import Encoder

SHARE = 0.8
"""How much of its spread a number's size loses to its row of the matrix. Of 0.35 to 1, the one that brings the vectors
of 24 windows of LitBank (none of those held out) nearest to the float ones: off by 0.059 of their length; 0.099 as they
were."""
PRODUCTS = ("qkv", "up", "down")
"""The products of a layer whose input is scaled; attention's own output has no outliers."""
_LEAST = 1e-3  # of a number that is hardly ever anything but zero, so that its scale stays in bounds


class Smoothed(torch.nn.Module):
    """A linear map of its input over ``scale``: the one that it was made from."""

    def __init__(self, linear: torch.nn.Linear, scale: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("inverse", 1 / scale)
        self.linear = torch.nn.Linear(linear.in_features, linear.out_features)
        with torch.no_grad():
            self.linear.weight.copy_(linear.weight * scale)
            self.linear.bias.copy_(linear.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x``: (…, in) -> (…, out)."""
        inverse: torch.Tensor = self.inverse
        found: torch.Tensor = self.linear(x * inverse)
        return found


def smooth(encoder: Encoder, windows: Iterable[Sequence[int]]) -> None:
    """Scale an encoder's products by what goes into them when it reads windows of wordpieces."""
    largest = _largest(encoder, windows)
    for (layer, name), seen in largest.items():
        product = getattr(encoder.layers[layer], name)
        scale = seen.clamp(min=_LEAST) ** SHARE / product.weight.abs().amax(0).clamp(min=_LEAST) ** (1 - SHARE)
        setattr(encoder.layers[layer], name, Smoothed(product, scale))


def _largest(encoder: Encoder, windows: Iterable[Sequence[int]]) -> dict[tuple[int, str], torch.Tensor]:
    """Of each product, the largest size of each number that goes into it."""
    largest: dict[tuple[int, str], torch.Tensor] = {}

    def keep(key: tuple[int, str], x: torch.Tensor) -> None:
        size = x.abs().amax((0, 1))
        largest[key] = torch.maximum(largest.get(key, size), size)

    watched = [((i, name), getattr(layer, name)) for i, layer in enumerate(encoder.layers) for name in PRODUCTS]
    hooks = [p.register_forward_pre_hook(lambda _, given, key=key: keep(key, given[0])) for key, p in watched]
    try:
        with torch.no_grad():
            for window in windows:
                ids = torch.tensor([window])
                encoder(ids, torch.ones_like(ids))
    finally:
        for hook in hooks:
            hook.remove()
    return largest
