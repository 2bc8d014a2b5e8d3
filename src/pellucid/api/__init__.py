"""The verbs, one file each."""

from .explain import explain, layers, methods
from .lending import lend
from .mc_dropout import mc_dropout

lend()

__all__ = ["explain", "layers", "mc_dropout", "methods"]
