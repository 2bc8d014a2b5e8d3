"""Gradient methods written naively: finite differences, and loops over steps and draws.

`score` takes one sample `(…)` as float64 and gives a number; `gradient` takes one sample and gives
its gradient `(…)`. Every result has the sample's shape.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Score = Callable[[Array], float]
Slope = Callable[[Array], Array]


def gradient(score: Score, x: Array, step: float = 1e-5) -> Array:
    """Central differences, one value at a time; wrong within `step` of a kink."""
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = x.astype(np.float64), x.astype(np.float64)
        above[place] += step
        below[place] -= step
        found[place] = (score(above) - score(below)) / (2 * step)
    return found


def integrated_gradients(slope: Slope, x: Array, baseline: Array, steps: int = 2000) -> Array:
    """(x − x') ⊙ mean over the midpoints α of ∂F(x' + α(x − x')) (Sundararajan 2017, eq. 1)."""
    total = np.zeros(x.shape)
    for step in range(steps):
        total += slope(baseline + (step + 0.5) / steps * (x - baseline))
    return (x - baseline) * total / steps


def smooth_grad(slope: Slope, x: Array, noise: Array, kind: str = "mean") -> Array:
    """Mean, mean square (`squared`) or variance of the gradient at x + every row of `noise`
    `(draws, …)` (Smilkov 2017, eq. 2; the variance divides by the number of draws)."""
    slopes = [slope(x + eps) for eps in noise]
    mean = sum(slopes) / len(slopes)
    if kind == "mean":
        return mean
    centre = mean if kind == "variance" else np.zeros_like(mean)
    return sum((found - centre) ** 2 for found in slopes) / len(slopes)


def expected_gradients(slope: Slope, x: Array, baselines: Array, alphas: Array) -> Array:
    """Mean over draws of (x − x'_d) ⊙ ∂F(x'_d + α_d (x − x'_d)), with `baselines` `(draws, …)`
    and `alphas` `(draws,)` (Erion 2021, eq. 4)."""
    total = np.zeros(x.shape)
    for baseline, alpha in zip(baselines, alphas, strict=True):
        total += (x - baseline) * slope(baseline + alpha * (x - baseline))
    return total / len(alphas)


def expected_gradients_limit(slope: Slope, x: Array, background: Array, steps: int = 2000) -> Array:
    """What many draws tend to: integrated gradients averaged over `background` `(B, …)`."""
    return sum(integrated_gradients(slope, x, b, steps) for b in background) / len(background)
