"""Which axis of an activation is what."""

import math
import re
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..errors import LayerError
from .axes import CHANNEL, FEATURE, SAMPLE, TOKEN


@dataclass(frozen=True)
class Layout:
    """Names for the axes of an activation.

    `axes` has one name per axis; a `token` axis of images unfolds to `grid` after `prefix` class or
    register tokens. `space` names the axes of the grid.
    """

    axes: tuple[str, ...]
    space: tuple[str, ...]
    grid: tuple[int, ...]
    prefix: int = 0
    certain: bool = True

    @property
    def spatial(self) -> bool:
        """Whether the activation has more than one place."""
        return bool(self.grid) and math.prod(self.grid) > 1 and CHANNEL in self.axes

    def maps(self, activation: Tensor) -> Tensor:
        """The activation as `(N, C, *grid)`, class and register tokens left out. A view where
        possible; gradients pass."""
        order = [self.axes.index(name) for name in self._canonical()]
        turned = activation.permute(*order)
        if TOKEN not in self.axes:
            return turned
        return turned[:, :, self.prefix :].reshape(*turned.shape[:2], *self._grid_of(turned))

    def places(self, activation: Tensor) -> Tensor:
        """The activation as `(N, C, places)`, class and register tokens left out, whatever the size
        of its grid; a vector has one place. Gradients pass."""
        turned = activation.permute(*(self.axes.index(name) for name in self._canonical()))
        if turned.ndim == 2:
            return turned[:, :, None]
        return turned[:, :, self.prefix if TOKEN in self.axes else 0 :].flatten(2)

    def _grid_of(self, turned: Tensor) -> tuple[int, ...]:
        return self.grid if len(self.grid) > 1 else (turned.shape[2] - self.prefix,)

    def _canonical(self) -> tuple[str, ...]:
        places = tuple(a for a in self.axes if a not in (SAMPLE, CHANNEL, FEATURE))
        return (SAMPLE, *(a for a in (CHANNEL, FEATURE) if a in self.axes), *places)

    def __str__(self) -> str:
        letters = {SAMPLE: "N", CHANNEL: "C", FEATURE: "F", TOKEN: "L", "time": "T"}
        spell = "".join(letters.get(axis, axis[0].upper()) for axis in self.axes)
        if TOKEN in self.axes and self.space != (TOKEN,):
            grid = "×".join(str(size) for size in self.grid)
            return f"{spell}+{self.prefix} ({grid})" if self.prefix else f"{spell} ({grid})"
        return spell


def vector(rank: int) -> Layout:
    """The layout of `(N, F)`."""
    return Layout((SAMPLE, FEATURE)[:rank], (), ())


def parse(
    text: str, shape: tuple[int, ...], space: tuple[str, ...], input_space: tuple[int, ...]
) -> Layout:
    """A layout written by the user: `NCHW`, `NHWC`, `NLC`, `NLC+1`, `NCT`, `NTC`."""
    match = re.fullmatch(r"([NCFLTDHW]+)(?:\+(\d+))?", text.strip().upper())
    if match is None or len(match[1]) != len(shape) or len(set(match[1])) != len(shape):
        raise LayerError(
            f"layout={text!r} does not name the {len(shape)} axes of {shape}.",
            "Write one letter per axis, such as NCHW, NHWC, NLC+1 (one class token), NCT.",
        )
    names = {"N": SAMPLE, "C": CHANNEL, "F": FEATURE, "L": TOKEN, "T": "time"}
    names |= {"D": "depth", "H": "height", "W": "width"}
    axes, prefix = tuple(names[letter] for letter in match[1]), int(match[2] or 0)
    if TOKEN not in axes:
        places = tuple(a for a in axes if a not in (SAMPLE, CHANNEL, FEATURE))
        return Layout(axes, places, tuple(shape[axes.index(a)] for a in places))
    length = shape[axes.index(TOKEN)] - prefix
    grid = (length,) if len(space) < 2 else grid_of(length, input_space)
    if grid is None:
        raise LayerError(
            f"{length} tokens do not form a grid over an input of {input_space}.",
            "Say how many class and register tokens come first: layout='NLC+5'.",
        )
    return Layout(axes, space, grid, prefix)


def grid_of(length: int, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The grid of `length` cells whose strides over `sizes` are equal to within rounding."""
    if len(sizes) != 2 or length < 1:
        return (length,) if len(sizes) == 1 else None
    height = round(math.sqrt(length * sizes[0] / sizes[1]))
    for h in (height, height - 1, height + 1):
        if h > 0 and length % h == 0:
            strides = sizes[0] / h, sizes[1] / (length // h)
            if max(strides) <= 1.1 * min(strides) and min(strides) >= 1:
                return h, length // h
    return None


def describe(value: Any) -> str:
    """A shape for messages."""
    return "×".join(str(size) for size in value)
