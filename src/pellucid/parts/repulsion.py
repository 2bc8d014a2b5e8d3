"""How points of a map push each other away: over all pairs, or on a particle mesh."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..ops.particle_mesh import Mesh, mesh_kernel, mesh_over, potential, read, stencil

SPACING = 0.5
"""Distance of the nodes. The kernel's width is 1 whatever the map's size; forces err by 3 %."""


Repulsion = Callable[[Tensor], tuple[Tensor, float]]
"""Of points, Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)² and Z = Σ_{k≠l} 1 / (1 + |y_k − y_l|²)."""


class ExactRepulsion:
    """Over all pairs, for few points."""

    def __call__(self, points: Tensor) -> tuple[Tensor, float]:
        """Forces and Z."""
        squares = (points[:, None, 0] - points[None, :, 0]).square_()
        gap = points[:, None, 1] - points[None, :, 1]
        kernel = squares.addcmul_(gap, gap).add_(1).reciprocal_().fill_diagonal_(0)
        z = float(kernel.sum(dtype=torch.float64))
        kernel.square_()
        return kernel.sum(1, keepdim=True) * points - kernel @ points, z


class MeshRepulsion:
    """On a grid; the kernel's transform is kept while the grid's size stays.

    **Cost:** two FFTs and sixteen nodes a point, whatever the number of pairs.
    """

    def __init__(self, spacing: float = SPACING) -> None:
        self.spacing = spacing
        self._key: tuple[tuple[int, int], float] | None = None
        self._kernel = torch.zeros(0)

    def __call__(self, points: Tensor) -> tuple[Tensor, float]:
        """Forces and Z."""
        mesh = mesh_over(points, self.spacing)
        at = stencil(points, mesh)
        height, forces = read(potential(at, mesh, self._kernel_of(mesh, points)), at)
        return forces, float(height.sum(dtype=torch.float64)) - len(points)

    def _kernel_of(self, mesh: Mesh, like: Tensor) -> Tensor:
        key = (mesh.shape, mesh.spacing)
        if key != self._key:
            self._key, self._kernel = key, mesh_kernel(mesh, like)
        return self._kernel
