"""Finds global average pooling followed by one linear layer, and checks it on the numbers.

With activations A (N, C, places), W (K, C) and b (K,): scores = W mean(A) + b. Class activation
maps, and Grad-CAM and Ablation-CAM of all classes, are then closed forms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import OutputError
from ..ops.precision import full, rounding
from .diagnosis import first_not_finite
from .hooks import visiting
from .inputs import Inputs
from .keras_layers import dense_weights
from .model import Model
from .structure import leaves
from .trace import Trace, Visit


@dataclass(frozen=True)
class PooledHead:
    """Where the pooled map is, and the linear layer after it; None means the identity (a 1×1
    convolution gives the class maps and their mean is the score)."""

    visit: Visit
    linear: nn.Module | None

    def weight(self, activation: Tensor) -> Tensor:
        """W, shape (K, C), in the activation's type."""
        known = None if self.linear is None else _weights(self.linear)
        if known is None:
            return torch.eye(activation.shape[1], dtype=activation.dtype, device=activation.device)
        return known[0].detach().flatten(1).to(activation.dtype)

    def bias(self, activation: Tensor) -> Tensor:
        """b, shape (K,), in the activation's type."""
        known = None if self.linear is None else _weights(self.linear)
        if known is not None and known[1] is not None:
            return known[1].detach().to(activation.dtype)
        return activation.new_zeros(self.weight(activation).shape[0])

    def scores(self, maps: Tensor) -> Tensor:
        """W mean(A) + b for maps (N, C, places…)."""
        mean = full(maps).flatten(2).mean(2)
        return mean @ full(self.weight(maps)).T + full(self.bias(maps))


def pooled_head(model: Model, sample: Inputs, trace: Trace) -> PooledHead | str:
    """The head, or the reason why the network has none. `sample` is a small batch."""
    means: list[tuple[Visit, Tensor]] = []
    linears: list[tuple[str, nn.Module, Tensor, Tensor]] = []
    order = iter(trace.visits)

    def visit(name: str, call: int, module: nn.Module | None, args: Any, output: Any) -> None:
        floats = [t for _, t in leaves(output) if t.is_floating_point()]
        if not floats:
            return
        known = next(order)
        if known.layout is not None and known.layout.spatial and known.layout.certain:
            means.append((known, known.layout.maps(floats[0]).flatten(2).mean(2)))
        if module is not None and args and _weights(module) is not None:
            linears.append((name, module, args[0], floats[0].clone()))

    with visiting(model.module, visit, functional=True):
        raw = model.run(sample)
    try:
        scores = model.scores(raw, sample.n)
    except OutputError:
        return "its output is not one table of scores"
    if not torch.isfinite(scores).all():
        raise first_not_finite(model, sample)
    if scores.ndim != 2:
        return f"the model gives a dense output {tuple(scores.shape)}"
    direct = _last(means, lambda mean: _same(mean, scores))
    if direct is not None:
        return PooledHead(direct, None)
    heads = [entry for entry in linears if _same(entry[3].flatten(1), scores)]
    if not heads:
        return "its scores do not come straight from one linear layer"
    name, module, given, _ = heads[-1]
    if isinstance(module, nn.modules.conv._ConvNd) and given.flatten(2).shape[2] != 1:
        return f"its last layer {name!r} is a convolution over several places"
    visited = _last(means, lambda mean: _same(mean, given.flatten(1)))
    if visited is None:
        return (
            f"its linear layer {name!r} takes {tuple(given.shape[1:])} values that are not the "
            "mean of a feature map (flattening, several linear layers, or another pooling)"
        )
    return PooledHead(visited, module)


def _weights(module: nn.Module) -> tuple[Tensor, Tensor | None] | None:
    """Weight `(K, C, …)` and bias of a linear layer or a convolution, None for other modules."""
    if isinstance(module, nn.Linear | nn.modules.conv._ConvNd):
        return module.weight, module.bias
    return dense_weights(module)


def _last(means: list[tuple[Visit, Tensor]], fits: Callable[[Tensor], bool]) -> Visit | None:
    return next((visit for visit, mean in reversed(means) if fits(mean)), None)


def _same(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape:
        return False
    limit = rounding(b.dtype)
    return bool(torch.allclose(full(a), full(b), limit, 0.1 * limit * float(b.abs().max())))
