"""Faithfulness correlation: do the values of random subsets predict what their absence takes?"""

from typing import Annotated, Any, final

import pydantic

from ...ops.ranking import pearson
from ..absence import absent
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject
from ..subsets import changes_of, random_subsets


@metric(
    MetricCard(
        name="faithfulness_correlation",
        title="Faithfulness correlation",
        paper="Bhatt, Weller & Moura 2020, arXiv:2005.00631, definition 2",
        family="faithfulness",
        better="higher",
        range=(-1.0, 1.0),
        flaw="It expects values that add up. Subsets of single pixels hardly move a network, so "
        "that the correlation of fine maps is close to 0 and needs many draws.",
    )
)
@final
class FaithfulnessCorrelation(Metric):
    """corr over subsets S of (Σ_S φ, f(x) − f(x with S replaced)), all S of the same size.

    **Source:** Bhatt, Weller & Moura 2020, eq. 1.
    """

    size: Annotated[float, pydantic.Field(gt=0, lt=1)] | Annotated[int, pydantic.Field(ge=1)] = 0.2
    """Features in a subset, or their share."""
    n_subsets: Annotated[int, pydantic.Field(ge=2)] = 100
    """Subsets drawn."""
    baseline: Any = "auto"
    """What takes the features' place; `auto` is the mean of each channel, zero for columns and
    tokens, or the method's own background."""
    cells: Annotated[int, pydantic.Field(ge=2)] | None = None
    """Draw cells of a grid, so many along every axis, instead of single places."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        features = subject.features if self.cells is None else subject.cells(self.cells)
        size = self.size if isinstance(self.size, int) else round(self.size * features.most)
        gone = random_subsets(features.most, max(1, size), self.n_subsets, subject.seed)
        off = absent(subject, self.baseline)
        change = changes_of(bench.probe_of(subject, subject.space), features, gone, off)
        return Measured(pearson(subject.importance(features) @ gone.double().T, change))
