"""Finds where a network first produces NaN or infinity."""

from typing import Any

import torch

from ..errors import OutputError
from .hooks import visiting
from .inputs import Inputs
from .model import Model
from .structure import leaves


def first_not_finite(model: Model, inputs: Inputs) -> OutputError:
    """The error that names the first layer with NaN or infinite values."""
    where: list[str] = []

    def visit(name: str, call: int, module: Any, _: Any, output: Any) -> None:
        floats = [t for _, t in leaves(output) if t.is_floating_point()]
        if not where and any(not torch.isfinite(t).all() for t in floats):
            kind = type(module).__name__ if module is not None else "function"
            where.append(f"{name or 'the model itself'} ({kind})")

    if model.net is not None:
        with torch.no_grad(), visiting(model.net, visit):
            model.run(inputs)
    place = f", first at layer {where[0]}" if where else ""
    return OutputError(
        f"The model computes NaN or infinite values{place}.",
        "Check that layer's weights and the range of the input.",
    )
