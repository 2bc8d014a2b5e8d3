"""Which axis of an input holds its channels: asked of the first layer that takes it."""

from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from .axes import CHANNEL, COLOURS, SAMPLE, SPACE
from .guard import undisturbed
from .hooks import visiting
from .inputs import Inputs
from .keras_layers import channels_last
from .model import FAILURES, Model
from .weights import identity

_LAST = (nn.Linear, nn.RNNBase, nn.MultiheadAttention, nn.TransformerEncoderLayer)
_known: "WeakKeyDictionary[nn.Module, dict[Any, int | None]]" = WeakKeyDictionary()


class _Found(BaseException):
    """Ends the forward pass at the first layer that tells."""


def with_axes(model: Model, inputs: Inputs) -> Inputs:
    """The inputs with their axes named as the network reads them, where a shape leaves it open."""
    if model.net is None or model.scripted or inputs.axes_hint is not None or not inputs.paths:
        return inputs
    shape = tuple(inputs.explained[inputs.main].shape)
    rank = len(shape) - 2
    if rank not in SPACE or (rank > 1 and (shape[1] in COLOURS or shape[-1] in COLOURS)):
        return inputs
    found, key = _known.setdefault(model.net, {}), (identity(model.net), shape[1:])
    if key not in found:
        first = inputs.take(torch.zeros(1, dtype=torch.long))
        found[key] = _channel_axis(model, model.net, first, (1, *shape[1:]))
    if found[key] != len(shape) - 1:
        return inputs
    return replace(inputs, axes_hint=(SAMPLE, *SPACE[rank], CHANNEL))


def _channel_axis(
    model: Model, net: nn.Module, inputs: Inputs, shape: tuple[int, ...]
) -> int | None:
    axis: list[int] = []

    def visit(name: str, call: int, module: nn.Module | None, args: Any, output: Any) -> None:
        given = args[0] if args and isinstance(args[0], Tensor) else None
        if given is None or sorted(given.shape) != sorted(shape):
            return
        channels = _channels(module, given)
        if channels is not None:
            fits = [i for i in range(1, len(shape)) if shape[i] == channels]
            axis.extend(fits if len(fits) == 1 else [_same_place(module, given, shape)])
            raise _Found

    with undisturbed(net), torch.no_grad(), visiting(net, visit):
        try:
            model.run(inputs)
        except _Found:
            return axis[0] if axis[0] > 0 else None
        except FAILURES:
            return None  # told where the network is run in earnest
    return None


def _channels(module: nn.Module | None, given: Tensor) -> int | None:
    """The number of channels that a layer takes."""
    if isinstance(module, nn.modules.conv._ConvNd):
        return module.in_channels
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return module.num_features
    if channels_last(module):
        return given.shape[-1]
    return given.shape[-1] if isinstance(module, _LAST) else None


def _same_place(module: nn.Module | None, given: Tensor, shape: tuple[int, ...]) -> int:
    """The channel axis where sizes do not tell: the layer's own, if it takes the input as it is."""
    if tuple(given.shape) != shape:
        return -1
    return len(shape) - 1 if isinstance(module, _LAST) or channels_last(module) else 1
