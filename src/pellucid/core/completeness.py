"""Completeness: attributions that add up to the change of the score."""

from collections.abc import Mapping

import torch
from torch import Tensor

from .checks import Check, Verdict, check_each, grade


def completeness(
    values: Mapping[str, Tensor],
    change: Tensor,
    score: Tensor,
    tolerance: float,
    rounding: float = 0.0,
) -> list[Check]:
    """|Σ values − change| / |change| per sample; `ok` up to the tolerance, `poor` up to 5 %.

    A gap of up to `rounding` · Σ |values| is `ok` too: where large values cancel to a small change,
    the network's own rounding is large beside that change.

    Where the score does not change the sum has to be zero, and is compared with the score.
    """
    total = sum(tensor.flatten(1).double().sum(1) for tensor in values.values())
    assert isinstance(total, Tensor)
    nothing = change.abs() <= 1e-6 * score.abs().clamp_min(1e-6)
    size = torch.where(nothing, score.abs(), change.abs()).clamp_min(1e-12)
    gaps = ((total - change).abs() / size).tolist()
    sizes = sum(tensor.flatten(1).double().abs().sum(1) for tensor in values.values())
    slack = (rounding * sizes / size).tolist()
    limits = [max(tolerance, own) for own in slack]
    verdicts = [
        grade(gap, ok=limit, poor=max(0.05, limit)) for gap, limit in zip(gaps, limits, strict=True)
    ]
    text = "How far the sum misses the score's change from the baseline, relative to that change"
    advice = (
        "." if set(verdicts) == {"ok"} else "; try more steps or another baseline (mean, blur)."
    )
    checks = [check_each("completeness gap", gaps, verdicts, text + advice)]
    if bool(nothing.any()):
        same = "The baseline has the same score as the input: there is nothing to share out."
        about: list[Verdict | None] = ["poor" if none else None for none in nothing.tolist()]
        checks.append(check_each("nothing to share out", change.tolist(), about, same))
    return checks
