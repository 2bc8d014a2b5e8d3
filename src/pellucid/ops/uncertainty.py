"""How unsure a set of predictions is, and what referring the least sure ones is worth.

`p` has one row of class probabilities per pass and sample: (pass, sample, class). Entropies are in
nats.
"""

import torch
from torch import Tensor


def entropy(p: Tensor) -> Tensor:
    """H[p] = −Σ_c p_c ln p_c over the last axis, with 0 ln 0 = 0."""
    return -torch.xlogy(p, p).sum(-1)


def predictive_entropy(p: Tensor) -> Tensor:
    """H[mean_t p_t], (sample,): 0 where all passes are sure of one class, ln C at the most."""
    return entropy(p.mean(0))


def mutual_information(p: Tensor) -> Tensor:
    """BALD = H[mean_t p_t] − mean_t H[p_t], (sample,): what the passes disagree about.

    **Source:** Houlsby et al. 2011, eq. 2.
    """
    return (predictive_entropy(p) - entropy(p).mean(0)).clamp_min(0)


def referral(correct: Tensor, uncertainty: Tensor) -> Tensor:
    """Accuracy of those kept when the 0, 1, … n−1 least sure are referred, (sample,).

    `correct` and `uncertainty` are (sample,); equal uncertainties are referred in their order.
    """
    order = torch.argsort(uncertainty, stable=True)
    hits = correct.to(torch.float64)[order].cumsum(0)
    return (hits / torch.arange(1, len(hits) + 1, dtype=torch.float64)).flip(0)


def error_auroc(correct: Tensor, uncertainty: Tensor) -> float:
    """Chance that a wrong prediction is less sure than a right one, ties half; NaN without both."""
    right, wrong = uncertainty[correct], uncertainty[~correct]
    if not len(right) or not len(wrong):
        return float("nan")
    above = (wrong[:, None] > right).double() + 0.5 * (wrong[:, None] == right).double()
    return float(above.mean())
