"""Names what is wrong with a map that would be drawn as a blank picture."""

import numpy as np
from numpy.typing import NDArray

from .checks import Check, Verdict, check_each
from .explanation import Floats
from .method import Card

_SATURATED = 0.999


def degenerate(values: Floats, card: Card, score: Floats, space: str) -> list[Check]:
    """Checks for maps without values, without variation, or without positive evidence; each is
    about the samples that it is true of."""
    if card.gives == "input":
        return []
    flat = values.reshape(len(values), -1)
    low, high = flat.min(1), flat.max(1)
    broken = np.asarray(~np.isfinite(flat).all(1))
    zero: NDArray[np.bool_] = (low == 0) & (high == 0)
    constant = (low == high) & ~zero if flat.shape[1] > 1 else np.zeros_like(zero)
    negative = np.zeros_like(zero) if card.signed else (high <= 0) & (low < 0)
    saturated = np.zeros_like(zero)
    if space == "probability" and len(score) == len(zero):
        saturated = zero & (score > _SATURATED)
    found = [
        _about("not finite", broken, high, "failed", "The map holds NaN or infinite values."),
        _about(
            "zero map",
            zero & ~saturated,
            high,
            "failed",
            "The map is zero everywhere: the target does not change with what is explained.",
        ),
        _about(
            "zero map",
            saturated,
            high,
            "failed",
            "The map is zero everywhere: the probability is saturated, so its gradient is zero; "
            "explain space='logit'.",
        ),
        _about(
            "constant map",
            constant,
            high,
            "poor",
            "Every place has the same value, so the map tells no place from another.",
        ),
        _about(
            "no positive evidence",
            negative,
            high,
            "poor",
            f"Nothing here speaks for the target ({_range(low, high, negative)}); "
            "look at the signed map.",
        ),
    ]
    return [check for check in found if check is not None]


def _about(
    name: str, where: NDArray[np.bool_], values: Floats, verdict: Verdict, meaning: str
) -> Check | None:
    if not where.any():
        return None
    verdicts = [verdict if true else None for true in where]
    return check_each(name, values.tolist(), verdicts, meaning)


def _range(low: Floats, high: Floats, where: NDArray[np.bool_]) -> str:
    return f"raw range [{low[where].min():.3g}, {high[where].max():.3g}]" if where.any() else ""
