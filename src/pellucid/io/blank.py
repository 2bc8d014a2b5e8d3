"""An input in the middle of the valid range, where a method takes only the shape from it."""

from typing import Any

import torch
from torch import Tensor

from ..core.model import Model
from ..errors import InputError
from .display import range_of
from .preprocess import ImagePreprocess


def is_shape(x: Any) -> bool:
    """Whether `x` is a shape rather than an input: whole numbers, as in `(1, 3, 224, 224)`."""
    return isinstance(x, tuple) and len(x) > 1 and all(type(size) is int for size in x)


def blank(model: Model, shape: Any = None) -> Tensor:
    """An input of `shape` `(N, …)`, or one picture of the size that the preprocessing makes.

    Its values are those of mid-grey where the preprocessing tells, else zero. Raises `InputError`.
    """
    if shape is None:
        shape = _own_shape(model)
    if any(size < 1 for size in shape):
        raise InputError(f"{shape} is no shape of an input.", "Give positive sizes, batch first.")
    found = range_of(model.preprocess, shape[1])
    if found is None:
        return torch.zeros(shape)
    middle = ((found[0] + found[1]) / 2).reshape(1, -1, *(1,) * (len(shape) - 2))
    return middle.expand(shape).clone()


def _own_shape(model: Model) -> tuple[int, ...]:
    preprocess = model.preprocess
    if not isinstance(preprocess, ImagePreprocess) or preprocess.size is None:
        raise InputError(
            "Without an input, the model has to know the size of its pictures.",
            "Give an example x, its shape such as (1, 3, 224, 224), or "
            "pl.Model(net, preprocess=pl.ImagePreprocess(size=…)).",
        )
    size = preprocess.size
    height, width = (size, size) if isinstance(size, int) else size
    return (1, preprocess.channels or 1, height, width)
