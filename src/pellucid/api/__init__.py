"""The verbs, one file each."""

from .accumulated_local_effects import accumulated_local_effects
from .aggregates import average, spectral_relevance
from .collect import collect, dataset
from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .extremes import extremes
from .feature_importance import feature_importance
from .lending import lend
from .mc_dropout import mc_dropout
from .partial_dependence import partial_dependence
from .permutation_importance import permutation_importance
from .similarity_distance import similarity_distance
from .surrogate_tree import surrogate_tree

lend()

__all__ = [
    "accumulated_local_effects",
    "average",
    "collect",
    "dataset",
    "evaluate",
    "explain",
    "extremes",
    "feature_importance",
    "layers",
    "mc_dropout",
    "methods",
    "metrics",
    "partial_dependence",
    "permutation_importance",
    "similarity_distance",
    "spectral_relevance",
    "surrogate_tree",
]
