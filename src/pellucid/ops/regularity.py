"""Penalties that keep a synthesised picture smooth and within its range."""

from jaxtyping import Float
from torch import Tensor


def total_variation(
    pictures: Float[Tensor, "sample channel *space"],
) -> Float[Tensor, " sample"]:
    """Mean |difference of neighbours|, summed over the spatial axes (Mahendran & Vedaldi 2015,
    β = 1)."""
    found = pictures.new_zeros(len(pictures))
    for axis in range(2, pictures.ndim):
        if pictures.shape[axis] > 1:
            found = found + pictures.diff(dim=axis).abs().flatten(1).mean(1)
    return found


def lp_norm(
    pictures: Float[Tensor, "sample *shape"], power: float = 6.0
) -> Float[Tensor, " sample"]:
    """(mean |x|ᵖ)^(1/p) of each picture; large p holds the extremes down (Mahendran & Vedaldi 2015,
    p = 6)."""
    size = pictures.abs().flatten(1).clamp_min(1e-12)
    return size.pow(power).mean(1).pow(1 / power)
