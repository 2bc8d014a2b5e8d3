"""Maps as weighted sums of channels: the equations of the CAM family."""

import torch
from jaxtyping import Float
from torch import Tensor


def weighted_sum(
    weights: Float[Tensor, "sample channel"], maps: Float[Tensor, "sample channel *space"]
) -> Float[Tensor, "sample *space"]:
    """Σ_k w_k A_k."""
    return torch.einsum("nc,nc...->n...", weights, maps)


def grad_cam(
    maps: Float[Tensor, "sample channel *space"], gradient: Float[Tensor, "sample channel *space"]
) -> Float[Tensor, "sample *space"]:
    """Σ_k α_k A_k with α_k the mean of ∂y/∂A_k over the places (Selvaraju 2017, eq. 1 and 2,
    before the ReLU)."""
    return weighted_sum(gradient.flatten(2).mean(2), maps)
