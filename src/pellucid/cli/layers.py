"""`pellucid layers`: what a model is made of."""

import json as json_format
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from ..core.layout import describe
from ..core.model import Model
from ..errors import ParameterError
from ..io.preprocess import ImagePreprocess
from ..io.samples import sample
from .terminal import answer, say, show


def run(
    model: str, source: Path | None, weights: Path | None, trust_pickle: bool, json: bool
) -> None:
    """Print every layer in the order of its first call."""
    from ..api.explain import layers
    from ..io.models import load_model
    from .results import plain

    loaded = load_model(model, weights, trust_pickle)
    found = layers(loaded, str(source or _any_picture(loaded)))
    if json:
        answer(json_format.dumps([plain(asdict(layer)) for layer in found], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "layer", "type", "shape", "layout", "calls", "parameters"):
        table.add_column(heading, justify="right" if heading in ("calls", "parameters") else "left")
    for layer in found:
        shapes = dict.fromkeys(describe(shape) for shape in layer.shapes)
        mark = "→" if layer.chosen else ""
        table.add_row(
            mark,
            layer.name,
            layer.type,
            ", ".join(shapes),
            layer.layout,
            str(layer.calls),
            f"{layer.parameters:,}",
        )
    show(table)
    for layer in found:
        if layer.chosen:
            say(f"→ {layer.address} is chosen where no layer is named: {layer.reason}")
    again = next((layer for layer in found if layer.calls > 1), None)
    if again is not None:
        places = f"{again.name}@0 to {again.name}@{again.calls - 1}"
        say(f"A layer with several calls is named with the call: {places}")


def _any_picture(model: Model) -> Path:
    """A picture to trace the shapes with, where any will do."""
    if isinstance(model.preprocess, ImagePreprocess) and model.preprocess.size is not None:
        return sample("chelsea")
    raise ParameterError(
        "Which input shall trace the shapes? This model does not say what it takes.",
        "Give one: --input FILE (a picture or a .npy batch).",
    )
