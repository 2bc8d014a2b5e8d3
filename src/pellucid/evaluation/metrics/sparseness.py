"""Sparseness: how few features hold most of the explanation, as a Gini index."""

from typing import final

from ...ops.concentration import gini
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="sparseness",
        title="Sparseness (Gini index)",
        paper="Chalasani et al. 2020, arXiv:1810.06583",
        family="complexity",
        better="higher",
        range=(0.0, 1.0),
        flaw="A single wrong pixel is as sparse as can be: it says how easy a map is to read, not "
        "whether it is right.",
    )
)
@final
class Sparseness(Metric):
    """The Gini index of the sizes of the values, place by place: 0 where all weigh the same.

    **Source:** Chalasani et al. 2020, section 5.
    """

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        return Measured(gini(subject.importance(subject.features)))
