"""Features of an item at a layer: values pooled over its places, or all of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from torch import Tensor

from ..core.axes import SAMPLE
from ..core.inputs import Inputs
from ..core.layers import structure_of
from ..core.layout import describe
from ..core.model import Model
from ..core.trace import Visit, resolve
from ..errors import LayerError, ParameterError
from ..ops.pooling import max_of, mean_of, place_of, value_at

Pool = Literal["mean", "max", "place", "flat"] | tuple[int, ...]
"""Of every channel its mean, its maximum, the place of its maximum, all its values, or its value at
one place of the layer's grid."""


def column_name(address: str, pool: Pool) -> str:
    """The name of a column: `layer4:mean`, `layer4:3,5`."""
    return f"{address}:{pool if isinstance(pool, str) else ','.join(map(str, pool))}"


def visits_of(
    model: Model, inputs: Inputs, layers: Sequence[Any], found: dict[str, dict[str, Any]]
) -> dict[str, Visit]:
    """The calls of the layers by address; what is known of them is noted in `found`.

    Raises `LayerError` for layers that do not exist or whose rows are no samples.
    """
    if not layers:
        return {}
    trace = structure_of(model, inputs).trace
    visits = {v.address: v for layer in layers for v in resolve(model.module, trace, layer)}
    for address, visit in visits.items():
        layout = visit.layout
        if layout is None and visit.shape[:1] != (trace.n,):
            raise LayerError(
                f"Layer {address!r} gives {describe(visit.shape)} for {trace.n} samples: its rows "
                "are not samples.",
                "Choose a layer before or after it.",
            )
        if address not in found:
            certain = layout is not None and layout.certain
            found[address] = {
                "layout": str(layout) if certain else None,
                "grid": list(layout.grid) if layout is not None and certain else [],
                "place": visit.place,
                "kind": visit.kind,
            }
    return visits


def features_of(activation: Tensor, visit: Visit, pool: Pool) -> Tensor:
    """The features `(sample, …)` of a layer's output."""
    if pool == "flat":
        layout = visit.layout
        first = layout.axes.index(SAMPLE) if layout is not None and SAMPLE in layout.axes else 0
        turned = activation.movedim(first, 0)
        return turned.reshape(len(turned), -1)
    maps = _maps(activation, visit)
    if pool == "mean":
        return mean_of(maps)
    if pool == "max":
        return max_of(maps)
    if pool == "place":
        return place_of(maps)
    grid = tuple(maps.shape[2:])
    if len(pool) != len(grid) or any(not 0 <= i < n for i, n in zip(pool, grid, strict=True)):
        raise ParameterError(
            f"{pool!r} is no way to pool layer {visit.address!r} with the grid {grid}.",
            "Say 'mean', 'max', 'flat', or one place of the grid such as (3, 5).",
        )
    return value_at(maps, pool)


def _maps(activation: Tensor, visit: Visit) -> Tensor:
    """The activation as `(sample, channel, *grid)`."""
    layout = visit.layout
    if layout is None or not layout.certain:
        raise LayerError(
            f"The axes of layer {visit.address!r}, {describe(visit.shape)}, are ambiguous.",
            "Choose another layer, or take its values flat: pool='flat'.",
        )
    return layout.maps(activation)


def grid_of(found: Mapping[str, Mapping[str, Any]], address: str) -> tuple[int, ...]:
    """The sizes of a layer's grid; empty where it has none."""
    return tuple(found[address]["grid"])
