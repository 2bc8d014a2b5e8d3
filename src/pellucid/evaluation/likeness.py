"""How alike two explanations of the same inputs are, cell by cell."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.axes import CHANNEL
from ..ops.ranking import pearson, spearman, structural_similarity, top_overlap
from ..parts.coalitions import Features
from .subject import Subject

CELLS = {1: 32, 2: 14, 3: 6}
"""Cells along every axis of places: fine enough to tell places apart, coarse enough for methods of
another grain to be compared."""

SHARE = 0.1
"""The share of cells whose overlap is counted."""

LEAST = 0.05
"""The share of places on which two textures have to lie to be compared."""


@dataclass(frozen=True)
class Likeness:
    """How alike two explanations are, `(N,)` each: the correlation of values and of ranks, the
    overlap of the greatest tenth, and the structural similarity of the maps."""

    pearson: Tensor
    spearman: Tensor
    overlap: Tensor
    ssim: Tensor


def cells_of(subject: Subject) -> Features:
    """The cells that explanations of these inputs are compared on."""
    places = max(len(_places(subject, name)) for name in subject.inputs.changeable)
    return subject.cells(CELLS.get(places))


def likeness(a: Subject, b: Subject) -> Likeness:
    """Compare what counts for the target in two explanations of the same inputs."""
    cells = cells_of(a)
    x, y = a.density(cells), b.density(cells)
    return Likeness(
        pearson(x, y), spearman(x, y), top_overlap(x, y, SHARE),
        structural_similarity(a.map(), b.map()),
    )  # fmt: skip


def correlation(a: Subject, b: Subject) -> Tensor:
    """The correlation `(N,)` of what counts, cell by cell."""
    cells = cells_of(a)
    return pearson(a.density(cells), b.density(cells))


def signed_correlation(a: Subject, b: Subject) -> Tensor:
    """The correlation `(N,)` of the values with their signs, number by number."""
    return pearson(_flat(a), _flat(b))


def texture_correlation(a: Subject, b: Subject) -> Tensor:
    """The rank correlation `(N,)` of the sizes of slopes where both maps show something; NaN where
    that is hardly anywhere, since there is no texture to compare."""
    x, y = _flat(a).abs(), _flat(b).abs()
    found = torch.full((len(x),), float("nan"), dtype=torch.float64)
    for row in range(len(x)):
        both = (x[row] > 0) & (y[row] > 0)
        if float(both.float().mean()) >= LEAST:
            found[row] = spearman(x[row][both], y[row][both])
    return found


def _flat(subject: Subject) -> Tensor:
    return torch.cat([values.flatten(1) for values in subject.values.values()], 1)


def _places(subject: Subject, name: str) -> list[str]:
    axes = subject.inputs.axes(name)
    return [axis for axis in axes[1:] if axis != CHANNEL]
