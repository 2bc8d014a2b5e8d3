"""Random masks of low resolution, grown to the input's by linear interpolation along every axis."""

from collections.abc import Sequence

import torch
from torch import Tensor

BLOCK = 64
"""Masks that one seeding of the generator makes."""


def interpolation(size: int, cells: int, span: int, shifts: Tensor) -> Tensor:
    """Weights `(n, size, cells)` of every cell at every place of an axis, float32.

    `cells` cells are grown to `span` places, cell centres aligned and edges repeated; mask i shows
    `size` of them from `shifts[i]` on. The weights of a place sum to 1.
    """
    places = torch.arange(size, device=shifts.device) + shifts[:, None]
    at = ((places + 0.5) * (cells / span) - 0.5).clamp(0, cells - 1)
    cell = torch.arange(cells, device=shifts.device)
    return (1 - (at[..., None] - cell).abs()).clamp_min(0)


def grow(low: Tensor, weights: Sequence[Tensor | None]) -> Tensor:
    """Masks `(n, *cells)` at full resolution `(n, *space)`; `weights` are those of
    `interpolation`, one per axis, with n or 1 in front; None leaves an axis as it is."""
    grown = low
    for axis, weight in enumerate(weights, start=1):
        if weight is None:
            continue
        moved = grown.movedim(axis, -1)
        lines = moved.reshape(len(low), -1, moved.shape[-1]) @ weight.transpose(1, 2)
        grown = lines.reshape(*moved.shape[:-1], -1).movedim(-1, axis)
    return grown


def uniform(width: int, seed: int, start: int, stop: int) -> Tensor:
    """Uniform numbers `(stop − start, width)` of the draws from `start` to `stop`, float32 on the
    CPU; draw j depends on the seed and j alone."""
    blocks = []
    for block in range(start // BLOCK, -(-stop // BLOCK)):
        generator = torch.Generator().manual_seed((seed * 1_000_003 + block * 7_368_787) % 2**63)
        blocks.append(torch.rand(BLOCK, width, generator=generator))
    first = start - start // BLOCK * BLOCK
    return torch.cat(blocks)[first : first + stop - start]
