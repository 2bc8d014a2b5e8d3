"""The optimisation of feature visualisation: a batch of pictures, each for a unit of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.batching import Batches
from ..core.call import Call
from ..core.checks import Check, Verdict, check_each, grade
from ..core.cut import gradient_of
from ..core.diagnosis import first_not_finite
from ..core.method import Attribution
from ..core.model import Model
from ..errors import ParameterError
from ..ops.adam import adam
from ..ops.regularity import likeness, lp_norm, total_variation
from .canvas import Canvas
from .parametrisations import Parametrisation
from .transforms import Robustness, transformed
from .units import Units

WOKEN = (
    "Silent on noise; the value before its rectifier was raised until the unit itself responded."
)
DEAD = (
    "A dead unit: the picture made for it leaves it silent, though the value before its rectifier "
    "was raised where the layer has one of its own."
)


@dataclass(frozen=True)
class Plan:
    """How the pictures are made; weights are relative to the size of the response."""

    steps: int
    rate: float
    transforms: Robustness
    copies: int
    negative: tuple[bool, ...]
    """The signs of each unit: whether it is lowered."""
    diversity: float
    total_variation: float
    norm: float


class Synthesis:
    """Pictures `(row, channel, *space)`: unit by unit, sign by sign, copy by copy."""

    def __init__(
        self,
        call: Call,
        canvas: Canvas,
        units: Units,
        model: Model,
        written: Parametrisation,
        plan: Plan,
        begun: Tensor | None = None,
    ) -> None:
        self.call, self.canvas, self.units = call, canvas, units
        self.model, self.written, self.plan = model, written, plan
        self.each = len(plan.negative) * plan.copies
        self.rows = torch.arange(len(units)).repeat_interleave(self.each)
        signs = [-1.0 if low else 1.0 for low in plan.negative for _ in range(plan.copies)]
        self.signs = torch.tensor(signs * len(units), device=canvas.low.device)
        self.draws = [k for _ in range(len(units) * len(plan.negative)) for k in range(plan.copies)]
        self.samples = torch.tensor(units.samples)[self.rows]
        self.labels = tuple(
            f"{units.labels[int(u)]}{', lowered' if s < 0 else ''}"
            for u, s in zip(self.rows, self.signs.tolist(), strict=True)
        )
        self.begun = None if begun is None else self._begun(begun)
        with torch.no_grad():
            self.pictures = written.pictures(self._start(slice(None)))
        self.score = torch.zeros(len(self.rows))
        self.start_score = torch.zeros(len(self.rows))
        self.curve = torch.full((len(self.rows), plan.steps), float("nan"))

    def run(self, partial: Callable[[], Attribution]) -> None:
        """Make the pictures, as many units at once as fit."""
        planned = max(1, self.call.batches(2).size // self.each)
        batches = Batches(planned, self.call.progress)

        def work(part: slice) -> None:
            self._chunk(slice(part.start * self.each, part.stop * self.each), partial)

        for _ in batches.split(len(self.units), work):
            continue

    def _begun(self, values: Tensor) -> Tensor:
        """Values of the input to begin with, as pictures: one for all, or one a row."""
        like = self.canvas.inputs.explained[self.canvas.name]
        if values.shape[1:] != like.shape[1:] or len(values) not in (1, len(self.rows)):
            raise ParameterError(
                f"start has the shape {tuple(values.shape)}.",
                f"Give ({len(self.rows)} or 1, {', '.join(map(str, like.shape[1:]))}).",
            )
        given = values.to(self.canvas.low).expand(len(self.rows), *values.shape[1:])
        return self.canvas.unit(given, self.samples)

    def _start(self, part: slice) -> Tensor:
        """Noise, or the pictures to begin with."""
        if self.begun is None:
            return self.written.start(self.call.seed, self.draws[part])
        return self.written.of(self.begun[part])

    def _chunk(self, part: slice, partial: Callable[[], Attribution]) -> None:
        plan = self.plan
        parameters = self._start(part)
        first, second = torch.zeros_like(parameters), torch.zeros_like(parameters)
        generator = self.call.generator()
        self.start_score[part] = self._value(self.written.pictures(parameters), part)
        task = f"Feature visualisation {part.start + 1} to {part.stop} of {len(self.rows)}"
        for step in self.call.progress.track(range(plan.steps), task, partial=partial):
            scores, gradient = self._gradient(parameters, part, generator)
            self.curve[part, step] = scores
            parameters = parameters + adam(gradient, first, second, step + 1, plan.rate)
            self.pictures[part] = self.written.pictures(parameters)
            self.score[part] = scores
        self.score[part] = self._value(self.pictures[part], part)

    def _gradient(
        self, parameters: Tensor, part: slice, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """The responses, and the gradient of what is maximised at the parameters."""
        start = parameters.detach().requires_grad_()
        with torch.enable_grad():
            pictures = self.written.pictures(start)
            seen = transformed(pictures, self.plan.transforms, generator)
            scores, responses = self._scores(seen, part)
            aim = self.signs[part] * scores - self._penalty(pictures, scores, responses)
        (gradient,) = gradient_of(aim, [start])
        self.call.cost.backwards += len(start)
        if not bool(torch.isfinite(scores).all() and torch.isfinite(gradient).all()):
            raise first_not_finite(self.call.model, self.call.inputs)
        return scores.detach().cpu(), gradient

    def _penalty(self, pictures: Tensor, scores: Tensor, responses: Tensor | None) -> Tensor:
        plan, size = self.plan, scores.detach().abs().clamp_min(1e-6)
        found = torch.zeros_like(scores)
        if plan.total_variation and pictures.ndim > 2:
            found = found + plan.total_variation * total_variation(pictures)
        if plan.norm:
            found = found + plan.norm * lp_norm(2 * pictures - 1)
        if responses is not None:
            found = found + plan.diversity * likeness(responses, plan.copies)
        return size * found

    def _scores(self, pictures: Tensor, part: slice) -> tuple[Tensor, Tensor | None]:
        inputs = self.canvas.given(pictures, self.samples[part])
        rows, watched = self.rows[part], self.units.layer if self.plan.diversity else None
        return self.units.objective.of(self.call, self.model, inputs, rows, watched)

    def _value(self, pictures: Tensor, part: slice) -> Tensor:
        with torch.no_grad():
            return self._scores(pictures, part)[0].cpu()

    def checks(self) -> list[Check]:
        """Whether each unit responds more (or less) than to noise, and which never responded."""
        if not self.plan.steps:
            return []
        gains = (self.signs.cpu() * (self.score - self.start_score)).tolist()
        text = "The response to the picture less that to what it began with."
        verdicts = [grade(-gain, ok=-1e-12, poor=float("inf")) for gain in gains]
        found = [check_each("response changed by", gains, verdicts, text)]
        low = torch.minimum(self.start_score, self.curve.amin(1))
        high = torch.maximum(self.start_score, self.curve.amax(1))
        dead = low == high
        if self.units.rectified:
            raised = self.signs.cpu() > 0
            dead |= raised & (self.score <= 0)
            woken = raised & (self.start_score <= 0) & ~dead
            found += _about(woken, self.score, "ok", "silent at first", WOKEN)
        return found + _about(dead, self.score, "failed", "dead unit", DEAD)


def _about(where: Tensor, values: Tensor, verdict: Verdict, name: str, text: str) -> list[Check]:
    if not bool(where.any()):
        return []
    verdicts = [verdict if true else None for true in where.tolist()]
    return [check_each(name, values.tolist(), verdicts, text)]
