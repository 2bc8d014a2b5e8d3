"""The network that undoes a shift of its input: f′(x) = f(x − c)."""

import copy
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from ..core.model import Model
from ..core.structure import leaves, replace_leaf
from ..errors import NotApplicable
from .subject import Subject


class Shifted(nn.Module):
    """`net` on its input minus a constant."""

    def __init__(self, net: nn.Module, shift: float) -> None:
        super().__init__()
        self.net, self.shift = net, shift
        self.training = net.training

    def forward(self, *values: Any, **named: Any) -> Any:
        """What the network says of the input without the shift."""
        return self.net(*_moved(values, self.shift), **_moved(named, self.shift))


def shifted(subject: Subject, size: float) -> Subject:
    """The explanation of the shifted network at the shifted input; its scores are the same."""
    x = subject.inputs.explained
    if not x or subject.inputs.encoding is not None:
        raise NotApplicable(
            "Ids, categories and words cannot be shifted.", "This metric is for numbers."
        )
    shift = size * float(next(iter(x.values())).std())
    shift = shift if shift > 0 else size
    inputs = replace(
        subject.inputs.replaced({name: tensor + shift for name, tensor in x.items()}), display=None
    )
    again = replace(subject, method=_renamed(subject)).again(
        model=_model(subject.model, shift), inputs=inputs
    )
    return replace(again, method=subject.method)


def _model(model: Model, shift: float) -> Model:
    other = copy.copy(model)
    if model.net is not None:
        other.net = other.function = other.given = Shifted(model.net, shift)
        return other
    function = model.function
    other.function = other.given = lambda *values: function(*(value - shift for value in values))
    return other


def _renamed(subject: Subject) -> Any:
    """The method with its layer under the name that it has in the shifted network."""
    layer = getattr(subject.method, "layer", None)
    if not isinstance(layer, str):
        return subject.method
    return type(subject.method)(**{**subject.method.params(), "layer": f"net.{layer}"})


def _moved(value: Any, shift: float) -> Any:
    for path, tensor in list(leaves(value)):
        if isinstance(tensor, Tensor) and tensor.is_floating_point():
            value = replace_leaf(value, path, tensor - shift)
    return value
