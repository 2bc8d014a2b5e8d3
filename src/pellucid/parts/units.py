"""What feature visualisation draws: one number of the network for every picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from ..core.call import Call
from ..core.checks import Check
from ..core.targets import Predicted
from ..errors import ParameterError, TargetError
from .layers import Layer, layers_of
from .objectives import (
    Objective,
    OfLayers,
    OfTarget,
    along_directions,
    mean_square,
    need_channels,
    term,
)
from .objectives import Term as Plain

Place = Literal["all", "centre"] | tuple[int, ...]
Extremes = Literal["positive", "negative", "both"]


@dataclass(frozen=True)
class Units:
    """Objectives by number, what they are called, and the sample that each belongs to."""

    objective: Objective
    labels: tuple[str, ...]
    samples: list[int]
    layer: Layer | None = None
    """Where the responses of copies are compared."""
    rectified: bool = False
    """Whether a unit that does not respond gives the value before its rectifier."""
    checks: list[Check] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.labels)


def units_of(
    call: Call,
    layer: Any,
    channel: int | Sequence[int] | None,
    direction: Any,
    place: Place,
    layout: str | None,
    below: bool,
    compared: bool,
) -> Units:
    """The units asked for: channels or directions of a layer, the layer as a whole, or the target,
    with a layer chosen where copies are `compared`.

    `below` counts the value before the layer's rectifier, which alone can be negative.
    """
    if layer is None:
        if channel is not None or direction is not None or place != "all":
            raise ParameterError(
                "channel, direction and place are those of a layer.", "Give layer= too."
            )
        return _targets(call, layers_of(call, None, layout)[0][0] if compared else None)
    found, checks = layers_of(call, layer, layout)
    if len(found) != 1:
        raise ParameterError(
            f"{len(found)} layers: a feature is of one.", "Name one layer, or use deep_dream."
        )
    own = found[0]
    if channel is not None and direction is not None:
        raise ParameterError("channel and direction are two objectives.", "Give one of them.")
    address = own.visit.address
    if channel is None and direction is None:
        if place != "all":
            raise ParameterError("place is that of a channel.", "Give channel= too.")
        whole = OfLayers((Plain(own.visit, own.layout, mean_square),))
        return Units(whole, (f"layer {address}",), [0], own, checks=checks)
    vectors, labels = _vectors(own, channel, direction)
    index, where = _place(own, place)
    measure = along_directions(vectors, index)
    objective = OfLayers((term(call, own.visit, own.layout, measure, before=below),))
    names = tuple(f"{label}{where} of {address}" for label in labels)
    rectified = objective.terms[0].rectifier is not None
    return Units(objective, names, [0] * len(names), own, rectified, checks)


def _targets(call: Call, watched: Layer | None) -> Units:
    first = call.inputs.explained[call.inputs.main]
    predicted = any(isinstance(target, Predicted) for row in call.targets for target in row)
    if predicted and bool((first == first.flatten()[0]).all()):
        raise TargetError(
            "No target is said, and x is blank, so no class is predicted for it.",
            "Give a target, or layer= with channel=.",
        )
    call.clean()
    count = len(call.targets[0])
    labels = tuple(t.label(call.model.classes) for row in call.targets for t in row)
    samples = [s for s in range(call.n) for _ in range(count)]
    return Units(OfTarget(count), labels, samples, watched)


def _vectors(
    layer: Layer, channel: int | Sequence[int] | None, direction: Any
) -> tuple[Tensor, list[str]]:
    """One vector `(number, channel)` for each unit, and their names."""
    count = layer.channels
    if direction is None:
        given = [channel] if isinstance(channel, int) else list(channel or [])
        if not given:
            raise ParameterError("channel is an empty list.", "Name at least one channel.")
        channels = need_channels(given, count, layer.visit.name)
        return torch.eye(count)[channels], [f"channel {c}" for c in channels]
    vectors = torch.as_tensor(direction, dtype=torch.float32)
    vectors = vectors[None] if vectors.ndim == 1 else vectors
    if vectors.ndim != 2 or vectors.shape[1] != count:
        raise ParameterError(
            f"direction has the shape {tuple(vectors.shape)}; layer {layer.visit.name!r} has "
            f"{count} channels.",
            f"Give ({count},), or several as (number, {count}).",
        )
    if not bool(torch.isfinite(vectors).all() and (vectors != 0).any(1).all()):
        raise ParameterError(
            "A direction is zero, NaN or infinite.", "Give a vector that points somewhere."
        )
    names = ["direction"] if len(vectors) == 1 else [f"direction {i}" for i in range(len(vectors))]
    return vectors / vectors.norm(dim=1, keepdim=True), names


def _place(layer: Layer, place: Place) -> tuple[int | None, str]:
    """The number of a place among all, and its name."""
    grid = layer.layout.grid
    if place == "all" or not grid:
        return None, ""
    chosen = tuple(size // 2 for size in grid) if place == "centre" else tuple(place)
    inside = len(chosen) == len(grid) and all(
        -size <= at < size for at, size in zip(chosen, grid, strict=True)
    )
    if not inside:
        raise ParameterError(
            f"place={chosen} is not on the grid of layer {layer.visit.name!r}, {grid}.",
            "Give one number for each of its axes, counted from 0.",
        )
    index = 0
    for at, size in zip(chosen, grid, strict=True):
        index = index * size + at % size
    return index, f" at {', '.join(str(at % size) for at, size in zip(chosen, grid, strict=True))}"
