"""The verbs, one file each."""

from .collect import collect, dataset
from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .lending import lend
from .mc_dropout import mc_dropout

lend()

__all__ = [
    "collect",
    "dataset",
    "evaluate",
    "explain",
    "layers",
    "mc_dropout",
    "methods",
    "metrics",
]
