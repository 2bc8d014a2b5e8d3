"""The derivative of a rectifier, averaged over a cell of a path."""

from jaxtyping import Float
from torch import Tensor


def passing(z: Tensor, top: float | None = None) -> Tensor:
    """Where a rectifier passes: 0 < z < top. Boolean."""
    return (z > 0) if top is None else (z > 0) & (z < top)


def share_above(
    z: Float[Tensor, "*shape"], change: Float[Tensor, "*shape"]
) -> Float[Tensor, "*shape"]:
    """The share of a cell in which a value exceeds 0 that is `z` at the middle and changes linearly
    by `change` across the cell; where it does not change, 1 or 0."""
    share = (z / change.abs()).add_(0.5).clamp_(0, 1)
    return share.nan_to_num_(0)  # 0 / 0: not above 0 anywhere


def mean_passing(
    z: Float[Tensor, "*shape"], change: Float[Tensor, "*shape"], top: float | None = None
) -> Float[Tensor, "*shape"]:
    """The share of a cell in which a rectifier passes."""
    share = share_above(z, change)
    return share if top is None else share - share_above(z - top, change)
