"""Similarity distance as a figure: where items lie among the training items, and the accuracy."""

from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from ..core.similarity import SimilarityDistance
from .glyphs import drawable
from .panels import INK, QUIET, RULE

TRAINING, RIGHT, WRONG, UNKNOWN = "#c9cdd3", "#1f6fc5", "#dd5a1b", "#1f6fc5"


def plot_similarity(found: SimilarityDistance, bins: int = 10) -> Figure:
    """Histograms of the distance to the nearest class, and the accuracy in bins of distance."""
    known = bool((found.label >= 0).any())
    with matplotlib.style.context("default"):
        figure = Figure(
            figsize=(10.4 if known else 6, 3.9), dpi=110, layout="constrained", facecolor="white"
        )
        panels = figure.subplots(1, 2 if known else 1, squeeze=False)[0]
        _histogram(panels[0], found, known)
        if known:
            _accuracy(panels[1], found, bins)
        outliers = int(found.outlier.sum())
        title = (
            f"{len(found)} items, {outliers} outliers (beyond the {found.threshold:g}th percentile)"
            f" · {found.metric} distance at {found.layer}"
        )
        figure.suptitle(
            drawable(title), x=0.01, ha="left", fontsize=10, color=INK, parse_math=False
        )
    return figure


def _histogram(axes: Any, found: SimilarityDistance, known: bool) -> None:
    training = np.concatenate(list(found.training.values()))
    nearest = found.nearest_distance
    top = max(float(training.max()), float(np.quantile(nearest, 0.995))) or 1.0
    edges = np.linspace(0, top * 1.02, 41)
    groups = [("training items, own class", training, TRAINING, 1.0)]
    if known:
        right = found.label == found.predicted
        groups += [
            ("predicted right", nearest[right], RIGHT, 0.75),
            ("predicted wrong, or of no known class", nearest[~right], WRONG, 0.75),
        ]
    else:
        groups.append(("items", nearest, UNKNOWN, 0.75))
    for name, values, color, alpha in groups:
        if not len(values):
            continue
        share = np.full(len(values), 100 / len(values))
        axes.hist(
            np.minimum(values, edges[-1]), edges, weights=share, color=color, alpha=alpha,
            label=f"{name} ({len(values)})", zorder=2 if color != TRAINING else 1,
        )  # fmt: skip
    _quiet(axes, "distance to the nearest class", "percent of the group")
    axes.legend(frameon=False, fontsize=7.5, labelcolor=INK)


def _accuracy(axes: Any, found: SimilarityDistance, bins: int) -> None:
    parts = found.accuracy_by_distance(bins)
    places = np.arange(len(parts))
    axes.bar(places, [100 * part.accuracy for part in parts], color=RIGHT, width=0.82)
    for place, part in zip(places, parts, strict=True):
        axes.text(
            place,
            100 * part.accuracy + 1.5,
            f"{part.count}",
            ha="center",
            fontsize=6.5,
            color=QUIET,
        )
    axes.set_xticks(places, [f"{part.high:.3g}" for part in parts])
    axes.set_ylim(0, 112)
    axes.set_yticks([0, 25, 50, 75, 100])
    _quiet(axes, "distance to the nearest class, up to", "accuracy in percent")
    axes.set_title("numbers above the bars: items", loc="right", fontsize=7, color=QUIET)


def _quiet(axes: Any, across: str, up: str) -> None:
    axes.set_xlabel(across, fontsize=8, color=QUIET)
    axes.set_ylabel(up, fontsize=8, color=QUIET)
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=QUIET)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=RULE, linewidth=0.8)
