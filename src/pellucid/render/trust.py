"""A trust report as a figure: every check on every item, and the verdict in words."""

import math
import textwrap
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .panels import INK, QUIET
from .scale import number

_COLOURS = {"ok": "#cfe9da", "poor": "#f8dfae", "failed": "#f2b8b3", None: "#eef0f3"}
_HEAD = {"ok": "#1a7f4b", "poor": "#955000", "failed": "#b3261e"}

MOST = 24
"""Items in the figure, the first ones."""

_LETTERS, _CELL = 86, 0.3


def plot_trust(trust: Any) -> Figure:
    """A row a check, a column an item: green is ok, yellow poor, red failed, grey not about it."""
    count = min(len(trust.verdicts), MOST)
    checks = [check for check in trust.checks if check.verdicts or check.verdict]
    lines = [line for reason in trust.reasons for line in textwrap.wrap(reason, _LETTERS)]
    top, tall = 0.5 + 0.17 * len(lines), _CELL * (len(checks) + 1)
    cell = max(0.42, min(0.8, 4.4 / max(count, 1)))
    wide = 2.3 + cell * count + 0.15
    size = (max(wide, 6.4), top + tall + 0.25)
    with matplotlib.style.context("default"):
        figure = Figure(figsize=size, dpi=110, facecolor="white")
        _write(figure, 0.12, 0.12, f"{trust.verified.method}: {trust.headline}", 10,
               _HEAD[trust.verdict], weight="bold")  # fmt: skip
        for k, line in enumerate(lines):
            _write(figure, 0.12, 0.38 + 0.17 * k, line, 7.5, INK)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, size[0])
        axes.set_ylim(size[1], 0)
        axes.set_axis_off()
        for row, check in enumerate(checks):
            y = top + _CELL * row
            axes.text(0.12, y + _CELL / 2, check.name, fontsize=7.5, color=INK, va="center")
            for item in range(count):
                _draw(axes, (2.3 + cell * item, y, cell), check, item)
        y = top + _CELL * len(checks)
        axes.text(0.12, y + _CELL / 2, "verdict", fontsize=7.5, weight="bold", va="center")
        for item, verdict in enumerate(trust.verdicts[:count]):
            _box(axes, (2.3 + cell * item, y, cell), verdict, verdict)
        if count < len(trust.verdicts):
            text = f"the first {count} of {len(trust.verdicts)} items"
            _write(figure, 0.12, size[1] - 0.18, text, 7, QUIET)
    return figure


def _draw(axes: Any, at: tuple[float, float, float], check: Any, item: int) -> None:
    verdict = check.verdicts[item] if check.verdicts else check.verdict
    value = check.value[item] if isinstance(check.value, tuple) else check.value
    known = isinstance(value, int | float) and math.isfinite(value)
    _box(axes, at, verdict, number(round(float(value), 3)) if known else "")


def _box(axes: Any, at: tuple[float, float, float], verdict: Any, text: str) -> None:
    x, y, wide = at
    axes.add_patch(
        Rectangle((x + 0.02, y + 0.02), wide - 0.04, _CELL - 0.04, facecolor=_COLOURS[verdict])
    )
    axes.text(x + wide / 2, y + _CELL / 2, text, fontsize=6.5, color=INK, ha="center", va="center")


def _write(
    figure: Figure, x: float, y: float, text: str, size: float, color: str, **more: Any
) -> None:
    wide, tall = figure.get_size_inches()
    figure.text(
        x / wide, 1 - y / tall, text, fontsize=size, color=color, va="top", parse_math=False, **more
    )
