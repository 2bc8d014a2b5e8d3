"""Integrated gradients: the score's change from a baseline, shared out over the input values."""

from typing import Annotated, final

import pydantic
import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check, grade
from ..core.completeness import completeness
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..ops.colour import Reduction
from ..ops.quadrature import Rule, nodes
from ..parts.baselines import baselines


@method(
    Card(
        name="integrated_gradients",
        title="Integrated gradients",
        paper="Sundararajan et al. 2017, arXiv:1703.01365",
        promises=("completeness", "implementation_invariance", "linear_exact"),
    )
)
@final
class IntegratedGradients(Method):
    """(x − x') · ∫₀¹ ∂F(x' + α(x − x'))/∂x dα, whose sum is F(x) − F(x').

    The number of steps is raised, for every sample on its own, until the sum misses the score's
    change by less than `tolerance`; the gap is always in the checks. Several baselines are
    averaged.

    **Units:** those of the target. **Source:** Sundararajan et al. 2017, eq. 1.
    """

    baseline: ArrayLike = "zero"
    """`zero`, `mean`, `blur`, `noise`, a number, an array, or a list of these to average over."""
    n_steps: Annotated[int, pydantic.Field(ge=1)] = 32
    """Steps to begin with."""
    max_steps: Annotated[int, pydantic.Field(ge=1)] = 288
    """Steps after which the gap is reported as it is."""
    tolerance: Annotated[float, pydantic.Field(gt=0)] = 0.01
    """Completeness gap, relative to the score's change, that is small enough."""
    rule: Rule = "midpoint"
    """Quadrature: `midpoint` (steps tripled, passes reused) or `gauss_legendre` (doubled; exact for
    smooth networks, no better than midpoint at the kinks of ReLUs)."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        call.clean()
        chosen = baselines(call.inputs, self.baseline, call.seed)
        paths = [_Path(call, self, base) for _, base in chosen]
        values = {
            name: torch.stack([path.values[name] for path in paths]).mean(0)
            for name in call.inputs.explained
        }
        attribution = input_maps(call, values, self.reduce)
        change = call.clean()[:, 0] - torch.stack([path.start for path in paths]).mean(0)
        attribution.checks = [
            completeness(values, change, call.clean()[:, 0], self.tolerance),
            _steps(torch.stack([path.steps for path in paths]).amax(0), self.max_steps),
        ]
        attribution.notes = {"baseline": [name for name, _ in chosen]}
        return attribution


class _Path:
    """The integral along the straight path from one baseline, refined where it is not complete."""

    def __init__(self, call: Call, method: IntegratedGradients, base: dict[str, Tensor]) -> None:
        self.call, self.base = call, base
        at_base = call.forward(call.inputs.replaced(base))
        self.start = call.scores(at_base, torch.arange(call.n))[:, 0]
        self.step = {name: x - base[name] for name, x in call.inputs.explained.items()}
        self.values = {name: torch.zeros_like(s) for name, s in self.step.items()}
        self.steps = torch.zeros(call.n, dtype=torch.long)
        change = (call.clean()[:, 0] - self.start).abs()
        n, open_samples = method.n_steps, torch.arange(call.n)
        while len(open_samples):
            self._integrate(open_samples, n, method.rule)
            total = sum(v.flatten(1).sum(1) for v in self.values.values())
            gap = (total - (call.clean()[:, 0] - self.start)).abs()
            wide = gap > method.tolerance * change.clamp_min(1e-12)
            n *= 3 if method.rule == "midpoint" else 2
            if n > method.max_steps:
                break
            open_samples = open_samples[wide[open_samples].cpu()]

    def _integrate(self, samples: Tensor, n: int, rule: Rule) -> None:
        """Set the values of `samples` from `n` steps, reusing midpoints that are known."""
        at, weight = nodes(rule, n)
        nested = rule == "midpoint" and bool((self.steps[samples] * 3 == n).all())
        fresh = torch.tensor([j for j in range(n) if not (nested and j % 3 == 1)])
        keep = 1 / 3 if nested else 0.0
        for values in self.values.values():
            values[samples.to(values.device)] *= keep
        call, count = self.call, len(fresh)
        model = call.fast() if count * len(samples) >= 16 else None

        def work(rows: slice) -> None:
            index = torch.arange(rows.start, rows.stop)
            which, alpha = samples[index // count], at[fresh[index % count]]
            points = {
                name: self.base[name][which.to(x.device)] + _along(alpha, x) * x[which.to(x.device)]
                for name, x in self.step.items()
            }
            _, gradients = call.input_gradient(points, which, model)
            share = weight[fresh[index % count]]
            for name, gradient in gradients.items():
                rows_ = which.to(gradient.device)
                part = _along(share, gradient) * gradient * self.step[name][rows_]
                self.values[name].index_add_(0, rows_, part)

        call.batches(2).each(len(samples) * count, work, "integrated gradients")
        self.steps[samples] = n


def _along(numbers: Tensor, like: Tensor) -> Tensor:
    """One number per row, to multiply with rows of any shape."""
    return numbers.to(like).reshape(-1, *(1,) * (like.ndim - 1))


def _steps(steps: Tensor, most: int) -> Check:
    used: tuple[float, ...] = tuple(float(n) for n in steps)
    return Check("steps", used, grade(max(used), ok=most, poor=most), "Steps along the path.")
