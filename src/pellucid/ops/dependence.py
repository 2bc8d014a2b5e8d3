"""How a score goes with one column: grids, and accumulated local effects."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def grid_of(column: Array, points: int, low: float = 0.05, high: float = 0.95) -> Array:
    """Values at which to ask: all of a column with few, else equal steps between two quantiles.

    `column` `(N,)`.
    """
    distinct = np.unique(column)
    if len(distinct) < points:
        return distinct
    ends = np.quantile(column, [low, high])
    return np.linspace(ends[0], ends[1], points)


def quantile_edges(column: Array, intervals: int) -> Array:
    """The ends of intervals with about as many of the values `(N,)` each, ascending."""
    shares = np.linspace(0, 1, intervals + 1)
    return np.unique(np.quantile(column, shares, method="inverted_cdf"))


def interval_of(column: Array, edges: Array) -> NDArray[np.intp]:
    """The number of the interval `(z_{k-1}, z_k]` of every value; the smallest is in the first."""
    found: NDArray[np.intp] = np.searchsorted(edges, column, side="left") - 1
    return found.clip(0, len(edges) - 2)


def accumulated(differences: Array, interval: NDArray[np.intp], count: int) -> tuple[Array, Array]:
    """Accumulated local effects at the `count` + 1 edges, and their standard errors.

    `differences` `(N,)` is f(z_k, x_rest) − f(z_{k−1}, x_rest) of every row in its own `interval`;
    their means add up along the column, and the curve's mean over the data is zero.
    **Source:** Apley & Zhu 2020, eq. 15 and 16.
    """
    rows = np.bincount(interval, minlength=count)
    total = np.bincount(interval, differences, minlength=count)
    mean = total / np.maximum(rows, 1)
    square = np.bincount(interval, (differences - mean[interval]) ** 2, minlength=count)
    spread = square / np.maximum(rows - 1, 1)
    curve = np.concatenate([[0.0], np.cumsum(mean)])
    error = np.sqrt(np.concatenate([[0.0], np.cumsum(spread / np.maximum(rows, 1))]))
    middle = (curve[:-1] + curve[1:]) / 2
    return curve - np.average(middle, weights=rows), error
