"""ROAD: deletion with missing places imputed from their neighbours, so that holes do not show."""

from typing import Annotated, Literal, final

import pydantic

from ...core.target import Space
from ...ops.curves import ranks
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject

Order = Literal["most_relevant_first", "least_relevant_first"]


@metric(
    MetricCard(
        name="road",
        title="ROAD",
        paper="Rong et al. 2022, arXiv:2202.00449",
        family="faithfulness",
        better="lower",
        range=(0.0, 1.0),
        flaw="Imputation removes edges and texture, but smooth evidence, such as the colour of a "
        "large area, comes back through the neighbours.",
    )
)
@final
class Road(Metric):
    """The mean score over shares of places that are taken away and imputed linearly, with noise.

    With `least_relevant_first` higher is better. The paper gives accuracies of a data set; here is
    the score of every item. **Source:** Rong et al. 2022.
    """

    percentages: tuple[Annotated[float, pydantic.Field(gt=0, lt=100)], ...] = (
        *(10, 20, 30, 40),
        *(50, 60, 70, 80, 90),
    )
    """Shares of the places that are taken away, in percent."""
    order: Order = "most_relevant_first"
    """Which places go first."""
    noise: Annotated[float, pydantic.Field(ge=0)] = 0.01
    """Standard deviation of the noise on imputed places, in those of the input."""
    space: Space = "probability"
    """What the score is."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        features = subject.features
        order = ranks(subject.importance(features))
        if self.order == "least_relevant_first":
            order = features.most - 1 - order
        counts = [max(1, round(p / 100 * features.most)) for p in self.percentages]
        probe = bench.probe_of(subject, self.space)
        curve = probe.imputed(features, order, counts, self.noise)
        return Measured(curve.mean(1), curve, tuple(p / 100 for p in self.percentages))
