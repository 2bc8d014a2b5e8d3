"""What layers put out, channel by channel, and one layer method over many layers."""

import numpy as np

from ...api import explain as verb
from ...core import registry
from ...errors import PellucidError
from ..requests import Activations, Sweep
from .artefacts import write_explanation, write_view
from .context import Context
from .explain import target_of


def activations(context: Context, asked: Activations) -> None:
    """All channels of a layer, with the order from the strongest to the weakest."""
    model = context.library.model(asked.model)
    method = registry.create("activations", {"layer": asked.layer})
    progress = context.telling.progress
    found = verb.explain(model, context.open(asked.item).given, method, progress=progress)
    one = next(iter(found.parts.values())) if found.parts else found
    values = np.asarray(one.values[0])
    flat = np.abs(values.reshape(len(values), -1)) if values.ndim > 1 else np.abs(values)[:, None]
    strength = flat.max(1)
    more = {
        "layer": asked.layer,
        "order": np.argsort(-strength, kind="stable").tolist(),
        "strength": strength.tolist(),
        "mean": values.reshape(len(values), -1).mean(1).tolist(),
    }
    write_explanation(
        one,
        context.folder / "0",
        model=context.library.specs[asked.model]["spec"],
        source=context.sources[asked.item].get("path"),
        more=more,
    )
    context.result("0")


def sweep(context: Context, asked: Sweep) -> None:
    """The method at every layer in turn; a layer that it refuses says why."""
    model, given = context.library.model(asked.model), context.open(asked.item).given
    progress = context.telling.progress
    for place, layer in enumerate(progress.track(asked.layers, "Layers")):
        folder = context.folder / str(place)
        try:
            method = registry.create(asked.method.name, {**asked.method.params, "layer": layer})
            target = target_of(asked.target, model)
            found = verb.explain(model, given, method, target=target)
        except PellucidError as error:
            refused = {"kind": "refused", "cause": error.cause, "remedy": error.remedy}
            write_view(folder, {**refused, "layer": layer, "partial": False, "revision": 0})
        else:
            spec = context.library.specs[asked.model]["spec"]
            path = context.sources[asked.item].get("path")
            write_explanation(found, folder, model=spec, source=path, more={"layer": layer})
        context.result(str(place))
