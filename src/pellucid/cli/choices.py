"""What is chosen where nothing was typed: the method, and the rows that stand in for a table's."""

from typing import Any

from ..core import registry
from ..core.method import Method, parameters
from ..core.model import Model
from .sources import Read, Source

MOST = 50
"""Rows of its own table that stand in for what is taken away."""


def default_method(model: Model, sources: list[Source]) -> str:
    """The method for these inputs where none is named."""
    kinds = {source.kind for source in sources}
    if kinds == {"text"}:
        return "occlusion"
    if kinds == {"table"}:
        return "kernel_shap"
    return "grad_cam" if model.net is not None else "occlusion"


def with_background(methods: list[Method], read: Read) -> list[Method]:
    """Black-box methods that take a background get other rows of the table, evenly spread, unless
    a background or a baseline was given."""
    if read.others is None or len(read.others) == 0:
        return methods
    count = len(read.others)
    kept = min(MOST, count)
    rows = read.others.iloc[[i * count // kept for i in range(kept)]]
    return [_with(method, rows) for method in methods]


def takes_background(method: Method) -> bool:
    """Whether a method would take rows of a table, and nothing else was said."""
    if method.card.access != "black_box":
        return False
    found = {p.name: p.default for p in parameters(type(method))}
    given = method.params()
    asked = any(
        name in found and not _same(given[name], found[name]) for name in ("background", "baseline")
    )
    return "background" in found and not asked


def _with(method: Method, rows: Any) -> Method:
    if not takes_background(method):
        return method
    return registry.get(method.card.name)(**{**method.params(), "background": rows})


def _same(given: Any, default: Any) -> bool:
    plain = given is None or isinstance(given, str | int | float)
    return plain and given == default
