"""IoU: the overlap of the strong places with the mask."""

from typing import Annotated, final

import pydantic

from ...ops.localisation import intersection_over_union
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="iou",
        title="Intersection over union",
        paper="Zhou et al. 2016, arXiv:1512.04150, section 3.2",
        family="localisation",
        better="higher",
        range=(0.0, 1.0),
        flaw="The threshold decides as much as the map: compare methods at the best threshold of "
        "each, or use the mass and rank accuracies.",
        needs_mask=True,
    )
)
@final
class IoU(Metric):
    """|A ∩ M| / |A ∪ M| of the places A above `threshold` of the greatest value and the mask M.

    **Source:** Zhou et al. 2016, section 3.2, with the region itself instead of its box.
    """

    threshold: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.2
    """Share of the greatest value from which a place belongs to the object."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        values = subject.map().flatten(1)
        inside = bench.evidence(values)
        return Measured(intersection_over_union(values, inside, self.threshold))
