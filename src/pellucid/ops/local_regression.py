"""Weighted least squares of many targets on the same regressors, and how sure its weights are."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

_RANK = 1e-10
"""Eigenvalues below this share of the greatest count as zero."""


@dataclass(frozen=True)
class LinearFit:
    """ŷ = intercept + Z · weights for T targets, with what their errors are made of."""

    weights: Float[Tensor, "target feature"]
    intercept: Float[Tensor, " target"]
    residuals: Float[Tensor, "row target"]
    r_squared: Float[Tensor, " target"]
    rank: int
    centred: Float[Tensor, "row feature"]
    row_weights: Float[Tensor, " row"]
    inverse: Float[Tensor, "feature feature"]

    def influences(self, target: int, clusters: Tensor) -> Float[Tensor, "cluster feature"]:
        """What every cluster of rows (`clusters` numbers them) adds to the weights' error, so that
        the covariance of the weights is the sum of the outer products (the sandwich, clustered;
        Liang & Zeger 1986), scaled by G / (G − features) for G clusters."""
        count = int(clusters.max()) + 1
        pull = self.centred * (self.row_weights * self.residuals[:, target])[:, None]
        pull = pull.new_zeros(count, pull.shape[1]).index_add_(0, clusters, pull)
        spare = count - self.rank
        rows = len(self.centred) - self.rank - 1
        scale = count / spare if spare >= 1 else len(self.centred) / max(rows, 1)
        found: Tensor = (pull @ self.inverse) * scale**0.5
        return found


def fit_linear(
    z: Float[Tensor, "row feature"],
    y: Float[Tensor, "row target"],
    row_weights: Float[Tensor, " row"],
    ridge: float = 0.0,
) -> LinearFit:
    """argmin Σ_i w_i (y_i − b − z_i · β)² + ridge · |β|², the intercept unpenalised; all targets
    from one factorisation. Without full rank the shortest solution is taken and `rank` says so."""
    total = row_weights.sum()
    mean_z = (row_weights[:, None] * z).sum(0) / total
    mean_y = (row_weights[:, None] * y).sum(0) / total
    centred, change = z - mean_z, y - mean_y
    gram = centred.T @ (row_weights[:, None] * centred)
    right = centred.T @ (row_weights[:, None] * change)
    inverse, rank = _inverse(gram + ridge * torch.eye(len(gram)).to(gram))
    weights = (inverse @ right).T
    residuals = change - centred @ weights.T
    intercept = mean_y - weights @ mean_z
    fitted = r_squared(y, residuals, row_weights)
    return LinearFit(weights, intercept, residuals, fitted, rank, centred, row_weights, inverse)


def r_squared(
    y: Float[Tensor, "row target"],
    residuals: Float[Tensor, "row target"],
    row_weights: Float[Tensor, " row"],
) -> Float[Tensor, " target"]:
    """1 − Σ w r² / Σ w (y − ȳ)²; 1 where y does not change beyond single precision."""
    mean = (row_weights[:, None] * y).sum(0) / row_weights.sum()
    spread = (row_weights[:, None] * (y - mean).square()).sum(0)
    noise = row_weights.sum() * (1e-7 * y.abs().amax(0)).square()
    left = (row_weights[:, None] * residuals.square()).sum(0)
    return torch.where(spread <= noise, torch.ones_like(left), 1 - left / spread.clamp_min(1e-300))


def forward_selection(
    z: Float[Tensor, "row feature"],
    y: Float[Tensor, " row"],
    row_weights: Float[Tensor, " row"],
    count: int,
) -> list[int]:
    """Features chosen one by one, each the one that lowers the squared error most beside those
    before it (orthogonal least squares; Chen, Billings & Luo 1989)."""
    root = row_weights.sqrt()[:, None]
    left = root * (z - (row_weights[:, None] * z).sum(0) / row_weights.sum())
    change = root[:, 0] * (y - (row_weights * y).sum() / row_weights.sum())
    start = left.square().sum(0)
    chosen: list[int] = []
    for _ in range(min(count, z.shape[1])):
        size = left.square().sum(0)
        usable = size > _RANK * start.clamp_min(1e-300)
        usable[chosen] = False
        if not usable.any():
            break
        gain = (left.T @ change).square() / size.clamp_min(1e-300)
        best = int(gain.masked_fill(~usable, -1).argmax())
        direction = left[:, best] / size[best].sqrt()
        change = change - direction * (direction @ change)
        left = left - direction[:, None] * (direction @ left)
        chosen.append(best)
    return chosen


def _inverse(gram: Tensor) -> tuple[Tensor, int]:
    """The inverse of a symmetric matrix, or its pseudo-inverse; and its rank."""
    values, vectors = torch.linalg.eigh(gram)
    alive = values > _RANK * values.amax().clamp_min(1e-300)
    reciprocal = torch.where(alive, 1 / values.where(alive, torch.ones_like(values)), 0.0)
    return (vectors * reciprocal) @ vectors.T, int(alive.sum())
