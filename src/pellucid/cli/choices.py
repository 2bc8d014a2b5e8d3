"""What is chosen where nothing was typed: the method, and the rows that stand in for a table's."""

from collections.abc import Sequence
from typing import Any

from ..core import registry
from ..core.method import Method
from ..core.model import Model
from ..parts.own_rows import takes_rows, with_rows
from .sources import Source

_OWN = ("background", "baseline")


def default_method(model: Model, sources: list[Source]) -> str:
    """The method for these inputs where none is named."""
    kinds = {source.kind for source in sources}
    if kinds == {"text"}:
        return "occlusion"
    if kinds == {"table"}:
        return "kernel_shap"
    return "grad_cam" if model.net is not None else "occlusion"


def takes_background(method: Method, params: Sequence[str]) -> bool:
    """Whether a black-box method takes a background, and none of `params` (`[METHOD.]NAME=VALUE`)
    says what stands in for what is taken away."""
    if method.card.access != "black_box":
        return False
    for assignment in params:
        owner, _, name = assignment.partition("=")[0].strip().rpartition(".")
        if name in _OWN and (not owner or registry.find(owner) == method.card.name):
            return False
    return takes_rows(method)


def with_background(methods: list[Method], others: Any, params: Sequence[str]) -> list[Method]:
    """The methods, those that `takes_background` with rows of the frame `others`, evenly spread."""
    if others is None or len(others) == 0:
        return methods
    return [with_rows(m, others) if takes_background(m, params) else m for m in methods]
