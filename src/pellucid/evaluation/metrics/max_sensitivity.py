"""Max-sensitivity: how much the explanation changes at most when the input hardly does."""

from typing import Annotated, final

import pydantic

from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..neighbourhood import neighbours
from ..subject import Subject


@metric(
    MetricCard(
        name="max_sensitivity",
        title="Max-sensitivity",
        paper="Yeh et al. 2019, arXiv:1901.09392, definition 3.1",
        family="robustness",
        better="lower",
        range=(0.0, float("inf")),
        flaw="A map that ignores the input is perfectly stable. The maximum of a few draws is "
        "below the true one and grows with their number.",
        reruns=True,
    )
)
@final
class MaxSensitivity(Metric):
    """max over draws of ‖φ(y) − φ(x)‖ / ‖φ(x)‖, with y within `radius` of x in every number.

    The paper's definition is without ‖φ(x)‖; it is divided so that methods can be compared, as
    captum does. **Source:** Yeh et al. 2019, eq. 3.
    """

    radius: Annotated[float, pydantic.Field(gt=0)] = 0.02
    """Greatest change of a number, in standard deviations of the input."""
    n_draws: Annotated[int, pydantic.Field(ge=1)] = 8
    """Neighbours drawn, an explanation each."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        found = neighbours(subject, bench, self.n_draws, self.radius)
        return Measured(found.explanations.amax(0) / found.size.clamp_min(1e-300))
