"""How few features hold an explanation together: Gini index and entropy."""

import torch
from jaxtyping import Float
from torch import Tensor


def gini(values: Float[Tensor, "*rows feature"]) -> Float[Tensor, "*rows"]:
    """The Gini index of |φ|: 1 − 2 Σ_k |φ|₍k₎ (d − k + ½) / (d Σ|φ|), with |φ|₍k₎ ascending.

    0 where all features weigh the same, 1 − 1/d where one has everything; 0 for φ = 0.

    **Source:** Chalasani et al. 2020, arXiv:1810.06583, after Hurley & Rickard 2009.
    """
    sizes = values.double().abs().sort(-1).values
    d, total = sizes.shape[-1], sizes.sum(-1)
    k = torch.arange(1, d + 1, device=values.device, dtype=torch.float64)
    share = (sizes * (d - k + 0.5)).sum(-1) / (d * total.where(total > 0, total.new_ones(())))
    return (1 - 2 * share).masked_fill(total == 0, 0.0)


def entropy(values: Float[Tensor, "*rows feature"]) -> Float[Tensor, "*rows"]:
    """−Σ p ln p of p = |φ| / Σ|φ|, in nats: 0 where one feature has everything, ln d where all
    weigh the same, also for φ = 0.

    **Source:** Bhatt, Weller & Moura 2020, arXiv:2005.00631, definition 4.
    """
    sizes = values.double().abs()
    total = sizes.sum(-1, keepdim=True)
    p = torch.where(
        total > 0, sizes / total.clamp_min(1e-300), torch.full_like(sizes, 1 / sizes.shape[-1])
    )
    found: Tensor = -torch.special.xlogy(p, p).sum(-1)
    return found
