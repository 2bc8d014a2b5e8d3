"""Whether the order of the greatest weights would be the same with other samples."""

import math

import torch

from .surrogates import Fit


def order_holds(fit: Fit, target: int, top: int) -> float:
    """A lower bound on the probability that the `top` weights of greatest size keep their order
    and stay ahead of all others.

    1 − Σ Φ(−z) over neighbours in the order, and over the last of them and every weight after it,
    with z the difference of two sizes over its standard error (Zhou, Hooker & Wang 2021, S-LIME,
    section 3, for neighbours). Weights that differ by rounding alone have no order to lose.
    """
    weights = fit.weights[target]
    order = weights.abs().argsort(descending=True, stable=True)
    last = min(top, len(order) - 1)
    if last < 1:
        return 1.0
    influences = fit.influences(target) * weights.sign()
    ahead = torch.cat([order[: last - 1], order[last - 1].expand(len(order) - last)])
    after = order[1:]
    gap = weights.abs()[ahead] - weights.abs()[after]
    error = (influences[:, ahead] - influences[:, after]).square().sum(0).sqrt()
    floor = 1e-6 * float(weights.abs().amax())
    z = gap / error.clamp_min(1e-300)
    wrong = 0.5 * torch.erfc(z / math.sqrt(2))
    wrong = torch.where(error <= floor, torch.zeros_like(wrong), wrong)
    return float((1 - wrong.sum()).clamp(0, 1))
