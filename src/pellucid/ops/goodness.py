"""How good outputs are, given the truth; more is better."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Truth = NDArray[np.generic]


def accuracy(truth: Truth, outputs: Array) -> float:
    """The share of rows `(N,)` whose greatest output `(N, K)` is that of their class."""
    return float((outputs.argmax(1) == truth).mean())


def r_squared(truth: Truth, outputs: Array) -> float:
    """1 − Σ(y − ŷ)² / Σ(y − ȳ)² of values `(N,)` and outputs `(N, 1)` or `(N,)`."""
    y, found = truth.astype(np.float64), outputs.reshape(len(outputs), -1)[:, 0]
    return float(1 - ((y - found) ** 2).sum() / max(((y - y.mean()) ** 2).sum(), 1e-300))


def negative_mse(truth: Truth, outputs: Array) -> float:
    """−mean (y − ŷ)²."""
    found = outputs.reshape(len(outputs), -1)[:, 0]
    return -float(((truth.astype(np.float64) - found) ** 2).mean())


def negative_log_loss(truth: Truth, outputs: Array) -> float:
    """The mean log probability of the true class; outputs that are no probabilities are logits."""
    shares = outputs
    if (outputs < 0).any() or not np.allclose(outputs.sum(1), 1, atol=1e-3):
        shares = np.exp(outputs - outputs.max(1, keepdims=True))
        shares = shares / shares.sum(1, keepdims=True)
    own = shares[np.arange(len(truth)), truth.astype(np.intp)]
    return float(np.log(own.clip(1e-12)).mean())


MEASURES: dict[str, Callable[[Truth, Array], float]] = {
    "accuracy": accuracy,
    "r2": r_squared,
    "log_loss": negative_log_loss,
    "mse": negative_mse,
}
"""By name."""
