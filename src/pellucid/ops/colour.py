"""From one value per channel to one value per place."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor

Reduction = Literal["sum", "sum_abs", "max_abs"]


def reduce_channels(
    values: Float[Tensor, "*axes"], axis: int, how: Reduction
) -> Float[Tensor, "*rest"]:
    """`sum` keeps the sign; `sum_abs` and `max_abs` are sizes, as in the references."""
    if how == "sum":
        return values.sum(axis)
    return values.abs().sum(axis) if how == "sum_abs" else values.abs().amax(axis)
