"""What a dream raises: a target, layers, channels of them, or their likeness to a guide."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check
from ..core.inputs import Inputs
from ..core.prefix import run_to
from ..errors import ParameterError
from .layers import Layer, layers_of
from .objectives import (
    ENERGIES,
    Energy,
    Objective,
    OfLayers,
    OfTarget,
    Term,
    matching,
    need_channels,
    of_channels,
    term,
)


@dataclass(frozen=True)
class Aim:
    """An objective for `count` pictures of each sample, what it is called for each, and checks."""

    objective: Objective
    count: int
    labels: tuple[str, ...]
    checks: list[Check] = field(default_factory=list)


def dream_objective(
    call: Call,
    layer: Any,
    weights: Sequence[float] | None,
    channel: int | Sequence[int] | None,
    guide: Any,
    layout: str | None,
    energy: Energy,
) -> Aim:
    """The aim of a dream; refuses words that contradict each other."""
    if call.targets[0]:
        _need_alone(layer, weights, channel, guide)
        call.clean()
        labels = tuple(t.label(call.model.classes) for row in call.targets for t in row)
        return Aim(OfTarget(len(call.targets[0])), len(call.targets[0]), labels)
    if channel is not None and guide is not None:
        raise ParameterError("channel and guide are two objectives.", "Give one of them.")
    layers, checks = layers_of(call, layer, layout)
    scale = [1.0] * len(layers) if weights is None else list(weights)
    if len(scale) != len(layers):
        raise ParameterError(
            f"{len(scale)} weights for {len(layers)} layers.", "Give one for each layer."
        )
    channels = None if channel is None else [channel] if isinstance(channel, int) else list(channel)
    if channels is not None:
        terms = [
            term(call, own.visit, own.layout, of_channels(_channels(channels, own)), w)
            for own, w in zip(layers, scale, strict=True)
        ]
    elif guide is not None:
        terms = _guided(call, layers, scale, guide)
    else:
        terms = [
            Term(own.visit, own.layout, ENERGIES[energy], w)
            for own, w in zip(layers, scale, strict=True)
        ]
    label = _label(layers, channels, guide is not None)
    return Aim(OfLayers(tuple(terms)), 1, (label,) * call.n, checks)


def _channels(channels: Sequence[int], layer: Layer) -> list[int]:
    return need_channels(channels, layer.channels, layer.visit.name)


def _guided(call: Call, layers: list[Layer], weights: list[float], guide: Any) -> list[Term]:
    """Terms that match each place with the guide's places."""
    inputs = call.inputs.take(torch.zeros(1, dtype=torch.long))
    like = inputs.explained[inputs.main]
    tensor = _guide(call, guide, like)
    given: Inputs = inputs.replaced({inputs.main: tensor.to(like)})
    call.cost.forward(1)
    with torch.no_grad():
        reached = run_to(call.model, given, [own.visit for own in layers])
    found = []
    for own, weight in zip(layers, weights, strict=True):
        responses = own.layout.places(reached.outputs[own.visit.place])[0].float()
        found.append(Term(own.visit, own.layout, matching(responses), weight))
    return found


def _guide(call: Call, guide: Any, like: Tensor) -> Tensor:
    """The guide as one sample of the network's input; its size may differ."""
    if isinstance(guide, np.ndarray) and guide.dtype.kind == "f":
        guide = torch.from_numpy(np.ascontiguousarray(guide))
    if not isinstance(guide, Tensor):
        if call.model.preprocess is None:
            raise ParameterError(
                f"The guide is a {type(guide).__name__}, and the model has no preprocess.",
                "Give the guide as a tensor like x.",
            )
        guide = call.model.preprocess(guide)
    tensor: Tensor = guide if guide.ndim == like.ndim else guide[None]
    if tensor.ndim != like.ndim or tensor.shape[0] != 1:
        raise ParameterError(
            f"The guide has the shape {tuple(guide.shape)}, the input {tuple(like.shape)}.",
            "Give one sample with the same axes.",
        )
    return tensor


def _label(layers: list[Layer], channels: list[int] | None, guided: bool) -> str:
    names = ", ".join(own.visit.address for own in layers[:3])
    names += f" and {len(layers) - 3} more" if len(layers) > 3 else ""
    if channels is not None:
        word = "channel" if len(channels) == 1 else "channels"
        return f"{word} {', '.join(map(str, channels))} of {names}"
    return f"the guide's features in {names}" if guided else f"layer {names}"


def _need_alone(*others: Any) -> None:
    if any(other is not None for other in others):
        raise ParameterError(
            "A target and a layer, channel or guide are two objectives.", "Give one of them."
        )
