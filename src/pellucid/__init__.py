"""Pellucid shows what a trained network sees, why it decided, and how far to trust the picture.

    import pellucid as pl
    e = pl.explain(model, x, "grad_cam")

Importing this does not import torch; the names are resolved when they are used.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "pellucid.api.accumulated_local_effects": ("accumulated_local_effects",),
    "pellucid.api.aggregates": ("average", "spectral_relevance"),
    "pellucid.api.benchmark": ("benchmark", "tasks"),
    "pellucid.api.collect": ("collect", "dataset"),
    "pellucid.api.compare": ("compare",),
    "pellucid.api.compare_groups": ("compare_groups",),
    "pellucid.api.evaluate": ("evaluate", "metrics"),
    "pellucid.api.explain": ("explain", "layers", "methods"),
    "pellucid.api.extremes": ("extremes",),
    "pellucid.api.feature_importance": ("feature_importance",),
    "pellucid.api.film": ("Film",),
    "pellucid.api.mc_dropout": ("mc_dropout",),
    "pellucid.api.partial_dependence": ("partial_dependence",),
    "pellucid.api.permutation_importance": ("permutation_importance",),
    "pellucid.api.project": ("project",),
    "pellucid.api.randomisation": ("randomisation",),
    "pellucid.api.similarity_distance": ("similarity_distance",),
    "pellucid.api.surrogate_tree": ("surrogate_tree",),
    "pellucid.api.training_watch": ("TrainingWatch",),
    "pellucid.core.comparison": ("GroupComparison",),
    "pellucid.core.item_map": ("ItemMap",),
    "pellucid.core.model": ("Model",),
    "pellucid.core.explanation": ("Explanation",),
    "pellucid.core.projection": ("Projection",),
    "pellucid.core.gallery": ("Gallery",),
    "pellucid.core.relevance_clusters": ("RelevanceClusters",),
    "pellucid.core.similarity": ("SimilarityDistance",),
    "pellucid.core.checks": ("Check",),
    "pellucid.core.progress": ("Progress", "Event"),
    "pellucid.core.event_log": ("EventLog",),
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
    "pellucid.core.uncertainty": ("Uncertainty",),
    "pellucid.core.dependence": ("Dependence",),
    "pellucid.core.importance": ("Importance",),
    "pellucid.core.surrogate_tree": ("SurrogateTree",),
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
    "pellucid.evaluation.label_randomisation": ("label_randomisation",),
    "pellucid.io.preprocess": ("ImagePreprocess",),
    "pellucid.io.models": ("load_model",),
    "pellucid.io.series": ("Series", "read_series"),
    "pellucid.io.texts": ("Text",),
    "pellucid.parts.library_projectors": ("OpenTSNE", "UMAP"),
    "pellucid.parts.tsne": ("TSNE",),
    "pellucid.io.tokenizing": ("TextPreprocess",),
}
_MODULES = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from .api.accumulated_local_effects import accumulated_local_effects
    from .api.aggregates import average, spectral_relevance
    from .api.benchmark import benchmark, tasks
    from .api.collect import collect, dataset
    from .api.compare import compare
    from .api.compare_groups import compare_groups
    from .api.evaluate import evaluate, metrics
    from .api.explain import explain, layers, methods
    from .api.extremes import extremes
    from .api.feature_importance import feature_importance
    from .api.film import Film
    from .api.mc_dropout import mc_dropout
    from .api.partial_dependence import partial_dependence
    from .api.permutation_importance import permutation_importance
    from .api.project import project
    from .api.randomisation import randomisation
    from .api.similarity_distance import similarity_distance
    from .api.surrogate_tree import surrogate_tree
    from .api.training_watch import TrainingWatch
    from .core.checks import Check
    from .core.comparison import GroupComparison
    from .core.dense_targets import Box, Region, Similarity
    from .core.dependence import Dependence
    from .core.event_log import EventLog
    from .core.explanation import Explanation
    from .core.gallery import Gallery
    from .core.importance import Importance
    from .core.item_map import ItemMap
    from .core.method import Attribution, Card, Method, method
    from .core.model import Model
    from .core.progress import Event, Progress
    from .core.projection import Projection
    from .core.relevance_clusters import RelevanceClusters
    from .core.similarity import SimilarityDistance
    from .core.surrogate_tree import SurrogateTree
    from .core.target import Target
    from .core.targets import Class, Contrast, Label, Negative, Output, Positive, Value
    from .core.uncertainty import Uncertainty
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
    from .evaluation.label_randomisation import label_randomisation
    from .io.models import load_model
    from .io.preprocess import ImagePreprocess
    from .io.series import Series, read_series
    from .io.texts import Text
    from .io.tokenizing import TextPreprocess
    from .parts.library_projectors import UMAP, OpenTSNE
    from .parts.tsne import TSNE


def __getattr__(name: str) -> Any:
    if name == "studio":
        return importlib.import_module("pellucid.studio")
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
    return sorted([*_MODULES, *known, "studio", "__version__"])


__all__ = [
    "TSNE",
    "UMAP",
    "Attribution",
    "Box",
    "Cancelled",
    "Card",
    "Check",
    "Class",
    "Contrast",
    "Dependence",
    "Event",
    "EventLog",
    "Explanation",
    "FileError",
    "Film",
    "Gallery",
    "GroupComparison",
    "ImagePreprocess",
    "Importance",
    "InputError",
    "ItemMap",
    "Label",
    "LayerError",
    "Method",
    "MissingExtra",
    "Model",
    "Negative",
    "NotApplicable",
    "OpenTSNE",
    "Output",
    "OutputError",
    "ParameterError",
    "PellucidError",
    "Positive",
    "PredictorError",
    "Progress",
    "Projection",
    "Region",
    "RelevanceClusters",
    "Series",
    "Similarity",
    "SimilarityDistance",
    "SurrogateTree",
    "Target",
    "TargetError",
    "Text",
    "TextPreprocess",
    "TrainingWatch",
    "Uncertainty",
    "Value",
    "accumulated_local_effects",
    "average",
    "benchmark",
    "collect",
    "compare",
    "compare_groups",
    "dataset",
    "evaluate",
    "explain",
    "extremes",
    "feature_importance",
    "label_randomisation",
    "layers",
    "load_model",
    "mc_dropout",
    "method",
    "methods",
    "metrics",
    "partial_dependence",
    "permutation_importance",
    "project",
    "randomisation",
    "read_series",
    "similarity_distance",
    "spectral_relevance",
    "surrogate_tree",
    "tasks",
]
