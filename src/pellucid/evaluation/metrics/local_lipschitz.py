"""Local Lipschitz estimate: the greatest slope of the explanation near the input."""

from typing import Annotated, final

import pydantic

from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..neighbourhood import neighbours
from ..subject import Subject


@metric(
    MetricCard(
        name="local_lipschitz",
        title="Local Lipschitz estimate",
        paper="Alvarez-Melis & Jaakkola 2018, arXiv:1806.08049, eq. 2",
        family="robustness",
        better="lower",
        range=(0.0, float("inf")),
        flaw="In units of the explanation per unit of input: it compares inputs, not methods with "
        "other units. A map that ignores the input is perfectly stable.",
        reruns=True,
    )
)
@final
class LocalLipschitz(Metric):
    """max over draws of ‖φ(x) − φ(y)‖ / ‖x − y‖, with y within `radius` of x in every number.

    **Source:** Alvarez-Melis & Jaakkola 2018, eq. 2, estimated by random draws.
    """

    radius: Annotated[float, pydantic.Field(gt=0)] = 0.02
    """Greatest change of a number, in standard deviations of the input."""
    n_draws: Annotated[int, pydantic.Field(ge=1)] = 8
    """Neighbours drawn, an explanation each."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        found = neighbours(subject, bench, self.n_draws, self.radius)
        return Measured((found.explanations / found.inputs.clamp_min(1e-300)).amax(0))
