"""What the words of the core borrow from outer layers: reading, drawing, saving."""

from collections.abc import Callable
from typing import Any

from ..core.services import provide
from ..io.classes import read_classes
from ..io.explanations import load, save
from ..io.xarray import to_xarray
from ..render.figure import plot
from ..render.html import explanation_html
from ..render.scores import plot_scores, scores_html
from ..render.uncertainty import plot_uncertainty

SERVICES: dict[str, Callable[..., Any]] = {
    "classes": read_classes,
    "plot": plot,
    "plot_uncertainty": plot_uncertainty,
    "save": save,
    "load": load,
    "to_xarray": to_xarray,
    "html": explanation_html,
    "plot_scores": plot_scores,
    "scores_html": scores_html,
}


def lend() -> None:
    """Let `Explanation` and `Model` draw, save and read."""
    for name, service in SERVICES.items():
        provide(name, service)
