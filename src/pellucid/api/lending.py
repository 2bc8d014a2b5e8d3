"""What the words of the core borrow from outer layers: reading, drawing, saving."""

from ..core.services import provide

SERVICES = {
    "explain": "api.explain:explain",
    "by_word": "core.merging:by_word",
    "verify": "evaluation.verifying:verified",
    "classes": "io.classes:read_classes",
    "range": "io.display:range_of",
    "load": "io.explanations:load",
    "save": "io.explanations:save",
    "load_gallery": "io.galleries:load_gallery",
    "save_gallery": "io.galleries:save_gallery",
    "save_similarity": "io.similarity:save_similarity",
    "load_similarity": "io.similarity:load_similarity",
    "save_clusters": "io.relevance_clusters:save_clusters",
    "load_clusters": "io.relevance_clusters:load_clusters",
    "load_map": "io.maps:load_map",
    "save_map": "io.maps:save_map",
    "to_xarray": "io.xarray:to_xarray",
    "place": "parts.placement:place",
    "plot_clusters": "render.clusters:plot_clusters",
    "plot_comparison": "render.comparison:plot_comparison",
    "plot_dependence": "render.dependence:plot_dependence",
    "plot": "render.figure:plot",
    "plot_groups": "render.groups:plot_groups",
    "html": "render.html:explanation_html",
    "plot_importance": "render.importance:plot_importance",
    "gallery_html": "render.montage:gallery_html",
    "plot_gallery": "render.montage:montage",
    "plot_map": "render.scatter:plot_map",
    "plot_projection": "render.scatter:plot_projection",
    "plot_sanity": "render.sanity:plot_sanity",
    "plot_trust": "render.trust:plot_trust",
    "plot_scores": "render.scores:plot_scores",
    "scores_html": "render.scores:scores_html",
    "plot_similarity": "render.similarity:plot_similarity",
    "plot_tree": "render.tree:plot_tree",
    "plot_uncertainty": "render.uncertainty:plot_uncertainty",
    "benchmark_page": "report.benchmark:benchmark_page",
    "map_page": "report.maps:map_page",
    "projection_page": "report.maps:projection_page",
    "map_quality": "run.projecting:map_quality",
}
"""Where each is; imported when it is first used, for drawing takes long to load."""


def lend() -> None:
    """Let the words of the core draw, save and read."""
    for name, place in SERVICES.items():
        provide(name, f"pellucid.{place}")
