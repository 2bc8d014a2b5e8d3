"""Insertion: how fast the score rises when the most relevant features come first."""

from typing import Annotated, Any, final

import pydantic

from ...core.target import Space
from ...ops.curves import area, checkpoints, ranks
from ..absence import absent
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject


@metric(
    MetricCard(
        name="insertion",
        title="Insertion",
        paper="Petsiuk et al. 2018 (RISE), arXiv:1806.07421, section 4.1",
        family="faithfulness",
        better="higher",
        range=(0.0, 1.0),
        flaw="What a blurred input still shows is given away before the first step, and compact "
        "maps are favoured, since a whole patch is recognised sooner than scattered places.",
    )
)
@final
class Insertion(Metric):
    """The area below the score over the share of features put into an empty input, the greatest
    first.

    The score is a probability unless `space` says else. **Source:** Petsiuk et al. 2018.
    """

    steps: Annotated[int, pydantic.Field(ge=1)] = 32
    """Steps from nothing to everything."""
    baseline: Any = "auto"
    """What is there before them; `auto` is a blurred picture or series, zero for
    columns and tokens, or the method's own background."""
    cells: Annotated[int, pydantic.Field(ge=2)] | None = None
    """Insert cells of a grid, so many along every axis, instead of single places."""
    space: Space = "probability"
    """What the score is."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        features = subject.features if self.cells is None else subject.cells(self.cells)
        # what comes last goes first: the curve of the reversed order, read backwards
        order = features.most - 1 - ranks(subject.importance(features))
        counts = [features.most - count for count in checkpoints(features.most, self.steps)]
        probe = bench.probe_of(subject, self.space)
        off = absent(subject, self.baseline, "blur")
        curve = probe.removed(features, order, counts, off)
        return Measured(area(curve), curve, tuple(1 - count / features.most for count in counts))
