"""Baselines: what an input without the evidence looks like."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, SAMPLE, TOKEN
from ..core.inputs import Inputs
from ..errors import ParameterError, suggest
from ..ops.spatial import box_blur
from .background_rows import need_whole
from .token_baselines import token_baseline

NAMES = ("zero", "mean", "overall_mean", "blur", "noise")
_OF_PLACES = ("mean", "overall_mean", "blur")


def baselines(inputs: Inputs, spec: Any, seed: int) -> list[tuple[str, dict[str, Tensor]]]:
    """The baselines that `spec` means, each with its name and a tensor for every explained input.

    `spec` is `zero`, `mean` (each channel's mean over its places), `overall_mean` (of all channels
    together), `blur` (a window of a quarter of the input, twice), `noise` (uniform over the
    input's range), a number, an array that broadcasts to the input (a dict of them by input name
    for several inputs), or a list of these; for ids, what `token_baseline` takes.
    """
    specs = list(spec) if isinstance(spec, list | tuple) else [spec]
    if not specs:
        raise ParameterError("The list of baselines is empty.", "Give at least one baseline.")
    return [(_name(one), _one(inputs, one, seed + i)) for i, one in enumerate(specs)]


def _name(spec: Any) -> str:
    if isinstance(spec, str):
        return spec
    return str(spec) if isinstance(spec, int | float) else "given array"


def _one(inputs: Inputs, spec: Any, seed: int) -> dict[str, Tensor]:
    made = {}
    embedding = inputs.embedding
    for i, (name, x) in enumerate(inputs.changeable.items()):
        looked_up = embedding is not None and name in embedding.vectors
        own = embedding.source_of(name).name if embedding is not None and looked_up else name
        part = spec[own] if isinstance(spec, Mapping) and own in spec else spec
        if looked_up:
            made[name] = token_baseline(inputs, name, part)
            continue
        _need_meaning(inputs, name, part)
        made[name] = _tensor(x, inputs.axes(name), inputs.encoded(part), seed + 1000 * i)
        if not torch.isfinite(made[name]).all():
            raise ParameterError(
                "The baseline holds NaN or infinite values.", "Give finite values."
            )
    return made


def _need_meaning(inputs: Inputs, name: str, spec: Any) -> None:
    """Refuse what has no meaning for columns: means over them, and numbers for categories."""
    kinds = inputs.encoding.kinds if inputs.encoding is not None else ()
    if inputs.encoding and "categorical" in kinds and isinstance(spec, str | int | float):
        column = inputs.encoding.names[kinds.index("categorical")]
        raise ParameterError(
            f"The column {column!r} holds categories, and the baseline {spec!r} is none of them.",
            "Give background=, rows of your data (kernel_shap, shapley, lime), or as the baseline "
            "a data frame of one typical row.",
        )
    mixed = isinstance(spec, str) and spec in _OF_PLACES
    if mixed and {FEATURE, TOKEN} & set(inputs.axes(name)):
        raise ParameterError(
            f"The baseline {spec!r} has no meaning here: it would mix the columns of a row.",
            "Give 'zero', or a row of typical values, such as the columns' means.",
        )


def _tensor(x: Tensor, axes: tuple[str, ...], spec: Any, seed: int) -> Tensor:
    if isinstance(spec, str):
        return _named(x, axes, spec, seed)
    if isinstance(spec, int | float):
        need_whole(x, torch.tensor(float(spec)))
        return torch.full_like(x, float(spec))
    try:
        given = torch.as_tensor(np.asarray(spec) if not isinstance(spec, Tensor) else spec)
        need_whole(x, given)
        return given.to(x).detach().expand_as(x)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ParameterError(
            f"A baseline {_described(spec)} does not fit an input of shape {tuple(x.shape)}.",
            f"Give an array of the input's shape, a number, or one of {', '.join(NAMES)}.",
        ) from error


def _described(spec: Any) -> str:
    shape = getattr(spec, "shape", None)
    return f"({type(spec).__name__})" if shape is None else f"of shape {tuple(shape)}"


def _named(x: Tensor, axes: tuple[str, ...], name: str, seed: int) -> Tensor:
    if not x.is_floating_point() and name != "zero":
        raise ParameterError(
            f"The baseline {name!r} has no meaning for ids.", "Give the id that stands for nothing."
        )
    places = [i for i, axis in enumerate(axes) if axis not in (SAMPLE, CHANNEL)]
    match name:
        case "zero":
            return torch.zeros_like(x)
        case "mean":
            return x.mean(places, keepdim=True).expand_as(x)
        case "overall_mean":
            return x.mean(list(range(1, x.ndim)), keepdim=True).expand_as(x)
        case "blur" if CHANNEL in axes:
            moved = x.movedim(axes.index(CHANNEL), 1)
            width = max(3, min(moved.shape[2:]) // 4 | 1)
            return box_blur(moved, width).movedim(1, axes.index(CHANNEL))
        case "noise":
            return _noise(x, seed)
    raise ParameterError(f"There is no baseline {name!r} here.", suggest(name, NAMES))


def _noise(x: Tensor, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    unit = torch.rand((1, *x.shape[1:]), generator=generator).to(x)
    low, high = x.flatten(1).amin(1), x.flatten(1).amax(1)
    shape = (-1, *(1,) * (x.ndim - 1))
    return low.reshape(shape) + unit * (high - low).reshape(shape)
