"""Layouts read from shapes, the types of layers, and what came before."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from torch import nn

from .axes import CHANNEL, SAMPLE, TOKEN
from .keras_layers import channels_last
from .layout import Layout, grid_of, vector

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


class Inference:
    """Infers layouts in the order in which a network computes its activations.

    Remembers the grids and the layouts seen, since an activation function tells nothing itself, and
    the shapes that a layer which does tell left without one.
    """

    def __init__(self, n: int, space: tuple[str, ...], sizes: tuple[int, ...]) -> None:
        self.n, self.space, self.sizes = n, space, sizes
        self._known: dict[tuple[int, ...], Layout] = {}
        self._tensors: dict[int, Layout | None] = {}
        self._nothing: set[tuple[int, ...]] = set()
        self._grids: list[tuple[int, ...]] = [sizes] if len(sizes) == 1 else []
        self._latest: Layout | None = None
        self._stream: tuple[int, int] | None = None
        """Channel axis of the latest tokens, and the number of channels."""
        self._lengths: set[int] = set()

    def infer(
        self, shape: tuple[int, ...], module: nn.Module | None, tensor: int | None = None
    ) -> Layout | None:
        """The layout of an activation, None where it has no meaning per sample; what a layer only
        passes on, by the number of its `tensor`, keeps the layout it has."""
        hint = _channel_axis(module, shape)
        if tensor is not None and hint is None and tensor in self._tensors:
            return self._tensors[tensor]
        found = self._remembered(shape, module, hint)
        if tensor is not None:
            self._tensors[tensor] = found
        return found

    def _remembered(
        self, shape: tuple[int, ...], module: nn.Module | None, hint: int | None
    ) -> Layout | None:
        layout = self._infer(shape, module, hint)
        if layout is None and hint is not None:
            self._nothing.add(shape)
        if layout is None or (hint is None and shape in self._nothing):
            return None
        if not layout.certain and self._settles(shape):
            layout = self._known[shape]
        if layout.certain:
            self._known[shape] = layout
            self._nothing.discard(shape)
            self._latest = layout if layout.spatial else self._latest
            if TOKEN not in layout.axes and layout.grid:
                self._grids.append(layout.grid)
            if TOKEN in layout.axes and not _partial(module):
                axis = layout.axes.index(CHANNEL)
                self._stream = axis, shape[axis]
                self._lengths.add(shape[3 - axis])
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
        if shape[:1] != (self.n,) or isinstance(module, nn.Softmax):
            return None
        if dims <= 1:
            return vector(dims + 1)
        if dims == rank + 1:
            return self._steps(shape, hint) or self._dense(shape, hint)
        if dims == 2 and rank >= 2:
            return self._tokens(shape, hint, told=hint is not None and not _partial(module))
        return None

    def _steps(self, shape: tuple[int, ...], hint: int | None) -> Layout | None:
        """Time steps behind class and register tokens, where the steps alone were seen."""
        length = shape[1]
        if len(self.space) != 1 or hint != 2 or (length,) in self._grids:
            return None
        for (steps,) in reversed(self._grids):
            if 0 < length - steps <= min(MOST_PREFIX, steps):
                axes = (SAMPLE, TOKEN, CHANNEL)
                return Layout(axes, self.space, (steps,), length - steps)
        return None

    def _dense(self, shape: tuple[int, ...], hint: int | None) -> Layout:
        first = Layout((SAMPLE, CHANNEL, *self.space), self.space, shape[2:])
        last = Layout((SAMPLE, *self.space, CHANNEL), self.space, shape[1:-1])
        if hint == 1:
            return first
        possible = [last] if hint is not None else [first, last]
        fits = [each for each in possible if self._may_be_places(each.grid)]
        if len(fits) == 1 and (hint is not None or len(self.sizes) > 1):
            return fits[0]
        return replace(possible[0], certain=False)

    def _may_be_places(self, grid: tuple[int, ...]) -> bool:
        """Whether the axes can be places rather than heads and tokens, or pairs of tokens."""
        pairs = len(set(grid)) == 1 and grid[0] in self._lengths
        return _fits(grid, self.sizes) and not pairs

    def _tokens(self, shape: tuple[int, ...], hint: int | None, told: bool) -> Layout | None:
        channel = self._channel_of(shape) if hint is None else hint
        found = []
        for axis in (1, 2):
            unfolded = None if axis == channel else self._unfold(shape[axis])
            if unfolded is not None:
                found.append((axis, *unfolded))
        if not found:
            return None
        axis, grid, prefix = found[0]
        axes = (SAMPLE, TOKEN, CHANNEL) if axis == 1 else (SAMPLE, CHANNEL, TOKEN)
        certain = len(found) == 1 and (told or not self._turned(shape, 3 - axis))
        return Layout(axes, self.space, grid, prefix, certain)

    def _channel_of(self, shape: tuple[int, ...]) -> int | None:
        """The axis that has as many channels as the latest tokens have there."""
        if self._stream is None or shape[self._stream[0]] != self._stream[1]:
            return None
        return self._stream[0]

    def _turned(self, shape: tuple[int, ...], channel: int) -> bool:
        """Whether the latest tokens have their channels on the other axis, or seem to."""
        if self._stream is None:
            return False
        axis, channels = self._stream
        return channel != axis or (shape[axis] != channels and shape[3 - axis] == channels)

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
        if seen:
            return next(((grid, 0) for grid in _merged(seen) if math.prod(grid) == length), None)
        for prefix in range(min(MOST_PREFIX, length - 2)):
            whole = grid_of(length - prefix, self.sizes)
            if whole is not None and math.prod(whole) > 1 and _divides(whole, self.sizes):
                return whole, prefix
        return None


def _partial(module: nn.Module | None) -> bool:
    """Whether a layer may work along the tokens as well as along the channels."""
    return isinstance(module, nn.Linear)


def _divides(grid: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    """Whether the cells are whole: patches cut out without a convolution are."""
    return all(size % cells == 0 for cells, size in zip(grid, sizes, strict=True))


def _merged(seen: list[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """The grids that merging k×k neighbours of those `seen` gives, borders padded or dropped."""
    for grid in seen:
        for k in range(2, max(grid) + 1):
            for merged in (tuple(-(-size // k) for size in grid), tuple(s // k for s in grid)):
                if math.prod(merged) > 1:
                    yield merged


def _channel_axis(module: nn.Module | None, shape: tuple[int, ...]) -> int | None:
    """The channel axis that the layer's type implies."""
    if isinstance(module, _FIRST):
        return 1
    last = len(shape) - 1
    if channels_last(module):
        return last
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
    """Whether a grid covers the input with about the same stride along height and width."""
    pairs = list(zip(grid, sizes, strict=True))
    if any(cells > size + 2 for cells, size in pairs):
        return False
    # One cell more or less along an axis is padding; depth often has a stride of its own.
    plane = pairs[-2:]
    low = max(size / (cells + 1) for cells, size in plane)
    high = min(size / max(cells - 1, 0.5) for cells, size in plane)
    return low <= high
