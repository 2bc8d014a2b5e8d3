"""What a worker can do, one file a kind; each asks `api` and writes what the page reads."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_HOMES = {
    "explain": "explain",
    "predict": "predict",
    "predict_all": "predict",
    "layers": "layers",
    "activations": "activations",
    "sweep": "activations",
    "dream": "dream",
    "export": "export",
    "trust": "trust",
    "verify": "verify",
    "extremes": "extremes",
    "project": "project",
    "compare_groups": "compare_groups",
}
"""The file of each kind of what is asked, which holds a function of its name."""


def doer(kind: str) -> Callable[[Any, Any], None]:
    """What does work of this kind; loaded only now, for a job waits for what it does not need."""
    found: Callable[[Any, Any], None] = getattr(
        import_module(f"{__package__}.{_HOMES[kind]}"), kind
    )
    return found
