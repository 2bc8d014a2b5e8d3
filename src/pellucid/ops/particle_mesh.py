"""Repulsion of t-SNE as a particle mesh: one charge a point, cubic B-splines, real FFTs.

The potential φ(y) = Σ_j 1 / (1 + |y − y_j|²) is the points' density convolved with a kernel.
The density is spread on a grid, convolved by FFT, and read back by the same splines; the force
Σ_j (y − y_j) / (1 + |y − y_j|²)² is −½ ∇φ, the derivative of the splines.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

_EDGE = 5
"""Nodes beyond the outermost points that their splines reach."""

_SMALLEST, _LARGEST = 32, 4096
"""Nodes along an axis, padding included."""


class Mesh(NamedTuple):
    """A grid over a map: its corner, the distance of its nodes, their number along both axes."""

    corner: Tensor
    spacing: float
    shape: tuple[int, int]


class Stencil(NamedTuple):
    """The 4 × 4 nodes around every point, the splines' values there, and their derivatives."""

    nodes: Tensor
    values: Tensor
    slopes: Tensor


def mesh_over(points: Float[Tensor, "point 2"], spacing: float) -> Mesh:
    """A grid twice as wide as the map, so that its periodic images do not touch.

    Wider maps than the largest grid holds get a coarser one.
    """
    corner = points.amin(0)
    spans = (points.amax(0) - corner).tolist()
    most = _LARGEST // 2 - _EDGE - 1
    spacing = max(spacing, max(spans) / most)
    sizes = [fast_size(max(2 * (int(span / spacing) + _EDGE), _SMALLEST)) for span in spans]
    return Mesh(corner, spacing, (sizes[0], sizes[1]))


def mesh_kernel(mesh: Mesh, like: Tensor) -> Float[Tensor, "row column"]:
    """Fourier transform of 1 / (1 + |d|²) on the grid, with the splines' blur taken back.

    The best correction in the mean square: ŵ² / (Σ over aliases of ŵ²)², ŵ = sinc⁴ along both axes.

    **Source:** Hockney & Eastwood 1988, chapter 8 (optimal influence function).
    """
    squares, responses = [], []
    for size in mesh.shape:
        frequency = torch.fft.fftfreq(size, dtype=torch.float64, device=like.device)
        squares.append((frequency * size * mesh.spacing).square())
        shifts = torch.arange(-4, 5, device=like.device)[:, None]
        aliases = (torch.sinc(frequency + shifts) ** 8).sum(0)
        responses.append(torch.sinc(frequency) ** 8 / aliases.square())
    kernel = torch.fft.rfft2(1 / (1 + squares[0][:, None] + squares[1][None])).real
    half = kernel.shape[1]
    sharp: Tensor = kernel * responses[0][:, None] * responses[1][None, :half]
    return sharp.to(like.dtype)


def stencil(points: Float[Tensor, "point 2"], mesh: Mesh) -> Stencil:
    """Where every point lies on the grid; points beyond it are held at its edge."""
    most = points.new_tensor([size - _EDGE for size in mesh.shape])
    places = ((points - mesh.corner) / mesh.spacing).clamp_min(0).minimum(most)
    cells = places.floor()
    values, slopes = _cubic((places - cells).T.contiguous())
    first = (cells[:, 0] * mesh.shape[1] + cells[:, 1]).long()
    four = torch.arange(4, device=points.device)
    offsets = (four[:, None] * mesh.shape[1] + four).flatten()
    return Stencil(first[:, None] + offsets, values, slopes / mesh.spacing)


def potential(at: Stencil, mesh: Mesh, kernel: Tensor) -> Float[Tensor, " node"]:
    """φ at the nodes, of one charge a point."""
    weights = at.values[0][:, :, None] * at.values[1][:, None, :]
    density = _spread(at.nodes.flatten(), weights.flatten(), mesh.shape[0] * mesh.shape[1])
    waves = torch.fft.rfft2(density.view(mesh.shape))
    phi: Tensor = torch.fft.irfft2(waves * kernel, s=mesh.shape)
    return phi.flatten()


def read(phi: Tensor, at: Stencil) -> tuple[Float[Tensor, " point"], Float[Tensor, "point 2"]]:
    """φ and −½ ∇φ at the points."""
    around = phi.index_select(0, at.nodes.flatten()).view(-1, 4, 4)
    along = (around @ at.values[1][:, :, None])[:, :, 0]
    across = (around @ at.slopes[1][:, :, None])[:, :, 0]
    height = (at.values[0] * along).sum(1)
    slope = torch.stack([(at.slopes[0] * along).sum(1), (at.values[0] * across).sum(1)], 1)
    return height, slope.mul_(-0.5)


def fast_size(least: int) -> int:
    """The smallest even number ≥ `least` whose prime factors are 2, 3 and 5."""
    size = least + least % 2
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 2


def _cubic(place: Float[Tensor, "axis point"]) -> tuple[Tensor, Tensor]:
    """The cubic B-spline and its slope at the nodes −1, 0, 1 and 2 for a place in [0, 1)."""
    back = 1 - place
    square, back_square = place.square(), back.square()
    cube, back_cube = square * place, back_square * back
    values = [
        back_cube / 6,
        torch.add(2 / 3 - square, cube, alpha=0.5),
        torch.add(2 / 3 - back_square, back_cube, alpha=0.5),
        cube / 6,
    ]
    slopes = [
        back_square * -0.5,
        torch.add(1.5 * square, place, alpha=-2),
        torch.sub(2 * back, back_square, alpha=1.5),
        square * 0.5,
    ]
    return torch.stack(values, 2), torch.stack(slopes, 2)


def _spread(nodes: Tensor, weights: Tensor, size: int) -> Tensor:
    """Sum of the weights at every node, the same every time.

    On a GPU the order of additions is not fixed, so there whole numbers are added.
    """
    if weights.device.type == "cpu":
        return torch.zeros(size, dtype=weights.dtype).scatter_add_(0, nodes, weights)
    unit = 2.0**-32
    whole = torch.zeros(size, dtype=torch.int64, device=weights.device)
    whole.scatter_add_(0, nodes, (weights.double() / unit).round().long())
    return (whole.double() * unit).to(weights.dtype)
