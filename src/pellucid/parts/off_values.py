"""Off-values: what takes the place of features that are off."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, TOKEN
from ..core.inputs import Inputs
from ..errors import ParameterError
from .baselines import baselines
from .coalitions import Features, Off

SEGMENT_MEAN = "segment_mean"


def off_values(inputs: Inputs, features: Features, spec: Any, seed: int) -> Off:
    """A tensor like every input by name.

    `segment_mean` is the mean of each channel over the feature itself (over a slice of a series, a
    superpixel of a picture); `auto` is `mean` where there are places and `zero` for columns and
    tokens; anything else is one of `baselines`.
    """
    if isinstance(spec, list | tuple):
        raise ParameterError(
            "LIME has one baseline; a list of them is not one.",
            "Give one, or an array of the input's shape.",
        )
    found: dict[str, Tensor] = {}
    for i, (name, x) in enumerate(inputs.changeable.items()):
        own = spec.get(name, "auto") if isinstance(spec, Mapping) else spec
        axes = inputs.axes(name)
        if isinstance(own, str) and own == "auto":
            own = "zero" if {FEATURE, TOKEN} & set(axes) or not x.is_floating_point() else "mean"
        if isinstance(own, str) and own == SEGMENT_MEAN:
            found[name] = _segment_means(x, axes, features.labels[name])
        else:
            alone = {other: own if other == name else "zero" for other in inputs.changeable}
            found[name] = baselines(inputs, alone, seed + 1000 * i)[0][1][name]
    return found


def unchanged(inputs: Inputs, features: Features, off: Off) -> Tensor:
    """Which features `(N, most)` have no place that their off-value changes."""
    differs = torch.zeros(inputs.n, features.most + 1)
    for name, x in inputs.changeable.items():
        labels = features.labels[name].cpu()
        index = torch.where(labels < 0, features.most, labels).expand(x.shape).flatten(1)
        change = (x != off[name].to(x)).cpu().float().flatten(1)
        differs.scatter_add_(1, index, change)
    real = torch.arange(features.most) < torch.tensor(features.counts)[:, None]
    return (differs[:, :-1] == 0) & real


def _segment_means(x: Tensor, axes: tuple[str, ...], labels: Tensor) -> Tensor:
    if not x.is_floating_point():
        raise ParameterError(
            "The baseline 'segment_mean' has no meaning for ids.",
            "Give the id that stands for nothing.",
        )
    # One row for every sample and channel: the mean over the places that share a label.
    channel = axes.index(CHANNEL) if CHANNEL in axes else None
    front = x.movedim(channel, 1) if channel is not None else x[:, None]
    own = labels.to(x.device).expand(x.shape)
    own = own.movedim(channel, 1) if channel is not None else own[:, None]
    flat, index = front.flatten(2).double(), own.flatten(2) + 1
    size = int(index.max()) + 1
    sums = flat.new_zeros(*flat.shape[:2], size).scatter_add(2, index, flat)
    counts = torch.zeros_like(sums).scatter_add(2, index, torch.ones_like(flat))
    means = (sums / counts.clamp_min(1)).gather(2, index).view(front.shape)
    found = means.movedim(1, channel) if channel is not None else means[:, 0]
    return found.to(x)
