"""Completeness: attributions that add up to the change of the score."""

from collections.abc import Mapping

import torch
from torch import Tensor

from .checks import Check, grade


def completeness(
    values: Mapping[str, Tensor], change: Tensor, score: Tensor, tolerance: float
) -> Check:
    """|Σ values − change| / |change| per sample; `ok` up to the tolerance, `poor` up to 5 %."""
    total = sum(tensor.flatten(1).double().sum(1) for tensor in values.values())
    assert isinstance(total, Tensor)
    nothing = change.abs() <= 1e-6 * score.abs().clamp_min(1e-6)
    gap = (total - change).abs() / change.abs().clamp_min(1e-12)
    gap = torch.where(nothing, torch.zeros_like(gap), gap)
    found = tuple(float(g) for g in gap)
    if bool(nothing.any()):
        return Check(
            "completeness gap",
            found,
            "poor",
            "The baseline has the same score as the input: there is nothing to share out.",
        )
    verdict = grade(max(found), ok=tolerance, poor=max(0.05, tolerance))
    text = "How far the sum misses the score's change from the baseline, relative to that change"
    advice = "." if verdict == "ok" else "; try more steps or another baseline (mean, blur)."
    return Check("completeness gap", found, verdict, text + advice)
