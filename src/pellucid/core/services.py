"""What outer layers lend to the words of the core: reading, drawing, saving."""

import importlib
from collections.abc import Callable
from typing import Any

_services: dict[str, Callable[..., Any]] = {}


def provide(name: str, service: Callable[..., Any]) -> None:
    """Let an outer layer lend an ability (`plot`, `save`, `classes` …)."""
    _services[name] = service


def service(name: str) -> Callable[..., Any]:
    """The ability of this name."""
    if name not in _services:
        importlib.import_module("pellucid.api")
    return _services[name]
