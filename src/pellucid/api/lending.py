"""What the words of the core borrow from outer layers: reading, drawing, saving."""

from collections.abc import Callable
from typing import Any

from ..core.merging import by_word
from ..core.services import provide
from ..evaluation.verifying import verified
from ..io.classes import read_classes
from ..io.display import range_of
from ..io.explanations import load, save
from ..io.galleries import load_gallery, save_gallery
from ..io.maps import load_map, save_map
from ..io.xarray import to_xarray
from ..parts.placement import place
from ..render.clusters import plot_clusters
from ..render.comparison import plot_comparison
from ..render.dependence import plot_dependence
from ..render.figure import plot
from ..render.groups import plot_groups
from ..render.html import explanation_html
from ..render.importance import plot_importance
from ..render.montage import gallery_html, montage
from ..render.scatter import plot_map, plot_projection
from ..render.scores import plot_scores, scores_html
from ..render.similarity import plot_similarity
from ..render.tree import plot_tree
from ..render.uncertainty import plot_uncertainty
from ..report.maps import map_page, projection_page
from ..run.projecting import map_quality
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
    "verify": verified,
    "plot_comparison": plot_comparison,
    "range": range_of,
    "explain": explain,
    "plot_similarity": plot_similarity,
    "plot_clusters": plot_clusters,
    "plot_gallery": montage,
    "save_gallery": save_gallery,
    "load_gallery": load_gallery,
    "gallery_html": gallery_html,
    "plot_scores": plot_scores,
    "scores_html": scores_html,
    "place": place,
    "map_quality": map_quality,
    "plot_map": plot_map,
    "plot_projection": plot_projection,
    "plot_groups": plot_groups,
    "map_page": map_page,
    "projection_page": projection_page,
    "save_map": save_map,
    "load_map": load_map,
}


def lend() -> None:
    """Let `Explanation` and `Model` draw, save and read."""
    for name, service in SERVICES.items():
        provide(name, service)
