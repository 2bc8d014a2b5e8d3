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
    """The attribution of values by input name, in the order of the inputs.

    The standard error of a value reduced from several colours is at most the sum of theirs.
    """
    axes = {name: call.inputs.axes(name) for name in values}
    reduced, errors = dict(values), None if std_error is None else dict(std_error)
    for name, tensor in values.items():
        if reduce is not None and CHANNEL in axes[name]:
            axis = axes[name].index(CHANNEL)
            reduced[name] = reduce_channels(tensor, axis, reduce)
            if errors is not None:
                errors[name] = errors[name].sum(axis)
    kept = {
        name: tuple(a for a in names if reduce is None or a != CHANNEL)
        for name, names in axes.items()
    }
    return Attribution(values=reduced, axes=kept, std_error=errors)
