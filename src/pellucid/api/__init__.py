"""The verbs, one file each."""

from .accumulated_local_effects import accumulated_local_effects
from .aggregates import average, spectral_relevance
from .collect import collect, dataset
from .compare import compare
from .compare_groups import compare_groups
from .evaluate import evaluate, metrics
from .explain import explain, layers, methods
from .extremes import extremes
from .feature_importance import feature_importance
from .film import Film
from .lending import lend
from .mc_dropout import mc_dropout
from .partial_dependence import partial_dependence
from .permutation_importance import permutation_importance
from .project import project
from .similarity_distance import similarity_distance
from .surrogate_tree import surrogate_tree

lend()

__all__ = [
    "Film",
    "accumulated_local_effects",
    "average",
    "collect",
    "compare",
    "compare_groups",
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
    "project",
    "similarity_distance",
    "spectral_relevance",
    "surrogate_tree",
]
