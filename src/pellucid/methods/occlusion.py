"""Occlusion: how much the target drops when a window of the input is hidden."""

from typing import Annotated, Any, Literal, final

import pydantic
import torch
from torch import Tensor

from ..core.axes import CHANNEL, SAMPLE
from ..core.call import Call
from ..core.checks import Check
from ..core.evaluation import Evaluation
from ..core.method import Attribution, Card, Method, method
from ..parts.baselines import baselines
from ..parts.drops import Drops, rounding
from ..parts.occluder import Engine, Occluder, Shortcut
from ..parts.windows import Edge, Windows, windows_of


@method(
    Card(
        name="occlusion",
        title="Occlusion sensitivity",
        paper="Zeiler & Fergus 2014, arXiv:1311.2901, section 4.2",
        access="black_box",
        modalities=("image", "volume", "series", "table", "text"),
        axes="space",
        space="probability",
        many_targets=True,
    )
)
@final
class Occlusion(Method):
    """f(x) − f(x with a window replaced), at every place the mean of the windows that cover it.

    `coarse` has one value per window. For convolutional networks on the CPU only what a window
    changes is computed again, layer by layer; a sample of the windows is then verified against the
    whole network. The most probable class for every window is in `record["class_when_occluded"]`.

    **Units:** those of the target. **Source:** Zeiler & Fergus 2014.
    """

    window: Any = None
    """Size of the window, or one for every axis of places (by input name for several inputs); left
    out, a seventh of every axis, a single column or a single token."""
    stride: Any = None
    """Step from window to window, at most the window; left out, half of it."""
    baseline: Any = "zero"
    """What is seen in a window: `zero`, `mean` (of each channel), `overall_mean`, `blur`, `noise`,
    a number, an array, or for token ids the id that stands for nothing."""
    edge: Edge = "clip"
    """At the border: `clip` the last window, keep it `inside`, or let windows `overhang` both
    borders so that every place lies in equally many."""
    channels: Literal["together", "apart"] = "together"
    """Hide all channels of a window at once, or one after the other."""
    max_evaluations: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Most windows of a sample that are tried, from a coarse grid to ever finer ones; the others
    are interpolated."""
    max_seconds: Annotated[float, pydantic.Field(gt=0)] | None = None
    """The same as a time; the result then depends on the machine."""
    engine: Engine = "auto"
    """`incremental` computes only what a window changes, `dense` the whole network; `auto` predicts
    which is faster."""

    def attribute(self, call: Call) -> Attribution:
        names = list(call.inputs.changeable)
        windows = {name: self._windows(call, name) for name in names}
        (_, instead), *_ = baselines(call.inputs, self.baseline, call.seed)
        shown = {name: self._shown(call, name, instead[name]) for name in names}
        total = call.n * sum(self._most(windows[n].count) * len(shown[n]) for n in names)
        found: dict[str, Drops] = {}
        run = Evaluation(call, total, "occlusion", lambda: _attribution(call, found))
        for name in names:
            found[name] = Drops(Occluder(run, name, windows[name], shown[name]), self.engine)
            self._fill(found[name])
        checks = [check for drops in found.values() for check in drops.verify()]
        attribution = _attribution(call, found)
        assert attribution is not None, "every input has a window"
        attribution.checks += checks + rounding(list(found.values())) + _coverage(found)
        return attribution

    def _windows(self, call: Call, name: str) -> Windows:
        axes, shape = call.inputs.axes(name), tuple(call.inputs.changeable[name].shape)
        window, stride = (
            given.get(name) if isinstance(given, dict) else given
            for given in (self.window, self.stride)
        )
        return windows_of(axes, shape, window, stride, self.edge)

    def _shown(self, call: Call, name: str, instead: Tensor) -> tuple[Tensor, ...]:
        """What is seen in the windows; one tensor for every channel that is hidden alone."""
        axes, x = call.inputs.axes(name), call.inputs.changeable[name]
        if self.channels == "together" or CHANNEL not in axes:
            return (instead,)
        axis = axes.index(CHANNEL)
        view = [-1 if i == axis else 1 for i in range(x.ndim)]
        number = torch.arange(x.shape[axis], device=x.device).view(view)
        return tuple(torch.where(number == c, instead, x) for c in range(x.shape[axis]))

    def _most(self, count: int) -> int:
        return count if self.max_evaluations is None else min(count, self.max_evaluations)

    def _fill(self, drops: Drops) -> None:
        run, windows = drops.occluder.run, drops.occluder.windows
        timed = self.max_seconds
        late = None if timed is None else lambda: run.seconds > timed and bool(drops.known.any())
        left = self._most(windows.count)
        for block in windows.blocks(refine=timed is not None or left < windows.count):
            wanted = windows.among(block)[:left]
            left -= len(wanted)
            for layer in range(len(drops.occluder.instead)):
                drops.measure(block, wanted, layer, late)


def _attribution(call: Call, found: dict[str, Drops]) -> Attribution | None:
    """The maps of all inputs; None before there is any."""
    if not any(drops.known.any() for drops in found.values()):
        return None
    values, coarse, axes, notes = {}, {}, {}, {}
    for name, drops in found.items():
        values[name], coarse[name], axes[name] = _maps(call, drops)
        notes[name] = {
            "windows": [list(map(int, size)) for size in _sizes(drops.occluder.windows)],
            "evaluated": float(drops.known.float().mean()),
            "engine": drops.way if isinstance(drops.way, str) else "incremental",
            "predicted_gain": drops.way.gain if isinstance(drops.way, Shortcut) else 1.0,
            "class_when_occluded": _classes(drops),
        }
    kept = notes if len(notes) > 1 else next(iter(notes.values()))
    return Attribution(values=values, axes=axes, coarse=coarse, notes=dict(kept))


def _maps(call: Call, drops: Drops) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Values at every place, values of the windows, and the names of the axes."""
    windows, layers = drops.occluder.windows, len(drops.occluder.instead)
    coarse = drops.maps()
    values = windows.spread(coarse)
    names = call.inputs.axes(drops.occluder.name)
    places = tuple(names[axis] for axis in windows.axes)
    if layers == 1:
        return values, coarse, (SAMPLE, *places)
    axis = names.index(CHANNEL)
    values, coarse = (
        maps.view(-1, layers, *maps.shape[1:]).movedim(1, axis) for maps in (values, coarse)
    )
    return values, coarse, names


def _sizes(windows: Windows) -> list[tuple[int, int]]:
    """Size and step of the windows along every axis."""
    return [
        (int((high - low).max()), int(low.diff().max()) if len(low) > 1 else 0)
        for low, high in zip(windows.low, windows.high, strict=True)
    ]


def _classes(drops: Drops) -> Any:
    """The most probable class for every window, sample by sample; None where there is none."""
    if not (drops.classes >= 0).any():
        return None
    shape = (*drops.classes.shape[:-1], *drops.occluder.windows.shape)
    found = drops.classes.view(shape)
    return (found[:, 0] if found.shape[1] == 1 else found).tolist()


def _coverage(found: dict[str, Drops]) -> list[Check]:
    """Says so where some windows were interpolated."""
    share = min(float(drops.known.float().mean()) for drops in found.values())
    if share == 1:
        return []
    text = (
        f"The budget allowed for {share:.0%} of the windows; the others are interpolated between "
        "those of a coarser grid."
    )
    return [Check("windows tried", share, "poor", text)]
