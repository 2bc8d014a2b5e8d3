"""`pellucid layers`: what a model is made of."""

import json as json_format
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

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
        shape = "×".join(str(size) for size in layer.shape)
        mark = "→" if layer.chosen else ""
        table.add_row(
            mark,
            layer.name,
            layer.type,
            shape,
            layer.layout,
            str(layer.calls),
            f"{layer.parameters:,}",
        )
    show(table)
    for layer in found:
        if layer.chosen:
            say(f"→ {layer.address} is chosen where no layer is named: {layer.reason}")


def _any_picture(model: Model) -> Path:
    """A picture to trace the shapes with, where any will do."""
    if isinstance(model.preprocess, ImagePreprocess) and model.preprocess.size is not None:
        return sample("chelsea")
    raise ParameterError(
        "Which input shall trace the shapes? This model does not say what it takes.",
        "Give one: --input FILE (a picture or a .npy batch).",
    )
