"""The cross-entropy test as a figure: distributions of the groups, and their dendrogram."""

from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..core.comparison import GroupComparison
from .categories import categories
from .glyphs import drawable
from .panels import INK, QUIET, RULE
from .words import shortened

_ALL = "#111111"


def plot_groups(comparison: GroupComparison, title: str = "") -> Figure:
    """The empirical distribution of every group and of all points, and, for more than two groups,
    the dendrogram of their distances (complete linkage)."""
    several = len(comparison.groups) > 2
    with matplotlib.style.context("default"):
        figure = Figure((9.6 if several else 6.2, 4.2), layout="constrained")
        if title:
            figure.suptitle(title, x=0.012, ha="left", fontsize=10, color=INK, parse_math=False)
        cells = figure.subplots(1, 2 if several else 1, squeeze=False).ravel()
        _distributions(cells[0], comparison)
        if several:
            _dendrogram(cells[1], comparison)
    return figure


def _distributions(axes: Axes, comparison: GroupComparison) -> None:
    shades = categories(len(comparison.groups))
    everything = np.sort(comparison.cross_entropy)
    axes.ecdf(everything, color=_ALL, linewidth=1.0, linestyle=(0, (4, 2)), label="all")
    for group, shade in zip(comparison.groups, shades, strict=True):
        label = f"{drawable(shortened(group, 24))} ({len(comparison.values(group))})"
        axes.ecdf(comparison.values(group), color=shade, linewidth=1.7, label=label)
    low, high = np.quantile(everything, [0.001, 0.999])
    axes.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
    axes.set_xlabel("cross-entropy of a point (nats)", fontsize=8, color=QUIET)
    axes.set_ylabel("share of points below", fontsize=8, color=QUIET)
    _plain(axes)
    axes.legend(fontsize=7.5, frameon=False, loc="lower right", labelcolor=INK)
    axes.set_title(_finding(comparison), loc="left", fontsize=8.5, color=INK, parse_math=False)


def _finding(comparison: GroupComparison) -> str:
    far = max(comparison.pairs, key=lambda pair: pair.distance)
    word = "D" if comparison.test == "ks" else "|Δ median|"
    honest = far.adjusted_permutation
    told = f"p {_p(far.adjusted)}" + (f", by permutation {_p(honest)}" if honest else "")
    names = drawable(f"{shortened(far.first, 18)} – {shortened(far.second, 18)}")
    return f"Farthest: {names}\n{word} {far.distance:.3g}; after Holm {told}"


def _dendrogram(axes: Axes, comparison: GroupComparison) -> None:
    """Leaves ordered so that the branch with the lower mean comes first."""
    means = [float(comparison.values(group).mean()) for group in comparison.groups]
    clusters = {i: ([i], mean) for i, mean in enumerate(means)}
    for m, (a, b, _) in enumerate(comparison.merges):
        one, other = sorted((clusters[a], clusters[b]), key=lambda pair: pair[1])
        members = one[0] + other[0]
        clusters[len(means) + m] = (members, float(np.mean([means[i] for i in members])))
    order = clusters[len(means) + len(comparison.merges) - 1][0]
    at = {leaf: (0.0, float(place)) for place, leaf in enumerate(order)}
    for m, (a, b, height) in enumerate(comparison.merges):
        (low_a, y_a), (low_b, y_b) = at[a], at[b]
        axes.plot([low_a, height, height, low_b], [y_a, y_a, y_b, y_b], color=INK, linewidth=1.2)
        at[len(means) + m] = (height, (y_a + y_b) / 2)
    shades = categories(len(means))
    axes.scatter([0] * len(order), range(len(order)), c=[shades[i] for i in order], s=26, zorder=3,
                 clip_on=False)  # fmt: skip
    names = [drawable(shortened(comparison.groups[i], 24)) for i in order]
    axes.set_yticks(range(len(order)), names, fontsize=7.5, parse_math=False)
    axes.set_xlim(0, max(height for _, _, height in comparison.merges) * 1.08 or 1)
    axes.yaxis.tick_right()
    axes.invert_xaxis()
    word = "Kolmogorov–Smirnov D" if comparison.test == "ks" else "|Δ median|"
    axes.set_xlabel(f"{word}, complete linkage", fontsize=8, color=QUIET)
    _plain(axes)
    axes.spines["left"].set_visible(False)
    axes.set_title("Which groups are alike", loc="left", fontsize=8.5, color=INK)


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=7.5, length=2, color=RULE, labelcolor=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=RULE)


def _p(value: float | None) -> Any:
    return "-" if value is None else f"{value:.3g}" if value >= 1e-4 else "< 0.0001"
