"""The same method on inputs nearby: what a robust explanation should not notice."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..core.inputs import Inputs
from ..errors import NotApplicable
from .metric import Bench
from .subject import Subject


@dataclass(frozen=True)
class Neighbours:
    """Distances of `draws` neighbours, `(draws, N)` each: of inputs, of explanations, and the size
    of the explanation itself `(N,)`; all Euclidean."""

    inputs: Tensor
    explanations: Tensor
    size: Tensor


def neighbours(subject: Subject, bench: Bench, draws: int, radius: float) -> Neighbours:
    """Explanations at inputs drawn uniformly within `radius` standard deviations of the input,
    number by number. Asked once for all metrics that need the same ones."""
    key = ("neighbours", id(subject.e), draws, radius)
    found: Neighbours = bench.remembered(key, lambda: _measure(subject, draws, radius))
    return found


def nudged(subject: Subject, radius: float, seed: int) -> Inputs:
    """The inputs with uniform noise of at most `radius` standard deviations on every number; the
    same noise, in these units, for every row."""
    x = subject.inputs.explained
    if not x or subject.inputs.encoding is not None:
        raise NotApplicable(
            "Ids, categories and words have no neighbours that look the same.",
            "Compare another seed or another method instead.",
        )
    generator = torch.Generator().manual_seed(seed)
    moved = {}
    for name, tensor in x.items():
        unit = torch.rand(tensor.shape[1:], generator=generator) * 2 - 1
        spread = tensor.flatten(1).std(1) if tensor[0].numel() > 1 else tensor.abs().flatten()
        spread = spread.view(-1, *(1,) * (tensor.ndim - 1))
        moved[name] = tensor + radius * spread * unit.to(tensor)
    # what a reader sees is no longer what the network is given
    return replace(subject.inputs.replaced(moved), display=None)


def _measure(subject: Subject, draws: int, radius: float) -> Neighbours:
    moves, changes = [], []
    for draw in range(draws):
        near = nudged(subject, radius, subject.seed + 1 + draw)
        other = subject.again(inputs=near)
        moves.append(_distance(near.explained, subject.inputs.explained))
        changes.append(_distance(other.values, subject.values))
    size = _distance(subject.values, {k: torch.zeros_like(v) for k, v in subject.values.items()})
    return Neighbours(torch.stack(moves), torch.stack(changes), size)


def _distance(a: dict[str, Tensor], b: dict[str, Tensor]) -> Tensor:
    parts = [(a[name].double() - b[name].double()).flatten(1).square().sum(1).cpu() for name in a]
    return torch.stack(parts).sum(0).sqrt()
