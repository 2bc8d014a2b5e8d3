"""Seeded random numbers: the n-th draw of a seed is the same in every batch."""

from collections.abc import Sequence

import torch
from torch import Tensor


def gaussian(shape: Sequence[int], seed: int, draws: Sequence[int]) -> Tensor:
    """Standard normal numbers `(len(draws), *shape)`, float32 on the CPU; draw j depends on the
    seed and j alone."""
    made: dict[int, Tensor] = {}
    for draw in draws:
        if draw not in made:
            generator = torch.Generator().manual_seed(_mixed(seed, draw))
            made[draw] = torch.randn(tuple(shape), generator=generator)
    return torch.stack([made[draw] for draw in draws])


def _mixed(seed: int, draw: int) -> int:
    return (seed * 1_000_003 + draw * 7_368_787 + 12_345) % (2**63)
