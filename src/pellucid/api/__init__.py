"""The verbs, one file each."""

from .collect import collect, dataset
from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .film import Film
from .lending import lend

lend()

__all__ = ["Film", "collect", "dataset", "evaluate", "explain", "layers", "methods", "metrics"]
