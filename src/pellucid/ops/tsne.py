"""The objective of t-SNE, exactly: KL divergence, its gradient, attraction along neighbours."""

import torch
from jaxtyping import Float
from torch import Tensor

from .affinities import Affinities

_BLOCK = 2**20
"""Pairs at a time: what is worked on stays near the processor."""


def normaliser(points: Float[Tensor, "point axis"]) -> float:
    """Z = Σ_{k≠l} 1 / (1 + |y_k − y_l|²), over all pairs: twice those of a block with what follows
    it, and those within it."""
    n = len(points)
    rows = max(1, _BLOCK // n)
    total = 0.0
    for start in range(0, n, rows):
        block = points[start : start + rows]
        total += 2 * float(_student(block, points[start:]).sum(dtype=torch.float64))
        total -= float(_student(block, block).sum(dtype=torch.float64))
    return total - n


def kl_divergence(
    p: Affinities, points: Float[Tensor, "point axis"], z: float | None = None
) -> float:
    """KL(P‖Q) = Σ p_ij ln(p_ij / q_ij), q_ij = 1 / (1 + |y_i − y_j|²) / Z.

    **Source:** van der Maaten & Hinton 2008, eq. 2 and 4.
    """
    z = normaliser(points) if z is None else z
    total = 0.0
    rows, columns = p.rows(), p.columns
    for part in torch.split(torch.arange(len(columns), device=columns.device), _BLOCK):
        values = p.values[part].double()
        gaps = points[rows[part]].double() - points[columns[part]].double()
        log_q = -torch.log1p(gaps.square().sum(1)) - torch.log(values.new_tensor(z))
        total += float((torch.xlogy(values, values) - values * log_q).sum())
    return total


def gradient(
    p: Float[Tensor, "point point"], points: Float[Tensor, "point axis"]
) -> Float[Tensor, "point axis"]:
    """4 Σ_j (p_ij − q_ij)(y_i − y_j) / (1 + |y_i − y_j|²), over all pairs of few points.

    **Source:** van der Maaten & Hinton 2008, eq. 5.
    """
    kernel = _student(points, points).fill_diagonal_(0)
    pull = (p - kernel / kernel.sum()) * kernel
    return 4 * (pull.sum(1, keepdim=True) * points - pull @ points)


def _student(left: Tensor, right: Tensor) -> Tensor:
    """1 / (1 + |a − b|²) for all pairs, from differences."""
    squares = (left[:, None, 0] - right[None, :, 0]).square_()
    for axis in range(1, left.shape[1]):
        gap = left[:, None, axis] - right[None, :, axis]
        squares.addcmul_(gap, gap)
    return squares.add_(1).reciprocal_()
