"""Principal components with signs that do not hang on the machine."""

import torch
from jaxtyping import Float
from torch import Tensor

_MOST_EXACT = 4096
"""Rows of a Gram matrix that is decomposed; beyond, subspace iteration."""


def principal_axes(
    data: Float[Tensor, "point feature"], count: int, seed: int = 0
) -> tuple[Float[Tensor, " feature"], Float[Tensor, "feature {count}"]]:
    """The mean and the `count` directions of greatest variance, greatest first.

    The largest entry of every direction is positive. Directions without variance are zero. Exact
    where data have at most 4096 points or features; else a seeded block power iteration.
    """
    centre = data.mean(0)
    centred = (data - centre).double()
    n, d = centred.shape
    kept = min(count, n, d)
    if min(n, d) > _MOST_EXACT:
        axes = _subspace(centred, kept, seed)
    elif d <= n:
        axes = torch.linalg.eigh(centred.T @ centred).eigenvectors.flip(1)[:, :kept]
    else:
        axes = centred.T @ torch.linalg.eigh(centred @ centred.T).eigenvectors.flip(1)[:, :kept]
        axes /= torch.linalg.vector_norm(axes, dim=0).clamp_min(1e-300)
    spread = torch.linalg.vector_norm(centred @ axes, dim=0)
    whole = torch.linalg.vector_norm(centred)
    axes = axes * (spread > 1e-6 * whole.clamp_min(1e-300))
    strongest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    axes = axes * torch.where(strongest < 0, -1.0, 1.0)
    full = axes.new_zeros(d, count)
    full[:, :kept] = axes
    return centre, full.to(data.dtype)


def _subspace(centred: Tensor, kept: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    width = min(kept + 10, *centred.shape)
    block = torch.randn(centred.shape[1], width, dtype=torch.float64, generator=generator)
    block = block.to(centred.device)
    for _ in range(6):
        block = torch.linalg.qr(centred.T @ (centred @ block)).Q
    _, _, turn = torch.linalg.svd(centred @ block, full_matrices=False)
    found: Tensor = (block @ turn.T)[:, :kept]
    return found
