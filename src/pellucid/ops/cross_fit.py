"""Ridge regression that predicts every row from the other rows, as control variates need."""

import torch
from torch import Tensor

FOLDS = 10
"""Parts of the rows; each is predicted from all the others."""

_STRENGTHS = 10.0 ** torch.arange(-6, 2.5, 0.5, dtype=torch.float64)
"""Penalties that are tried, relative to the mean eigenvalue of the features."""

_FREEDOM = 0.9
"""Share of the rows that the fit may use up."""


def cross_fitted(features: Tensor, y: Tensor, centre: bool) -> tuple[Tensor, Tensor]:
    """Residuals `(n, targets)` and mean coefficients `(targets, d)` of y `(n, targets)` on
    `features` `(n, d)`, all float64.

    Row i is in fold `i % FOLDS`; its residual comes from the ridge fit to the other folds, whose
    penalty is chosen there for every target by generalised cross-validation (Golub et al. 1979).
    With `centre`, a constant is fitted too, without penalty.
    """
    n = len(y)
    fold = torch.arange(n) % min(FOLDS, n)
    residuals, total = torch.empty_like(y), y.new_zeros(features.shape[1], y.shape[1])
    for held in range(min(FOLDS, n)):
        out, kept = fold == held, fold != held
        middle = features[kept].mean(0) if centre else features.new_zeros(features.shape[1])
        mean = y[kept].mean(0) if centre else y.new_zeros(y.shape[1])
        weights = ridge(features[kept] - middle, y[kept] - mean)
        residuals[out] = y[out] - mean - (features[out] - middle) @ weights
        total += weights * (int(out.sum()) / n)
    return residuals, total.T


def ridge(features: Tensor, y: Tensor) -> Tensor:
    """Coefficients `(d, targets)` with the penalty of least generalised cross-validation."""
    values, vectors = _spectrum(features)
    if not len(values) or float(values[-1]) <= 0:
        return y.new_zeros(features.shape[1], y.shape[1])
    along = vectors.T @ (features.T @ y)
    shrink = 1 / (values + values.mean() * _STRENGTHS[:, None])
    used = (values * shrink).sum(1)
    gain = (2 - values * shrink) * shrink
    left = (y.square().sum(0) - gain @ along.square()).clamp_min(0)
    scores = left / (len(y) - used)[:, None].square()
    scores[used > _FREEDOM * len(y)] = torch.inf
    best = scores.argmin(0)
    return vectors @ (along * shrink[best].T)


def _spectrum(features: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of the features' inner products; from those of the rows where
    there are fewer rows."""
    n, d = features.shape
    if d <= n:
        values, vectors = torch.linalg.eigh(features.T @ features)
        return values.clamp_min(0), vectors
    values, rows = torch.linalg.eigh(features @ features.T)
    alive = values > values[-1] * 1e-12
    return values[alive], features.T @ rows[:, alive] / values[alive].sqrt()
