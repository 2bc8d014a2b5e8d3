"""What the network saw, as a picture, whatever prepared its input."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .preprocess import ImagePreprocess, as_picture

SLACK = 0.02
"""How far beyond 0 to 1 a picture may lie once the statistics are undone: filters overshoot."""


def display_of(preprocess: Any, tensor: Tensor) -> tuple[NDArray[np.uint8] | None, str]:
    """The pictures behind `tensor` and a note on how they were found.

    None where the tensor is no batch of pictures. The mean and standard deviation are undone where
    the preprocessing declares them; otherwise the batch is stretched from its least to its
    greatest value, and the note says so.
    """
    if tensor.ndim != 4 or not tensor.is_floating_point() or 0 in tensor.shape:
        return None, ""
    if isinstance(preprocess, ImagePreprocess) and tensor.shape[1] == preprocess.channels:
        return preprocess.display(tensor), "the preprocessing was undone"
    if tensor.shape[1] not in (1, 3):
        return None, ""
    values = tensor.detach().to("cpu", torch.float32)
    undone = _undone(preprocess, values)
    if undone is not None and _in_range(undone):
        return as_picture(undone), "mean and standard deviation were undone"
    return as_picture(_stretched(values)), (
        "colours are stretched from the batch's least to its greatest value: "
        "the preprocessing does not say how to undo it"
    )


def range_of(preprocess: Any, channels: int) -> tuple[Tensor, Tensor] | None:
    """The values `(channel,)` that black and white become; None where the preprocessing does not
    tell."""
    found = _statistics(preprocess)
    if found is None:
        return None
    mean, std = (torch.as_tensor(v, dtype=torch.float32).flatten() for v in found)
    if any(len(v) not in (1, channels) for v in (mean, std)):
        return None
    top = preprocess.top if isinstance(preprocess, ImagePreprocess) else 1.0
    return tuple(((v - mean) / std).expand(channels).clone() for v in (0.0, top))  # type: ignore


def _undone(preprocess: Any, values: Tensor) -> Tensor | None:
    found = _statistics(preprocess)
    return None if found is None else _invert(values, *found)


def _statistics(preprocess: Any) -> tuple[Any, Any] | None:
    """Mean and standard deviation, where the preprocessing or one of its steps declares them."""
    steps = [preprocess, *getattr(preprocess, "transforms", ())]
    for mean_name, std_name in (("mean", "std"), ("image_mean", "image_std")):
        for step in reversed(steps):
            mean, std = getattr(step, mean_name, None), getattr(step, std_name, None)
            if mean is not None and std is not None:
                return mean, std
    return None


def _invert(values: Tensor, mean: Any, std: Any) -> Tensor | None:
    shift, scale = (
        torch.as_tensor(v, dtype=torch.float32).reshape(1, -1, 1, 1) for v in (mean, std)
    )
    fits = all(v.shape[1] in (1, values.shape[1]) for v in (shift, scale))
    return values * scale + shift if fits else None


def _in_range(values: Tensor) -> bool:
    return bool(values.min() >= -SLACK) and bool(values.max() <= 1 + SLACK)


def _stretched(values: Tensor) -> Tensor:
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else torch.full_like(values, 0.5)
