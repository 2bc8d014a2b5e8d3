"""Relevance mass accuracy: the share of positive evidence that lies inside the mask."""

from typing import final

from ...ops.localisation import mass_accuracy
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="relevance_mass_accuracy",
        title="Relevance mass accuracy",
        paper="Arras, Osman & Samek 2022, arXiv:2003.07258",
        family="localisation",
        better="higher",
        range=(0.0, 1.0),
        flaw="It falls with a uniform haze outside, and small masks are harder than large ones.",
        needs_mask=True,
    )
)
@final
class RelevanceMassAccuracy(Metric):
    """Σ inside φ⁺ / Σ φ⁺. **Source:** Arras, Osman & Samek 2022, eq. 2."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        values = subject.map().flatten(1)
        return Measured(mass_accuracy(values, bench.evidence(values)))
