"""Gradients averaged over the cells of a path instead of taken at one point of each.

Along a straight path the gradient of a ReLU network jumps wherever a unit switches on or off: that
is the error of every quadrature of it. Within a cell a unit's input changes almost linearly, so the
share of the cell in which the unit is on is known. It takes the derivative's place.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from ..ops.accumulate import along
from ..ops.kinks import mean_passing, passing
from .rectifiers import rewriting
from .trace import Trace

BLOCK = 2**18
"""Numbers worked on at a time: few enough for the processor's cache."""


@contextmanager
def averaged(group: Tensor, at: Tensor, width: Tensor) -> Iterator[None]:
    """Rectifiers in the body pass back the share of each row's cell in which they are on.

    Rows of one `group` are neighbouring points `at` of one path, in order, in cells of `width`; all
    three `(rows,)`. What a network computes on another number of rows keeps its own derivative.
    """
    previous, following = _neighbours(group)
    between = at[following] - at[previous]
    scale = torch.where(between > 0, width / between.clamp_min(1e-12), torch.zeros_like(width))

    def derivative(z: Tensor, top: float | None) -> Tensor:
        if z.shape[:1] != group.shape:
            return passing(z, top)
        share = along(scale, z)
        size = max(1, BLOCK // max(1, z[0].numel()))
        shares = []
        for rows in torch.split(torch.arange(len(z)), size):
            change = _rows(z, following[rows]) - _rows(z, previous[rows])
            shares.append(mean_passing(_rows(z, rows), change.mul_(share[rows]), top))
        return torch.cat(shares)

    with rewriting(torch.mul, derivative):
        yield


def rows_lead(trace: Trace) -> bool:
    """Whether no layer has its samples along the second axis, as time-first networks do."""
    return not any(v.shape[0] != trace.n and v.shape[1:2] == (trace.n,) for v in trace.visits)


def _rows(z: Tensor, rows: Tensor) -> Tensor:
    """Some rows; a single one without copying it."""
    return z.narrow(0, int(rows), 1) if len(rows) == 1 else z[rows.to(z.device)]


def _neighbours(group: Tensor) -> tuple[Tensor, Tensor]:
    """Indices of the rows before and after each in its group; its own where there is none."""
    own = torch.arange(len(group))
    same = group[1:] == group[:-1]
    previous, following = own.clone(), own.clone()
    previous[1:][same] -= 1
    following[:-1][same] += 1
    return previous, following
