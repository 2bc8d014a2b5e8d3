"""Infidelity: how far the values miss the change of the score under random perturbations."""

from typing import Annotated, Any, Literal, final

import pydantic
import torch

from ...errors import NotApplicable
from ..absence import absent
from ..metric import Bench, Measured, Metric, MetricCard, metric
from ..perturbations import changed_by_cells, changed_by_noise
from ..subject import Subject


@metric(
    MetricCard(
        name="infidelity",
        title="Infidelity",
        paper="Yeh et al. 2019, arXiv:1901.09392, definition 2.1",
        family="faithfulness",
        better="lower",
        range=(0.0, float("inf")),
        flaw="In squared units of the score: it does not compare between models, and without "
        "`scaled` it punishes a right order with a wrong unit. Noise tests slopes.",
    )
)
@final
class Infidelity(Metric):
    """E[(Iᵀ a − (f(x) − f(x − I)))²] over random perturbations I.

    For `removal` I = x − baseline in random cells and 0 elsewhere; Iᵀa is Σ φ over these cells, or
    Σ I φ where φ are slopes. For `noise` I is Gaussian, which has a meaning for slopes alone.
    `scaled` first multiplies a with the factor that fits best.

    **Units:** squares of the score's. **Source:** Yeh et al. 2019, eq. 1 and section 2.3.
    """

    perturbation: Literal["noise", "removal"] = "removal"
    """Noise on every number, or cells replaced by the baseline."""
    n_perturbations: Annotated[int, pydantic.Field(ge=2)] = 64
    """Perturbations drawn."""
    noise: Annotated[float, pydantic.Field(gt=0)] = 0.03
    """Standard deviation of the noise, in those of the input."""
    baseline: Any = "auto"
    """What takes the cells' place; `auto` is the mean of each channel, zero for columns and tokens,
    or the method's own background."""
    scaled: bool = False
    """Allow for a wrong unit."""

    def measure(self, subject: Subject, bench: Bench) -> Measured:
        probe = bench.probe_of(subject, subject.space)
        if self.perturbation == "removal":
            off = absent(subject, self.baseline)
            told, change = changed_by_cells(subject, probe, self.n_perturbations, off)
        elif not subject.slopes:
            raise NotApplicable(
                f"{subject.e.method} gives shares of the score, not slopes: noise tests slopes.",
                "Use Infidelity(perturbation='removal').",
            )
        else:
            told, change = changed_by_noise(subject, probe, self.n_perturbations, self.noise)
        if self.scaled:
            size = told.square().sum(1, keepdim=True)
            best = (told * change).sum(1, keepdim=True) / size.where(
                size > 0, torch.ones_like(size)
            )
            told = told * best
        return Measured((told - change).square().mean(1))
