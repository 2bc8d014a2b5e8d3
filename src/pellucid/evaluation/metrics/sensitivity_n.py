"""Sensitivity-n: the faithfulness correlation at many sizes of subsets, from one to most."""

from typing import Annotated, Any, final

import pydantic
import torch

from ...ops.ranking import pearson
from ..absence import absent
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..subject import Subject
from ..subsets import changes_of, random_subsets, sizes_of


@metric(
    MetricCard(
        name="sensitivity_n",
        title="Sensitivity-n",
        paper="Ancona et al. 2018, arXiv:1711.06104, definition 1",
        family="faithfulness",
        better="higher",
        range=(-1.0, 1.0),
        flaw="No method can reach 1 at every n where features interact; large n is dominated by "
        "the baseline, an input that the network has never seen.",
    )
)
@final
class SensitivityN(Metric):
    """The mean over n of corr over subsets S with |S| = n of (Σ_S φ, f(x) − f(x with S replaced)).

    The curve has one correlation for every n. **Source:** Ancona et al. 2018, section 4.
    """

    n_sizes: Annotated[int, pydantic.Field(ge=1)] = 8
    """Sizes, evenly spaced in logarithms from 1 to four fifths of the features."""
    n_subsets: Annotated[int, pydantic.Field(ge=2)] = 32
    """Subsets drawn of each size."""
    baseline: Any = "auto"
    """What takes the features' place; `auto` is the mean of each channel, zero for columns and
    tokens, or the method's own background."""
    cells: Annotated[int, pydantic.Field(ge=2)] | None = None
    """Draw cells of a grid, so many along every axis, instead of single places."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        features = subject.features if self.cells is None else subject.cells(self.cells)
        sizes = sizes_of(features.most, self.n_sizes)
        subsets = [
            random_subsets(features.most, n, self.n_subsets, subject.seed + n) for n in sizes
        ]
        gone, off = torch.cat(subsets), absent(subject, self.baseline)
        change = changes_of(bench.probe_of(subject, subject.space), features, gone, off)
        sums = subject.importance(features) @ gone.double().T
        shape = (subject.n, len(sizes), self.n_subsets)
        curve = pearson(sums.view(shape), change.view(shape))
        return Measured(curve.mean(1), curve, tuple(n / features.most for n in sizes))
