"""SmoothGrad: the mean gradient over noisy copies of the input."""

from collections.abc import Callable
from typing import Annotated, Literal, final

import pydantic
import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.method import Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..ops.accumulate import add_rows, along
from ..ops.colour import Reduction
from ..ops.noise import gaussian

NOISY = 0.5
"""Standard error relative to the values from which on a map is to be read with care."""


@method(
    Card(
        name="smooth_grad",
        title="SmoothGrad",
        paper="Smilkov et al. 2017, arXiv:1706.03825",
        modalities=("image", "volume", "series", "table", "text"),
        slopes=True,
        randomised=True,
    )
)
@final
class SmoothGrad(Method):
    """E[∂y/∂x at x + ε], ε ~ N(0, σ²), with σ a share of each sample's range.

    `squared` is E[g²] and `variance` is Var[g] (VarGrad, Adebayo et al. 2018); both are unsigned.
    All samples of a batch get the same noise, so a batch equals its samples alone.

    **Units:** target per unit of input, or their square. **Source:** Smilkov et al. 2017, eq. 2.
    """

    n_samples: Annotated[int, pydantic.Field(ge=2)] = 50
    """Noisy copies (50 in the paper)."""
    noise: Annotated[float, pydantic.Field(gt=0)] = 0.15
    """σ as a share of the input's range, max − min (10 to 20 % in the paper)."""
    kind: Literal["mean", "squared", "variance"] = "mean"
    """SmoothGrad, SmoothGrad-Squared or VarGrad."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        call.clean()
        moments = _Moments(call, self.noise)
        moments.draw(self.n_samples, lambda: self._map(moments) if moments.enough else None)
        return self._map(moments)

    def _map(self, moments: "_Moments") -> Attribution:
        errors = moments.errors() if self.kind == "mean" else None
        values = moments.values(self.kind)
        attribution = input_maps(moments.call, values, self.reduce, errors, "sum_abs")
        if errors is not None:
            attribution.checks.append(_standard_error(values, errors))
        return attribution


class _Moments:
    """Sums of the gradients and of their squares over noisy copies."""

    def __init__(self, call: Call, noise: float) -> None:
        self.call = call
        self.inputs = inputs = call.inputs.explained
        self.count = torch.zeros(call.n)
        self.first = {n: torch.zeros_like(x, dtype=torch.float32) for n, x in inputs.items()}
        self.second = {n: torch.zeros_like(x, dtype=torch.float32) for n, x in inputs.items()}
        self.spread = {n: noise * _range(x) for n, x in inputs.items()}

    @property
    def enough(self) -> bool:
        """Whether every sample has the two draws that a variance takes."""
        return bool((self.count >= 2).all())

    def draw(self, count: int, partial: Callable[[], Attribution | None]) -> None:
        """Add `count` noisy copies of every sample."""
        call, spread, model = self.call, self.spread, self.call.fast()

        def work(rows: slice) -> None:
            index = torch.arange(rows.start, rows.stop)
            samples, draws = index % call.n, (index // call.n).tolist()
            noisy = {}
            for i, (name, x) in enumerate(self.inputs.items()):
                eps = gaussian(x.shape[1:], call.seed + 7919 * i, draws).to(x)
                noisy[name] = x[samples.to(x.device)] + spread[name][samples.to(x.device)] * eps
            _, gradients = call.input_gradient(noisy, samples, model)
            for name, gradient in gradients.items():
                add_rows(self.first[name], samples, gradient.float())
                add_rows(self.second[name], samples, gradient.float().square())
            self.count += samples.bincount(minlength=call.n)

        call.batches(2).each(count * call.n, work, "SmoothGrad", partial)

    def values(self, kind: str) -> dict[str, Tensor]:
        if kind == "mean":
            return {name: self._mean(total) for name, total in self.first.items()}
        if kind == "squared":
            return {name: self._mean(total) for name, total in self.second.items()}
        return {name: self._variance(name) for name in self.first}

    def errors(self) -> dict[str, Tensor]:
        return {n: self._mean(self._variance(n), less=1).sqrt() for n in self.first}

    def _variance(self, name: str) -> Tensor:
        mean, square = self._mean(self.first[name]), self._mean(self.second[name])
        return (square - mean.square()).clamp_min(0)

    def _mean(self, total: Tensor, less: int = 0) -> Tensor:
        return total / along(self.count - less, total)


def _range(x: Tensor) -> Tensor:
    flat = x.flatten(1)
    return (flat.amax(1) - flat.amin(1)).reshape(-1, *(1,) * (x.ndim - 1))


def _standard_error(values: dict[str, Tensor], errors: dict[str, Tensor]) -> Check:
    """Mean standard error relative to the map's own size, per sample."""
    size = torch.stack([v.flatten(1).abs().mean(1) for v in values.values()]).sum(0)
    error = torch.stack([e.flatten(1).mean(1) for e in errors.values()]).sum(0)
    relative = (error / size.clamp_min(1e-12)).tolist()
    verdicts = [grade(r, ok=NOISY, poor=float("inf")) for r in relative]
    text = "Mean standard error relative to the mean size of the values; more samples lower it."
    return check_each("standard error", relative, verdicts, text)
