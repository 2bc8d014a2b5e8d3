"""Windows on a regular grid in any number of dimensions, from coarse to fine."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, SAMPLE, TOKEN
from ..errors import ParameterError

Edge = Literal["clip", "inside", "overhang"]
Sizes = Any
"""A number, one for every axis of places, or None."""


@dataclass(frozen=True)
class Windows:
    """Windows from `low` to `high` (exclusive) along every one of the tensor's `axes`, combined."""

    axes: tuple[int, ...]
    sizes: tuple[int, ...]
    low: tuple[Tensor, ...]
    high: tuple[Tensor, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many windows there are along every axis."""
        return tuple(len(low) for low in self.low)

    @property
    def count(self) -> int:
        """How many windows there are."""
        return math.prod(self.shape)

    def index(self, flat: Tensor) -> tuple[Tensor, ...]:
        """The windows along every axis of windows counted through all of them."""
        return torch.unravel_index(flat, self.shape)

    def among(self, block: tuple[Tensor, ...]) -> Tensor:
        """The windows of a product of windows along every axis, counted through all of them."""
        flat = torch.zeros(1, dtype=torch.long)
        for index, size in zip(block, self.shape, strict=True):
            flat = (flat[:, None] * size + index).flatten()
        return flat

    def cut(self, tensor: Tensor, flat: int) -> Tensor:
        """The part of one sample of `tensor` (without the sample axis) in one window."""
        for axis, at in enumerate(self.index(torch.tensor(flat))):
            first, last = int(self.low[axis][at]), int(self.high[axis][at])
            tensor = tensor.narrow(self.axes[axis] - 1, first, last - first)
        return tensor

    def spread(self, values: Tensor) -> Tensor:
        """Values `(rows, *shape)` of windows as a map `(rows, *sizes)`: at every place the mean of
        the windows that cover it."""
        total, covered = values.double(), torch.ones((), dtype=torch.float64)
        for axis, size in enumerate(self.sizes):
            place = torch.arange(size)
            inside = (place >= self.low[axis][:, None]) & (place < self.high[axis][:, None])
            total = torch.tensordot(total, inside.double(), dims=([1], [0]))
            covered = covered[..., None] * inside.sum(0).double()
        return (total / covered).float()

    def blocks(self, refine: bool) -> Iterator[tuple[Tensor, ...]]:
        """All windows as products of windows along every axis; with `refine` from a coarse grid to
        ever finer ones."""
        if not refine:
            yield tuple(torch.arange(count) for count in self.shape)
            return
        step = 1 << max(0, (max(self.shape) - 1).bit_length() - 2)
        done = [torch.arange(0, count, step) for count in self.shape]
        yield tuple(done)
        while step > 1:
            step //= 2
            new = [torch.arange(step, count, 2 * step) for count in self.shape]
            for choice in itertools.product((False, True), repeat=len(self.shape)):
                block = tuple(
                    n if fresh else d for d, n, fresh in zip(done, new, choice, strict=True)
                )
                if any(choice) and all(len(part) for part in block):
                    yield block
            done = [torch.arange(0, count, step) for count in self.shape]


def windows_of(
    axes: tuple[str, ...], shape: tuple[int, ...], window: Sizes, stride: Sizes, edge: Edge
) -> Windows:
    """The windows over the places of an input with these named axes.

    `window` and `stride` are one number, or one for every axis of places. Left out, a window is a
    single column or token, and otherwise a seventh of an axis; the stride is half a window. With
    the edge `clip` the first window begins at the first place, and the last one is cut off at the
    border; with `inside` the last one is moved inward; with `overhang` windows begin before the
    border too, so that every place lies in equally many. Raises `ParameterError`.
    """
    places = [i for i, axis in enumerate(axes) if axis not in (SAMPLE, CHANNEL)]
    single = bool({FEATURE, TOKEN} & set(axes))
    usual = [1 if single else max(1, round(shape[i] / 7)) for i in places]
    sizes = [shape[i] for i in places]
    given = _each("window", window, usual)
    lengths = [min(n, size) for n, size in zip(given, sizes, strict=True)]
    steps = _each("stride", stride, [max(1, n // 2) for n in lengths])
    if any(step > length for step, length in zip(steps, given, strict=True)):
        raise ParameterError(
            f"The stride {tuple(steps)} is larger than the window {tuple(given)}: some places "
            "would never be covered.",
            "Give a stride of at most the window.",
        )
    steps = [min(n, step) for n, step in zip(lengths, steps, strict=True)]
    ends = [
        _along(shape[i], length, step, edge)
        for i, length, step in zip(places, lengths, steps, strict=True)
    ]
    return Windows(
        tuple(places),
        tuple(shape[i] for i in places),
        tuple(low for low, _ in ends),
        tuple(high for _, high in ends),
    )


def _each(name: str, given: Any, usual: list[int]) -> list[int]:
    if given is None:
        return usual
    one = isinstance(given, int | float | str | np.number)
    several = [given] * len(usual) if one else list(given)
    whole = all(isinstance(n, int | np.integer) and n >= 1 for n in several)
    if len(several) != len(usual) or not whole:
        raise ParameterError(
            f"{name}={given!r} does not fit an input with {len(usual)} axes of places.",
            f"Give a whole number from 1, or {len(usual)} of them.",
        )
    return [int(n) for n in several]


def _along(size: int, length: int, step: int, edge: Edge) -> tuple[Tensor, Tensor]:
    count = 1 + -((length - size) // step)
    low = torch.arange(count) * step
    if edge == "overhang":
        low = torch.arange(step - length, size, step)
    if edge == "inside":
        low = low.clamp(max=size - length)
    high = (low + length).clamp(max=size)
    return low.clamp(min=0), high


def filled(known: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """`values` `(rows, *shape)` with windows that are not `known` `(*shape)` interpolated linearly
    between those of the finest complete grid."""
    if known.all():
        return values
    step = 1
    while not known[tuple(slice(None, None, step) for _ in known.shape)].all():
        step *= 2
        if step > max(known.shape):
            return np.where(known, values, 0)
    found = values[(slice(None), *(slice(None, None, step) for _ in known.shape))]
    for axis, size in enumerate(known.shape, 1):
        nodes = np.arange(0, size, step)
        found = np.apply_along_axis(partial(_interpolated, np.arange(size), nodes), axis, found)
    return np.where(known, values, found)


def _interpolated(places: NDArray[Any], nodes: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    found: NDArray[Any] = np.interp(places, nodes, values)
    return found
