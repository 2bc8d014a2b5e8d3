"""A data set as a map: neighbours in it are alike to a layer, or to the eye."""

import numpy as np

from ...api import project as verb
from ..requests import Project
from .artefacts import write_array, write_view
from .context import Context
from .items import items_of

MAP = "map.npz"
"""The map as the library keeps it, beside what the page draws."""


def project(context: Context, asked: Project) -> None:
    """The points, the labels that items have, and the classes that the model gives them."""
    model = context.library.model(asked.model)
    progress = context.telling.progress
    found = verb.project(items_of(context, model), model, asked.layer, progress=progress)
    made = found[asked.layer]
    items = list(context.sources)
    kept = [items[place] for place in found.ids]
    given = [context.sources[item].get("label") for item in kept]
    labels = sorted({label for label in given if label is not None})
    places = {label: place for place, label in enumerate(labels)}
    numbers = np.array([places.get(label, -1) for label in given], np.int32)
    folder = context.folder / "0"
    folder.mkdir(parents=True, exist_ok=True)
    predicted = found.predicted.astype(np.int32)
    made.save(folder / MAP)
    arrays = {
        "points": write_array(folder, "points-0", np.asarray(made.points)),
        "labels": write_array(folder, "labels-0", numbers),
        "predicted": write_array(folder, "predicted-0", predicted),
    }
    view = {
        "kind": "project",
        "items": kept,
        "labels": labels,
        "classes": {str(k): found.class_name(int(k)) for k in np.unique(predicted) if k >= 0},
        "method": made.method,
        "recall": float(made.recall),
        "arrays": arrays,
        "partial": False,
        "revision": 0,
    }
    write_view(folder, view)
    context.result("0")
