"""Pellucid shows what a trained network sees, why it decided, and how far to trust the picture.

    import pellucid as pl
    e = pl.explain(model, x, "grad_cam")

Importing this does not import torch; the names are resolved when they are used.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "pellucid.api": (
        *("Film", "collect", "dataset", "evaluate", "explain"),
        *("layers", "methods", "metrics"),
    ),
    "pellucid.core.model": ("Model",),
    "pellucid.core.explanation": ("Explanation",),
    "pellucid.core.checks": ("Check",),
    "pellucid.core.progress": ("Progress", "Event"),
    "pellucid.core.method": ("Method", "Card", "Attribution", "method"),
    "pellucid.core.target": ("Target",),
    "pellucid.core.targets": (
        "Class",
        "Positive",
        "Negative",
        "Label",
        "Value",
        "Output",
        "Contrast",
    ),
    "pellucid.core.dense_targets": ("Region", "Box", "Similarity"),
    "pellucid.errors": (
        "PellucidError",
        "InputError",
        "OutputError",
        "TargetError",
        "LayerError",
        "ParameterError",
        "NotApplicable",
        "FileError",
        "MissingExtra",
        "Cancelled",
        "PredictorError",
    ),
    "pellucid.io.preprocess": ("ImagePreprocess",),
    "pellucid.io.models": ("load_model",),
    "pellucid.io.texts": ("Text",),
}
_MODULES = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from .api import Film, collect, dataset, evaluate, explain, layers, methods, metrics
    from .core.checks import Check
    from .core.dense_targets import Box, Region, Similarity
    from .core.explanation import Explanation
    from .core.method import Attribution, Card, Method, method
    from .core.model import Model
    from .core.progress import Event, Progress
    from .core.target import Target
    from .core.targets import Class, Contrast, Label, Negative, Output, Positive, Value
    from .errors import (
        Cancelled,
        FileError,
        InputError,
        LayerError,
        MissingExtra,
        NotApplicable,
        OutputError,
        ParameterError,
        PellucidError,
        PredictorError,
        TargetError,
    )
    from .io.models import load_model
    from .io.preprocess import ImagePreprocess
    from .io.texts import Text


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name]), name)
    if name[:1].isupper():
        from .core import registry

        owner = registry.class_names().get(name)
        if owner is not None:
            return getattr(importlib.import_module(f"pellucid.methods.{owner}"), name)
        from .evaluation import registry as metric_registry

        owner = metric_registry.class_names().get(name)
        if owner is not None:
            return getattr(importlib.import_module(f"pellucid.evaluation.metrics.{owner}"), name)
    raise AttributeError(f"module 'pellucid' has no attribute {name!r}")


def __dir__() -> list[str]:
    from .core import registry
    from .evaluation import registry as metric_registry

    known = (*registry.class_names(), *metric_registry.class_names())
    return sorted([*_MODULES, *known, "__version__"])


__all__ = [
    "Attribution",
    "Box",
    "Cancelled",
    "Card",
    "Check",
    "Class",
    "Contrast",
    "Event",
    "Explanation",
    "FileError",
    "Film",
    "ImagePreprocess",
    "InputError",
    "Label",
    "LayerError",
    "Method",
    "MissingExtra",
    "Model",
    "Negative",
    "NotApplicable",
    "Output",
    "OutputError",
    "ParameterError",
    "PellucidError",
    "Positive",
    "PredictorError",
    "Progress",
    "Region",
    "Similarity",
    "Target",
    "TargetError",
    "Text",
    "Value",
    "collect",
    "dataset",
    "evaluate",
    "explain",
    "layers",
    "load_model",
    "method",
    "methods",
    "metrics",
]
