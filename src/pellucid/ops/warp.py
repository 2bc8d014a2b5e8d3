"""Small rotations, zooms and shifts of pictures in one interpolation; exact rolls."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def rolled(
    pictures: Float[Tensor, "sample channel *space"], shift: Sequence[int]
) -> Float[Tensor, "sample channel *space"]:
    """Moved by `shift` places along each spatial axis, what leaves at one end coming in at the
    other; the roll by `-shift` undoes it exactly."""
    return pictures.roll(tuple(shift), tuple(range(2, pictures.ndim)))


def affine(
    angle: float, zoom: float, shift: Sequence[float], space: Sequence[int]
) -> Float[Tensor, "axes more"]:
    """The map from places of the output to places of the input, in units in which an axis runs from
    −1 to 1, for `F.affine_grid`.

    `angle` in degrees turns the last two axes, `zoom` above 1 enlarges, `shift` is in places.
    """
    axes = len(space)
    matrix = torch.eye(axes) / zoom
    if axes >= 2:
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        ratio = space[-2] / space[-1]  # a turn in places is no turn in units unless axes are equal
        turn = torch.tensor([[cos, -sin * ratio], [sin / ratio, cos]])
        matrix[:2, :2] = turn / zoom
    # affine_grid counts axes from the last
    moved = torch.tensor([2 * s / n for s, n in zip(shift, space, strict=True)]).flip(0)
    return torch.cat([matrix, moved[:, None]], 1)


def warped(
    pictures: Float[Tensor, "sample channel *space"], matrix: Float[Tensor, "axes more"]
) -> Float[Tensor, "sample channel *space"]:
    """Every picture seen through `matrix`, linearly interpolated, mirrored at its borders."""
    flat = pictures.ndim == 3
    x = pictures[:, :, None] if flat else pictures
    if flat:
        ((zoom, shift),) = matrix.tolist()
        matrix = torch.tensor([[zoom, 0.0, shift], [0.0, 1.0, 0.0]])
    theta = matrix.to(x).expand(len(x), -1, -1)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    moved = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    return moved[:, :, 0] if flat else moved
