"""Resizing of maps over one, two or three spatial axes."""

from collections.abc import Sequence

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def resize(
    maps: Float[Tensor, "sample *space"], size: Sequence[int]
) -> Float[Tensor, "sample *size"]:
    """Linear interpolation of each map to `size`, cell centres aligned (not corners)."""
    if tuple(maps.shape[1:]) == tuple(size):
        return maps
    grown = F.interpolate(
        maps[:, None].float(), tuple(size), mode=_LINEAR[len(size)], align_corners=False
    )
    return grown[:, 0]


def unit_range(maps: Float[Tensor, "*any"], axes: int) -> Float[Tensor, "*any"]:
    """Each map over its last `axes` axes scaled to [0, 1]; a constant map becomes zero."""
    flat = maps.flatten(-axes)
    low, high = flat.amin(-1, keepdim=True), flat.amax(-1, keepdim=True)
    span = high - low
    scaled = (flat - low) / span.where(span > 0, span.new_ones(()))
    return scaled.reshape(maps.shape)


def box_blur(
    images: Float[Tensor, "sample channel *space"], width: int
) -> Float[Tensor, "sample channel *space"]:
    """Mean over a window of odd `width` along every spatial axis, edges repeated, done twice."""
    blurred = images
    half = width // 2
    for _ in range(2):
        for axis in range(2, images.ndim):
            moved = blurred.movedim(axis, -1)
            shape = moved.shape
            line = F.pad(moved.reshape(-1, 1, shape[-1]), (half, half), mode="replicate")
            line = F.avg_pool1d(line, width, stride=1)
            blurred = line.reshape(shape).movedim(-1, axis)
    return blurred


def resized(
    pictures: Float[Tensor, "sample channel *space"], size: Sequence[int]
) -> Float[Tensor, "sample channel *size"]:
    """Pictures interpolated linearly to `size`; two axes are low-pass filtered when they shrink."""
    if tuple(pictures.shape[2:]) == tuple(size):
        return pictures
    return F.interpolate(
        pictures,
        tuple(size),
        mode=_LINEAR[len(size)],
        align_corners=False,
        antialias=len(size) == 2,
    )
