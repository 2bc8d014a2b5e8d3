"""Feature visualisation: an input made from noise that a unit, channel or class responds to."""

from typing import Annotated, Any, final

import numpy as np
import pydantic
import torch

from ..core.call import Call
from ..core.method import ArrayLike, Attribution, Card, LayerLike, Method, method
from ..core.prefix import private_copy
from ..core.targets import Predicted
from ..errors import ParameterError
from ..parts.canvas import Canvas, canvas_of
from ..parts.parametrisations import Kind, parametrisation
from ..parts.synthesis import Plan, Synthesis
from ..parts.transforms import Robustness
from ..parts.units import Extremes, Place, Units, units_of


@method(
    Card(
        name="feature_visualization",
        title="Feature visualisation",
        paper="Olah, Mordvintsev & Schubert 2017, Distill",
        scope="global",
        modalities=("image", "volume", "series", "table"),
        randomised=True,
        many_targets=True,
        gives="input",
        caution="One input among many that do this; what a unit means, examples from data show.",
    )
)
@final
class FeatureVisualization(Method):
    """max over x of a unit's response, from noise, under small turns, zooms and shifts of x.

    Without `layer` the unit is the target's score. With it, the mean response of each `channel`
    (at one `place`: of a neuron), of each `direction` of its channels, or the energy of the whole
    layer. All units are optimised in one batch, each by itself. Of x only the shape counts, and
    where no target is said, the class predicted for it. Where a rectified unit is silent, the value
    before its rectifier is raised.

    **Units:** those of the input. **Source:** Olah, Mordvintsev & Schubert 2017: Fourier basis with
    decorrelated colours, transformation robustness, Adam.
    """

    layer: LayerLike = None
    """The layer of the units; left out, the target is drawn."""
    channel: int | list[int] | None = None
    """Channels (of a vector: features), one picture each."""
    direction: ArrayLike = None
    """One vector of the layer's channels, or several as (number, channel)."""
    place: Place = "all"
    """Where the channel is to respond: on average, at the centre, or at one place of its map."""
    extremes: Extremes = "positive"
    """What raises the unit, what lowers it, or a picture of each."""
    copies: Annotated[int, pydantic.Field(ge=1)] = 1
    """Pictures of each unit, from different noise."""
    diversity: Annotated[float, pydantic.Field(ge=0)] = 0.0
    """Weight of the likeness of copies (cosine of the Gram matrices of the layer), which is
    lowered; relative to the response, as are the next two."""
    total_variation: Annotated[float, pydantic.Field(ge=0)] = 0.0
    """Weight of the mean difference of neighbours."""
    norm: Annotated[float, pydantic.Field(ge=0)] = 0.0
    """Weight of the 6-norm of the distance from mid-range."""
    start: ArrayLike = None
    """An input to begin with instead of noise, or one for each picture, such as the `values` of an
    earlier result, to go on from it."""
    steps: Annotated[int, pydantic.Field(ge=0)] = 256
    """Steps of Adam."""
    rate: Annotated[float, pydantic.Field(gt=0)] = 0.05
    """Step size of Adam (0.05 in the authors' code)."""
    parametrization: Kind = "fourier"
    """A spectrum of decorrelated colours, or single values."""
    transforms: Robustness = "robust"
    """Turns to 10°, zooms to 10 % and shifts to 1/16; only rolls; or none."""
    bounds: ArrayLike = None
    """Least and greatest valid value, numbers or one per channel; left out, from the preprocessing,
    or else the range of x."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""

    def attribute(self, call: Call) -> Attribution:
        if self.layer is not None:
            _need_no_target(call)
        negative = {"positive": [False], "negative": [True], "both": [False, True]}[self.extremes]
        units = units_of(
            call, self.layer, self.channel, self.direction, self.place, self.layout,
            below=True in negative, compared=self.diversity > 0 and self.copies > 1,
        )  # fmt: skip
        canvas = canvas_of(call, self.bounds)
        plan = Plan(
            steps=self.steps,
            rate=self.rate,
            transforms=self.transforms,
            copies=self.copies,
            negative=tuple(negative),
            diversity=self.diversity,
            total_variation=self.total_variation,
            norm=self.norm,
        )
        also = () if units.layer is None else (units.layer.visit,)
        model = private_copy(call, (*units.objective.visits, *also))
        written = parametrisation(
            self.parametrization, canvas.channels, canvas.space, 0.01, canvas.low.device
        )
        synthesis = Synthesis(call, canvas, units, model, written, plan, _begun(self.start))
        synthesis.run(lambda: _made(canvas, units, synthesis))
        found = _made(canvas, units, synthesis)
        found.checks += [*units.checks, *synthesis.checks()]
        return found


def _made(canvas: Canvas, units: Units, synthesis: Synthesis) -> Attribution:
    samples = synthesis.samples.tolist()
    return Attribution(
        values=canvas.values(synthesis.pictures, synthesis.samples),
        axes=canvas.axes,
        score=synthesis.score,
        labels=synthesis.labels,
        sources=samples,
        curve=synthesis.curve,
        shows_input=False,
        checks=[canvas.check],
        notes={
            **canvas.notes(),
            **({} if units.layer is None else {"layer": units.layer.visit.address}),
        },
    )


def _begun(start: Any) -> torch.Tensor | None:
    """What to begin with, as a tensor; of NumPy's arrays a copy, for they may be read-only."""
    if start is None or isinstance(start, torch.Tensor):
        return start
    return torch.tensor(np.asarray(start))


def _need_no_target(call: Call) -> None:
    """With a layer, a target that was said is a second objective; none is meant otherwise."""
    if any(not isinstance(target, Predicted) for row in call.targets for target in row):
        raise ParameterError("layer and target are two objectives.", "Give one of them.")
    call.targets = [[] for _ in call.targets]
