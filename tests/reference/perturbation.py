"""Occlusion and Shapley values by brute force, for one sample and a score of it."""

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Score = Callable[[Array], float]


def occlusion(
    score: Score, x: Array, baseline: Array, window: tuple[int, ...], stride: tuple[int, ...]
) -> Array:
    """f(x) − f(x with one window from `baseline`), averaged over the windows that cover a place.

    All arrays have the sample's shape; windows start at 0 and never leave the sample.
    """
    total, count, clean = np.zeros(x.shape), np.zeros(x.shape), score(x)
    starts = [range(0, n - w + 1, s) for n, w, s in zip(x.shape, window, stride, strict=True)]
    for index in np.ndindex(*(len(s) for s in starts)):
        corner = [s[i] for s, i in zip(starts, index, strict=True)]
        box = tuple(slice(c, c + w) for c, w in zip(corner, window, strict=True))
        hidden = x.copy()
        hidden[box] = baseline[box]
        total[box] += clean - score(hidden)
        count[box] += 1
    return np.divide(total, count, out=np.full(x.shape, np.nan), where=count > 0)


def shapley(score: Score, x: Array, baseline: Array) -> Array:
    """The Shapley value of every feature of `(F,)`: all coalitions, absent = `baseline`."""
    features = range(len(x))
    values = np.zeros(len(x))
    for feature in features:
        others = [f for f in features if f != feature]
        for size in range(len(x)):
            share = factorial(size) * factorial(len(x) - size - 1) / factorial(len(x))
            for coalition in combinations(others, size):
                without = baseline.copy()
                without[list(coalition)] = x[list(coalition)]
                present = without.copy()
                present[feature] = x[feature]
                values[feature] += share * (score(present) - score(without))
    return values
