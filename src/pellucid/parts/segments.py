"""How an input is cut into features: columns, tokens, slices, cells of a grid, superpixels."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, SAMPLE, TOKEN
from ..core.inputs import Inputs
from ..errors import ParameterError, suggest
from .coalitions import Features
from .superpixels import NAMES as SUPERPIXELS
from .superpixels import pictures, superpixels

NAMES = ("auto", "grid", "each", *SUPERPIXELS)

FEWER = (
    "Put features together with segments= or a smaller count=, words with pl.Text(texts, "
    "unit='sentence'), or use rise."
)
"""What to do about too many features."""

GRID = {1: 20, 2: 7, 3: 4}
"""Cells along every axis of a series, a picture and a volume."""


def features_of(
    inputs: Inputs,
    segments: Any = "auto",
    count: int | None = None,
    *,
    each_channel: bool = False,
    seed: int = 0,
) -> Features:
    """The features of all samples.

    `auto` takes every column of a table and every token, and cells of a grid of anything else;
    `grid` has `count` cells along every axis; `each` takes every place alone; `quickshift`, `slic`
    and `felzenszwalb` are superpixels of a picture (see `superpixels`). An array of whole numbers
    `(N, *places)` or `(*places)` gives the segments themselves: −1 is never taken away; so does a
    function of one picture `(*places, channels)` in [0, 1]. Several inputs take a dict by input
    name. Features are counted through all of them, and through the channels with `each_channel`.
    """
    labels, totals = {}, [0] * inputs.n
    for name, x in inputs.changeable.items():
        spec = segments.get(name, "auto") if isinstance(segments, Mapping) else segments
        axes = inputs.axes(name)
        if callable(spec) or (isinstance(spec, str) and spec in SUPERPIXELS):
            spec = _regions(inputs, x, axes, spec, count, seed)
        own = _labels(x, axes, spec, count)
        own = _apart(own, axes, tuple(x.shape)) if each_channel else own
        start = torch.tensor(totals).view(-1, *(1,) * (own.ndim - 1))
        for sample in range(inputs.n):
            totals[sample] += int(own[sample].max()) + 1
        labels[name] = torch.where(own < 0, own, own + start)
    return Features(labels, tuple(totals))


def _regions(
    inputs: Inputs,
    x: Tensor,
    axes: tuple[str, ...],
    spec: str | Callable[[Any], Any],
    count: int | None,
    seed: int,
) -> Any:
    """Labels `(N, *places)` by a segmenter that looks at the pictures."""
    display = inputs.display if len(inputs.changeable) == 1 else None
    if isinstance(spec, str):
        return superpixels(x, axes, spec, count, seed, display)
    return np.stack([np.asarray(spec(one)) for one in pictures(x, axes, display)])


def _apart(labels: Tensor, axes: tuple[str, ...], shape: tuple[int, ...]) -> Tensor:
    """Every channel with features of its own."""
    if CHANNEL not in axes or labels.shape[axes.index(CHANNEL)] != 1:
        return labels
    channel = axes.index(CHANNEL)
    own = labels.amax(list(range(1, labels.ndim)), keepdim=True) + 1
    turn = torch.arange(shape[channel]).view(-1, *(1,) * (len(shape) - channel - 1))
    return torch.where(labels < 0, labels, labels + turn * own)


def _labels(x: Tensor, axes: tuple[str, ...], spec: Any, count: int | None) -> Tensor:
    """Labels from 0 for one input, shape `(N, *broadcastable)`."""
    places = tuple(1 if axis == CHANNEL else size for axis, size in zip(axes, x.shape, strict=True))
    if not isinstance(spec, str):
        return _given(spec, places, tuple(x.shape))
    whole = {SAMPLE, CHANNEL}
    spatial = [i for i, axis in enumerate(axes) if axis not in whole]
    alone = spec == "each" or (spec == "auto" and {FEATURE, TOKEN} & set(axes))
    if spec not in NAMES:
        raise ParameterError(f"There are no segments {spec!r}.", suggest(spec, NAMES))
    found = torch.zeros(places[1:], dtype=torch.long)
    for axis in spatial:
        size = places[axis]
        cells = size if alone else min(size, count or GRID.get(len(spatial), 4))
        along = torch.arange(size) * cells // size
        found = found * cells + along.view(-1, *(1,) * (len(places) - axis - 1))
    return found.expand(places).clone()


def _given(spec: Any, places: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    array = np.asarray(spec.cpu() if isinstance(spec, Tensor) else spec)
    if array.dtype.kind not in "iu":
        raise ParameterError(
            f"Segments of type {array.dtype} are no labels.", "Give an array of whole numbers."
        )
    squeezed = tuple(size for i, size in enumerate(places) if size != 1 or i == 0)
    for wanted, like in ((places, places), (squeezed, places), (shape, shape)):
        for target in (wanted, wanted[1:]):
            if array.shape == target:
                full = np.broadcast_to(array, wanted).reshape(like)
                return torch.stack([_counted(one) for one in full])
    raise ParameterError(
        f"Segments of shape {array.shape} do not fit an input of shape {shape}.",
        f"Give whole numbers of shape {squeezed[1:]}, or {squeezed} with one set per sample.",
    )


def _counted(labels: Any) -> Tensor:
    """Labels renumbered 0, 1, 2 … without gaps; negative ones become −1."""
    names, index = np.unique(labels, return_inverse=True)
    gone = int((names < 0).sum())
    return torch.from_numpy(np.maximum(index.reshape(labels.shape) - gone, -1)).long()
