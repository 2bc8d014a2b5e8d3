"""Curves of scores while features are taken away, and the area below them."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def area(curve: Float[Tensor, "*rows step"]) -> Float[Tensor, "*rows"]:
    """The area below evenly spaced points over a base of length 1: (Σ y − (y₀ + yₙ)/2) / n.

    **Source:** Petsiuk et al. 2018 (RISE), section 4.1, and its published code.
    """
    ends = (curve[..., 0] + curve[..., -1]) / 2
    return (curve.sum(-1) - ends) / (curve.shape[-1] - 1)


def ranks(values: Float[Tensor, "*rows feature"]) -> Int[Tensor, "*rows feature"]:
    """The place of every feature in the order from the greatest value (0) to the least; of equals
    the first comes first."""
    order = values.argsort(dim=-1, descending=True, stable=True)
    places = torch.arange(values.shape[-1], device=values.device).expand_as(order)
    return torch.empty_like(order).scatter_(-1, order, places)


def checkpoints(count: int, steps: int) -> list[int]:
    """How many of `count` features are gone at each of `steps` even steps, from none to all."""
    wanted = min(steps, count)
    return [round(k * count / wanted) for k in range(wanted + 1)]
