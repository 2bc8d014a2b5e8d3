"""Expected gradients: integrated gradients averaged over baselines from the data."""

from collections.abc import Callable
from typing import Annotated, final

import pydantic
import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..errors import ParameterError
from ..ops.accumulate import add_rows, along
from ..ops.colour import Reduction
from ..parts.backgrounds import background_rows


@method(
    Card(
        name="expected_gradients",
        title="Expected gradients",
        paper="Erion et al. 2021, arXiv:1906.10670",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("completeness", "linear_exact_in_expectation"),
        randomised=True,
    )
)
@final
class ExpectedGradients(Method):
    """E[(x − x') · ∂F(x' + α(x − x'))/∂x] over data x' and α uniform on [0, 1].

    Its sum estimates F(x) − E[F(x')]. α is stratified over the draws, and every sample of a batch
    gets the same draws. The standard error of every value is in `std_error`.

    **Units:** those of the target. **Source:** Erion et al. 2021, eq. 4.
    """

    background: ArrayLike = None
    """Baselines `(B, …)` from the data, shaped like the input (ids for ids); one for every input by
    name if there are several."""
    n_samples: Annotated[int, pydantic.Field(ge=2)] = 200
    """Draws of a baseline and a place on the path."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        call.clean()
        background = _background(call, self.background)
        draws = _Draws(call, background, self.n_samples)
        draws.draw(lambda: self._map(draws) if draws.enough else None)
        attribution = self._map(draws)
        attribution.checks.append(draws.completeness())
        return attribution

    def _map(self, draws: "_Draws") -> Attribution:
        return input_maps(draws.call, draws.values(), self.reduce, draws.errors())


class _Draws:
    def __init__(self, call: Call, background: dict[str, Tensor], count: int) -> None:
        self.call, self.background, self.count = call, background, count
        self.inputs = call.inputs.explained
        self.first = {n: torch.zeros_like(x, dtype=torch.float32) for n, x in self.inputs.items()}
        self.second = {n: torch.zeros_like(x, dtype=torch.float32) for n, x in self.inputs.items()}
        self.totals = torch.zeros(call.n, count)
        generator = call.generator()
        size = len(next(iter(background.values())))
        rounds = -(-count // size)
        order = torch.cat([torch.randperm(size, generator=generator) for _ in range(rounds)])
        self.drawn = order[:count]
        strata = torch.randperm(count, generator=generator)
        self.alpha = (strata + torch.rand(count, generator=generator)) / count
        self.model = call.fast()
        self.done = torch.zeros(call.n)

    @property
    def enough(self) -> bool:
        """Whether every sample has the two draws that a variance takes."""
        return bool((self.done >= 2).all())

    def draw(self, partial: Callable[[], Attribution | None]) -> None:
        """Run all draws, then the baselines alone for their mean score."""
        n, size = self.call.n, len(next(iter(self.background.values())))
        self.call.batches(2).each(self.count * n, self._work, "expected gradients", partial)
        work = self._baseline_scores(size)
        self.call.batches().each(size * n, work, "scores of the background", partial)

    def _work(self, rows: slice) -> None:
        index = torch.arange(rows.start, rows.stop)
        samples, draws = index % self.call.n, index // self.call.n
        alpha, points, steps = self.alpha[draws], {}, {}
        for name, x in self.inputs.items():
            base = self.background[name][self.drawn[draws].to(x.device)]
            steps[name] = x[samples.to(x.device)] - base
            points[name] = base + along(alpha, x) * steps[name]
        _, gradients = self.call.input_gradient(points, samples, self.model)
        total = torch.zeros(len(index))
        for name, gradient in gradients.items():
            part = (steps[name] * gradient).float()
            add_rows(self.first[name], samples, part)
            add_rows(self.second[name], samples, part.square())
            total += part.flatten(1).sum(1).cpu()
        self.totals[samples, draws] = total
        self.done += samples.bincount(minlength=self.call.n)

    def _baseline_scores(self, size: int) -> Callable[[slice], None]:
        self.base_scores = torch.zeros(self.call.n, size)

        def work(rows: slice) -> None:
            index = torch.arange(rows.start, rows.stop)
            samples, which = index % self.call.n, index // self.call.n
            batch = self.call.inputs.take(samples)
            points = {n: b[which.to(b.device)] for n, b in self.background.items()}
            raw = self.call.forward(batch.replaced(points), self.model)
            self.base_scores[samples, which] = self.call.scores(raw, samples)[:, 0].float().cpu()

        return work

    def values(self) -> dict[str, Tensor]:
        return {name: total / along(self.done, total) for name, total in self.first.items()}

    def errors(self) -> dict[str, Tensor]:
        found = {}
        for name, mean in self.values().items():
            done = along(self.done, mean)
            variance = (self.second[name] / done - mean.square()).clamp_min(0)
            found[name] = (variance / (done - 1)).sqrt()
        return found

    def completeness(self) -> Check:
        """The gap of the sum, relative to the change, judged by its own standard error."""
        change = self.call.clean()[:, 0].float().cpu() - self.base_scores.mean(1)
        gap = (self.totals.mean(1) - change).abs()
        error = self.totals.std(1) / self.count**0.5
        relative = (gap / change.abs().clamp_min(1e-12)).tolist()
        within = (gap <= 4 * error + 1e-4 * change.abs() + 1e-6).tolist()
        verdicts = [
            grade(r, ok=0.05, poor=float("inf") if explained else 0.05)
            for r, explained in zip(relative, within, strict=True)
        ]
        text = "How far the sum misses F(x) − mean F(background), relative to that change"
        text += "; more than sampling explains: raise n_samples." if "failed" in verdicts else "."
        return check_each("completeness gap", relative, verdicts, text)


def _background(call: Call, given: object) -> dict[str, Tensor]:
    """The baselines by input name, on the inputs' device."""
    if given is None:
        raise ParameterError(
            "expected_gradients needs baselines from your data.",
            "Give background=, an array of 20 to 200 typical inputs (in the shell a .npy file).",
        )
    call.inputs.need_floats()
    return background_rows(call.inputs, given)
