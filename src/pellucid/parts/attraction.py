"""How neighbours in a map pull each other, along the entries of P."""

import warnings
from collections.abc import Iterator

import torch
from torch import Tensor

from ..ops.affinities import Affinities

_BLOCK = 2**17
"""Entries at a time: what is worked on stays near the processor."""


class Attraction:
    """Σ_j p_ij (y_i − y_j) / (1 + |y_i − y_j|²), by a sparse product with weights p_ij q_ij.

    `weigh` takes the weights from the points; they may then serve for a few steps, since the map
    in which the forces vanish is the same.
    """

    def __init__(self, p: Affinities) -> None:
        self.p = p
        self._rows = p.rows().int()
        self._weights = torch.empty_like(p.values)
        self._some = [p.values.new_empty(min(_BLOCK, len(p.values))) for _ in range(3)]
        self._matrix = p.values

    def weigh(self, points: Tensor) -> None:
        """Set the weights p_ij / (1 + |y_i − y_j|²)."""
        for part, squares in self._squares(points):
            torch.div(self.p.values[part], squares, out=self._weights[part])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
            self._matrix = torch.sparse_csr_tensor(
                self.p.starts,
                self.p.columns,
                self._weights,
                (self.p.n, self.p.n),
                check_invariants=False,
            )

    def __call__(self, points: Tensor) -> Tensor:
        """Forces `(point, 2)` with the weights last set."""
        ones = points.new_ones(len(points), 1)
        summed = self._matrix @ torch.cat([points, ones], 1)
        return summed[:, 2:] * points - summed[:, :2]

    def divergence(self, points: Tensor, z: float) -> float:
        """KL(P‖Q) with Q's normaliser `z`: Σ p ln p + Σ p ln(1 + |y_i − y_j|²) + ln Z."""
        total = 0.0
        for part, squares in self._squares(points):
            p = self.p.values[part]
            total += float((torch.xlogy(p, p) + p * squares.log()).sum(dtype=torch.float64))
        return total + float(torch.tensor(z, dtype=torch.float64).log())

    def _squares(self, points: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """1 + |y_i − y_j|² block by block, in a place that the next block takes."""
        axes = [points[:, axis].contiguous() for axis in (0, 1)]
        for start in range(0, len(self._rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            rows, columns = self._rows[part], self.p.columns[part]
            sums, gap, other = (one[: len(rows)] for one in self._some)
            sums.fill_(1)
            for axis in axes:
                torch.index_select(axis, 0, rows, out=gap)
                torch.index_select(axis, 0, columns, out=other)
                gap.sub_(other)
                sums.addcmul_(gap, gap)
            yield part, sums
