"""What the words of the core borrow from outer layers: reading, drawing, saving."""

from collections.abc import Callable
from typing import Any

from ..core.merging import by_word
from ..core.services import provide
from ..io.classes import read_classes
from ..io.explanations import load, save
from ..io.galleries import load_gallery, save_gallery
from ..io.xarray import to_xarray
from ..render.clusters import plot_clusters
from ..render.dependence import plot_dependence
from ..render.figure import plot
from ..render.html import explanation_html
from ..render.importance import plot_importance
from ..render.montage import gallery_html, montage
from ..render.scores import plot_scores, scores_html
from ..render.similarity import plot_similarity
from ..render.tree import plot_tree
from ..render.uncertainty import plot_uncertainty
from .explain import explain

SERVICES: dict[str, Callable[..., Any]] = {
    "by_word": by_word,
    "classes": read_classes,
    "plot": plot,
    "plot_uncertainty": plot_uncertainty,
    "plot_dependence": plot_dependence,
    "plot_importance": plot_importance,
    "plot_tree": plot_tree,
    "save": save,
    "load": load,
    "to_xarray": to_xarray,
    "html": explanation_html,
    "explain": explain,
    "plot_similarity": plot_similarity,
    "plot_clusters": plot_clusters,
    "plot_gallery": montage,
    "save_gallery": save_gallery,
    "load_gallery": load_gallery,
    "gallery_html": gallery_html,
    "plot_scores": plot_scores,
    "scores_html": scores_html,
}


def lend() -> None:
    """Let `Explanation` and `Model` draw, save and read."""
    for name, service in SERVICES.items():
        provide(name, service)
