"""Distances of features to the centres of classes.

Lee et al. 2018 (arXiv:1807.03888), section 2.1: one covariance for all classes, the Mahalanobis
distance to each class's mean. The shrinkage is that of Ledoit & Wolf 2004
(doi:10.1016/S0047-259X(03)00096-4).
"""

import torch
from jaxtyping import Float
from torch import Tensor


def euclidean(
    z: Float[Tensor, "item feature"], centres: Float[Tensor, "class feature"]
) -> Float[Tensor, "item class"]:
    """‖z − μ_c‖."""
    return torch.stack([(z - centre).norm(dim=1) for centre in centres], 1)


def cosine(
    z: Float[Tensor, "item feature"], centres: Float[Tensor, "class feature"]
) -> Float[Tensor, "item class"]:
    """1 − cos(z, μ_c), between 0 and 2; 1 where either has no length."""
    return 1 - torch.nn.functional.normalize(z) @ torch.nn.functional.normalize(centres).T


def mahalanobis(
    z: Float[Tensor, "item feature"],
    centres: Float[Tensor, "class feature"],
    covariance: Float[Tensor, "feature feature"],
) -> Float[Tensor, "item class"]:
    """√((z − μ_c)ᵀ Σ⁻¹ (z − μ_c)), as the Euclidean distance of whitened features.

    Raises a `RuntimeError` of torch where Σ is not positive definite.
    """
    lower = torch.linalg.cholesky(covariance)
    white = torch.linalg.solve_triangular(lower, torch.cat([z, centres]).T, upper=False).T
    return euclidean(white[: len(z)], white[len(z) :])


def ledoit_wolf(
    scatter: Float[Tensor, "feature feature"], fourth: float, count: int
) -> tuple[Tensor, float]:
    """The shrunk covariance (1 − ρ) S + ρ (tr S / p) I and its ρ.

    `scatter` is S = Σ x xᵀ / n of centred items, `fourth` Σ ‖x‖⁴, `count` n.
    """
    p = len(scatter)
    mean = float(scatter.trace()) / p
    square = float((scatter**2).sum())
    spread = (square - p * mean**2) / p  # ‖S − μI‖² / p
    error = (fourth / count - square) / (count * p)
    shrinkage = 0.0 if spread <= 0 else min(max(error, 0.0), spread) / spread
    identity = torch.eye(p, dtype=scatter.dtype)
    return (1 - shrinkage) * scatter + shrinkage * mean * identity, shrinkage


def percentile_of(
    values: Float[Tensor, " item"], reference: Float[Tensor, " other"]
) -> Float[Tensor, " item"]:
    """The share of `reference` below each value in percent, half of the equal ones counted."""
    held = reference.sort().values
    below = torch.searchsorted(held, values.contiguous(), right=False)
    up_to = torch.searchsorted(held, values.contiguous(), right=True)
    return 100 * (below + up_to).to(values.dtype) / (2 * len(held))
