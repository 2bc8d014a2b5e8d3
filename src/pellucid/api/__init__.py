"""The verbs, one file each."""

from .collect import collect, dataset
from .compare_groups import compare_groups
from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .lending import lend
from .mc_dropout import mc_dropout
from .project import project

lend()

__all__ = [
    "collect",
    "compare_groups",
    "dataset",
    "evaluate",
    "explain",
    "layers",
    "mc_dropout",
    "methods",
    "metrics",
    "project",
]
