"""Half precision is for running a network, not for adding up."""

import torch
from torch import Tensor


def full(tensor: Tensor) -> Tensor:
    """The tensor in single precision, or in double if it is double already."""
    return tensor if tensor.dtype is torch.float64 else tensor.float()


def rounding(dtype: torch.dtype) -> float:
    """Relative error of a short computation in a floating type."""
    return max(1e-4, 8 * torch.finfo(dtype).eps)
