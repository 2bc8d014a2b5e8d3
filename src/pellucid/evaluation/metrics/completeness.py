"""Completeness: do the values add up to the change of the score from the baseline?"""

from typing import Any, final

import torch

from ...errors import NotApplicable
from ..absence import absent
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="completeness",
        title="Completeness gap",
        paper="Sundararajan et al. 2017, arXiv:1703.01365, section 3",
        family="axioms",
        better="lower",
        range=(0.0, float("inf")),
        flaw="It only checks the sum: any map can be scaled to pass, and a method that promises no "
        "sum is not wrong because it has none.",
    )
)
@final
class Completeness(Metric):
    """|Σ φ − (f(x) − f(x₀))| / |f(x) − f(x₀)|, with x₀ the baseline.

    Also called the summation to delta. **Source:** Sundararajan et al. 2017, proposition 1.
    """

    baseline: Any = "auto"
    """The baseline x₀; `auto` is the method's own."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        spec = self.baseline
        if isinstance(spec, str) and spec == "auto" and not self._has_background(subject):
            spec = getattr(subject.method, "baseline", None)
            spec = "auto" if spec is None else spec
            self._need_ids(subject, spec)
        probe = bench.probe_of(subject, subject.space)
        empty = probe.nothing(subject.features, absent(subject, spec, "zero"))
        change = (probe.clean() - empty).double()
        gap = (subject.total(subject.features).sum(1) - change).abs()
        return Measured(gap / torch.where(change == 0, torch.ones_like(change), change.abs()))

    def _need_ids(self, subject: Subject, spec: Any) -> None:
        ids = any(not x.is_floating_point() for x in subject.inputs.changeable.values())
        if ids and subject.method.card.access == "gradients" and isinstance(spec, str):
            raise NotApplicable(
                f"The baseline {spec!r} of looked-up vectors is no id that a network can be given.",
                "Read the explanation's own check, the completeness gap.",
            )

    def _has_background(self, subject: Subject) -> bool:
        return getattr(subject.method, "background", None) is not None
