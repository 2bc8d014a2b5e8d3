"""Nodes and weights on [0, 1]."""

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Rule = Literal["gauss_legendre", "midpoint"]

PANEL = 64
"""Most Gauss-Legendre nodes in one panel: finding them costs the cube of their number."""


def nodes(rule: Rule, n: int) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    """`n` nodes and weights whose weighted sum of f approximates ∫₀¹ f, in float64.

    Gauss-Legendre with more than `PANEL` nodes is composite: equal panels of about as many nodes.
    """
    if rule == "midpoint":
        at = (torch.arange(n, dtype=torch.float64) + 0.5) / n
        return at, torch.full_like(at, 1 / n)
    panels = -(-n // PANEL)
    counts = [n // panels + (i < n % panels) for i in range(panels)]
    rules = {count: np.polynomial.legendre.leggauss(count) for count in set(counts)}
    points = np.concatenate([(i + (rules[c][0] + 1) / 2) / panels for i, c in enumerate(counts)])
    weights = np.concatenate([rules[c][1] / 2 / panels for c in counts])
    return torch.from_numpy(points), torch.from_numpy(weights)
