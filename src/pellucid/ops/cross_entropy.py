"""Cross-entropy of every point between feature space and a map.

**Source:** Roca et al. 2023, *A cross entropy test allows quantitative statistical comparison of
t-SNE and UMAP representations*.
"""

import math

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from .affinities import conditional_affinities
from .tsne import normaliser

_LEAST = 1e-12
"""Stands for 1 − q of points that coincide in a map, whose logarithm would be −∞."""


def tsne_cross_entropy(
    distances: Float[Tensor, "point neighbour"],
    indices: Int[Tensor, "point neighbour"],
    points: Float[Tensor, "point axis"],
    perplexity: float,
) -> Float[Tensor, " point"]:
    """−Σ_j p_ij ln q_ij over the neighbours of every point.

    p is symmetrised inside the lists of neighbours (the mean of both where each is the other's
    neighbour, half where only one is) and every row made to sum to 1 again;
    q_ij = n / (1 + |y_i − y_j|²) / Z.
    """
    conditional = conditional_affinities(distances.double(), perplexity, tolerance=1e-10)
    p = (conditional + reversed_values(conditional, indices)) / 2
    p = p / p.sum(1, keepdim=True)
    gaps = points.double()[:, None] - points.double()[indices]
    z = normaliser(points.double())
    log_q = math.log(len(points)) - torch.log1p(gaps.square().sum(2)) - math.log(z)
    return -(p * log_q).sum(1)


def umap_cross_entropy(
    distances: Float[Tensor, "point neighbour"],
    indices: Int[Tensor, "point neighbour"],
    points: Float[Tensor, "point axis"],
    a: float,
    b: float,
) -> Float[Tensor, " point"]:
    """−Σ_j [p ln q + (1 − p) ln(1 − q)] over the neighbours of every point.

    p is the fuzzy union of both directions, p + p' − p p'; q = 1 / (1 + a d^{2b}).
    """
    one_way = fuzzy_memberships(distances.double())
    other = reversed_values(one_way, indices)
    p = one_way + other - one_way * other
    gaps = (points.double()[:, None] - points.double()[indices]).square().sum(2)
    far = a * gaps**b
    log_q = -torch.log1p(far)
    log_not = torch.log((far / (1 + far)).clamp_min(_LEAST))
    return -(p * log_q + (1 - p) * log_not).sum(1)


def fuzzy_memberships(
    distances: Float[Tensor, "point neighbour"], steps: int = 64
) -> Float[Tensor, "point neighbour"]:
    """exp(−max(0, d − ρ_i) / σ_i), ρ_i the least distance, σ_i such that a row sums to log2 k."""
    k = distances.shape[1]
    beyond = (distances - distances.amin(1, keepdim=True)).clamp_min(0)
    scale = beyond.mean(1, keepdim=True)
    beyond = beyond / scale.where(scale > 0, torch.ones_like(scale))
    low, high = torch.full_like(scale, -30.0), torch.full_like(scale, 30.0)
    for _ in range(steps):
        middle = (low + high) / 2
        much = torch.exp(-beyond / middle.exp()).sum(1, keepdim=True) > math.log2(k)
        low, high = low.where(much, middle), middle.where(much, high)
    return torch.exp(-beyond / ((low + high) / 2).exp())


def reversed_values(
    values: Float[Tensor, "point neighbour"], indices: Int[Tensor, "point neighbour"]
) -> Float[Tensor, "point neighbour"]:
    """For every entry (i, j) the value of (j, i), 0 where i is no neighbour of j."""
    n, k = values.shape
    rows = torch.arange(n, device=indices.device)[:, None].expand(n, k)
    keys, order = (rows * n + indices).flatten().sort()
    wanted = (indices * n + rows).flatten()
    at = torch.searchsorted(keys, wanted).clamp_max(len(keys) - 1)
    found = keys[at] == wanted
    return torch.where(found, values.flatten()[order[at]], 0.0).view(n, k)


def umap_curve(min_dist: float = 0.1, spread: float = 1.0) -> tuple[float, float]:
    """a and b of 1 / (1 + a d^{2b}) fitted to exp(−(d − min_dist) / spread) beyond min_dist and 1
    before, by least squares over [0, 3 spread]. Gauss–Newton with damping."""
    grid: NDArray[np.float64] = np.linspace(0, 3 * spread, 300)[1:]
    wanted = np.where(grid < min_dist, 1.0, np.exp(-(grid - min_dist) / spread))
    at, damping = np.array([0.0, 0.0]), 1e-3
    logs = np.log(grid)

    def model(where: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1 / (1 + np.exp(where[0] + 2 * np.exp(where[1]) * logs)))

    error = float(np.square(model(at) - wanted).sum())
    for _ in range(200):
        now = model(at)
        slope = -now * (1 - now)
        jacobian = np.stack([slope, slope * 2 * np.exp(at[1]) * logs], 1)
        normal = jacobian.T @ jacobian
        step = np.linalg.solve(
            normal + damping * np.diag(np.diag(normal)), jacobian.T @ (wanted - now)
        )
        tried = float(np.square(model(at + step) - wanted).sum())
        if tried <= error:
            at, error, damping = at + step, tried, damping / 10
            if np.abs(step).max() < 1e-12:
                break
        else:
            damping *= 10
    return float(np.exp(at[0])), float(np.exp(at[1]))
