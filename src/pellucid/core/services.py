"""What outer layers lend to the words of the core: reading, drawing, saving."""

import importlib
from collections.abc import Callable
from typing import Any

_places: dict[str, str] = {}


def provide(name: str, place: str) -> None:
    """Let an outer layer lend an ability (`plot`, `save`, `classes` …): `module:function`."""
    _places[name] = place


def service(name: str) -> Callable[..., Any]:
    """The ability of this name."""
    if name not in _places:
        importlib.import_module("pellucid.api")
    module, _, function = _places[name].partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
