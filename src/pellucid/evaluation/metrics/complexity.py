"""Complexity: over how many features the explanation is spread, as an entropy."""

from typing import final

from ...ops.concentration import entropy
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="complexity",
        title="Complexity (entropy)",
        paper="Bhatt, Weller & Moura 2020, arXiv:2005.00631, definition 4",
        family="complexity",
        better="lower",
        range=(0.0, float("inf")),
        flaw="It grows with the number of features, so that inputs of other sizes do not compare; "
        "a single wrong pixel is as simple as can be.",
    )
)
@final
class Complexity(Metric):
    """−Σ p ln p with p the share of each place in the sizes of the values, in nats.

    **Source:** Bhatt, Weller & Moura 2020, eq. 4.
    """

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        return Measured(entropy(subject.importance(subject.features)))
