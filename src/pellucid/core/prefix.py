"""Runs a network with the graph from its input up to the deepest layer that is needed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .call import Call
from .diagnosis import first_not_finite
from .hooks import visiting
from .inputs import Inputs
from .model import Model, replace_first
from .prepared import prepared
from .structure import leaves
from .trace import Trace, Visit

_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.Threshold)
_RECTIFYING = ("relu()", "relu6()", "hardtanh()")


@dataclass(frozen=True)
class Reached:
    """The outputs of layers by place, with their graph, and what they were computed from."""

    outputs: Mapping[str, Tensor]
    before: Mapping[str, Tensor]
    """The first argument of each layer; absent where the layer wrote its output over it."""
    raw: Any = None
    """What the network returned, if it ran to its end."""


class _Stop(BaseException):
    """Ends a forward pass at the deepest layer that is needed."""


def run_to(
    model: Model, inputs: Inputs, visits: Sequence[Visit], to_the_end: bool = False
) -> Reached:
    """Run `inputs` up to the last of `visits`, or to the end. Whether a graph is kept is the
    caller's grad mode."""
    wanted = {visit.place for visit in visits}
    outputs: dict[str, Tensor] = {}
    before: dict[str, Tensor] = {}

    def at_layer(name: str, call: int, module: nn.Module | None, args: Any, output: Any) -> Any:
        place = f"{name}@{call}"
        if place not in wanted or place in outputs:
            return None
        given, found = _first(args), _first(output)
        if given is not None and found is not None and given.data_ptr() != found.data_ptr():
            before[place] = given
        replace_first(output, lambda tensor: outputs.setdefault(place, tensor))
        if len(outputs) == len(wanted) and not to_the_end:
            raise _Stop
        return replace_first(output, torch.clone)  # what follows may overwrite it in place

    names = {visit.name for visit in visits}
    functional = any(name.endswith("()") for name in names)
    raw = None
    with visiting(model.module, at_layer, names, functional), suppress(_Stop):
        raw = model.run(inputs)
    return Reached(outputs, before, raw)


def rectifier_of(trace: Trace, visit: Visit) -> Visit | None:
    """The call of a rectifier whose output the layer gives: itself, or the last inside it."""
    for other in trace.visits:
        if other.same_as == visit.same_as and _rectifies(other):
            return other
    return None


def private_copy(call: Call, visits: Sequence[Visit]) -> Model:
    """A copy of the network for many passes in which `visits` give what they give in the original;
    the network itself where it cannot be copied."""
    if call.targets[0]:
        call.clean()
        reference = call.clean_raw
    else:
        reference = call.forward()
        if not all(t.isfinite().all() for _, t in leaves(reference) if t.is_floating_point()):
            raise first_not_finite(call.model, call.inputs)
    return prepared(call.model, call.inputs, reference, {visit.name for visit in visits})[0]


def _rectifies(visit: Visit) -> bool:
    if visit.module is None:
        return visit.name.rpartition(".")[2] in _RECTIFYING
    return isinstance(visit.module, _RECTIFIERS)


def _first(value: Any) -> Tensor | None:
    return next((t for _, t in leaves(value) if t.is_floating_point()), None)
