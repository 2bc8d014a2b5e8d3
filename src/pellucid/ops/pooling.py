"""One number a channel from a map: its mean, its greatest value and where that lies."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def mean_of(maps: Float[Tensor, "sample channel *grid"]) -> Float[Tensor, "sample channel"]:
    """Mean over the places."""
    return maps.flatten(2).mean(2) if maps.ndim > 2 else maps


def max_of(maps: Float[Tensor, "sample channel *grid"]) -> Float[Tensor, "sample channel"]:
    """Greatest value over the places."""
    return maps.flatten(2).amax(2) if maps.ndim > 2 else maps


def place_of(maps: Float[Tensor, "sample channel *grid"]) -> Int[Tensor, "sample channel"]:
    """The first place of the greatest value, counted along the flattened grid."""
    if maps.ndim == 2:
        return torch.zeros(maps.shape, dtype=torch.int32, device=maps.device)
    return maps.flatten(2).argmax(2).to(torch.int32)


def flat_place(place: tuple[int, ...], grid: tuple[int, ...]) -> int:
    """A place counted along the flattened grid."""
    found = 0
    for index, size in zip(place, grid, strict=True):
        found = found * size + index
    return found


def value_at(
    maps: Float[Tensor, "sample channel *grid"], place: tuple[int, ...]
) -> Float[Tensor, "sample channel"]:
    """The values at one place of the grid."""
    return maps.flatten(2)[:, :, flat_place(place, tuple(maps.shape[2:]))]
