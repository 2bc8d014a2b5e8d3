"""From a layer's map to an attribution on the input: upsampling, notes and the usual checks."""

import torch
from torch import Tensor

from ..errors import LayerError, NotApplicable
from ..ops.spatial import resize
from .axes import SAMPLE
from .call import Call
from .checks import Check
from .layers import Choice
from .layout import describe
from .method import Attribution
from .receptive import receptive_fields
from .trace import Visit


def choose_map(call: Call, layer: object, layout: str | None) -> Choice:
    """The layer a CAM method uses; refuses networks whose layers cannot be seen."""
    if call.model.scripted:
        raise NotApplicable(
            "The model is TorchScript: the layers inside it cannot be reached.",
            "Give the original module, or use a gradient method.",
        )
    return call.choose(layer, layout)


def layer_map(call: Call, choice: Choice, maps: list[Tensor], upsample: bool) -> Attribution:
    """The attribution of one map `(N, *grid)` per target, upsampled to the input's places."""
    coarse = torch.stack([found.float() for found in maps], 1).flatten(0, 1)
    checks = []
    if choice.automatic:
        text = f"Layer {choice.visit.address} was chosen: {choice.reason}."
        text += _other_calls(call, choice.visit)
        checks.append(Check("layer chosen automatically", choice.visit.address, "ok", text))
    space = call.inputs.space_axes
    same = len(space) == len(choice.layout.grid)
    if same:
        _need_room(call, choice)
    values = resize(coarse, call.inputs.space) if upsample and same else coarse
    return Attribution(
        values=values,
        axes=(SAMPLE, *(space if same else choice.layout.space)),
        coarse=coarse if upsample else None,
        checks=checks,
        notes={
            **({"receptive_field": seen} if (seen := _receptive(call, choice)) else {}),
            "layer": choice.visit.address,
            "layout": str(choice.layout),
            "layer_reason": choice.reason,
        },
    )


def _receptive(call: Call, choice: Choice) -> int | None:
    """How many steps of a series a place in the middle of the layer can see."""
    grid, inputs = choice.layout.grid, call.inputs
    if inputs.space_axes != ("time",) or len(grid) != 1 or len(inputs.explained) != 1:
        return None
    first = inputs.take(torch.zeros(1, dtype=torch.long))
    box = receptive_fields(call.model, first, choice.visit, [(grid[0] // 2,)])[0]
    return None if box is None else box[0][1] - box[0][0]


def _need_room(call: Call, choice: Choice) -> None:
    """Refuse a map with more places than the input: one of the two has its axes misread."""
    grid, space = choice.layout.grid, call.inputs.space
    if any(cells > 2 * size for cells, size in zip(grid, space, strict=True)):
        axes = ", ".join(call.inputs.axes())
        raise LayerError(
            f"Layer {choice.visit.name!r} has {describe(grid)} places, and the input "
            f"{describe(space)} if its axes are {axes}.",
            "Say pl.Model(net, input_axes=(…)), or the layer's layout=.",
        )


def need_evidence(call: Call, choice: Choice, gradient: Tensor) -> None:
    """Refuse a layer at whose places the target has no gradient (after the last attention)."""
    if gradient.abs().sum() > 0:
        return
    prefix = choice.layout.prefix
    where = "only on its leading tokens" if prefix else "nor on anything else there"
    before = ", before the last attention" if prefix else ""
    raise LayerError(
        f"The target does not depend on the places of layer {choice.visit.address!r} "
        f"({choice.layout}), {where}.",
        f"Choose an earlier layer{before}{_automatic(call)}.",
    )


def _other_calls(call: Call, chosen: Visit) -> str:
    """The other calls of the layer that would give such a map."""
    calls = call.structure.trace.calls(chosen.name)
    others = [v.place for v in calls if v is not chosen and v.shape == chosen.shape]
    if not others:
        return ""
    named = " and ".join(f"layer={place!r}" for place in others)
    return f" The layer is called {len(calls)} times; of the same shape: {named}."


def _automatic(call: Call) -> str:
    try:
        return f": layer={call.choose(None).visit.address!r}"
    except LayerError:
        return ""
