"""Importance of features: bars with intervals, or a dot for every row (beeswarm)."""

from typing import Any, Literal

import matplotlib.style
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..core.importance import Importance
from ..errors import ParameterError
from .bars import quiet_axes
from .glyphs import drawable
from .palette import palette
from .panels import INK, QUIET, RULE, WARNING
from .scale import number
from .words import shortened

MOST = 20
"""Features drawn; of more, the most important."""

_BAR, _VALUES = "#1f6fc5", "cividis"


def plot_importance(
    found: Importance, kind: Literal["bars", "beeswarm"] = "bars", most: int = MOST
) -> Figure:
    """The features in order of their importance; `beeswarm` needs rows' own values."""
    if kind not in ("bars", "beeswarm"):
        raise ParameterError(f"There is no kind {kind!r}.", "Give 'bars' or 'beeswarm'.")
    swarm = kind == "beeswarm"
    if swarm and found.measure.startswith("drop"):
        raise ParameterError(
            "A permutation has no values of single rows.", "Draw kind='bars', or use explain."
        )
    order = found.order[:most]
    tall = 1.25 + (0.34 if swarm else 0.25) * max(3, len(order))
    with matplotlib.style.context("default"):
        figure = Figure(figsize=(6.6, tall), dpi=110, layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        names = [drawable(shortened(found.names[i], 34)) for i in order]
        axes.set_yticks(np.arange(len(order)), names, parse_math=False)
        if swarm:
            _swarm(figure, axes, found, order)
        else:
            _bars(axes, found, order)
        axes.set_ylim(len(order) - 0.4, -0.6)
        _words(axes, found, len(order), swarm)
    return figure


def _bars(axes: Any, found: Importance, order: list[int]) -> None:
    values = found.values[order]
    errors = np.stack([values - found.low[order], found.high[order] - values]).clip(0)
    axes.barh(
        np.arange(len(order)), values, xerr=errors, color=_BAR, alpha=0.85, height=0.7,
        error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 2.5},
    )  # fmt: skip
    for place, (value, end) in enumerate(zip(values, found.high[order], strict=True)):
        axes.annotate(
            number(float(value)), (max(value, end), place), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=7, color=QUIET,
        )  # fmt: skip
    axes.margins(x=0.12)


def _swarm(figure: Any, axes: Any, found: Importance, order: list[int]) -> None:
    coloured = False
    for place, feature in enumerate(order):
        values = found.draws[:, feature]
        shades = _ranks(found.data, feature)
        coloured = coloured or shades is not None
        axes.scatter(
            values, place + _beside(values), s=7, linewidth=0, alpha=0.85, zorder=2,
            c=QUIET if shades is None else shades, cmap=None if shades is None else _VALUES,
            vmin=None if shades is None else 0, vmax=None if shades is None else 1,
        )  # fmt: skip
        axes.axhline(place, color=RULE, linewidth=0.4, zorder=0)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    if coloured:
        slot = figure.colorbar(ScalarMappable(cmap=palette(_VALUES)), ax=axes, aspect=40, pad=0.01)
        slot.set_ticks([0, 1], labels=["lowest", "highest"])
        slot.set_label("the row's value", fontsize=7.5, color=QUIET)
        slot.ax.tick_params(labelsize=7, length=0, labelcolor=QUIET)
        slot.outline.set(edgecolor=RULE, linewidth=0.6)


def _ranks(data: Any, feature: int) -> NDArray[np.float64] | None:
    """The rank of every row's value among all, 0 to 1; None where values are no numbers."""
    if data is None:
        return None
    try:
        column = np.asarray(data)[:, feature].astype(np.float64)
    except ValueError:
        return None
    distinct, place = np.unique(column, return_inverse=True)
    return place / max(len(distinct) - 1, 1)


def _beside(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shifts that part dots of nearly the same value, −0.36 to 0.36."""
    span = float(np.ptp(values)) or 1.0
    bins = np.round((values - values.min()) / span * 60).astype(int)
    shifts = np.zeros(len(values))
    most = max(int(np.bincount(bins).max()), 1)
    step = min(0.09, 0.72 / most)
    for one in np.unique(bins):
        own = np.flatnonzero(bins == one)
        turn = np.arange(len(own))
        shifts[own] = step * ((turn + 1) // 2) * np.where(turn % 2, 1, -1)
    return shifts


def _words(axes: Any, found: Importance, drawn: int, swarm: bool) -> None:
    notes = [check.meaning for check in found.checks if check.verdict != "ok"]
    left = len(found.names) - drawn
    more = f" · {left} weaker not shown" if left else ""
    title = found.measure[:1].upper() + found.measure[1:]
    text = "\n".join([title, f"{drawable(found.about)}{more}", *notes])
    axes.set_title(
        text, loc="left", fontsize=8.5, color=WARNING if notes else INK, parse_math=False
    )
    label = "← speaks against      supports →" if swarm else "whiskers: 95 % interval"
    axes.set_xlabel(label, fontsize=7.5, color=QUIET)
    quiet_axes(axes)
