"""What a projector is given, as a matrix of features."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError
from ..ops.principal import principal_axes


@dataclass(frozen=True)
class Features:
    """A matrix `(n, d)`, and how it was reduced where it was."""

    values: Tensor
    centre: Tensor | None = None
    axes: Tensor | None = None


def matrix_of(x: Any, width: int | None = None) -> Tensor:
    """A float32 matrix `(n, d)` of anything array-like `(n, …)`; what follows the first axis is
    flattened.

    Raises `InputError` where a value is not finite, naming its place, or the width is not `width`.
    """
    try:
        tensor = x.detach() if isinstance(x, Tensor) else torch.from_numpy(_numbers(x))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{type(x).__name__} does not read as numbers ({error}).",
            "Give an array (items, features); encode words and categories first.",
        ) from None
    if tensor.ndim < 1 or len(tensor) == 0:
        raise InputError(f"Nothing to map in shape {tuple(tensor.shape)}.", "Give (items, …).")
    matrix = tensor.reshape(len(tensor), -1).to(torch.float32)
    bad = (~torch.isfinite(matrix)).nonzero()
    if len(bad):
        row, column = bad[0].tolist()
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise InputError(
            f"Item {row} has {float(matrix[row, column])} at feature {column}{more}.",
            "Leave such items out, or fill in what is missing.",
        )
    if width is not None and matrix.shape[1] != width:
        raise InputError(
            f"{matrix.shape[1]} features an item, where the map was made of {width}.",
            "Give the same features in the same order.",
        )
    return matrix


def reduced(matrix: Tensor, most: int | None, seed: int = 0) -> Features:
    """The matrix on its first `most` principal components where it has more features."""
    if most is None or matrix.shape[1] <= most:
        return Features(matrix)
    centre, axes = principal_axes(matrix, most, seed)
    return Features((matrix - centre) @ axes, centre, axes)


def _numbers(x: Any) -> Any:
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        array = array.astype(np.float32)
    return np.require(array, np.float32, ["C", "W"])  # torch shares what can be written
