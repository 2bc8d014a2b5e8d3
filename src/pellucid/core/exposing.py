"""Predictors that are no torch modules but show what their layers gave, such as ONNX files."""

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from ..errors import LayerError, suggest
from .axes import CHANNEL, FEATURE, SAMPLE, SPACE
from .layers import LayerInfo
from .model import Model
from .predictors import feed_of


@runtime_checkable
class Exposing(Protocol):
    """What a predictor offers: its layers with their kinds, and their outputs for a feed."""

    @property
    def layers(self) -> Mapping[str, str]:
        """Names in order, with what each layer does."""

    @property
    def channels_first(self) -> Collection[str]:
        """The layers whose channels are known to lie on the second axis."""

    def activations(self, names: Sequence[str], feed: dict[str, Any]) -> Mapping[str, Any]:
        """The outputs of some layers."""


def exposing(model: Model) -> Exposing | None:
    """The predictor inside a model, if its layers can be seen."""
    return model.given if model.net is None and isinstance(model.given, Exposing) else None


def exposed(found: Exposing, value: Any, layer: Any) -> dict[str, Tensor]:
    """The floating-point outputs `(N, …)` of the layers asked for: a name, a glob, or a list; left
    out, the last map before the scores, else the last layer."""
    feed = feed_of(found, value)
    n = len(next(iter(feed.values())))
    specs = [] if layer is None else [layer] if isinstance(layer, str) else list(layer)
    names = _names(found, specs) if specs else list(found.layers)
    made = {
        name: torch.from_numpy(array.copy())
        for name, array in found.activations(names, feed).items()
        if getattr(array, "ndim", 0) >= 2 and len(array) == n and array.dtype.kind == "f"
    }
    if not made:
        raise LayerError(
            f"{', '.join(map(str, specs)) or 'The model'} gives nothing per sample.",
            f"Choose a layer before or after it: {', '.join(list(found.layers)[:6])} …",
        )
    if specs:
        return made
    maps = [
        name
        for name, tensor in made.items()
        if CHANNEL in axes_of_layer(found, name, tensor) and tensor[0, 0].numel() > 1
    ]
    chosen = maps[-1] if maps else list(made)[-1]
    return {chosen: made[chosen]}


def exposed_layers(found: Exposing, value: Any) -> list[LayerInfo]:
    """Every layer with something per sample, as `pl.layers` lists it."""
    made, chosen = exposed(found, value, list(found.layers)), exposed(found, value, None)
    return [
        LayerInfo(
            name=name,
            type=found.layers[name],
            shape=tuple(tensor.shape),
            layout="",
            calls=1,
            parameters=0,
            chosen=name in chosen,
            reason="the last map before the scores" if name in chosen else "",
            address=name,
            shapes=(tuple(tensor.shape),),
        )
        for name, tensor in made.items()
    ]


def axes_of_layer(found: Exposing, name: str, tensor: Tensor) -> tuple[str, ...]:
    """The axes of a layer's output: those of a map where it is known to have its channels first,
    else one of features. Tokens `(N, T, C)` have the rank of a series `(N, C, T)`."""
    rank = tensor.ndim - 2
    if rank in SPACE and name in found.channels_first:
        return (SAMPLE, CHANNEL, *SPACE[rank])
    return SAMPLE, FEATURE


def _names(found: Exposing, specs: Sequence[str]) -> list[str]:
    known = list(found.layers)
    names: list[str] = []
    for spec in specs:
        hits = [name for name in known if name == spec or fnmatchcase(name, str(spec))]
        if not hits:
            raise LayerError(f"There is no layer {spec!r}.", suggest(str(spec), known))
        names += hits
    return list(dict.fromkeys(names))
