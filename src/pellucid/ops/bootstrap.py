"""Confidence intervals of a mean by redrawing its items."""

import torch
from jaxtyping import Float
from torch import Tensor


def interval(
    values: Float[Tensor, " item"], confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """The percentile interval of the mean when the items are drawn again with replacement.

    NaN with fewer than two items: one item says nothing of the spread.

    **Source:** Efron & Tibshirani 1993, An Introduction to the Bootstrap, section 13.3.
    """
    if len(values) < 2:
        return float("nan"), float("nan")
    generator = torch.Generator().manual_seed(seed)
    index = torch.randint(len(values), (draws, len(values)), generator=generator)
    means = values.double().cpu()[index].mean(1)
    tail = (1 - confidence) / 2
    low, high = torch.quantile(means, torch.tensor([tail, 1 - tail], dtype=torch.float64)).tolist()
    return low, high
