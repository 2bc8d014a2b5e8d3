"""Nodes and weights on [0, 1]."""

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Rule = Literal["gauss_legendre", "midpoint"]


def nodes(rule: Rule, n: int) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    """`n` nodes and weights whose weighted sum of f approximates ∫₀¹ f, in float64."""
    if rule == "midpoint":
        at = (torch.arange(n, dtype=torch.float64) + 0.5) / n
        return at, torch.full_like(at, 1 / n)
    points, weights = np.polynomial.legendre.leggauss(n)
    return torch.from_numpy((points + 1) / 2), torch.from_numpy(weights / 2)
