"""A changed rectangle of a feature map, and reading rectangles of the map it belongs to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...ops.sliding import Places


@dataclass(frozen=True)
class Patch:
    """`tile` `(B, …)` lies at `starts`, one `(B,)` for every axis of space; elsewhere the map is as
    on the unchanged input."""

    tile: Tensor
    starts: tuple[Places, ...]


@dataclass(frozen=True)
class Space:
    """Which axes of a tensor are space, and which is the channel."""

    axes: tuple[int, ...]
    channel: int

    @property
    def order(self) -> tuple[int, ...]:
        """The axes as (batch, *space, channel)."""
        return (0, *self.axes, self.channel)

    def sizes(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The sizes of the axes of space."""
        return tuple(shape[axis] for axis in self.axes)

    def last(self, tensor: Tensor) -> Tensor:
        """The tensor as `(batch, *space, channel)`."""
        return tensor.permute(self.order)

    def back(self, tensor: Tensor) -> Tensor:
        """What `last` undid."""
        inverse = [0] * len(self.order)
        for place, axis in enumerate(self.order):
            inverse[axis] = place
        return tensor.permute(inverse)


class Map:
    """A map on the unchanged input, from which rectangles are read with patches pasted in.

    The cells of map and patches are rows of one table, so that one gather reads a whole batch.
    """

    def __init__(
        self,
        clean: Tensor,
        space: Space,
        before: Sequence[int] | None = None,
        after: Sequence[int] | None = None,
        fill: float = 0.0,
    ) -> None:
        self.space, rank = space, len(space.axes)
        self.before = tuple(before or [0] * rank)
        cells = space.last(clean)[0]
        widths = [0, 0]
        for low, high in zip(reversed(self.before), reversed(after or [0] * rank), strict=True):
            widths += [low, high]
        if any(widths):
            cells = torch.nn.functional.pad(cells, widths, value=fill)
        self.sizes = tuple(cells.shape[:-1])
        self.cells = math.prod(self.sizes)
        self._rows = cells.reshape(self.cells, -1).contiguous()

    def read(self, patch: Patch | None, starts: Sequence[Places], lengths: Sequence[int]) -> Tensor:
        """The rectangles of `lengths` at `starts` (in places of the map without its padding),
        `(B, …)` with the axes of the map."""
        tile = None if patch is None else self.space.last(patch.tile)
        rows = self._table(tile)
        own = [start + low for start, low in zip(starts, self.before, strict=True)]
        index = self._index(patch, tile, own, lengths)
        picked = rows.index_select(0, index.flatten())
        return self.space.back(picked.view(*index.shape, -1))

    def _table(self, tile: Tensor | None) -> Tensor:
        """The map's rows, with those of the patches behind them."""
        if tile is None:
            return self._rows
        count = tile.numel() // tile.shape[-1]
        if len(self._rows) < self.cells + count:
            room = self._rows.new_empty(count, self._rows.shape[1])
            self._rows = torch.cat([self._rows[: self.cells], room])
        self._rows[self.cells : self.cells + count].view(tile.shape).copy_(tile)
        return self._rows

    def _index(
        self,
        patch: Patch | None,
        tile: Tensor | None,
        starts: Sequence[Places],
        lengths: Sequence[int],
    ) -> Tensor:
        batch, rank, device = len(starts[0]), len(starts), self._rows.device
        shape = [batch, *lengths]
        clean = torch.zeros([1] * (rank + 1), dtype=torch.long, device=device)
        pasted, inside = clean, clean == 0
        for axis in range(rank):
            at = starts[axis].to(device)[:, None] + torch.arange(lengths[axis], device=device)
            view = [batch, *(lengths[axis] if i == axis else 1 for i in range(rank))]
            clean = clean * self.sizes[axis] + at.view(view)
            if patch is not None and tile is not None:
                first, length = patch.starts[axis] + self.before[axis], tile.shape[1 + axis]
                from_tile = at - first.to(device)[:, None]
                pasted = pasted * length + from_tile.view(view)
                inside = inside & ((from_tile >= 0) & (from_tile < length)).view(view)
        if tile is None:
            return clean.expand(shape)
        size = math.prod(tile.shape[1:-1])
        rows = torch.arange(batch, device=device).view(-1, *[1] * rank)
        return torch.where(inside, self.cells + rows * size + pasted, clean).expand(shape)


def write_back(clean: Tensor, space: Space, patch: Patch) -> Tensor:
    """The whole maps `(B, …)` of the changed inputs."""
    whole = space.last(clean).expand(len(patch.tile), *space.last(clean).shape[1:]).clone()
    tile = space.last(patch.tile)
    starts = torch.stack(patch.starts, 1).tolist()
    for row, places in enumerate(starts):
        target = whole[row]
        for axis, (first, length) in enumerate(zip(places, tile.shape[1:-1], strict=True)):
            target = target.narrow(axis, first, length)
        target.copy_(tile[row])
    return space.back(whole)
