"""Layers that a synthesis looks at: those asked for, or one from the middle of the network."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..core.axes import CHANNEL, FEATURE
from ..core.call import Call
from ..core.checks import Check
from ..core.cut import found_gradient
from ..core.layout import Layout, describe, parse
from ..core.maps import choose_map
from ..core.prefix import run_to
from ..core.trace import Visit, one, resolve
from ..errors import LayerError, NotApplicable

STRIDE = 16
"""The automatic layer is the deepest with at least one place per so many of the input's: objects'
parts, as in the layers of the published dreams (inception_4c, mixed5)."""


@dataclass(frozen=True)
class Layer:
    """A call of a layer, and what its axes are."""

    visit: Visit
    layout: Layout

    @property
    def channels(self) -> int:
        """Its channels, or its features where it is a vector."""
        axes = self.layout.axes
        return self.visit.shape[axes.index(CHANNEL if CHANNEL in axes else FEATURE)]


def layers_of(call: Call, specs: Any, layout: str | None = None) -> tuple[list[Layer], list[Check]]:
    """The layers named, a glob standing for all that it matches; without names, the automatic one
    and a check that says so."""
    if call.model.scripted:
        raise NotApplicable(
            "The model is TorchScript: the layers inside it cannot be reached.",
            "Give the original module, or a target.",
        )
    if specs is None:
        visit, reason = _automatic(call)
        text = f"Layer {visit.address} was chosen: {reason}."
        return [_layer(call, visit, layout)], [
            Check("layer chosen automatically", visit.address, "ok", text)
        ]
    several = isinstance(specs, Sequence) and not isinstance(specs, str)
    net, trace = call.model.module, call.structure.trace
    found = []
    for spec in specs if several else [specs]:
        visits = resolve(net, trace, spec)
        found += visits if _is_glob(spec) else [one(visits)]
    return [_layer(call, visit, layout) for visit in found], []


def _is_glob(spec: Any) -> bool:
    return isinstance(spec, str) and bool(set("*?[") & set(re.sub(r"\[-?\d+\]", "", spec)))


def _automatic(call: Call) -> tuple[Visit, str]:
    """The layer of the CAM methods if its stride allows and the main input bears on it; else the
    last such block, or the last such layer."""
    choice, space = choose_map(call, None, None), call.inputs.space
    fine = [visit for visit in reversed(call.structure.trace.visits) if _fine(visit, space)]
    bears = _bearing(call, [choice.visit, *fine])
    if _fine(choice.visit, space) and bears(choice.visit):
        return choice.visit, choice.reason
    for visit in (*filter(_whole, fine), *fine):
        if bears(visit):
            assert visit.layout is not None
            grid = describe(visit.layout.grid)
            return visit, f"the last with a stride of at most {STRIDE} ({grid})"
    return choice.visit, choice.reason


def _fine(visit: Visit, space: tuple[int, ...]) -> bool:
    """A map with at least one place per `STRIDE` of the input's."""
    layout = visit.layout
    if layout is None or not layout.spatial or not layout.certain:
        return False
    sizes = zip(layout.grid, space, strict=False)
    return len(layout.grid) == len(space) and all(1.1 * n * STRIDE >= size for n, size in sizes)


def _bearing(call: Call, visits: Sequence[Visit]) -> Callable[[Visit], bool]:
    """Tells whether the main input bears on a layer, by a gradient on the first sample."""
    one = call.inputs.take(torch.zeros(1, dtype=torch.long))
    start = one.explained[one.main].detach().clone().requires_grad_()
    call.cost.forward(1)
    with torch.enable_grad():
        outputs = run_to(call.model, one.replaced({one.main: start}), visits).outputs

    def bears(visit: Visit) -> bool:
        output = outputs.get(visit.place)
        if output is None or not output.requires_grad:
            return False
        return found_gradient(output, [start], keep=True)[0] is not None

    return bears


def _whole(visit: Visit) -> bool:
    """A block of several layers, not a step inside it."""
    module = visit.module
    return isinstance(module, nn.Module) and len(list(module.children())) > 1


def _layer(call: Call, visit: Visit, layout: str | None) -> Layer:
    sizes, space = call.inputs.space, call.inputs.space_axes
    found = visit.layout if layout is None else parse(layout, visit.shape, space, sizes)
    if found is None or not found.certain or not {CHANNEL, FEATURE} & set(found.axes):
        raise LayerError(
            f"The axes of layer {visit.name!r}, {describe(visit.shape)}, are not known.",
            "Say layout=, with one letter per axis (NCHW, NHWC, NLC, NF), or choose another layer.",
        )
    return Layer(visit, found)
