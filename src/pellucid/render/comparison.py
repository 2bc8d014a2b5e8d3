"""The saliency panel: a grid of explanations with their agreement and badges."""

import textwrap
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from ..core.explanation import Explanation
from ..errors import ParameterError, suggest
from .figure import MOST, own_scale
from .image import image
from .palette import palette
from .panels import INK, show
from .photo import photo_of
from .reading import read
from .scale import Scale, scale_of

SCALES = ("own", "column", "shared")
BADGES = {
    "ok": ("depends on the weights", "#1a7f4b"),
    "poor": ("in part the same for a random network", "#955000"),
    "failed": ("the same for a random network", "#b3261e"),
}
"""What a badge says under a method's name, and its colour."""

MATRICES = {
    "spearman": "Rank correlation",
    "overlap": "Overlap of the top tenth",
    "ssim": "Structural similarity",
}
_WIDE, _TALL, _FOOT = 2.1, 2.1, 2.6


def plot_comparison(comparison: Any, scale: str = "own", view: str = "auto") -> Figure:
    """One line a row, one picture a column after the photograph; matrices of agreement below."""
    if scale not in SCALES:
        raise ParameterError(f"scale={scale!r} is unknown.", suggest(scale, SCALES))
    grid, columns = comparison.explanations, comparison.columns
    if len(grid) * len(columns) > MOST:
        raise ParameterError(
            f"{len(grid) * len(columns)} pictures are too many for one figure.",
            f"Compare at most {MOST}: fewer items, targets or methods.",
        )
    photos = [photo_of(row[0], 0) if _flat(row[0]) else None for row in grid]
    lead = 1 if any(photo is not None for photo in photos) else 0
    across = len(columns) + lead
    foot = _FOOT if len(columns) > 1 else 0.01
    with matplotlib.style.context("default"):
        size = (max(_WIDE * across, 6.3), _TALL * len(grid) + 0.75 + foot)
        figure = Figure(figsize=size, dpi=110, layout="constrained", facecolor="white")
        bands = figure.subfigures(2, 1, squeeze=False, height_ratios=[size[1] - foot, foot])
        above, below = bands[0, 0], bands[1, 0]
        axes = above.subplots(len(grid), across, squeeze=False)
        scales = _scales(grid, scale)
        for r, row in enumerate(grid):
            if lead:
                _photo(axes[r, 0], photos[r], "Input" if r == 0 else "")
            for c, e in enumerate(row):
                show(axes[r, c + lead], image(e, 0, view, scales[r][c]))
                if r == 0:
                    _head(axes[0, c + lead], columns[c], comparison.badges.get(columns[c]))
            name = "\n".join(textwrap.wrap(comparison.rows[r], 26))
            axes[r, 0].set_ylabel(name, fontsize=7.5, color=INK)
        if len(columns) > 1:
            _matrices(below, comparison)
    return figure


def _flat(e: Explanation) -> bool:
    return read(e, 0).kind == "image"


def _photo(axes: Any, photo: Any, title: str) -> None:
    if photo is None:
        axes.set_axis_off()
        return
    show(axes, photo)
    axes.set_title(title, fontsize=8.5, color=INK, loc="left", pad=14)


def _head(axes: Any, name: str, badge: Any) -> None:
    axes.set_title("\n".join(textwrap.wrap(name, 24)), fontsize=8.5, color=INK, loc="left", pad=14)
    if badge is not None:
        words, colour = BADGES[badge.verdict]
        axes.text(
            0, 1.015, f"● {words}", transform=axes.transAxes, fontsize=6, color=colour, va="bottom"
        )


def _scales(grid: Any, how: str) -> list[list[Scale]]:
    """The scale of every picture."""
    readings = [[read(e, 0) for e in row] for row in grid]
    if how == "own":
        return [[own_scale(reading) for reading in row] for row in readings]
    if how == "shared":
        every = [reading for row in readings for reading in row]
        one = scale_of([r.values for r in every], any(r.signed for r in every))
        return [[one] * len(row) for row in readings]
    columns = list(zip(*readings, strict=True))
    each = [scale_of([r.values for r in own], any(r.signed for r in own)) for own in columns]
    return [list(each) for _ in readings]


def _matrices(figure: Any, comparison: Any) -> None:
    count = len(comparison.columns)
    places = figure.subplots(1, len(MATRICES), squeeze=False)[0]
    for k, (name, title) in enumerate(MATRICES.items()):
        matrix, axes = comparison.agreement[name], places[k]
        axes.imshow(matrix, cmap=palette(None, signed=True), vmin=-1, vmax=1)
        for i in range(count):
            for j in range(count):
                dark = abs(matrix[i, j]) > 0.6
                axes.text(
                    j, i, f"{matrix[i, j]:.2f}".replace("-", "−"), ha="center", va="center",
                    fontsize=6.5, color="white" if dark else INK,
                )  # fmt: skip
        short = [textwrap.shorten(column, 22, placeholder="…") for column in comparison.columns]
        axes.set_xticks([])
        axes.set_yticks(range(count), short if k == 0 else [""] * count)
        axes.tick_params(labelsize=7, length=0, labelcolor=INK)
        axes.set_title(title, fontsize=8, color=INK, loc="left")
        for spine in axes.spines.values():
            spine.set_visible(False)
