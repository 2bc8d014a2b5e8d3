"""Spectral clustering: affinity, Laplacian, eigengap, silhouette.

von Luxburg 2007 (arXiv:0711.0189); the normalised rows are those of Ng, Jordan & Weiss 2001.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def affinity(x: Float[Tensor, "item feature"], k: int) -> Float[Tensor, "item item"]:
    """exp(−‖x_i − x_j‖² / σ_i σ_j) with σ_i the distance to the k-th nearest, 0 on the diagonal.

    **Source:** Zelnik-Manor & Perona 2004, Self-tuning spectral clustering, eq. 1.
    """
    distance = torch.cdist(x, x)
    least = distance.max().clamp_min(1e-12) * 1e-6  # where k others are the same
    scale = distance.sort(1).values[:, min(k, len(x) - 1)].clamp_min(float(least))
    weights = (-(distance**2) / (scale[:, None] * scale)).exp()
    return weights.fill_diagonal_(0)


def laplacian(weights: Float[Tensor, "item item"]) -> Float[Tensor, "item item"]:
    """I − D^(−1/2) W D^(−1/2)."""
    scale = weights.sum(1).clamp_min(1e-12).rsqrt()
    return torch.eye(len(weights), dtype=weights.dtype) - scale[:, None] * weights * scale


def spectrum(
    weights: Float[Tensor, "item item"],
) -> tuple[Float[Tensor, " item"], Float[Tensor, "item vector"]]:
    """The eigenvalues of the Laplacian from the smallest, and its eigenvectors as columns."""
    found = torch.linalg.eigh(laplacian(weights))
    return found.eigenvalues.clamp_min(0), found.eigenvectors


def eigengap(values: Float[Tensor, " item"], most: int) -> tuple[int, float]:
    """The number of clusters k ≤ `most` with the greatest λ_{k+1} − λ_k, and that gap."""
    gaps = values[1 : most + 1] - values[:most]
    k = int(gaps.argmax())
    return k + 1, float(gaps[k])


def embedding(vectors: Float[Tensor, "item vector"], k: int) -> Float[Tensor, "item k"]:
    """The first k eigenvectors, every row of length 1."""
    return torch.nn.functional.normalize(vectors[:, :k])


def silhouette(
    x: Float[Tensor, "item feature"], labels: Int[Tensor, " item"]
) -> Float[Tensor, " item"]:
    """(b − a) / max(a, b): a is the mean distance to the own cluster, b to the nearest other.

    0 for an item alone in its cluster (Rousseeuw 1987).
    """
    distance = torch.cdist(x, x)
    clusters = torch.arange(int(labels.max()) + 1)
    sums = torch.stack([distance[:, labels == c].sum(1) for c in clusters], 1)
    counts = torch.stack([(labels == c).sum() for c in clusters])
    own = labels[:, None] == clusters
    size = (own * counts).sum(1)
    a = (sums * own).sum(1) / (size - 1).clamp_min(1)
    b = (sums / counts).masked_fill(own, torch.inf).min(1).values
    found: Tensor = (b - a) / torch.maximum(a, b).clamp_min(1e-12)
    return found.masked_fill(size < 2, 0.0).nan_to_num(0.0)
