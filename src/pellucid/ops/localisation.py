"""How well a map lies on the evidence that is known to count."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def pointing_game(
    values: Float[Tensor, "sample place"], inside: Bool[Tensor, "sample place"]
) -> Float[Tensor, " sample"]:
    """1 where the greatest value lies inside, else 0; of several greatest values the share that
    does, so that a constant map scores as a random guess.

    **Source:** Zhang et al. 2018, arXiv:1608.00507, section 4.2, without the tolerance of 15 px.
    """
    best = values == values.amax(1, keepdim=True)
    return (best & inside).sum(1).double() / best.sum(1)


def mass_accuracy(
    values: Float[Tensor, "sample place"], inside: Bool[Tensor, "sample place"]
) -> Float[Tensor, " sample"]:
    """Σ inside φ⁺ / Σ φ⁺, with φ⁺ the positive values; 0 where there are none.

    **Source:** Arras, Osman & Samek 2022, arXiv:2003.07258, eq. 2.
    """
    positive = values.double().clamp_min(0)
    total = positive.sum(1)
    share = (positive * inside).sum(1) / total.where(total > 0, total.new_ones(()))
    return share.masked_fill(total == 0, 0.0)


def rank_accuracy(
    values: Float[Tensor, "sample place"], inside: Bool[Tensor, "sample place"]
) -> Float[Tensor, " sample"]:
    """Of the K greatest values, with K the number of places inside, the share that lies inside.

    **Source:** Arras, Osman & Samek 2022, arXiv:2003.07258, eq. 3.
    """
    order = values.argsort(dim=1, descending=True, stable=True)
    first = torch.arange(values.shape[1], device=values.device) < inside.sum(1, keepdim=True)
    return (inside.gather(1, order) & first).sum(1).double() / inside.sum(1)


def intersection_over_union(
    values: Float[Tensor, "sample place"], inside: Bool[Tensor, "sample place"], threshold: float
) -> Float[Tensor, " sample"]:
    """|A ∩ M| / |A ∪ M| of the places A of at least `threshold` of the greatest positive value and
    the mask M; 0 where no value is positive.

    **Source:** Zhou et al. 2016, arXiv:1512.04150, section 3.2, with the region itself for its box.
    """
    high = values.amax(1, keepdim=True)
    chosen = (values >= threshold * high) & (high > 0)
    return (chosen & inside).sum(1).double() / (chosen | inside).sum(1).clamp_min(1)
