"""What the words of the core borrow from outer layers: reading, drawing, saving."""

from collections.abc import Callable
from typing import Any

from ..core.services import provide
from ..io.classes import read_classes
from ..io.display import range_of
from ..io.explanations import load, save
from ..io.xarray import to_xarray
from ..render.figure import plot
from ..render.html import explanation_html
from ..render.scores import plot_scores, scores_html

SERVICES: dict[str, Callable[..., Any]] = {
    "classes": read_classes,
    "plot": plot,
    "save": save,
    "load": load,
    "to_xarray": to_xarray,
    "html": explanation_html,
    "range": range_of,
    "plot_scores": plot_scores,
    "scores_html": scores_html,
}


def lend() -> None:
    """Let `Explanation` and `Model` draw, save and read."""
    for name, service in SERVICES.items():
        provide(name, service)
