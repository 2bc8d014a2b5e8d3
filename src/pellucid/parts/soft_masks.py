"""Soft random masks over the inputs, made when they are needed, and what is known of them exactly.

Of every input that can be explained, cells of a coarse grid are kept with probability p; the grid
is grown to the input's size by linear interpolation and shifted (Petsiuk et al. 2018, 3.2).
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, SAMPLE
from ..core.inputs import Inputs
from ..ops.soft_masks import BLOCK, grow, interpolation, uniform
from .segments import GRID

FEATURES = 256
"""Most blocks of one input whose means sum a mask up, unless its grid has more cells."""


@dataclass(frozen=True)
class _Axis:
    """One axis of a mask: `size` places of `cells` cells grown to `span` places."""

    size: int
    cells: int
    span: int
    shifts: int
    """The shift is uniform below this."""

    @property
    def plain(self) -> bool:
        """Whether every place is a cell, so that nothing is interpolated."""
        return self.cells == self.size

    def weights(self, unit: Tensor) -> Tensor | None:
        """Interpolation `(n or 1, size, cells)` for uniform numbers `(n,)`; None if plain."""
        if self.plain:
            return None
        shifts = (unit * self.shifts).long() if self.shifts > 1 else unit.new_zeros(1).long()
        return interpolation(self.size, self.cells, self.span, shifts)

    def coarse(self, weights: Tensor | None, blocks: int) -> Tensor | None:
        """`weights` with the means over blocks in the places' stead, `(n or 1, blocks, cells)`."""
        return None if weights is None else self.means(blocks).to(weights) @ weights

    def means(self, blocks: int) -> Tensor:
        """The means `(blocks, size)` over `blocks` blocks of places, as a matrix."""
        block = torch.arange(self.size) * blocks // self.size
        member = torch.zeros(blocks, self.size).index_put_(
            (block, torch.arange(self.size)), torch.ones(())
        )
        return member / member.sum(1, keepdim=True)

    def covariance(self, blocks: int) -> Tensor | None:
        """Of every place with the block means, `(1, size, blocks)`, the mean over all shifts, for
        cells of unit variance; None if plain."""
        if self.plain:
            return None
        every = interpolation(self.size, self.cells, self.span, torch.arange(self.shifts)).double()
        shared = every @ every.transpose(1, 2) @ self.means(blocks).double().T
        return shared.mean(0, keepdim=True)


@dataclass(frozen=True)
class _Grid:
    """The mask of one input; `first` is its first uniform number among those of a draw."""

    axes: tuple[_Axis, ...]
    first: int

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(axis.cells for axis in self.axes)

    @property
    def numbers(self) -> int:
        """How many uniform numbers it takes: one a cell and one an axis."""
        return math.prod(self.cells) + len(self.axes)

    @cached_property
    def blocks(self) -> tuple[int, ...]:
        """Blocks along every axis whose means sum the mask up: two a cell where it is shifted."""
        fine = tuple(min(a.size, 2 * a.cells) if a.shifts > 1 else a.cells for a in self.axes)
        return fine if math.prod(fine) <= FEATURES else self.cells

    def split(self, unit: Tensor, keep: float) -> tuple[Tensor, list[Tensor | None]]:
        """Cells less their mean `(n, *cells)`, and interpolation weights along every axis."""
        own = unit[:, self.first : self.first + self.numbers]
        count = math.prod(self.cells)
        cells = (own[:, :count] < keep).float() - keep
        weights = [axis.weights(own[:, count + i]) for i, axis in enumerate(self.axes)]
        return cells.reshape(-1, *self.cells), weights


class SoftMasks:
    """Masks M in [0, 1] with mean `keep` everywhere, the same for all samples; mask j depends on
    the seed and j alone.

    Features are cells of their own, without interpolation. The inputs have independent masks.
    """

    def __init__(
        self, inputs: Inputs, cells: int | None, keep: float, shift: bool, seed: int
    ) -> None:
        self.keep, self.seed = keep, seed
        self.grids: dict[str, _Grid] = {}
        self.axes: dict[str, tuple[str, ...]] = {}
        first = 0
        for name, tensor in inputs.explained.items():
            axes, shape = inputs.axes(name), tensor.shape
            kept = [i for i, axis in enumerate(axes) if axis not in (SAMPLE, CHANNEL)]
            count = cells or GRID.get(len(kept), min(GRID.values()))
            made = [_axis(shape[i], shape[i] if axes[i] == FEATURE else count, shift) for i in kept]
            self.grids[name] = _Grid(tuple(made), first)
            self.axes[name] = (SAMPLE, *(axes[i] for i in kept))
            first += self.grids[name].numbers
        self._numbers = first

    def shape(self, name: str) -> tuple[int, ...]:
        """The places of an input's mask."""
        return tuple(axis.size for axis in self.grids[name].axes)

    def centred(self, name: str, start: int, stop: int, device: torch.device) -> Tensor:
        """Masks `start` to `stop` of one input less their mean, `(n, *space)` on `device`."""
        unit = uniform(self._numbers, self.seed, start, stop).to(device)
        return grow(*self.grids[name].split(unit, self.keep))

    def features(self, start: int, stop: int) -> Tensor:
        """The block means `(n, d)` of all inputs' masks less their mean, float64."""
        parts = range(start, stop, BLOCK)
        return torch.cat([self._features(part, min(part + BLOCK, stop)) for part in parts])

    def _features(self, start: int, stop: int) -> Tensor:
        unit = uniform(self._numbers, self.seed, start, stop)
        found = []
        for grid in self.grids.values():
            low, weights = grid.split(unit, self.keep)
            pairs = zip(grid.axes, grid.blocks, weights, strict=True)
            coarse = [axis.coarse(weights, blocks) for axis, blocks, weights in pairs]
            found.append(grow(low, coarse).flatten(1))
        return torch.cat(found, 1).double()

    def covariance(self, name: str, coefficients: Tensor) -> Tensor:
        """The exact covariance `(targets, *space)` of one input's mask with the sum of
        `features` by `coefficients` `(targets, d)`."""
        first = 0
        for other, grid in self.grids.items():
            count = math.prod(grid.blocks)
            if other == name:
                break
            first += count
        own = coefficients[:, first : first + count].reshape(-1, *grid.blocks)
        pairs = zip(grid.axes, grid.blocks, strict=True)
        return self.keep * (1 - self.keep) * grow(own, [a.covariance(b) for a, b in pairs])


def _axis(size: int, cells: int, shift: bool) -> _Axis:
    """Cells of ⌈size / cells⌉ places; a shifted mask has one cell more to be cut from."""
    cells = min(size, cells)
    cell = -(-size // cells)
    if not shift or cell == 1:
        return _Axis(size, cells, size, 1)
    return _Axis(size, cells, (cells + 1) * cell, cell)
