"""Names what is wrong with a map that would be drawn as a blank picture."""

import numpy as np
from numpy.typing import NDArray

from .checks import Check
from .explanation import Floats
from .method import Card


def degenerate(values: Floats, card: Card, score: Floats, space: str) -> list[Check]:
    """Checks for maps without values, without variation, or without positive evidence."""
    flat = values.reshape(len(values), -1)
    low, high = flat.min(1), flat.max(1)
    found = []
    if not np.isfinite(flat).all():
        found.append(Check("not finite", None, "failed", "The map holds NaN or infinite values."))
        return found
    zero = (low == 0) & (high == 0)
    if zero.any():
        found.append(_zero(zero, score, space))
    constant = (low == high) & ~zero
    if constant.any() and flat.shape[1] > 1:
        found.append(
            Check(
                "constant map",
                _rows(high, constant),
                "poor",
                "Every place has the same value, so the map tells no place from another.",
            )
        )
    negative = (high <= 0) & (low < 0)
    if negative.any() and not card.signed:
        worst = f"raw range [{low[negative].min():.3g}, {high[negative].max():.3g}]"
        found.append(
            Check(
                "no positive evidence",
                _rows(high, negative),
                "poor",
                f"Nothing here speaks for the target ({worst}); look at the signed map.",
            )
        )
    return found


def _zero(zero: NDArray[np.bool_], score: Floats, space: str) -> Check:
    text = "The map is zero everywhere: the target does not change with what is explained."
    saturated = len(score) == len(zero) and bool((score[zero] > 0.999).any())
    if space == "probability" and saturated:
        text = "The probability is saturated, so its gradient is zero; explain space='logit'."
    return Check("zero map", float(zero.mean()), "failed", text)


def _rows(values: Floats, where: NDArray[np.bool_]) -> float:
    return float(values[where][0])
