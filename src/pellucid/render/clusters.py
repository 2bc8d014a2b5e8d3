"""Spectral relevance analysis as a figure: by class, mean maps and examples of every cluster."""

from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..core.relevance_clusters import ClassClusters, Cluster, RelevanceClusters
from .glyphs import drawable
from .palette import colour
from .panels import INK, QUIET, RULE, bare
from .photo import as_rgb
from .pictures import Style, picture
from .scale import scale_of

TINTS = ("#1f6fc5", "#dd5a1b", "#1a7f4b", "#8a4fbf", "#b8860b", "#c2185b", "#4a6572", "#6d4c41")

MOST = 6
"""Classes drawn, those with the best separated clusters."""

_TILE, _LEFT, _HEAD = 1.15, 3.5, 0.62


def plot_clusters(found: RelevanceClusters, most: int = MOST) -> Figure:
    """For every class the eigenvalues, the embedding, and a row for each cluster: the mean map and
    the most typical items with theirs."""
    shown = found.classes[:most]
    examples = max(len(c.examples) for one in shown for c in one.clusters)
    heights = [max(1.72, len(one.clusters) * (_TILE + 0.2)) + _HEAD for one in shown]
    wide, tall = _LEFT + (examples + 1) * (_TILE + 0.1) + 0.3, sum(heights) + 0.5
    with matplotlib.style.context("default"):
        figure = Figure(figsize=(wide, tall), dpi=110, facecolor="white")
        title = f"Reasons by class · {found.method} on {found.data}"
        _write(figure, 0.2, 0.12, title, 11, INK, weight="bold")
        top = 0.5
        for one, height in zip(shown, heights, strict=True):
            _class(figure, one, top)
            top += height
    return figure


def _write(figure: Any, x: float, y: float, text: str, size: float, color: str, **o: Any) -> None:
    wide, tall = figure.get_size_inches()
    figure.text(
        x / wide, 1 - y / tall, drawable(text), fontsize=size, color=color, va="top",
        parse_math=False, **o,
    )  # fmt: skip


def _axes(figure: Any, x: float, y: float, w: float, h: float) -> Any:
    wide, tall = figure.get_size_inches()
    return figure.add_axes((x / wide, 1 - (y + h) / tall, w / wide, h / tall))


def _class(figure: Any, one: ClassClusters, top: float) -> None:
    count = len(one.clusters)
    words = f"{count} clusters" if count > 1 else "one cluster"
    _write(figure, 0.2, top, f"{one.name}: {words}", 9.5, INK, weight="bold")
    facts = f"{len(one.ids)} items · silhouette {one.separation:.2f} · eigengap {one.gap:.2f}"
    _write(figure, 0.2, top + 0.2, facts, 7.5, QUIET)
    y = top + _HEAD - 0.1
    points = _axes(figure, 0.45, y, 1.2, 1.2)
    for c in range(count):
        own = one.embedding[one.labels == c]
        points.scatter(own[:, 0], own[:, 1], s=7, color=TINTS[c % len(TINTS)], linewidths=0)
    points.set_xlabel("2nd eigenvector", fontsize=6.5, color=QUIET)
    points.set_ylabel("3rd", fontsize=6.5, color=QUIET)
    bare(points)
    values = _axes(figure, 2.1, y, 1.1, 1.2)
    values.plot(np.arange(1, len(one.eigenvalues) + 1), one.eigenvalues, "o-", color=INK,
                markersize=3, linewidth=0.8)  # fmt: skip
    values.axvspan(count, count + 1, color="#ffd21f", alpha=0.35, linewidth=0)
    values.set_xlabel("eigenvalue", fontsize=6.5, color=QUIET)
    values.set_xticks(np.arange(1, len(one.eigenvalues) + 1, 2))
    values.tick_params(labelsize=6, length=2, color=RULE, labelcolor=QUIET)
    for spine in values.spines.values():
        spine.set(color=RULE, linewidth=0.6)
    for c, cluster in enumerate(one.clusters):
        _row(figure, cluster, TINTS[c % len(TINTS)], y + c * (_TILE + 0.2))


def _row(figure: Any, cluster: Cluster, tint: str, y: float) -> None:
    axes = _axes(figure, _LEFT, y, _TILE, _TILE)
    _map(axes, cluster.map)
    for spine in axes.spines.values():
        spine.set(color=tint, linewidth=2)
    axes.set_title(f"mean of {len(cluster)}", loc="left", fontsize=7, color=tint, pad=2)
    for k, (shown, values) in enumerate(cluster.examples):
        axes = _axes(figure, _LEFT + (k + 1) * (_TILE + 0.1), y, _TILE, _TILE)
        _example(axes, shown, values)


def _map(axes: Any, values: NDArray[Any]) -> None:
    bare(axes)
    if values.ndim == 2:
        scale = scale_of([values], True, None)
        axes.imshow(colour(scale.apply(values), None, True), interpolation="nearest")
    elif values.ndim == 1:
        axes.bar(np.arange(len(values)), values, color=INK, width=1.0)


def _example(axes: Any, shown: Any, values: NDArray[Any]) -> None:
    photo = _photo(shown, values)
    if values.ndim != 2 or photo is None:
        _map(axes, values)
        return
    bare(axes)
    pixels = picture(photo, values, scale_of([values], True, None), Style("overlay"), None)
    axes.imshow(pixels, interpolation="nearest")


def _photo(shown: Any, values: NDArray[Any]) -> Any:
    if not isinstance(shown, np.ndarray) or shown.ndim not in (2, 3):
        return None
    if shown.dtype == np.uint8:
        return as_rgb(shown)
    plain = shown.mean(0) if shown.ndim == 3 else shown
    spread = float(np.ptp(plain)) or 1.0
    return as_rgb(((plain - plain.min()) / spread * 255).astype(np.uint8))
