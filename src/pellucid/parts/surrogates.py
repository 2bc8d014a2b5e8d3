"""Surrogates: simple models fitted to the scores around one sample."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from ..core.extras import require
from ..errors import ParameterError
from ..ops.local_regression import LinearFit, fit_linear, forward_selection, r_squared

Kind = Literal["linear", "ridge", "lasso", "tree"]
Selection = Literal["auto", "forward", "highest", "none"]

FEW = 6
"""Features up to which `auto` selects forward, as in `lime`."""

DEPTH = 4
"""Splits from the root of a tree to its leaves, at most."""

GROUPS = 10
"""Groups of the jackknife, where no formula gives the error."""

_SHARP = 1e-2
"""Ridge penalty of the fit that ranks features for `highest`, as in `lime`."""


@dataclass(frozen=True)
class Around:
    """What was seen around one sample: interpretable rows, their weights, and the scores.

    Row 0 is the sample itself. `clusters` numbers rows whose errors go together (a row and its
    complement), `blocks` rows that were not drawn independently (None: the clusters). `exact` tells
    that all rows there are were seen, so that nothing is left to chance.
    """

    z: Tensor
    """`(rows, features)`, double precision."""
    row_weights: Tensor
    scores: Tensor
    """`(rows, K)`."""
    clusters: Tensor
    exact: bool = False
    blocks: Tensor | None = None


@dataclass(frozen=True)
class Fit:
    """A surrogate for each of K targets."""

    weights: Tensor
    """`(K, features)`, zero for features that were not selected."""
    intercept: Tensor
    r_squared: Tensor
    local: Tensor
    """The surrogate's value on the sample itself, `(K,)`."""
    freedom: int
    """Rows less fitted numbers: the fit says nothing about its error where this is below 1."""
    rank: int
    """Independent regressors, of as many as the surrogate was given."""
    influences: Callable[[int], Tensor]
    """`influences(k)` `(clusters, features)`: the covariance of the weights of target k is their
    `influencesᵀ · influences`."""
    corrected: Tensor | None = None
    """Which targets' weights are corrected for interactions, bool `(K,)`; None: not tried."""

    def errors(self) -> Tensor:
        """Standard errors `(K, features)`."""
        found = [self.influences(k).square().sum(0) for k in range(len(self.weights))]
        return torch.stack(found).sqrt()


@dataclass(frozen=True)
class Surrogate:
    """Which simple model is fitted, and on how many features."""

    kind: Kind = "linear"
    alpha: float = 1.0
    """Penalty of `ridge`."""
    n_features: int | None = None
    selection: Selection = "auto"

    @property
    def error(self) -> str:
        """How standard errors are found, in words."""
        if self.kind == "tree":
            return f"jackknife over {GROUPS} groups of samples"
        given = "" if self.n_features is None else ", the selected features taken as given"
        return f"heteroscedasticity-robust (sandwich), pairs of samples as clusters{given}"

    def least(self, features: int) -> int:
        """Rows without which the fit is not determined."""
        return features + 1 if self.kind == "linear" and self.n_features is None else 2

    def fit(self, seen: Around) -> Fit:
        """The surrogate of everything seen around a sample."""
        if self.kind == "tree":
            fit = _tree(seen)
        elif self._selects(seen.z.shape[1]):
            fit = self._selected(seen)
        else:
            fit = _of_linear(fit_linear(seen.z, seen.scores, seen.row_weights, self.penalty), seen)
        if not seen.exact:
            return fit
        none = torch.zeros(1, seen.z.shape[1], dtype=seen.z.dtype)
        return replace(fit, influences=lambda k: none)

    @property
    def penalty(self) -> float:
        """That of the squares of the weights."""
        return self.alpha if self.kind == "ridge" else 0.0

    def is_linear(self, features: int) -> bool:
        """Whether the weights are linear in the scores: no tree, no selection among `features`."""
        return self.kind in ("linear", "ridge") and not self._selects(features)

    def _selects(self, features: int) -> bool:
        if self.n_features is None or (self.selection == "none" and self.kind != "lasso"):
            return False
        return self.n_features < features

    def _selected(self, seen: Around) -> Fit:
        """Every target with features of its own, then fitted on these alone."""
        fits, chosen = [], []
        for k in range(seen.scores.shape[1]):
            own = self._choose(seen, seen.scores[:, k])
            chosen.append(own)
            few = replace(seen, z=seen.z[:, own], scores=seen.scores[:, k : k + 1])
            fits.append(
                _of_linear(fit_linear(few.z, few.scores, few.row_weights, self.penalty), few)
            )
        features = seen.z.shape[1]

        def influences(k: int) -> Tensor:
            found = fits[k].influences(0)
            return found.new_zeros(len(found), features).index_copy(1, _index(chosen[k]), found)

        weights = seen.z.new_zeros(len(fits), features)
        for k, fit in enumerate(fits):
            weights[k, _index(chosen[k])] = fit.weights[0]
        return Fit(
            weights,
            torch.cat([fit.intercept for fit in fits]),
            torch.cat([fit.r_squared for fit in fits]),
            torch.cat([fit.local for fit in fits]),
            min(fit.freedom for fit in fits),
            min(fit.rank for fit in fits),
            influences,
        )

    def _choose(self, seen: Around, y: Tensor) -> list[int]:
        assert self.n_features is not None
        if self.kind == "lasso":
            return _lasso_path(seen, y, self.n_features)
        forward = self.selection == "auto" and self.n_features <= FEW
        if forward or self.selection == "forward":
            return forward_selection(seen.z, y, seen.row_weights, self.n_features)
        sharp = fit_linear(seen.z, y[:, None], seen.row_weights, _SHARP)
        size = (sharp.weights[0] * seen.z[0]).abs()
        return size.argsort(descending=True, stable=True)[: self.n_features].tolist()


def _index(chosen: list[int]) -> Tensor:
    return torch.tensor(chosen, dtype=torch.long)


def _of_linear(fit: LinearFit, seen: Around) -> Fit:
    local = fit.intercept + fit.weights @ seen.z[0]
    freedom = len(seen.z) - fit.rank - 1
    return Fit(
        fit.weights,
        fit.intercept,
        fit.r_squared,
        local,
        freedom,
        fit.rank,
        lambda k: fit.influences(k, seen.clusters),
    )


def _lasso_path(seen: Around, y: Tensor, count: int) -> list[int]:
    """The features of the last step of the lasso path that has at most `count` (K-LASSO)."""
    models = require("sklearn.linear_model", "The lasso path", "'pellucid[lime]'")
    total = seen.row_weights.sum()
    root = seen.row_weights.sqrt()
    z = (seen.z - (seen.row_weights[:, None] * seen.z).sum(0) / total) * root[:, None]
    change = (y - (seen.row_weights * y).sum() / total) * root
    _, _, path = models.lars_path(z.numpy(), change.numpy(), method="lasso")
    steps = [column.nonzero()[0].tolist() for column in path.T]
    return next((own for own in reversed(steps) if len(own) <= count), [])


def _tree(seen: Around) -> Fit:
    """A regression tree; the weight of a feature is how much the tree's value changes on average
    when the feature is put in and nothing else is changed."""
    if not bool(((seen.z == 0) | (seen.z == 1)).all()):
        raise ParameterError(
            "A tree needs features that are there or not.", "Give discretize='quartile'."
        )
    whole = [_grown(seen, k) for k in range(seen.scores.shape[1])]
    weights = torch.stack([effect for effect, _ in whole])
    values = torch.stack([value for _, value in whole], 1)
    empty, values = values[-1], values[:-1]
    group = seen.clusters % GROUPS

    def influences(k: int) -> Tensor:
        left = []
        for g in range(GROUPS):
            rows = group != g
            few = replace(
                seen, z=seen.z[rows], row_weights=seen.row_weights[rows], scores=seen.scores[rows]
            )
            left.append(_grown(few, k)[0])
        spread = torch.stack(left)
        change: Tensor = (spread - spread.mean(0)) * ((GROUPS - 1) / GROUPS) ** 0.5
        return change

    fitted = r_squared(seen.scores, seen.scores - values, seen.row_weights)
    freedom = len(seen.z) - 2**DEPTH
    return Fit(weights, empty, fitted, values[0], freedom, seen.z.shape[1], influences)


def _grown(seen: Around, k: int) -> tuple[Tensor, Tensor]:
    """A tree for target k: the effect of every feature, and its value on every row and without any
    feature."""
    trees = require("sklearn.tree", "A tree as surrogate", "'pellucid[lime]'")
    tree: Any = trees.DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=2, random_state=0)
    z, weights = seen.z.numpy(), seen.row_weights.numpy()
    tree.fit(z, seen.scores[:, k].numpy(), sample_weight=weights)
    effects = torch.zeros(z.shape[1], dtype=torch.float64)
    for feature in set(tree.tree_.feature.tolist()) - {-2}:
        present, absent = z.copy(), z.copy()
        present[:, feature], absent[:, feature] = 1, 0
        change = tree.predict(present) - tree.predict(absent)
        effects[feature] = float((weights * change).sum() / weights.sum())
    return effects, torch.from_numpy(tree.predict(np.vstack([z, 0 * z[:1]])))
