"""What is timed of Pellucid: each function builds its model and returns a run."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import nets
import pellucid as pl


def forward(model: str) -> Callable[[], None]:
    """One plain forward pass of the network as given."""
    net, x = nets.build(model), nets.image(model)

    def run() -> None:
        with torch.no_grad():
            net(x)

    return run


def grad_cam(model: str, classes: list[int], upsample: bool) -> Callable[[], Any]:
    """Grad-CAM of all `classes` in one call."""
    layer = nets.SUBJECTS[model].layer
    target = pl.Class(classes)
    made, x = pl.Model(nets.build(model)), nets.image(model)
    return lambda: pl.explain(made, x, "grad_cam", target, layer=layer, upsample=upsample).values


def integrated_gradients(model: str, index: int, n_steps: int, max_steps: int) -> Callable[[], Any]:
    """Integrated gradients that double their steps from `n_steps` to `max_steps`."""
    made, x = pl.Model(nets.build(model)), nets.image(model)
    method = pl.IntegratedGradients(n_steps=n_steps, max_steps=max_steps, tolerance=1e-9)
    return lambda: torch.tensor(pl.explain(made, x, method, index).values)


def integral(model: str, index: int, steps: int) -> Callable[[], Tensor]:
    """The integral from zero with many midpoint steps, summed in double precision."""
    net, x = nets.build(model).requires_grad_(False), nets.image(model)

    def gradients(start: int) -> Tensor:
        at = torch.arange(start, min(start + 8, steps))
        points = (((at + 0.5) / steps).view(-1, 1, 1, 1) * x).requires_grad_()
        (found,) = torch.autograd.grad(net(points)[:, index].sum(), points)
        return found.double().sum(0, keepdim=True)

    return lambda: x.double() * sum(gradients(start) for start in range(0, steps, 8)) / steps


def lrp(model: str, composite: str, index: int) -> Callable[[], Any]:
    """LRP of the network as people write it: relevance of one unit of the score."""
    made, x = pl.Model(nets.build(model)), nets.image(model)
    method = pl.LRP(composite=composite, low=nets.LOW, high=nets.HIGH)

    def run() -> Tensor:
        e = pl.explain(made, x, method, index)
        return torch.tensor(e.values / e.score[0])

    return run


def deeplift(model: str, index: int) -> Callable[[], Any]:
    """DeepLIFT from zero."""
    made, x = pl.Model(nets.build(model)), nets.image(model)
    return lambda: torch.tensor(pl.explain(made, x, "deeplift", index).values)
