"""Whether the order of the greatest weights would be the same with other samples."""

import math
from dataclasses import dataclass

import torch

from .surrogates import Fit


@dataclass(frozen=True)
class Stop:
    """When a sample is done: its order of the `top` weights, but for ties, holds with `confidence`;
    None takes all of `budget` rows."""

    budget: int
    top: int
    tie: float
    confidence: float | None


def order_holds(fit: Fit, target: int, stop: Stop) -> float:
    """A lower bound on the probability that the top weights by size keep their order and stay ahead
    of all others.

    1 − Σ Φ(−z) over neighbours in the order, and over the last of them and every weight after it,
    with z the difference of two sizes over its standard error (Zhou, Hooker & Wang 2021, S-LIME,
    section 3, for neighbours). Weights no further apart than the share `stop.tie` of the greatest,
    or than rounding, have no order to lose.
    """
    weights = fit.weights[target]
    order = weights.abs().argsort(descending=True, stable=True)
    last = min(stop.top, len(order) - 1)
    if last < 1:
        return 1.0
    influences = fit.influences(target) * weights.sign()
    ahead = torch.cat([order[: last - 1], order[last - 1].expand(len(order) - last)])
    after = order[1:]
    gap = weights.abs()[ahead] - weights.abs()[after]
    error = (influences[:, ahead] - influences[:, after]).square().sum(0).sqrt()
    floor = 1e-6 * float(weights.abs().amax())
    z = (gap + stop.tie * weights.abs().amax()) / error.clamp_min(1e-300)
    wrong = 0.5 * torch.erfc(z / math.sqrt(2))
    wrong = torch.where(error <= floor, torch.zeros_like(wrong), wrong)
    return float((1 - wrong.sum()).clamp(0, 1))
