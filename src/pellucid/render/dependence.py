"""The curve of a score over one column, with every row's own curve and the data below."""

from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from ..core.dependence import Dependence
from .glyphs import drawable
from .panels import INK, QUIET, RULE, WARNING
from .scale import number
from .words import shortened

_LINE, _FAINT = "#1f6fc5", "#9db8d6"
_MOST = 100
"""Rows whose own curves are drawn."""


def plot_dependence(d: Dependence, centred: bool = False, curves: bool = True) -> Figure:
    """One panel; `centred` lets every curve begin at zero (c-ICE), `curves=False` hides them."""
    with matplotlib.style.context("default"):
        figure = Figure(figsize=(5.6, 3.7), dpi=110, layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        places = np.arange(len(d.grid)) if d.labels else d.grid
        start = d.values[0] if centred else 0.0
        if d.curves is not None and curves:
            own = d.curves[_spread(len(d.curves))]
            own = own - own[:, :1] if centred else own
            axes.plot(places, own.T, color=_FAINT, linewidth=0.5, alpha=0.55, zorder=1)
        if d.std_error is not None:
            low, high = (d.values - start + side * 1.96 * d.std_error for side in (-1, 1))
            axes.fill_between(places, low, high, color=_FAINT, alpha=0.4, linewidth=0, zorder=2)
        marker = "o" if d.labels or len(d.grid) <= 12 else None
        axes.plot(
            places, d.values - start, color=_LINE, linewidth=2.2, marker=marker, markersize=4,
            zorder=3,
        )  # fmt: skip
        _below(axes, d)
        _words(axes, d, centred, curves)
    return figure


def _spread(count: int) -> Any:
    """Rows spread evenly over all."""
    return np.unique(np.linspace(0, count - 1, min(count, _MOST)).astype(int))


def _below(axes: Any, d: Dependence) -> None:
    """Where the data lie: a tick for every tenth of them, or their counts."""
    if d.labels:
        counts = [int((d.column == code).sum()) for code in d.grid]
        names = [f"{shortened(n, 18)}\n{c} rows" for n, c in zip(d.labels, counts, strict=True)]
        axes.set_xticks(np.arange(len(names)), [drawable(n) for n in names], parse_math=False)
        return
    tenths = np.quantile(d.column, np.linspace(0, 1, 11))
    kept = tenths[(tenths >= d.grid.min()) & (tenths <= d.grid.max())]
    axes.plot(
        kept, np.zeros(len(kept)), "|", color=QUIET, markersize=9, clip_on=False,
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip
    axes.xaxis.set_major_formatter(lambda value, _: number(float(value)))


def _words(axes: Any, d: Dependence, centred: bool, curves: bool) -> None:
    ale = d.kind == "accumulated_local_effects"
    title = "Accumulated local effects" if ale else "Partial dependence"
    below = f"{d.target} on {d.feature} · {len(d.column)} rows"
    notes = [check.meaning for check in d.checks if check.verdict != "ok"]
    if d.curves is not None and curves:
        below += " · thin: single rows (ICE)"
    elif d.std_error is not None:
        below += " · band: 95 %"
    text = "\n".join([title, drawable(below), *notes])
    colour = WARNING if notes else INK
    axes.set_title(text, loc="left", fontsize=8.5, color=colour, parse_math=False)
    axes.set_xlabel(
        drawable(d.feature) + ("" if d.labels else "   (ticks: tenths of the data)"),
        fontsize=8, color=QUIET, parse_math=False,
    )  # fmt: skip
    change = "change of the " if ale or centred else ""
    axes.set_ylabel(f"{change}{d.unit}", fontsize=8, color=QUIET)
    axes.yaxis.set_major_formatter(lambda value, _: number(float(value)))
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=QUIET)
    axes.grid(axis="y", color=RULE, linewidth=0.4)
    if ale or centred:
        axes.axhline(0, color=INK, linewidth=0.7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=RULE, linewidth=0.6)
