"""New points on a map that stays as it is."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.item_map import Floats, ItemMap
from ..errors import ParameterError
from ..ops.affinities import conditional_affinities
from ..ops.neighbours import nearest_neighbours
from ..ops.particle_mesh import mesh_kernel, mesh_over, potential, read, stencil
from .map_features import matrix_of

_SPACING = 0.25
_RATE, _MOMENTUM, _LONGEST_STEP = 0.1, 0.8, 0.25
_FARTHEST = 5


def place(
    embedding: ItemMap, new: Any, *, perplexity: float = 5.0, iterations: int = 250
) -> Floats:
    """Points `(m, 2)` of new items `(m, …)`, each placed by itself among the map's own.

    A new point starts at the median of its nearest neighbours and descends the KL divergence of its
    own row: pulled by neighbours in feature space, pushed by the whole map. An item that is a
    duplicate of one on the map comes to lie near it, not on it.

    **Source:** after Poličar, Stražar & Zupan 2023, with the mesh of the fixed map kept.
    """
    if not perplexity >= 1 or iterations < 0:
        raise ParameterError(
            f"perplexity={perplexity}, iterations={iterations}.", "Give at least 1, and 0 or more."
        )
    fixed = torch.tensor(embedding.points)
    known = torch.tensor(embedding.features)
    width = len(embedding.centre) if embedding.centre is not None else known.shape[1]
    items = matrix_of(new, width).to("cpu")
    if embedding.centre is not None:
        items = (items - torch.tensor(embedding.centre)) @ torch.tensor(embedding.axes)
    k = min(len(fixed), max(1, int(3 * perplexity)))
    distances, near = nearest_neighbours(known, k, items)
    weights = conditional_affinities(distances, max(1.0, min(perplexity, k / 3)))
    start = fixed[near[:, : min(k, _FARTHEST)]].median(1).values
    return np.asarray(_descend(start, fixed, near, weights, iterations).numpy())


def _descend(points: Tensor, fixed: Tensor, near: Tensor, weights: Tensor, steps: int) -> Tensor:
    """∂KL/∂y of a row: Σ_j (p_j − q_j)(y − y_j) / (1 + |y − y_j|²), q over the fixed map."""
    mesh = mesh_over(fixed, _SPACING)
    phi = potential(stencil(fixed, mesh), mesh, mesh_kernel(mesh, fixed))
    anchors, velocity = fixed[near], torch.zeros_like(points)
    low, high = fixed.amin(0), fixed.amax(0)
    for _ in range(steps):
        height, forces = read(phi, stencil(points, mesh))
        gaps = points[:, None] - anchors
        pull = (weights / (1 + gaps.square().sum(2)))[:, :, None] * gaps
        gradient = pull.sum(1) - forces / height.clamp_min(1e-6)[:, None]
        velocity = _MOMENTUM * velocity - _RATE * gradient
        length = torch.linalg.vector_norm(velocity, dim=1, keepdim=True)
        velocity = velocity * (_LONGEST_STEP / length.clamp_min(1e-12)).clamp(max=1)
        points = torch.minimum(torch.maximum(points + velocity, low), high)
    return points
