"""What a worker can do, one file a kind; each asks `api` and writes what the page reads."""

from collections.abc import Callable
from typing import Any

from .activations import activations, sweep
from .compare_groups import compare_groups
from .dream import dream
from .explain import explain
from .export import export
from .extremes import extremes
from .layers import layers
from .predict import predict, predict_all
from .project import project
from .trust import trust
from .verify import verify

DOERS: dict[str, Callable[[Any, Any], None]] = {
    "explain": explain,
    "predict": predict,
    "predict_all": predict_all,
    "layers": layers,
    "activations": activations,
    "sweep": sweep,
    "dream": dream,
    "export": export,
    "trust": trust,
    "verify": verify,
    "extremes": extremes,
    "project": project,
    "compare_groups": compare_groups,
}
"""By the kind of what was asked."""
