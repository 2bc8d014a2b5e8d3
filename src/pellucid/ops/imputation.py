"""Noisy linear imputation: missing places filled from their neighbours, so that the hole's outline
tells the network nothing."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

_TOLERANCE, _MOST = 1e-5, 2000


def linear_imputation(
    images: Float[Tensor, "sample channel *space"], missing: Bool[Tensor, "sample *space"]
) -> Float[Tensor, "sample channel *space"]:
    """Every missing place as the weighted mean of its neighbours, missing ones included.

    The weights of a place are 1 for neighbours along an axis and 1/2 for those over a corner,
    divided by their sum; beyond the border there are none. The linear system, a graph Laplacian on
    the missing places, is solved by conjugate gradients. A sample with nothing left is filled with
    its channels' means.

    **Source:** Rong et al. 2022 (ROAD), arXiv:2202.00449, section 4 and appendix.
    """
    hole = missing[:, None].to(images.dtype)
    kernel = _neighbours(images.ndim - 2).to(images)
    gone = missing.flatten(1).all(1)
    degree = _spread(torch.ones_like(hole), kernel)
    mean = images.flatten(2).mean(2).view(*images.shape[:2], *(1,) * (images.ndim - 2))
    known = torch.where(hole > 0, 0, images)

    def laplacian(x: Tensor) -> Tensor:
        return hole * (degree * x - _spread(x, kernel))

    start = hole * mean.expand_as(images)
    rest = hole * _spread(known, kernel) - laplacian(start)
    found = _conjugate_gradients(laplacian, degree, start, rest)
    filled = torch.where(hole > 0, found, images)
    return torch.where(gone.view(-1, *(1,) * (images.ndim - 1)), mean.expand_as(images), filled)


def _conjugate_gradients(laplacian: object, degree: Tensor, x: Tensor, rest: Tensor) -> Tensor:
    """Solve sample by sample and channel by channel at once, preconditioned by the degrees."""
    assert callable(laplacian)

    def dot(a: Tensor, b: Tensor) -> Tensor:
        return (a * b).flatten(2).sum(2).view(*a.shape[:2], *(1,) * (a.ndim - 2))

    step = rest / degree
    inner = dot(rest, step)
    limit = _TOLERANCE**2 * inner.clamp_min(1e-30)
    direction = step
    for _ in range(_MOST):
        if bool((inner <= limit).all()):
            break
        moved = laplacian(direction)
        size = dot(direction, moved)
        length = torch.where(size > 0, inner / size.clamp_min(1e-30), torch.zeros_like(size))
        x, rest = x + length * direction, rest - length * moved
        step = rest / degree
        new = dot(rest, step)
        direction = step + (new / inner.clamp_min(1e-30)) * direction
        inner = new
    return x


def _neighbours(axes: int) -> Tensor:
    """1 along an axis, ½ over a corner of two; none farther, nor the place itself."""
    kernel = torch.zeros((3,) * axes)
    for index in range(3**axes):
        place = [index // 3**i % 3 for i in range(axes)]
        moved = sum(p != 1 for p in place)
        kernel[tuple(place)] = {1: 1.0, 2: 0.5}.get(moved, 0.0)
    return kernel


def _spread(x: Tensor, kernel: Tensor) -> Tensor:
    """Σ of the neighbours' values, each with its weight."""
    axes = kernel.ndim
    conv = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[axes]
    flat = x.reshape(-1, 1, *x.shape[2:])
    return conv(flat, kernel[None, None], padding=1).view(x.shape)
