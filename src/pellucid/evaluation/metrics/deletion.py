"""Deletion: how fast the score falls when the most relevant features are taken away first."""

from typing import Annotated, Any, final

import pydantic

from ...core.target import Space
from ...ops.curves import area, checkpoints, ranks
from ..absence import absent
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="deletion",
        title="Deletion",
        paper="Petsiuk et al. 2018 (RISE), arXiv:1806.07421, section 4.1",
        family="faithfulness",
        better="lower",
        range=(0.0, 1.0),
        flaw="Holes are no natural input: the score may fall because of their edges, which favours "
        "scattered maps. See `road`.",
    )
)
@final
class Deletion(Metric):
    """The area below the score over the share of features taken away, the greatest first.

    The score is a probability unless `space` says else. **Source:** Petsiuk et al. 2018.
    """

    steps: Annotated[int, pydantic.Field(ge=1)] = 32
    """Steps from nothing to everything."""
    baseline: Any = "auto"
    """What takes the features' place; `auto` is zero, or the method's own background."""
    cells: Annotated[int, pydantic.Field(ge=2)] | None = None
    """Take cells of a grid away, so many along every axis, instead of single places."""
    space: Space = "probability"
    """What the score is."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        features = subject.features if self.cells is None else subject.cells(self.cells)
        order = ranks(subject.importance(features))
        counts = checkpoints(features.most, self.steps)
        probe = bench.probe_of(subject, self.space)
        curve = probe.removed(features, order, counts, absent(subject, self.baseline, "zero"))
        return Measured(area(curve), curve, tuple(count / features.most for count in counts))
