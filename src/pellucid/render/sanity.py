"""The cascade: how alike maps stay while a network's layers are drawn anew."""

from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from .glyphs import drawable
from .panels import INK, QUIET, RULE
from .scores import COLOURS
from .words import shortened

_DASHES = ("-", "--", ":", "-.")


def plot_sanity(sanity: Any) -> Figure:
    """A line a method, with its standard error over the items; above the upper dashed line a map
    would look the same for a random network."""
    stages = sanity.curves[0][1].stages
    limits = sanity.as_dict()
    with matplotlib.style.context("default"):
        figure = Figure(figsize=(7.2, 4.2), dpi=110, layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        for k, (name, curve) in enumerate(sanity.curves):
            values = np.concatenate([np.ones((1, curve.similarity.shape[1])), curve.similarity])
            mean, error = values.mean(1), values.std(1) / max(values.shape[1], 1) ** 0.5
            colour, dash = COLOURS[k % len(COLOURS)], _DASHES[k // len(COLOURS) % len(_DASHES)]
            at = np.arange(len(mean))
            axes.plot(at, mean, dash, color=colour, marker="o", markersize=3.5, label=name)
            axes.fill_between(at, mean - error, mean + error, color=colour, alpha=0.15, linewidth=0)
        axes.axhspan(limits["same"], 1.02, color="#b3261e", alpha=0.07, linewidth=0)
        axes.axhline(limits["similar"], color=RULE, linewidth=0.8, linestyle="--")
        axes.axhline(0, color=RULE, linewidth=0.8)
        axes.annotate(
            "would look the same for a random network", (len(stages), 1.0), xytext=(0, -4),
            textcoords="offset points", ha="right", va="top", fontsize=7, color="#b3261e",
        )  # fmt: skip
        _dress(axes, sanity.mode, stages)
    return figure


def _dress(axes: Any, mode: str, stages: tuple[str, ...]) -> None:
    names = ["trained", *(drawable(shortened(stage, 16)) for stage in stages)]
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right", parse_math=False)
    told = "all layers drawn anew down to" if mode == "cascading" else "this layer alone drawn anew"
    axes.set_xlabel(told, fontsize=7.5, color=QUIET)
    axes.set_ylabel("similarity with the original map", fontsize=7.5, color=QUIET)
    axes.set_ylim(min(-0.25, axes.get_ylim()[0]), 1.02)
    axes.set_title("What the map owes to the weights", fontsize=9, loc="left", color=INK)
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=INK)
    axes.legend(fontsize=7, frameon=False, labelcolor=INK, loc="lower left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=RULE, linewidth=0.6)
