"""Metrics of several explanations as a figure: means with intervals, and the curves behind them."""

import html
import math
from collections.abc import Sequence
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from .panels import INK, QUIET, RULE

COLOURS = ("#1f6fc5", "#dd5a1b", "#2a9d6f", "#8f4bb3", "#b38600", "#5c6370", "#c2185b", "#00838f")
"""One a method, told apart also by readers who do not see all colours."""

_ACROSS, _WIDTH, _TALL = 4, 2.9, 2.2


def plot_scores(evaluation: Any) -> Figure:
    """One panel a metric, one bar a method with its 95 % interval; curves below."""
    scores = list(evaluation)
    metrics = list(dict.fromkeys(s.metric for s in scores))
    methods = list(dict.fromkeys(s.method for s in scores))
    curved = list(dict.fromkeys(s.metric for s in scores if s.curve is not None))
    across = min(_ACROSS, max(len(metrics), 1))
    rows, lower = math.ceil(len(metrics) / across), math.ceil(len(curved) / across)
    bar = 0.75 + 0.22 * len(methods)
    heights = [bar] * rows + [_TALL] * lower
    with matplotlib.style.context("default"):
        figure = Figure(
            figsize=(1.2 + _WIDTH * across, sum(heights) + 0.3), dpi=110, layout="constrained",
            facecolor="white",
        )  # fmt: skip
        axes = figure.subplots(len(heights), across, squeeze=False, height_ratios=heights)
        places = axes.ravel().tolist()
        for k, metric in enumerate(metrics):
            own = [s for s in scores if s.metric == metric]
            _bars(places[k], own, methods, named=k % across == 0)
        for k, metric in enumerate(curved):
            own = [s for s in scores if s.metric == metric and s.curve is not None]
            _curves(places[rows * across + k], own, methods)
        used = {*range(len(metrics)), *(rows * across + k for k in range(len(curved)))}
        for k, place in enumerate(places):
            place.set_visible(k in used)
    return figure


def scores_html(evaluation: Any) -> str:
    """A table: a row a method, a column a metric, the best of each in bold."""
    scores = list(evaluation)
    metrics = list(dict.fromkeys(s.metric for s in scores))
    methods = list(dict.fromkeys(s.method for s in scores))
    head = "".join(f"<th>{html.escape(_named(scores, m))}</th>" for m in metrics)
    body = ""
    for method in methods:
        cells = "".join(f"<td>{_cell(scores, metric, method)}</td>" for metric in metrics)
        body += f"<tr><th>{html.escape(method)}</th>{cells}</tr>"
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"


def _named(scores: Sequence[Any], metric: str) -> str:
    return f"{metric} {_arrow(next(s for s in scores if s.metric == metric))}"


def _arrow(score: Any) -> str:
    return "↑" if score.better == "higher" else "↓"


def _cell(scores: Sequence[Any], metric: str, method: str) -> str:
    same = [s for s in scores if s.metric == metric]
    found = next((s for s in same if s.method == method), None)
    if found is None:
        return ""
    pick = max if found.better == "higher" else min
    best = found.mean == pick(s.mean for s in same)
    text = f"{found.mean:.3g}"
    if not math.isnan(found.low):
        text += f" <small>[{found.low:.3g}, {found.high:.3g}]</small>"
    return f"<b>{text}</b>" if best and len(same) > 1 else text


def _bars(axes: Any, scores: Sequence[Any], methods: Sequence[str], named: bool) -> None:
    places = [methods.index(s.method) for s in scores]
    means = [s.mean for s in scores]
    colours = [COLOURS[p % len(COLOURS)] for p in places]
    axes.barh(places, means, color=colours, height=0.62, alpha=0.85)
    for place, score in zip(places, scores, strict=True):
        if not math.isnan(score.low):
            axes.plot([score.low, score.high], [place, place], color=INK, linewidth=1.1)
    axes.set_yticks(range(len(methods)), methods if named else [""] * len(methods))
    axes.set_ylim(len(methods) - 0.4, -0.6)
    if min(means) < 0:
        axes.axvline(0, color=RULE, linewidth=0.8)
    better = "more" if scores[0].better == "higher" else "less"
    axes.set_title(f"{scores[0].title} · {better} is better", fontsize=8, loc="left", color=INK)
    _plain(axes)


def _curves(axes: Any, scores: Sequence[Any], methods: Sequence[str]) -> None:
    for score in scores:
        colour = COLOURS[methods.index(score.method) % len(COLOURS)]
        curve, at = np.asarray(score.curve), np.asarray(score.at)
        mean = curve.mean(0)
        axes.plot(at, mean, color=colour, linewidth=1.4, label=score.method)
        if len(curve) > 1:
            error = curve.std(0) / len(curve) ** 0.5
            axes.fill_between(at, mean - error, mean + error, color=colour, alpha=0.15, linewidth=0)
    axes.set_title(scores[0].title, fontsize=8, loc="left", color=INK)
    axes.set_xlabel("share of features", fontsize=7, color=QUIET)
    axes.legend(fontsize=6.5, frameon=False, labelcolor=INK)
    _plain(axes)


def _plain(axes: Any) -> None:
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=RULE, linewidth=0.6)
