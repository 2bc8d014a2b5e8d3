"""Nodes and weights on [0, 1]."""

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

Rule = Literal["adaptive", "gauss_legendre", "midpoint"]

PANEL = 64
"""Most Gauss-Legendre nodes in one panel: finding them costs the cube of their number."""

LEAST = 0.1
"""Least density of cells, relative to the mean: where the last pass saw no change, a few remain."""


def gauss_legendre(n: int) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    """`n` nodes and weights whose weighted sum of f approximates ∫₀¹ f, in float64.

    With more than `PANEL` nodes it is composite: equal panels of about as many nodes.
    """
    panels = -(-n // PANEL)
    counts = [n // panels + (i < n % panels) for i in range(panels)]
    rules = {count: np.polynomial.legendre.leggauss(count) for count in set(counts)}
    points = np.concatenate([(i + (rules[c][0] + 1) / 2) / panels for i, c in enumerate(counts)])
    weights = np.concatenate([rules[c][1] / 2 / panels for c in counts])
    return torch.from_numpy(points), torch.from_numpy(weights)


def midpoint(edges: Float[Tensor, "... edges"]) -> tuple[Tensor, Tensor]:
    """The middles and the widths of the cells between `edges`, each `(..., edges - 1)`."""
    return (edges[..., 1:] + edges[..., :-1]) / 2, edges.diff()


def equidistributed(
    edges: Float[Tensor, " edges"], change: Float[Tensor, " inner"], n: int
) -> Float[Tensor, " new"]:
    """Edges of `n` cells that share the error of the midpoint rule out evenly.

    `change` is that of the integrand between the middles of neighbouring cells (two fewer than
    edges). An integrand that jumps by ∆ at random places in cells of width h errs by about ∆ h; the
    sum of squares is least for a density of cells ∝ (∆² / h)^⅓.
    """
    old, jumps = edges.numpy(), change.numpy()
    widths = np.diff(old)
    if not jumps.any():
        return torch.linspace(0, 1, n + 1, dtype=edges.dtype)
    ends = np.concatenate([jumps[:1], jumps, jumps[-1:]])
    density: NDArray[np.float64] = np.cbrt(np.maximum(ends[1:], ends[:-1]) ** 2 / widths)
    density = np.maximum(density, LEAST * (density * widths).sum())
    mass = np.concatenate([[0.0], np.cumsum(density * widths)])
    return torch.from_numpy(np.interp(np.linspace(0, mass[-1], n + 1), mass, old))
