"""The layers of a network on a given input: listing them, addressing them, choosing one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from ..errors import InputError, LayerError
from .axes import CHANNEL
from .cut import forward_from, gradient_of
from .guard import undisturbed
from .heads import PooledHead, pooled_head
from .inputs import Inputs
from .layout import Layout, describe, parse
from .model import Model
from .structure import leaves
from .trace import Trace, Visit, one, record, resolve

_POOLING = (
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
    nn.modules.pooling._LPPoolNd,
)
_PASSING = (nn.Dropout, nn.modules.dropout._DropoutNd, nn.Identity, nn.Flatten)
_PARTIAL = (nn.Linear, nn.Embedding)
"""Projections inside a token stream hold a part of it, not the stream."""


@dataclass(frozen=True)
class LayerInfo:
    """One layer as `pl.layers` lists it."""

    name: str
    type: str
    shape: tuple[int | str, ...]
    layout: str
    calls: int
    parameters: int
    chosen: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Choice:
    """The call of a layer that a method uses, its layout, and why."""

    visit: Visit
    layout: Layout
    reason: str
    automatic: bool


class Structure:
    """The traced layers of a network for one shape of input; the automatic choice is kept."""

    def __init__(self, sample: Inputs, trace: Trace) -> None:
        self._sample, self.trace = sample, trace
        self._chosen: Choice | LayerError | None = None
        self._head: PooledHead | str | None = None

    def choose(self, model: Model, layer: Any = None, layout: str | None = None) -> Choice:
        """The layer asked for, or the automatic choice; refuses layers without a map."""
        if layer is None:
            return self._automatic(model)
        visit = one(resolve(model.module, self.trace, layer))
        sizes, space = self._sample.space, self._sample.space_axes
        found = visit.layout if layout is None else parse(layout, visit.shape, space, sizes)
        if found is None or not found.spatial:
            where = f"Layer {visit.name!r} gives {describe(visit.shape[1:])} per sample"
            raise LayerError(
                f"{where}: it has no spatial extent.",
                f"Choose a layer with a map: {_names([group[0] for group in self._candidates()])}.",
            )
        if not found.certain:
            raise LayerError(
                f"The axes of layer {visit.name!r}, {describe(visit.shape)}, are ambiguous.",
                f"Say {_spellings(len(visit.shape), len(space))}.",
            )
        return Choice(visit, found, "given", automatic=False)

    def head(self, model: Model) -> PooledHead | str:
        """Pooling and one linear layer at the end, or the reason why there is none."""
        if self._head is None:
            with undisturbed(model.module):
                self._head = pooled_head(model, self._sample, self.trace)
        return self._head

    def _automatic(self, model: Model) -> Choice:
        if self._chosen is None:
            try:
                self._chosen = self._search(model)
            except LayerError as error:
                self._chosen = error
        if isinstance(self._chosen, LayerError):
            raise LayerError(self._chosen.cause, self._chosen.remedy)
        return self._chosen

    def _search(self, model: Model) -> Choice:
        """The last map on which the output depends at more than one place."""
        passed: list[Visit] = []
        for group in self._candidates():
            for visit in group:
                evidence = _evidence(model, self._sample, visit)
                if evidence is None or evidence > 1:
                    assert visit.layout is not None
                    return Choice(visit, visit.layout, _reason(visit, passed), automatic=True)
            if not passed:
                _need_variation(model, self._sample)
            passed.append(group[0])
        listing = ", ".join(
            f"{v.name or 'the network'} {describe(v.shape[1:])}" for v in self.trace.visits[:8]
        )
        raise LayerError(
            f"No layer has a spatial map on which the output depends (layers: {listing}).",
            "Layer maps need a network with convolutions or tokens; "
            "use a gradient method such as integrated_gradients.",
        )

    def _candidates(self) -> Iterator[list[Visit]]:
        """Maps from the last to the first without pooling and projections; the layers that gave
        one and the same tensor together, the outermost first."""
        tensors: dict[int, list[Visit]] = {}
        for visit in self.trace.visits:
            tensors.setdefault(visit.same_as, []).append(visit)
        for group in sorted(tensors.values(), key=lambda group: -group[0].order):
            pooled = any(isinstance(visit.module, _POOLING) for visit in group)
            if pooled or group[0].same_as == self.trace.scores:
                continue
            streams = [visit for visit in reversed(group) if visit.name and self._is_map(visit)]
            if streams:
                yield streams

    def _is_map(self, visit: Visit) -> bool:
        shape = self.trace.scores_shape
        layout = visit.layout
        if shape is None or len(shape) < 3 or layout is None or CHANNEL not in layout.axes:
            return _is_stream(visit)
        # Maps with the channels of a dense output are its scores before they were resized.
        return visit.shape[layout.axes.index(CHANNEL)] != shape[1] and _is_stream(visit)

    def infos(self, model: Model) -> list[LayerInfo]:
        """Every layer in the order of its first call, the automatic choice marked."""
        try:
            choice: Choice | None = self._automatic(model)
        except LayerError:
            choice = None
        listed = []
        for name in self.trace.names():
            calls = self.trace.calls(name)
            last = calls[-1]
            chosen = choice is not None and choice.visit.name == name
            listed.append(
                LayerInfo(
                    name=name,
                    type=last.kind,
                    shape=("N", *last.shape[1:]) if last.layout else last.shape,
                    layout=_spell(last.layout),
                    calls=len(calls),
                    parameters=last.parameters,
                    chosen=chosen,
                    reason=choice.reason if chosen and choice else "",
                )
            )
        return listed


def _is_stream(visit: Visit) -> bool:
    layout = visit.layout
    if isinstance(visit.module, _PASSING):
        return False
    if layout is None or not layout.spatial or not layout.certain:
        return False
    if "token" not in layout.axes:
        return not isinstance(visit.module, _PARTIAL)
    container = visit.module is not None and any(True for _ in visit.module.children())
    return container or isinstance(visit.module, nn.LayerNorm | nn.Embedding)


def _evidence(model: Model, sample: Inputs, visit: Visit) -> int | None:
    """At how many places the output depends on the layer; None where it has no gradient at all."""
    with undisturbed(model.module):
        raw, activation = forward_from(model, sample, visit)
        outputs = [t for _, t in leaves(raw) if t.requires_grad]
        if not outputs:
            return 0 if _differentiable(raw) else None
        generator = torch.Generator().manual_seed(0)
        with torch.enable_grad():
            total = torch.stack([(t * _noise(t, generator)).sum() for t in outputs]).sum()
        gradient = gradient_of(total, [activation])[0]
    assert visit.layout is not None
    strength = visit.layout.maps(gradient)[0].abs().sum(0)
    return int((strength > 0).sum())


def _need_variation(model: Model, sample: Inputs) -> None:
    """Refuse a network that gives one output whatever its input is."""
    generator = torch.Generator().manual_seed(1)
    noise = {name: _noise(x, generator) for name, x in sample.explained.items()}
    with undisturbed(model.module):
        clean, other = (dict(leaves(model.run(x))) for x in (sample, sample.replaced(noise)))
    same = clean.keys() == other.keys() and all(torch.equal(other[p], t) for p, t in clean.items())
    if noise and same:
        raise LayerError(
            "The model's output is the same for another input, so no layer carries evidence.",
            "Look for a last layer of zeros, or weights that were never loaded.",
        )


def _differentiable(raw: Any) -> bool:
    return any(t.is_floating_point() for _, t in leaves(raw))


def _noise(tensor: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(tensor.shape, generator=generator).to(tensor)


def _reason(visit: Visit, passed: list[Visit]) -> str:
    assert visit.layout is not None
    grid = "×".join(str(size) for size in visit.layout.grid)
    reason = f"last map before pooling and the head ({grid}, {visit.layout})"
    if passed:
        reason += f"; later ones carry no evidence over their places: {_names(passed[:3])}"
    return reason


def _names(visits: list[Visit]) -> str:
    return ", ".join(visit.name for visit in visits[:4]) or "there is none"


def _spellings(dims: int, rank: int) -> str:
    """The layouts of `dims` axes that an input with `rank` axes of places allows."""
    if rank == 1:
        return "layout='NTC' or layout='NCT'"
    if dims == 3:
        return "layout='NLC' or layout='NCL' (NLC+1 with one class token)"
    places = "DHW"[-rank:]
    return f"layout='NC{places}' or layout='N{places}C'"


def _spell(layout: Layout | None) -> str:
    if layout is None:
        return "other"
    return str(layout) if layout.certain else f"{layout}?"


_known: "WeakKeyDictionary[nn.Module, dict[Any, Structure]]" = WeakKeyDictionary()


def structure_of(model: Model, inputs: Inputs) -> Structure:
    """The structure of the model for inputs of this shape, traced at its first use.

    Two copies of the first sample are run, so that the sample axis can be told from the others.
    """
    net = model.module
    key = (_signature(net), tuple((p, t.shape[1:], t.dtype) for p, t in leaves(inputs.value)))
    found = _known.setdefault(net, {})
    if key not in found:
        sample = inputs.take(torch.zeros(2, dtype=torch.long))
        with undisturbed(net):
            trace = _traced(model, sample, inputs)
        found[key] = Structure(replace(sample, display=None), trace)
    return found[key]


def _traced(model: Model, sample: Inputs, inputs: Inputs) -> Trace:
    try:
        return record(model, sample)
    except InputError:
        model.run(inputs)  # to complain about what was given, not about two samples of it
        raise


def _signature(net: nn.Module) -> int:
    return hash(tuple((name, type(module), id(module)) for name, module in net.named_modules()))


def infos(model: Model, inputs: Inputs) -> list[LayerInfo]:
    """Every layer of the model on these inputs."""
    return structure_of(model, inputs).infos(model)
