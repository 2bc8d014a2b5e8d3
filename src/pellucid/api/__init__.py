"""The verbs, one file each."""

from .collect import collect, dataset
from .explain import explain, layers, methods
from .extremes import extremes
from .lending import lend

lend()

__all__ = ["collect", "dataset", "explain", "extremes", "layers", "methods"]
