"""A Gaussian process that predicts scores from the features that are there.

Its predictions stand in for the model where only averages over many choices of features are needed:
they cost no evaluations.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

ROWS = 128
"""Rows at most in one step of learning how much each feature matters; the next step takes the next
rows."""

STEPS = 24
"""Steps of that optimisation; each takes a factorisation of `ROWS` × `ROWS`."""

FREE = 1e4
"""Prior variance of the additive part, so large that it is fitted freely."""

NOISE = 0.1
"""Share of the rest's variance that is first taken to follow no pattern."""

LOOSE = 1.5
"""Prior standard deviation of the logarithms of the features' distances."""

RATE, INERTIA, FORGET = 0.4, 0.8, 0.95
"""Adam's step and the decay of its two averages."""

_CHUNK = 2048


@dataclass(frozen=True)
class Emulator:
    """Predictions of T targets after seeing some rows."""

    signs: Float[Tensor, "row feature"]
    distances: Float[Tensor, " feature"]
    """What a feature in which two rows differ takes from the logarithm of their covariance."""
    amplitude: float
    coefficients: Float[Tensor, "row target"]
    """K⁻¹ times the standardised scores."""
    mean: Float[Tensor, " target"]
    scale: Float[Tensor, " target"]
    link: "Link"
    misfits: Float[Tensor, "row target"]
    """Every score less what the rows of other blocks predict for it, distances taken as given."""

    def predict(self, kept: Bool[Tensor, "other feature"]) -> Float[Tensor, "other target"]:
        """Scores of other rows, in single precision within."""
        signs, distances = self.signs.float(), self.distances.float()
        coefficients = self.coefficients.float()
        slopes = self.signs.T @ self.coefficients * (FREE / self.signs.shape[1])
        level = FREE * self.coefficients.sum(0)
        found = []
        for part in torch.split(kept, _CHUNK):
            other = part.float() * 2 - 1
            near = _product(other, signs, distances) @ coefficients * self.amplitude
            found.append(near.double() + other.double() @ slopes + level)
        return self.link.back(self.mean + self.scale * torch.cat(found))


@dataclass(frozen=True)
class Link:
    """Scores between 0 and 1 as log odds, others as they are."""

    least: Float[Tensor, " target"] | None
    """Probabilities below this, or above 1 less this, count as this; None: no log odds."""

    def there(self, y: Tensor) -> Tensor:
        """Where interactions are few: log odds of probabilities."""
        return y if self.least is None else y.clamp(self.least, 1 - self.least).logit()

    def back(self, u: Tensor) -> Tensor:
        """Scores again."""
        return u if self.least is None else torch.sigmoid(u)


def link_of(y: Float[Tensor, "row target"]) -> Link:
    """Log odds where all scores lie between 0 and 1."""
    if y.numel() == 0 or y.amin() < 0 or y.amax() > 1:
        return Link(None)
    # A thousandth of the spread: what is below adds nothing, and its log odds go to infinity.
    return Link((1e-3 * y.std(0)).clamp(1e-12, 1e-3))


def emulate(
    kept: Bool[Tensor, "row feature"], y: Float[Tensor, "row target"], blocks: Int[Tensor, " row"]
) -> Emulator:
    """The process given scores of rows of features that are there.

    Its covariance is that of an additive function, fitted freely, and exp(−Σ_j ℓ_j [z_j ≠ z'_j]),
    which has interactions of all orders, the less the more features take part; the ℓ_j are those of
    greatest posterior density (Rasmussen & Williams 2006, eq. 5.8 and 5.9). `blocks` numbers rows
    that depend on each other: they are left out together, since what else is in a row's block of
    a design tells more about it than rows drawn by themselves would.
    """
    signs, link = kept.double() * 2 - 1, link_of(y)
    u = link.there(y)
    mean = u.mean(0)
    scale = _left(signs, u - mean)
    target = (u - mean) / scale
    distances, amplitude, noise = _learn(signs, target)
    kernel = amplitude * _product(signs, signs, distances) + _additive(signs)
    kernel.diagonal().add_(noise)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(kernel))
    coefficients = inverse @ target
    misfits = y - link.back(u - scale * _left_out(inverse, coefficients, blocks))
    return Emulator(
        signs, distances, amplitude, coefficients, mean, scale, link, misfits
    )  # fmt: skip


def _left_out(inverse: Tensor, coefficients: Tensor, blocks: Tensor) -> Tensor:
    """Every standardised score less its prediction from the other blocks: (K⁻¹)_BB⁻¹ (K⁻¹ y)_B, eq.
    5.12 of more than one row."""
    left = torch.empty_like(coefficients)
    for block in range(int(blocks.max()) + 1):
        own = (blocks == block).nonzero().flatten()
        left[own] = torch.linalg.solve(inverse[own][:, own], coefficients[own])
    return left


def _left(signs: Tensor, u: Tensor) -> Tensor:
    """The standard deviation that an additive function leaves, `(T,)`."""
    inverse = torch.linalg.pinv(signs, rtol=1e-10)
    rest: Tensor = (u - signs @ (inverse @ u)).square().sum(0)
    rest = rest / max(len(u) - signs.shape[1] - 1, 1)
    return rest.sqrt().clamp_min(1e-9 * u.abs().amax(0)).clamp_min(1e-30)


def _additive(signs: Tensor) -> Tensor:
    return FREE * (1 + signs @ signs.T / signs.shape[1])


def _product(a: Tensor, b: Tensor, distances: Tensor) -> Tensor:
    """exp(−Σ_j ℓ_j [a_j ≠ b_j]) for signs a and b."""
    return (((a * distances) @ b.T - distances.sum()) / 2).exp()


def _learn(signs: Tensor, target: Tensor) -> tuple[Tensor, float, float]:
    """Distances, variance of the interactions, and variance of the noise, by Adam (Kingma & Ba
    2015)."""
    features = signs.shape[1]
    first = torch.full((features + 2,), math.log(2 / features), dtype=torch.float64)
    first[-2], first[-1] = 0.0, math.log(NOISE)
    loose = torch.full_like(first, LOOSE)
    loose[-2:] = 2 * LOOSE
    found, slow, square = first.clone(), torch.zeros_like(first), torch.zeros_like(first)
    count = len(signs)
    rows = min(ROWS, count)
    for step in range(1, STEPS + 1):
        some = (torch.arange(rows) + (step - 1) * rows) % count
        slope = _slope(found, signs[some], target[some])
        slope = slope * (count / rows) + target.shape[1] * (found - first) / loose.square()
        slow = INERTIA * slow + (1 - INERTIA) * slope
        square = FORGET * square + (1 - FORGET) * slope.square()
        size = (square / (1 - FORGET**step)).sqrt().clamp_min(1e-12)
        rate = RATE * min(1.0, 2 * (1 - step / (STEPS + 1)))  # the second half settles
        found = found - rate * slow / (1 - INERTIA**step) / size
    found = found.clamp(-12, 6).exp()
    return found[:-2], float(found[-2]), float(found[-1])


def _slope(at: Tensor, signs: Tensor, target: Tensor) -> Tensor:
    """What the negative log likelihood gains per unit of each logarithm."""
    distances, (amplitude, noise) = at[:-2].exp(), at[-2:].exp()
    product = amplitude * _product(signs, signs, distances)
    kernel = product + _additive(signs)
    kernel.diagonal().add_(noise)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(kernel))
    solved = inverse @ target
    pull = (target.shape[1] * inverse - solved @ solved.T) / 2
    both = pull * product
    apart = both.sum() - (signs * (both @ signs)).sum(0)
    ends = torch.stack([both.sum(), pull.diagonal().sum() * noise])
    return torch.cat([-distances * apart / 2, ends])
