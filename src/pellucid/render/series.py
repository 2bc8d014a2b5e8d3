"""Series: a line for every channel, coloured where it mattered."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from ..core.axes import CHANNEL
from ..core.explanation import Explanation
from .palette import SIGNED, WARM, colour
from .panels import INK, QUIET, RULE, bar, heading, subtitle
from .photo import shown
from .pictures import Style
from .reading import Reading
from .scale import Scale, number
from .words import title_of

MOST = 12
"""Channels drawn; of more, those with the strongest evidence."""

_INCH = 0.62


def series_size(reading: Reading) -> tuple[float, float]:
    """Inches of a series' figure."""
    rows = min(MOST, len(reading.values)) if CHANNEL in reading.axes else MOST // 3
    return 8.0, 1.6 + _INCH * max(2, rows)


def draw_series(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """One row per channel: the line in the colour of its evidence, over a faint band of the same.

    Without the input the values themselves are the lines.
    """
    evidence, lines, rows = lines_of(e, sample, reading)
    grid = figure.subplots(len(rows), 1, sharex=True, squeeze=False, gridspec_kw={"hspace": 0.06})
    panels = list(grid[:, 0])
    cmap = style.cmap or (SIGNED if scale.signed else WARM)
    for axes, row in zip(panels, rows, strict=True):
        own = evidence[row] if len(evidence) > 1 else evidence[0]
        _row(axes, lines[row], scale.apply(own), cmap, scale.signed, style.alpha)
        label = f"channel {row}" if len(lines) > 1 else "value"
        axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=7.5, color=QUIET)
    left_out = len(lines) - len(rows)
    more = f" · {left_out} weaker channels not shown" if left_out > 0 else ""
    heading(figure, title_of(e), subtitle(e, sample) + more, reading.note)
    panels[-1].set_xlabel("time step", fontsize=7.5, color=QUIET)
    bar(figure, panels, e, sample, scale, cmap)


def lines_of(
    e: Explanation, sample: int, reading: Reading
) -> tuple[NDArray[Any], NDArray[Any], list[int]]:
    """Evidence `(1 or channels, time)`, the series `(channels, time)`, and the channels to draw."""
    evidence = np.atleast_2d(np.nan_to_num(reading.values))
    lines = _input(e, sample, evidence)
    if len(lines) <= MOST:
        return evidence, lines, list(range(len(lines)))
    sizes = np.abs(evidence).sum(1) if len(evidence) > 1 else -np.arange(len(lines))
    strongest = np.argsort(-sizes, kind="stable")[:MOST]
    return evidence, lines, sorted(int(row) for row in strongest)


def _input(e: Explanation, sample: int, evidence: NDArray[Any]) -> NDArray[Any]:
    seen = shown(e, sample)
    steps = evidence.shape[1]
    if seen is None or seen.ndim > 2:
        return evidence
    lines = np.atleast_2d(np.nan_to_num(np.asarray(seen, np.float64)))
    channel_last = len(e.axes) == 3 and e.axes[2] == CHANNEL
    if lines.shape[0] == steps and (channel_last or lines.shape[1] != steps):
        lines = lines.T
    fits = lines.shape[1] == steps and len(evidence) in (1, len(lines))
    return lines if fits else evidence


def _row(
    axes: Any, line: NDArray[Any], drawn: NDArray[Any], cmap: str, signed: bool, alpha: float
) -> None:
    steps = np.arange(len(line))
    colours = colour(drawn, cmap, signed) / 255
    low, high = float(line.min()), float(line.max())
    margin = 0.12 * (high - low) or 0.5
    band = np.dstack([colours[None], 0.45 * alpha * np.abs(drawn)[None]])
    extent = (-0.5, len(line) - 0.5, low - margin, high + margin)
    axes.imshow(band, extent=extent, aspect="auto", interpolation="nearest", zorder=0)
    axes.plot(steps, line, color=RULE, linewidth=0.9, zorder=1)
    ends = np.column_stack([steps, line])
    pieces = np.stack([ends[:-1], ends[1:]], 1)
    stronger = steps[:-1] + (np.abs(drawn[1:]) > np.abs(drawn[:-1]))
    strength = np.abs(drawn[stronger])
    ink = np.array(to_rgb(INK))
    shades = ink + (colours[stronger] - ink) * np.minimum(1, 3 * strength)[:, None]
    widths = 0.7 + 1.6 * strength
    axes.add_collection(LineCollection(list(pieces), colors=shades, linewidths=widths, zorder=2))
    axes.set_xlim(-0.5, len(line) - 0.5)
    axes.set_ylim(low - margin, high + margin)
    axes.set_yticks([low, high] if high > low else [low])
    axes.set_yticklabels([number(tick) for tick in axes.get_yticks()], fontsize=6)
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=QUIET)
    for spine in axes.spines.values():
        spine.set(color=RULE, linewidth=0.6)
