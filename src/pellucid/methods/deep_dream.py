"""Deep Dream: the input changed so that a layer responds more strongly to what it sees there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, final

import pydantic
import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check, check_each, grade
from ..core.method import ArrayLike, Attribution, Card, LayerLike, Method, method
from ..core.prefix import private_copy
from ..errors import ParameterError
from ..ops.octaves import octave_sizes
from ..ops.spatial import resized
from ..ops.warp import rolled
from ..parts.ascent import Ascent
from ..parts.canvas import Canvas, canvas_of
from ..parts.dream_objective import dream_objective
from ..parts.objectives import Energy, Objective

Preset = Literal["original", "tensorflow"]
Norm = Callable[[Tensor], Tensor]


def mean_size(gradient: Tensor) -> Tensor:
    """Mean |g| of each sample (Mordvintsev et al. 2015)."""
    return gradient.abs().flatten(1).mean(1)


def standard_deviation(gradient: Tensor) -> Tensor:
    """Standard deviation of each sample, plus 1e-8 (TensorFlow's tutorial)."""
    return gradient.flatten(1).std(1, correction=0) + 1e-8


@dataclass(frozen=True)
class Settings:
    """What a preset stands for; `rate` is a share of the valid range."""

    steps: int
    octaves: int
    octave_scale: float
    rate: float
    jitter: int
    energy: Energy
    norm: Norm
    keeps_detail: bool
    """Whether octaves begin with the photograph and only what was added is enlarged."""


PRESETS: dict[Preset, Settings] = {
    "original": Settings(10, 4, 1.4, 1.5 / 255, 32, "square", mean_size, True),
    "tensorflow": Settings(100, 5, 1.3, 0.01 / 2, 512, "mean", standard_deviation, False),
}


@method(
    Card(
        name="deep_dream",
        title="Deep Dream",
        paper="Mordvintsev, Olah & Tyka 2015, Inceptionism",
        scope="global",
        access="layers",
        modalities=("image", "volume", "series"),
        randomised=True,
        needs_target=False,
        takes_target=True,
        many_targets=True,
        gives="input",
        caution="Shows what a layer can be made to see in the input, not what decided.",
    )
)
@final
class DeepDream(Method):
    """Gradient ascent on the input, x ← x + rate · g / size(g), from small octaves to large ones.

    With a target, its score is raised; else the response of `layer`, its channels, or its
    likeness to a `guide`. Values are inputs, kept within the valid range. No steps give the input
    itself.

    **Units:** those of the input. **Source:** Mordvintsev et al. 2015 (`original`: energy of the
    layer, g over mean |g|, octaves that carry detail); TensorFlow's tutorial (`tensorflow`: mean
    response, g over its standard deviation; its tiles miss the last ones, ours cover every place).
    """

    layer: LayerLike = None
    """One layer, a list, or a glob; chosen by its stride where it and the target are left out."""
    weights: list[float] | None = None
    """Of the layers, in their order; negative ones are made weaker. Left out, all 1."""
    channel: int | list[int] | None = None
    """Channels of the layer that are raised together; left out, all."""
    guide: ArrayLike = None
    """Another input, or what the model's preprocess takes, whose features are to be found in x."""
    preset: Preset = "original"
    """The published recipe; it sets what is left out below."""
    steps: Annotated[int, pydantic.Field(ge=0)] | None = None
    """Steps of each octave: 10, or 100 for tensorflow."""
    octaves: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Number of sizes: 4 up to the input's own; for tensorflow 5 around it."""
    octave_scale: Annotated[float, pydantic.Field(gt=1)] | None = None
    """Size of an octave over that of the one before: 1.4, or 1.3 for tensorflow."""
    rate: Annotated[float, pydantic.Field(gt=0)] | None = None
    """Step as a share of the valid range: 1.5 / 255, or 0.005 for tensorflow."""
    jitter: Annotated[int, pydantic.Field(ge=0)] | None = None
    """Places by which the picture is rolled at most before each step: 32, or 512."""
    tile: Annotated[int, pydantic.Field(ge=16)] = 512
    """Larger pictures are seen tile by tile, of at most so many places a side."""
    bounds: ArrayLike = None
    """Least and greatest valid value, numbers or one per channel; left out, from the preprocessing,
    or else the range of the input."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""

    def settings(self) -> Settings:
        """The preset with what was said beside it."""
        preset = PRESETS[self.preset]
        names = ("steps", "octaves", "octave_scale", "rate", "jitter")
        own = {n: getattr(self, n) for n in names if getattr(self, n) is not None}
        return Settings(**{**vars(preset), **own})

    def attribute(self, call: Call) -> Attribution:
        settings = self.settings()
        aim = dream_objective(
            call, self.layer, self.weights, self.channel, self.guide, self.layout, settings.energy
        )
        canvas = canvas_of(call, self.bounds)
        if not canvas.space:
            raise ParameterError(
                "The input is a vector of features, which has no octaves.",
                "Use feature_visualization with a target.",
            )
        model = private_copy(call, aim.objective.visits)
        dream = _Dream(call, canvas, settings, aim.objective, model, self.tile, aim.count)
        pictures = dream.run(lambda now: self._made(dream, aim.labels, now))
        found = self._made(dream, aim.labels, pictures)
        found.checks += aim.checks + dream.checks(pictures)
        found.score = dream.after
        return found

    def _made(self, dream: "_Dream", labels: tuple[str, ...], pictures: Tensor) -> Attribution:
        canvas, rows = dream.canvas, dream.samples
        values = canvas.values(pictures, rows)
        if dream.settings.steps == 0:
            given = canvas.inputs.explained[canvas.name].float()
            values = given[rows.to(given.device)]
        return Attribution(
            values=values,
            axes=canvas.axes,
            score=dream.latest,
            labels=labels,
            sources=rows.tolist(),
            curve=dream.curve(),
            checks=[canvas.check],
            notes={**canvas.notes(), "octave_sizes": [list(s) for s in dream.sizes]},
        )


class _Dream:
    """The ascent through the octaves."""

    def __init__(
        self,
        call: Call,
        canvas: Canvas,
        settings: Settings,
        objective: Objective,
        model: Any,
        tile: int,
        count: int,
    ) -> None:
        self.call, self.canvas, self.settings = call, canvas, settings
        self.samples = torch.arange(call.n).repeat_interleave(count)
        self.rows = torch.arange(len(self.samples))
        self.sizes = _sizes(canvas.space, settings)
        self.ascent = Ascent(call, canvas, objective, model, tile, self.samples)
        self.start = canvas.pictures()[self.samples.to(canvas.low.device)]
        self.latest = self.after = torch.zeros(len(self.rows))
        self._curve: list[Tensor] = []
        self._silent = torch.ones(len(self.rows), dtype=torch.bool)

    def run(self, partial: Callable[[Tensor], Attribution]) -> Tensor:
        """The dreamt pictures at the input's size."""
        settings, generator = self.settings, self.call.generator()
        space = self.canvas.space
        self.now, detail = self.start, torch.zeros_like(self.start)
        under = self.start
        schedule = [(size, k) for size in self.sizes for k in range(settings.steps)]
        for size, k in self.call.progress.track(
            schedule, "Deep Dream", partial=lambda: partial(resized(self.now, space))
        ):
            if k == 0 and settings.keeps_detail:
                under = resized(self.start, size)
                self.now = under + resized(detail, size)
            elif k == 0:
                self.now = resized(self.now, size)
            self.now = self._step(self.now, generator)
            if settings.keeps_detail:
                detail = self.now - under
        return resized(self.now, space).clamp(0, 1)

    def _step(self, now: Tensor, generator: torch.Generator) -> Tensor:
        space = now.shape[2:]
        most = self.settings.jitter
        shift = [int(torch.randint(-most, most + 1, (), generator=generator)) for _ in space]
        moved = rolled(now, shift)
        scores, gradient = self.ascent.at(moved, self.rows)
        self._curve.append(scores.cpu())
        self.latest = scores.cpu()
        size = self.settings.norm(gradient)
        alive = gradient.flatten(1).abs().amax(1) > 0
        self._silent &= ~alive.cpu()
        pace = torch.where(alive, self.settings.rate / size, torch.zeros_like(size))
        moved = moved + gradient * pace.reshape(-1, *(1,) * (moved.ndim - 1))
        return rolled(moved.clamp(0, 1), [-s for s in shift])

    def curve(self) -> Tensor | None:
        """The objective, `(sample, step)`."""
        return torch.stack(self._curve, 1) if self._curve else None

    def checks(self, pictures: Tensor) -> list[Check]:
        """Whether the objective rose on the input itself, and where there was nothing to climb."""
        before = self.ascent.value(self.start, self.rows).cpu()
        self.after = self.ascent.value(pictures, self.rows).cpu()
        found = []
        if self.settings.steps:
            gains = (self.after - before).tolist()
            text = "The objective on the finished picture less that on the input."
            verdicts = [grade(-gain, ok=-1e-12, poor=float("inf")) for gain in gains]
            found.append(check_each("objective raised by", gains, verdicts, text))
        if self.ascent.refused:
            sizes = ", ".join("×".join(map(str, s)) for s in sorted(self.ascent.refused)[:4])
            own = "×".join(map(str, self.canvas.space))
            text = f"The network cannot take {sizes}: pictures were resized to {own} for it."
            found.append(Check("resized for the network", None, "ok", text))
        silent = self._silent.tolist()
        if any(silent) and self.settings.steps:
            text = (
                "No gradient: nothing in the input changes the objective, so it was left as it is."
            )
            found.append(check_each(
                "no gradient", [0.0] * len(silent), ["failed" if s else None for s in silent], text
            ))  # fmt: skip
        return found


def _sizes(space: Sequence[int], settings: Settings) -> list[tuple[int, ...]]:
    """Octaves from the smallest: up to the input's own size, or around it."""
    n = settings.octaves
    exponents = range(1 - n, 1) if settings.keeps_detail else range(-(n // 2), n - n // 2)
    return octave_sizes(space, settings.octave_scale, exponents)
