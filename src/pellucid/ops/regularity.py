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


def likeness(
    responses: Float[Tensor, "sample channel places"], copies: int
) -> Float[Tensor, " sample"]:
    """Mean cosine of each sample's Gram matrix Σ_p A_c A_d with those of the other samples of its
    group; `copies` samples in a row are a group (Olah et al. 2017, diversity)."""
    if copies < 2:
        return responses.new_zeros(len(responses))
    gram = (responses @ responses.transpose(1, 2)).flatten(1)
    unit = gram / gram.norm(dim=1, keepdim=True).clamp_min(1e-12)
    groups = unit.reshape(-1, copies, unit.shape[1])
    cosines = groups @ groups.transpose(1, 2)
    others = cosines.sum(2) - cosines.diagonal(dim1=1, dim2=2)
    mean: Tensor = others.flatten() / (copies - 1)
    return mean
