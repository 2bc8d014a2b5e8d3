"""The verbs, one file each."""

from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .lending import lend

lend()

__all__ = ["evaluate", "explain", "layers", "methods", "metrics"]
