"""What the page has to know about models and methods before anything is computed."""

import inspect
from dataclasses import asdict
from typing import Any

from ...core import registry
from ...core.method import Parameter, describe_value, parameters
from ...core.model import Model
from ...core.record import model_fingerprint
from ...io.preprocess import ImagePreprocess
from .context import Library


def described(library: Library) -> dict[str, Any]:
    """Models and methods, as plain JSON."""
    models = [_model(library, number) for number in range(len(library.specs))]
    return {"models": models, "methods": [_method(name) for name in registry.names()]}


def _model(library: Library, number: int) -> dict[str, Any]:
    model = library.model(number)
    return {
        "name": library.specs[number]["name"],
        "kind": "network" if model.net is not None else "function",
        "classes": None if model.classes is None else list(model.classes),
        "takes": _takes(model),
        "resizable": isinstance(model.preprocess, ImagePreprocess),
        "parameters": _size(model),
        "notes": list(model.notes),
        "fingerprint": model_fingerprint(model),
    }


def _takes(model: Model) -> str:
    if isinstance(model.preprocess, ImagePreprocess):
        size = model.preprocess.size
        sides = (size, size) if isinstance(size, int) else size
        return "pictures" if sides is None else f"pictures of {sides[0]} × {sides[1]}"
    return ""


def _size(model: Model) -> int:
    return 0 if model.net is None else sum(w.numel() for w in model.net.parameters())


def _method(name: str) -> dict[str, Any]:
    cls = registry.get(name)
    text = inspect.cleandoc(cls.__doc__ or "").split("**")[0].strip()
    first, _, rest = text.partition("\n\n")
    return {
        **asdict(cls.card),
        "name": name,
        "summary": " ".join(first.split()),
        "help": " ".join(rest.split()),
        "parameters": [_parameter(p) for p in parameters(cls)],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    found = asdict(parameter)
    return {
        **found,
        "default": describe_value(parameter.default),
        "layer": parameter.name == "layer",
    }
