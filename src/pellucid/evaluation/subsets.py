"""Random subsets of features, and what their absence takes from the score."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..parts.coalitions import Features, Off
from .probe import Probe, identity


def random_subsets(count: int, size: int, draws: int, seed: int) -> Tensor:
    """`draws` subsets of `size` of `count` features, as bool `(draws, count)`."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(draws, count, generator=generator).topk(min(size, count)).indices
    return torch.zeros(draws, count, dtype=torch.bool).scatter_(1, chosen, True)


def random_halves(count: int, draws: int, seed: int) -> Tensor:
    """Subsets that hold every feature with probability ½, as bool `(draws, count)`."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(draws, count, generator=generator) < 0.5


def sizes_of(count: int, steps: int) -> list[int]:
    """Sizes evenly spaced in logarithms from 1 to four fifths of `count`, each once."""
    top = max(1.0, 0.8 * count)
    spaced = torch.logspace(0, float(torch.tensor(top).log10()), steps).round().int().tolist()
    return sorted(set(spaced))


def changes_of(probe: Probe, features: Features, gone: Tensor, off: Sequence[Off]) -> Tensor:
    """f(x) − f(x with the subset replaced), `(N, draws)`, asked once for all explanations."""
    key = ("subsets", features.most, gone.shape, hash(gone.numpy().tobytes()), identity(off))
    scores = probe.remembered(key, lambda: probe.kept(features, ~gone, off))
    return (probe.clean()[:, None] - scores).double()
