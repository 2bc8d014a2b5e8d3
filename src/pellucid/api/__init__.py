"""The verbs, one file each."""

from .explain import explain, layers, methods
from .lending import lend

lend()

__all__ = ["explain", "layers", "methods"]
