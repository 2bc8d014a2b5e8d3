"""Which axis of an activation is what: read from its shape, the layer's type, what came before."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ..errors import LayerError
from .axes import CHANNEL, FEATURE, SAMPLE, TOKEN

MOST_PREFIX = 16
"""More class and register tokens than this are not assumed."""

_FIRST: tuple[type, ...] = (
    nn.modules.conv._ConvNd,
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.LocalResponseNorm,
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
    nn.modules.pooling._LPPoolNd,
    nn.modules.pixelshuffle.PixelShuffle,
)


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
    grid = (length,) if len(space) < 2 else _grid(length, input_space)
    if grid is None:
        raise LayerError(
            f"{length} tokens do not form a grid over an input of {input_space}.",
            "Say how many class and register tokens come first: layout='NLC+5'.",
        )
    return Layout(axes, space, grid, prefix)


class Inference:
    """Infers layouts in the order in which a network computes its activations.

    Remembers the grids and the layouts seen, since an activation function tells nothing itself.
    """

    def __init__(self, n: int, space: tuple[str, ...], sizes: tuple[int, ...]) -> None:
        self.n, self.space, self.sizes = n, space, sizes
        self._known: dict[tuple[int, ...], Layout] = {}
        self._grids: list[tuple[int, ...]] = []
        self._latest: Layout | None = None

    def infer(self, shape: tuple[int, ...], module: nn.Module | None) -> Layout | None:
        """The layout of an activation, None where it has no meaning per sample."""
        hint = _channel_axis(module, shape)
        layout = self._infer(shape, module, hint)
        if layout is None:
            return None
        if not layout.certain and self._settles(shape):
            layout = self._known[shape]
        if layout.certain:
            self._known[shape] = layout
            self._latest = layout if layout.spatial else self._latest
            if TOKEN not in layout.axes and len(layout.grid) > 1:
                self._grids.append(layout.grid)
        return layout

    def _settles(self, shape: tuple[int, ...]) -> bool:
        """Whether an earlier layout of this shape still holds: not once channels have moved from
        the first axis to the last or back, since a cube says nothing about its axes."""
        known, latest = self._known.get(shape), self._latest
        if known is None or latest is None:
            return known is not None
        return (known.axes[-1] == CHANNEL) == (latest.axes[-1] == CHANNEL)

    def _infer(
        self, shape: tuple[int, ...], module: nn.Module | None, hint: int | None
    ) -> Layout | None:
        rank, dims = len(self.space), len(shape) - 1
        if isinstance(module, nn.RNNBase) and not module.batch_first and shape[1:2] == (self.n,):
            return Layout(("time", SAMPLE, CHANNEL), ("time",), shape[:1])
        if shape[:1] != (self.n,):
            return None
        if dims <= 1:
            return vector(dims + 1)
        if dims == rank + 1:
            return self._dense(shape, hint)
        if dims == 2 and rank >= 2:
            return self._tokens(shape, hint)
        return None

    def _dense(self, shape: tuple[int, ...], hint: int | None) -> Layout:
        first = Layout((SAMPLE, CHANNEL, *self.space), self.space, shape[2:])
        last = Layout((SAMPLE, *self.space, CHANNEL), self.space, shape[1:-1])
        if hint is not None:
            return first if hint == 1 else last
        fits = [layout for layout in (first, last) if _fits(layout.grid, self.sizes)]
        if len(fits) == 1 and len(self.sizes) > 1:
            return fits[0]
        return Layout(first.axes, first.space, first.grid, certain=False)

    def _tokens(self, shape: tuple[int, ...], hint: int | None) -> Layout | None:
        found = []
        for axis in (1, 2):
            if hint is not None and hint == axis:
                continue
            unfolded = self._unfold(shape[axis])
            if unfolded is not None:
                found.append((axis, *unfolded))
        if not found:
            return None
        axis, grid, prefix = found[0]
        axes = (SAMPLE, TOKEN, CHANNEL) if axis == 1 else (SAMPLE, CHANNEL, TOKEN)
        return Layout(axes, self.space, grid, prefix, certain=len(found) == 1)

    def _unfold(self, length: int) -> tuple[tuple[int, ...], int] | None:
        """Grid and number of leading tokens for `length` tokens."""
        seen = list(dict.fromkeys(reversed(self._grids)))
        for grid in seen:
            if math.prod(grid) == length and length > 1:
                return grid, 0
        for grid in seen:
            prefix = length - math.prod(grid)
            if 0 < prefix <= min(MOST_PREFIX, math.prod(grid)):
                return grid, prefix
        for prefix in range(min(MOST_PREFIX, length - 2)):
            ratio = _grid(length - prefix, self.sizes)
            if ratio is not None and math.prod(ratio) > 1:
                return ratio, prefix
        return None


def _channel_axis(module: nn.Module | None, shape: tuple[int, ...]) -> int | None:
    """The channel axis that the layer's type implies."""
    if isinstance(module, _FIRST):
        return 1
    last = len(shape) - 1
    if isinstance(module, nn.LayerNorm):
        sizes = tuple(module.normalized_shape)
        certain = type(module) is nn.LayerNorm or shape[1:2] != sizes
        return last if len(sizes) == 1 and shape[-1:] == sizes and certain else None
    if isinstance(module, nn.Linear | nn.RNNBase | nn.MultiheadAttention | nn.Embedding):
        return last
    if isinstance(module, nn.TransformerEncoderLayer | nn.TransformerEncoder):
        return last
    return None


def _fits(grid: Iterable[int], sizes: tuple[int, ...]) -> bool:
    """Whether a grid covers the input with about the same stride along every axis."""
    pairs = list(zip(grid, sizes, strict=True))
    if any(cells > size + 2 for cells, size in pairs):
        return False
    # One cell more or less along an axis is padding.
    low = max(size / (cells + 1) for cells, size in pairs)
    high = min(size / max(cells - 1, 0.5) for cells, size in pairs)
    return low <= high


def _grid(length: int, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
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
