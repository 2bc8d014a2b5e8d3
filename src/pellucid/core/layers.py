"""The layers of a network on a given input: listing them, addressing them, choosing one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn

from ..errors import LayerError, NotApplicable, OutputError
from .axes import CHANNEL, TOKEN
from .ending import ends_in_probabilities
from .evidence import bypassed, evidence, need_variation, probe
from .guard import undisturbed
from .heads import PooledHead, pooled_head
from .inputs import Inputs
from .layout import Layout, describe, parse
from .model import FAILURES, Model
from .streams import POOLING, is_stream, is_words
from .structure import leaves
from .trace import Trace, Visit, one, record, resolve
from .weights import identity, weights


@dataclass(frozen=True)
class LayerInfo:
    """One layer as `pl.layers` lists it; what is called several times is one layer."""

    name: str
    type: str
    shape: tuple[int | str, ...]
    """Of the call that `address` names."""
    layout: str
    calls: int
    parameters: int
    chosen: bool = False
    reason: str = ""
    address: str = ""
    """What to name it by: `name@call` where it is called several times, the chosen call or else the
    last."""
    shapes: tuple[tuple[int | str, ...], ...] = ()
    """Of every call, in order."""


@dataclass(frozen=True)
class Choice:
    """The call of a layer that a method uses, its layout, and why."""

    visit: Visit
    layout: Layout
    reason: str
    automatic: bool


class Structure:
    """The traced layers of a network for one shape of input; the automatic choice is kept."""

    def __init__(self, probe: Inputs, trace: Trace) -> None:
        self._probe, self.trace = probe, trace
        self._chosen: Choice | None = None
        self._head: PooledHead | str | None = None
        self._probabilities: bool | None = None

    def choose(
        self, model: Model, inputs: Inputs, layer: Any = None, layout: str | None = None
    ) -> Choice:
        """The layer asked for, or the automatic choice; refuses layers without a map."""
        if layer is None:
            return self._automatic(model, inputs)
        visit = one(resolve(model.module, self.trace, layer))
        sizes, space = inputs.space, inputs.space_axes
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
                self._head = pooled_head(model, self._probe, self.trace)
        return self._head

    def probabilities(self, model: Model) -> bool:
        """Whether the scores are probabilities already."""
        if self._probabilities is None:
            self._probabilities = ends_in_probabilities(model, self._probe)
        return self._probabilities

    def _automatic(self, model: Model, inputs: Inputs) -> Choice:
        if self._chosen is None:
            try:
                self._chosen = self._search(model, self._probe)
            except LayerError:  # it sees nothing in noise
                return self._search(model, _two(inputs))
        return self._chosen

    def _search(self, model: Model, sample: Inputs) -> Choice:
        """The last map on which the output depends at more than one place."""
        passed: list[Visit] = []
        branches: list[Visit] = []
        for group in self._candidates():
            visit = next((v for v in group if evidence(model, sample, v) not in (0, 1)), None)
            if visit is None:
                if not passed:
                    need_variation(model, sample)
                passed.append(group[0])
            elif self._is_branch(model, sample, visit):
                branches.append(visit)
            else:
                assert visit.layout is not None
                reason = _reason(visit, passed, branches)
                return Choice(visit, visit.layout, reason, automatic=True)
        listing = ", ".join(
            f"{v.name or 'the network'} {describe(v.shape[1:])}" for v in self.trace.visits[:8]
        )
        raise LayerError(
            f"No layer has a spatial map on which the output depends (layers: {listing}).",
            "Layer maps need a network with convolutions or tokens; "
            "use a gradient method such as integrated_gradients.",
        )

    def _is_branch(self, model: Model, sample: Inputs, visit: Visit) -> bool:
        """Whether a convolution over words is one of several side by side: it sees a part."""
        if not is_words(visit.layout):
            return False
        first = next(v for v in self.trace.visits if v.layout and TOKEN in v.layout.axes)
        return first is not visit and bypassed(model, sample, visit, first)

    def _candidates(self) -> Iterator[list[Visit]]:
        """Maps from the last to the first without pooling and projections; the layers that gave
        one and the same tensor together, the outermost first."""
        tensors: dict[int, list[Visit]] = {}
        for visit in self.trace.visits:
            tensors.setdefault(visit.same_as, []).append(visit)
        for group in sorted(tensors.values(), key=lambda group: -group[0].order):
            pooled = any(isinstance(visit.module, POOLING) for visit in group)
            if pooled or group[0].same_as == self.trace.scores:
                continue
            streams = [visit for visit in reversed(group) if visit.name and self._is_map(visit)]
            if streams:
                yield streams

    def _is_map(self, visit: Visit) -> bool:
        shape = self.trace.scores_shape
        layout = visit.layout
        if shape is None or len(shape) < 3 or layout is None or CHANNEL not in layout.axes:
            return is_stream(visit)
        # Maps with the channels of a dense output are its scores before they were resized.
        return visit.shape[layout.axes.index(CHANNEL)] != shape[1] and is_stream(visit)

    def infos(self, model: Model, inputs: Inputs) -> list[LayerInfo]:
        """Every layer in the order of its first call, the automatic choice marked."""
        try:
            choice: Choice | None = self._automatic(model, inputs)
        except (LayerError, OutputError):
            choice = None
        listed = []
        for name in self.trace.names():
            calls = self.trace.calls(name)
            chosen = choice is not None and choice.visit.name == name
            told = choice.visit if chosen and choice else calls[-1]
            listed.append(
                LayerInfo(
                    name=name,
                    type=told.kind,
                    shape=_shape(told),
                    layout=_spell(told.layout),
                    calls=len(calls),
                    parameters=told.parameters,
                    chosen=chosen,
                    reason=choice.reason if chosen and choice else "",
                    address=told.address,
                    shapes=tuple(_shape(visit) for visit in calls),
                )
            )
        return listed


def _shape(visit: Visit) -> tuple[int | str, ...]:
    return ("N", *visit.shape[1:]) if visit.layout else visit.shape


def _reason(visit: Visit, passed: list[Visit], branches: list[Visit]) -> str:
    assert visit.layout is not None
    grid = "×".join(str(size) for size in visit.layout.grid)
    reason = f"last map before pooling and the head ({grid}, {visit.layout})"
    if passed:
        reason += f"; later ones carry no evidence over their places: {_names(passed[:3])}"
    if branches:
        reason += f"; later ones are branches, which see a part: {_names(branches[:3])}"
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


MOST_KNOWN = 16
"""Shapes of input whose layers are remembered for a network."""

_known: "WeakKeyDictionary[nn.Module, dict[Any, Structure]]" = WeakKeyDictionary()


def structure_of(model: Model, inputs: Inputs) -> Structure:
    """The structure of the model for inputs of this shape, traced at its first use.

    Two copies of the first sample are run, so that the sample axis can be told from the others.
    What is found holds for these weights.
    """
    net = model.module
    shapes = tuple((path, t.shape[1:], t.dtype) for path, t in leaves(inputs.value))
    key = (identity(net), _stamp(net), model.output, inputs.axes_hint, shapes)
    found = _known.setdefault(net, {})
    if key not in found:
        with undisturbed(net):
            trace = _traced(model, inputs)
        found[key] = Structure(_probe(model, replace(inputs, display=None)), trace)
        while len(found) > MOST_KNOWN:
            found.pop(next(iter(found)))
    return found[key]


def _traced(model: Model, inputs: Inputs) -> Trace:
    try:
        return record(model, _two(inputs))
    except Exception as error:
        model.run(inputs)  # to complain about what was given, not about two samples of it
        raise NotApplicable(
            f"The network takes this batch but not two samples ({type(error).__name__}): {error}.",
            "Let its forward take any number of samples; its layers cannot be told without.",
        ) from error


def _probe(model: Model, inputs: Inputs) -> Inputs:
    """Noise; the first sample itself where the network cannot take noise."""
    noise = probe(inputs)
    try:
        with undisturbed(model.module):
            outputs = [tensor for _, tensor in leaves(model.run(noise))]
    except FAILURES:
        return _two(inputs)
    broken = any(t.is_floating_point() and not t.isfinite().all() for t in outputs)
    return _two(inputs) if broken else noise


def _two(inputs: Inputs) -> Inputs:
    return inputs.take(torch.zeros(2, dtype=torch.long))


def _stamp(net: nn.Module) -> int:
    """Changes with the weights."""
    found = [tensor for _, tensor in weights(net) if isinstance(tensor, nn.Parameter)]
    return hash(tuple((id(w), 0 if w.is_inference() else w._version) for w in found))


def infos(model: Model, inputs: Inputs) -> list[LayerInfo]:
    """Every layer of the model on these inputs."""
    return structure_of(model, inputs).infos(model, inputs)
