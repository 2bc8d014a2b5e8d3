"""Columns of a table, each drawn as the data has it: bins of numbers, categories, groups."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

QUARTILES = (0.25, 0.5, 0.75)


class Drawer(ABC):
    """Draws the values of one feature (a column, or several that move together).

    `at` takes levels in [0, 1): uniform levels give what the data has; lower levels come first in
    the order of the drawer. It gives the columns `(rows, columns)` and what the surrogate sees of
    them `(rows,)`: whether it is as in the sample, or the standardised number.
    """

    own: float
    """What the surrogate sees of the sample itself."""

    @abstractmethod
    def at(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Values and what is seen of them, double precision."""


@dataclass(frozen=True)
class Bins:
    """The quartile bins of a column, with what the data has in each.

    The lowest bin begins at the least value, the last one ends at the greatest; a bin holds its
    upper edge.
    """

    edges: Tensor
    shares: Tensor
    means: Tensor
    spreads: Tensor
    low: Tensor
    high: Tensor

    @staticmethod
    def of(data: Tensor) -> "Bins":
        """The bins of the values `(B,)`."""
        quartiles = torch.quantile(data, torch.tensor(QUARTILES, dtype=data.dtype))
        edges = torch.unique_consecutive(quartiles)
        index = torch.searchsorted(edges, data)
        count = len(edges) + 1
        inside = [data[index == b] for b in range(count)]
        return Bins(
            edges,
            torch.tensor([len(own) / len(data) for own in inside], dtype=torch.float64),
            torch.stack([own.mean() if len(own) else data.new_zeros(()) for own in inside]),
            torch.stack([own.std(correction=0) if len(own) else own.sum() for own in inside]),
            torch.cat([data.min()[None], edges]),
            torch.cat([edges, data.max()[None]]),
        )

    def bin(self, values: Tensor) -> Tensor:
        """The number of the bin that every value is in."""
        return torch.searchsorted(self.edges, values.contiguous())

    def at(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Values at the quantiles `levels`, normal within their bin and cut off at its ends, and
        their bins."""
        ends = self.shares.cumsum(0)
        index = torch.searchsorted(ends, levels, right=True).clamp_max(len(ends) - 1)
        within = (levels - (ends - self.shares)[index]) / self.shares[index].clamp_min(1e-12)
        mean, low, high = self.means[index], self.low[index], self.high[index]
        spread = self.spreads[index].clamp_min(1e-11)
        ndtr, ndtri = torch.special.ndtr, torch.special.ndtri
        start, stop = ndtr((low - mean) / spread), ndtr((high - mean) / spread)
        normal = ndtri((start + within * (stop - start)).clamp(1e-12, 1 - 1e-12))
        return (mean + spread * normal).clamp(low, high), index


@dataclass(frozen=True)
class Binned(Drawer):
    """A number, seen as whether it is in the sample's bin."""

    bins: Bins
    value: Tensor
    whole: bool = False
    """Whether values are rounded (ordinal columns)."""

    @property
    def own(self) -> float:  # type: ignore[override]
        return 1.0

    def at(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        values, index = self.bins.at(levels)
        if self.whole:
            values = values.round()
            index = self.bins.bin(values)
        return values[:, None], (index == self.bins.bin(self.value)).double()


@dataclass(frozen=True)
class Normal(Drawer):
    """A number, normal with the data's spread around `centre`, seen in units of that spread."""

    mean: Tensor
    spread: Tensor
    centre: Tensor
    value: Tensor
    whole: bool = False

    @property
    def own(self) -> float:  # type: ignore[override]
        return float(self._seen(self.value))

    def at(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        normal = torch.special.ndtri(levels.clamp(1e-12, 1 - 1e-12))
        values = self.centre + self.spread * normal
        values = values.round() if self.whole else values
        return values[:, None], self._seen(values)

    def _seen(self, values: Tensor) -> Tensor:
        return (values - self.mean) / torch.where(self.spread > 0, self.spread, 1.0)


@dataclass(frozen=True)
class Rows(Drawer):
    """One or several columns as some row of the data has them, seen as whether they are as in the
    sample."""

    data: Tensor
    """`(B, columns)`, rows as in the sample first."""
    same: Tensor

    @staticmethod
    def of(data: Tensor, same: Tensor) -> "Rows":
        """Rows `(B, columns)`, of which `same` `(B,)` are as in the sample."""
        order = (~same).to(torch.int8).argsort(stable=True)
        return Rows(data[order], same[order])

    @property
    def own(self) -> float:  # type: ignore[override]
        return 1.0

    def at(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        row = (levels * len(self.data)).long().clamp_max(len(self.data) - 1)
        return self.data[row], self.same[row].double()
