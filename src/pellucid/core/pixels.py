"""Attributions with the axes of the inputs, one per input, colours reduced on request."""

from collections.abc import Mapping

from torch import Tensor

from ..ops.colour import Reduction, reduce_channels
from .axes import CHANNEL
from .call import Call
from .method import Attribution


def input_maps(
    call: Call,
    values: Mapping[str, Tensor],
    reduce: Reduction | None = None,
    std_error: Mapping[str, Tensor] | None = None,
) -> Attribution:
    """The attribution of values by input name, in the order of the inputs."""
    axes = {name: call.inputs.axes(name) for name in values}
    reduced = {}
    for name, tensor in values.items():
        if reduce is not None and CHANNEL in axes[name]:
            tensor = reduce_channels(tensor, axes[name].index(CHANNEL), reduce)
        reduced[name] = tensor
    kept = {
        name: tuple(a for a in names if reduce is None or a != CHANNEL)
        for name, names in axes.items()
    }
    errors = None if std_error is None or reduce is not None else dict(std_error)
    return Attribution(values=reduced, axes=kept, std_error=errors)
