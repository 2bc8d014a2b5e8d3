"""Integrated gradients: the score's change from a baseline, shared out over the input values."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Annotated, final

import pydantic
import torch
from torch import Tensor

from ..core.averaging import averaged, rows_lead
from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.completeness import completeness
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..ops.accumulate import add_rows, along
from ..ops.colour import Reduction
from ..ops.precision import full
from ..ops.quadrature import Rule, equidistributed, gauss_legendre, midpoint
from ..parts.baselines import baselines

RUN = 8
"""Neighbouring nodes of a path that go through the network together, whatever else does."""


@method(
    Card(
        name="integrated_gradients",
        title="Integrated gradients",
        paper="Sundararajan et al. 2017, arXiv:1703.01365",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("completeness", "implementation_invariance", "linear_exact"),
    )
)
@final
class IntegratedGradients(Method):
    """(x − x') · ∫₀¹ ∂F(x' + α(x − x'))/∂x dα, whose sum is F(x) − F(x').

    The number of steps is doubled, for every sample on its own, until the sum misses the score's
    change by less than `tolerance`; the gap is always in the checks. Several baselines are
    averaged.

    **Units:** those of the target. **Source:** Sundararajan et al. 2017, eq. 1.
    """

    baseline: ArrayLike = "zero"
    """`zero`, `mean`, `blur`, `noise`, a number, an array, or a list of these to average over; for
    token ids `zero` (vectors), `pad`, `mask`, an id or ids."""
    n_steps: Annotated[int, pydantic.Field(ge=1)] = 16
    """Steps to begin with."""
    max_steps: Annotated[int, pydantic.Field(ge=1)] = 256
    """Steps after which the gap is reported as it is."""
    tolerance: Annotated[float, pydantic.Field(gt=0)] = 0.01
    """Completeness gap, relative to the score's change, that is small enough."""
    rule: Rule = "adaptive"
    """Quadrature: `adaptive` (midpoints of cells that get narrower where the gradient changes, with
    the derivative of every ReLU averaged over its cell), `midpoint` or `gauss_legendre`."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        call.clean()
        chosen = baselines(call.inputs, self.baseline, call.seed)
        paths = [_Path(call, self.rule, base) for _, base in chosen]
        names = [name for name, _ in chosen]

        def so_far() -> Attribution | None:
            whole = [path for path in paths if path.steps.all()]
            return self._map(call, whole, names[: len(whole)]) if whole else None

        for path in paths:
            path.integrate(self, so_far)
        return self._map(call, paths, names)

    def _map(self, call: Call, paths: list["_Path"], baseline: list[str]) -> Attribution:
        """The mean over paths, one from each baseline."""
        values = {
            name: torch.stack([path.values[name] for path in paths]).mean(0)
            for name in call.inputs.explained
        }
        attribution = input_maps(call, values, self.reduce)
        change = call.clean()[:, 0] - torch.stack([path.start for path in paths]).mean(0)
        attribution.checks = [
            *completeness(values, change, call.clean()[:, 0], self.tolerance),
            _steps(torch.stack([path.steps for path in paths]).amax(0), self.max_steps),
        ]
        attribution.notes = {"baseline": baseline}
        return attribution


class _Path:
    """The integral along the straight path from one baseline, refined where it is not complete."""

    def __init__(self, call: Call, rule: Rule, base: dict[str, Tensor]) -> None:
        self.call, self.rule, self.base = call, rule, base
        at_base = call.forward(call.inputs.replaced(base))
        self.start = call.scores(at_base, torch.arange(call.n))[:, 0]
        self.step = {name: x - base[name] for name, x in call.inputs.explained.items()}
        self.values = {name: full(torch.zeros_like(s)) for name, s in self.step.items()}
        self.steps = torch.zeros(call.n, dtype=torch.long)
        self.edges: dict[int, Tensor] = {}
        self.average = rule == "adaptive" and rows_lead(call.structure.trace)

    def integrate(
        self, method: IntegratedGradients, partial: Callable[[], Attribution | None]
    ) -> None:
        """Double the steps of every sample until its values add up to the score's change."""
        change = self.call.clean()[:, 0] - self.start
        n, open_samples = method.n_steps, torch.arange(self.call.n)
        while len(open_samples) and n <= max(method.max_steps, method.n_steps):
            self._integrate(open_samples, n, partial)
            total = sum(v.flatten(1).sum(1) for v in self.values.values())
            wide = (total - change).abs() > method.tolerance * change.abs().clamp_min(1e-12)
            open_samples = open_samples[wide[open_samples].cpu()]
            n *= 2

    def _integrate(
        self, samples: Tensor, n: int, partial: Callable[[], Attribution | None]
    ) -> None:
        """Set the values of `samples` from `n` steps each."""
        nodes = [self._nodes(sample, n) for sample in samples.tolist()]
        at, weight = (torch.stack(found) for found in zip(*nodes, strict=True))
        batches = self.call.batches(2)
        run = min(RUN, batches.size)
        slots = -(-n // run) * run
        batches.size -= batches.size % run  # so that batches never part a run
        points = _Points(self, samples, at, weight, slots, run)
        batches.each(len(samples) * slots, points.add, "integrated gradients", partial)
        for name, values in points.values.items():
            self.values[name][samples.to(values.device)] = values
        self.steps[samples] = n
        if self.rule == "adaptive":
            for sample, jumps in zip(samples.tolist(), points.jumps, strict=True):
                self.edges[sample] = equidistributed(self.edges[sample], jumps[1:].sqrt(), 2 * n)

    def _nodes(self, sample: int, n: int) -> tuple[Tensor, Tensor]:
        if self.rule == "gauss_legendre":
            return gauss_legendre(n)
        if sample not in self.edges or self.rule == "midpoint":
            self.edges[sample] = torch.linspace(0, 1, n + 1, dtype=torch.float64)
        return midpoint(self.edges[sample])


class _Points:
    """The integrand at the nodes of some samples: added up in `values`, and how it changes between
    them in `jumps`."""

    def __init__(
        self, path: _Path, samples: Tensor, at: Tensor, weight: Tensor, slots: int, run: int
    ) -> None:
        self.path, self.samples, self.at, self.weight = path, samples, at, weight
        self.slots, self.run = slots, run
        self.model = path.call.fast() if at.numel() >= 16 else None
        self.jumps = torch.zeros_like(at)
        """Squared norm of the change since the node before; the first of each row means nothing."""
        self.values = {
            name: values.new_zeros(len(samples), *values.shape[1:])
            for name, values in path.values.items()
        }
        self._last: dict[str, Tensor] = {}

    def add(self, rows: slice) -> None:
        """Add the nodes in these slots to the values."""
        slot = torch.arange(rows.start, rows.stop)
        slot = slot[slot % self.slots < self.at.shape[1]]
        row, node = slot // self.slots, slot % self.slots
        at, weight, which = self.at[row, node], self.weight[row, node], self.samples[row]
        path = self.path
        points = {
            name: path.base[name][which.to(x.device)] + along(at, x) * x[which.to(x.device)]
            for name, x in path.step.items()
        }
        average = path.average and self.run > 1
        rule = averaged(slot // self.run, at, weight) if average else nullcontext()
        with rule:
            _, gradients = path.call.input_gradient(points, which, self.model)
        for name, gradient in gradients.items():
            integrand = full(gradient) * full(path.step[name][which.to(gradient.device)])
            add_rows(self.values[name], row, along(weight, integrand) * integrand)
            self.jumps[row, node] += _jumps(self._last.get(name), integrand)
            self._last[name] = integrand[-1:]


def _jumps(last: Tensor | None, integrand: Tensor) -> Tensor:
    """Squared norm of each row's change from the row before, in float64."""
    before = integrand[:1] if last is None else last
    change = torch.cat([before, integrand]).diff(dim=0)
    return change.flatten(1).double().square().sum(1).cpu()


def _steps(steps: Tensor, most: int) -> Check:
    used = steps.tolist()
    verdicts = [grade(n, ok=most, poor=most) for n in used]
    return check_each("steps", used, verdicts, "Steps along the path.")
