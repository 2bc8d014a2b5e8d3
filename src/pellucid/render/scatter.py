"""Maps of items as figures: a point an item, coloured by class, misclassified ones marked."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ..core.item_map import ItemMap
from ..core.projection import Projection
from .categories import UNKNOWN, categories
from .glyphs import drawable
from .panels import INK, QUIET, RULE
from .words import shortened

_PANEL = 4.2
_MOST_NAMES = 24
"""Classes in a legend; of more, the most frequent."""

_WRONG = "#111111"


def plot_map(made: ItemMap, labels: Any = None, title: str = "") -> Figure:
    """A figure of one map, coloured by `labels`."""
    names: list[str] = []
    index = np.full(len(made), -1)
    if labels is not None:
        words = [str(label) for label in labels]
        names = sorted(set(words), key=lambda word: (not word.isdigit(), word.zfill(9)))
        index = np.array([names.index(word) for word in words])
    projection = Projection({title or made.method: made}, ("",) * len(made), tuple(names), index)
    return plot_projection(projection)


def plot_projection(
    projection: Projection, layers: Sequence[str] | None = None, columns: int = 3
) -> Figure:
    """A panel a layer; colour is the true class (the predicted one where there are no labels), a
    ring in the predicted class's colour marks a misclassified item."""
    chosen = list(projection.maps if layers is None else layers)
    across = min(columns, len(chosen))
    down = math.ceil(len(chosen) / across)
    known = np.unique(projection.labels[projection.labels >= 0])
    with matplotlib.style.context("default"):
        figure = Figure((_PANEL * across + 1.7, (_PANEL + 0.35) * down), layout="constrained")
        cells = figure.subplots(down, across, squeeze=False).ravel()
        for axes in cells[len(chosen) :]:
            axes.set_axis_off()
        shades = _shades(projection)
        for axes, layer in zip(cells, chosen, strict=False):
            _draw(axes, projection, layer, shades)
        _legend(figure, projection, known, shades)
    return figure


def _shades(projection: Projection) -> list[str]:
    most = max(int(projection.true.max(initial=-1)), int(projection.predicted.max(initial=-1)))
    return [*categories(most + 1), UNKNOWN]


def _draw(axes: Axes, projection: Projection, layer: str, shades: list[str]) -> None:
    made, labels = projection[layer], projection.labels
    size = float(np.clip(9000 / max(len(made), 1), 2.5, 26))
    order = np.random.default_rng(0).permutation(len(made))  # so that no class covers another
    colours = np.array(shades)[labels]
    x, y = made.points[:, 0], made.points[:, 1]
    axes.scatter(x[order], y[order], s=size, c=list(colours[order]), alpha=0.8, linewidths=0)
    wrong = np.flatnonzero(projection.wrong)
    if len(wrong):
        rims = list(np.array(shades)[projection.predicted[wrong]])
        inside = list(colours[wrong])
        axes.scatter(
            x[wrong], y[wrong], s=size + 6, facecolors=inside, edgecolors=_WRONG, linewidths=1.8
        )
        axes.scatter(
            x[wrong], y[wrong], s=size + 6, facecolors="none", edgecolors=rims, linewidths=0.8
        )
    axes.set_aspect("equal", "datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=RULE)
    below = _measured(projection, layer)
    axes.set_title(
        f"{drawable(shortened(layer, 40))}\n{below}", loc="left", fontsize=8.5, color=INK,
        parse_math=False,
    )  # fmt: skip


def _measured(projection: Projection, layer: str) -> str:
    made, quality = projection[layer], projection.quality.get(layer, {})
    parts = []
    if not math.isnan(quality.get("silhouette", math.nan)):
        parts.append(f"silhouette {quality['silhouette']:.2f}")
        parts.append(f"neighbourhood hit {quality['neighbourhood_hit']:.0%}")
    else:
        parts.append(f"10-NN recall {made.recall:.0%}")
    if made.kl is not None:
        parts.append(f"KL {made.kl:.2f}")
    return " · ".join(parts)


def _legend(
    figure: Figure, projection: Projection, known: NDArray[np.int64], shades: list[str]
) -> None:
    counts = np.bincount(projection.labels[projection.labels >= 0], minlength=1)
    shown = sorted(sorted(known, key=lambda c: -int(counts[c]))[:_MOST_NAMES])
    entries = [
        Line2D([], [], marker="o", linestyle="", markersize=5, color=shades[c],
               label=drawable(shortened(projection.class_name(int(c)), 22)))
        for c in shown
    ]  # fmt: skip
    wrong = int(projection.wrong.sum())
    if wrong:
        entries.append(
            Line2D([], [], marker="o", linestyle="", markersize=6, markerfacecolor="none",
                   markeredgecolor=_WRONG, markeredgewidth=1.6, label=f"misclassified ({wrong})")
        )  # fmt: skip
    if not entries:
        return
    more = len(known) - len(shown)
    title = "True class" if (projection.true >= 0).any() else "Predicted class"
    drawn = figure.legend(
        handles=entries, loc="outside right center", fontsize=7.5, frameon=False,
        title=title + (f"\n({more} more not listed)" if more > 0 else ""), labelcolor=INK,
    )  # fmt: skip
    drawn.get_title().set(fontsize=7.5, color=QUIET)
