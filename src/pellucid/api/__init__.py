"""The verbs, one file each."""

from .collect import collect, dataset
from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .lending import lend

lend()

__all__ = ["collect", "dataset", "evaluate", "explain", "layers", "methods", "metrics"]
