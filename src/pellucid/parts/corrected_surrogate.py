"""A linear surrogate corrected for the interactions of features, at no more evaluations."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ..ops.emulator import emulate
from ..ops.local_regression import LinearFit, fit_linear, r_squared
from .surrogates import Around, Fit

MOST_ROWS, MOST_FEATURES, MOST_TARGETS = 2000, 128, 16
"""Up to which interactions are modelled: the time grows with the cube of the rows, and with rows
times features and times targets."""

ENTRIES, LEAST, MOST = 10_000_000, 8192, 32_768
"""Predictions are averaged over as many rows as make this many pairs with the rows seen, within
these bounds."""

BLOCKS = 2
"""Whole blocks of the design at least: each is predicted from the others."""

ADDITIVE = 0.9999
"""R² above which there are no interactions to speak of."""

WORTH = 0.8
"""The estimated variance is lessened at least to this share where the correction is taken, since of
two estimates the smaller one is too small."""

HALF = 0.5
"""Share of the misfits' weights that is added at least. What the process predicts for a row that it
has seen is partly corrected already, so that all of them would be too much."""


def affordable(fit: Fit, seen: Around) -> bool:
    """Whether there are enough rows to learn interactions from, and few enough for a second."""
    if fit.freedom < 1 or bool((fit.r_squared > ADDITIVE).all()):
        return False
    rows, features = seen.z.shape
    sizes = rows <= MOST_ROWS and features <= MOST_FEATURES
    sizes = sizes and seen.scores.shape[1] <= MOST_TARGETS
    blocks = torch.bincount(_blocks(seen))[1:]  # without the sample itself
    whole = int((blocks == blocks.amax()).sum())
    return sizes and rows > max(2 * features, 48) and whole >= BLOCKS


def corrected(seen: Around, plain: Fit, near: Callable[[Tensor], Tensor], alpha: float) -> Fit:
    """The fit `plain`, for every target replaced where that lessens the estimated variance.

    The weights are linear in the scores. They are those of the predictions of a Gaussian process,
    fitted to very many rows since predictions are free, and of what it misses by in a block of rows
    that it has not seen, fitted to the rows seen: a generalised difference estimator (Särndal et
    al. 1992, chapter 6), which stays consistent however wrong the process is. The latter part is
    shrunk by how much of it is chance (James & Stein 1961), but not below half. Every target has a
    process of its own, so that it gets what it would get alone. `near` gives the weights of other
    rows, `alpha` is the penalty of `ridge`.
    """
    processes = [
        emulate(seen.z > 0.5, own, _blocks(seen)) for own in torch.split(seen.scores, 1, 1)
    ]
    drawn = seen.row_weights.clone()
    drawn[0] = 0  # the sample itself was not drawn
    many = _many(seen.z.shape[1], len(seen.z))
    z = many.double()
    weights = near(z)
    share = float(weights.sum() / drawn.sum())
    predicted = fit_linear(
        z, torch.cat([one.predict(many) for one in processes], 1), weights, alpha * share
    )
    missed = fit_linear(seen.z, torch.cat([one.misfits for one in processes], 1), drawn, alpha)
    chance = [missed.influences(k, seen.clusters).square().sum() for k in range(len(plain.weights))]
    size = missed.weights.square().sum(1).clamp_min(1e-300)
    kept = (1 - torch.stack(chance) / size).clamp_min(HALF)
    found = _together(seen, predicted, missed, kept, plain)
    return _better(plain, found)


def _blocks(seen: Around) -> Tensor:
    return seen.clusters if seen.blocks is None else seen.blocks


def _together(
    seen: Around, predicted: LinearFit, missed: LinearFit, kept: Tensor, plain: Fit
) -> Fit:
    beta = predicted.weights + kept[:, None] * missed.weights
    total = seen.row_weights.sum()
    rest = seen.scores - seen.z @ beta.T
    intercept = (seen.row_weights[:, None] * rest).sum(0) / total
    fitted = r_squared(seen.scores, rest - intercept, seen.row_weights)

    groups = int(seen.clusters.max()) + 1
    # Found here, so that a fit does not hold the many rows: those of all samples are gigabytes.
    roots = [_root(predicted, k) for k in range(len(beta))]

    def influences(k: int) -> Tensor:
        # Every misfit is to other rows, so that nothing is lost to the weights fitted here.
        own = missed.influences(k, seen.clusters) * max(1 - missed.rank / groups, 0.5) ** 0.5
        return torch.cat([own, roots[k]])

    local = intercept + beta @ seen.z[0]
    return replace(
        plain, weights=beta, intercept=intercept, r_squared=fitted, local=local,
        influences=influences, corrected=torch.ones(len(beta), dtype=torch.bool),
    )  # fmt: skip


def _root(fit: LinearFit, k: int) -> Tensor:
    """As few rows as there are features, with the covariance of all rows' influences."""
    spread = fit.influences(k, torch.arange(len(fit.centred)))
    values, vectors = torch.linalg.eigh(spread.T @ spread)
    root: Tensor = values.clamp_min(0).sqrt()[:, None] * vectors.T
    return root


def _better(plain: Fit, found: Fit) -> Fit:
    """For every target the corrected fit where its errors are clearly smaller."""
    take = found.errors().square().sum(1) < WORTH * plain.errors().square().sum(1)
    take &= plain.r_squared <= ADDITIVE

    def of(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(take if a.ndim == 1 else take[:, None], a, b)

    return replace(
        plain,
        weights=of(found.weights, plain.weights),
        intercept=of(found.intercept, plain.intercept),
        r_squared=of(found.r_squared, plain.r_squared),
        local=of(found.local, plain.local),
        influences=lambda k: (found if take[k] else plain).influences(k),
        corrected=take,
    )


def _many(features: int, rows: int) -> Tensor:
    """Rows to average over: all there are, or always the same random ones."""
    count = min(MOST, max(LEAST, ENTRIES // rows))
    if 2**features <= count:
        return (torch.arange(2**features)[:, None] >> torch.arange(features)) % 2 > 0
    generator = torch.Generator().manual_seed(features)
    return torch.rand(count, features, generator=generator) < 0.5
