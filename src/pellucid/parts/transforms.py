"""Random transforms under which a synthesised picture must keep its effect."""

from typing import Literal

import torch
from torch import Tensor

from ..ops.warp import affine, rolled, warped

Robustness = Literal["robust", "jitter", "none"]

ANGLE, ZOOM, SHIFT = 10.0, 0.1, 1 / 16
"""Degrees, share of the size, and share of a side by which pictures are moved at most."""


def transformed(pictures: Tensor, how: Robustness, generator: torch.Generator) -> Tensor:
    """All pictures turned, zoomed and shifted alike (`robust`), rolled (`jitter`), or as they are.

    One linear interpolation does it all; what comes in at a border is mirrored.
    """
    space = tuple(pictures.shape[2:])
    if how == "none" or not space:
        return pictures
    if how == "jitter":
        most = [max(1, round(size * SHIFT)) for size in space]
        return rolled(pictures, [_whole(m, generator) for m in most])
    draw = torch.rand(2 + len(space), generator=generator).mul_(2).sub_(1).tolist()
    shift = [d * SHIFT * size for d, size in zip(draw[2:], space, strict=True)]
    return warped(pictures, affine(draw[0] * ANGLE, 1 + draw[1] * ZOOM, shift, space))


def _whole(most: int, generator: torch.Generator) -> int:
    return int(torch.randint(-most, most + 1, (), generator=generator))
