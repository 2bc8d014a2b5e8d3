"""Series: a line for every channel, coloured where it mattered."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from ..core.axes import CHANNEL
from ..core.explanation import Explanation
from .glyphs import drawable
from .palette import SIGNED, WARM, colour
from .panels import INK, QUIET, RULE, bar, heading, subtitle
from .photo import shown
from .pictures import Style
from .reading import Reading
from .scale import Scale, number
from .words import shortened, title_of

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

    Without the input the values themselves are the lines. The time is in the user's units where
    they are known; what lies behind a series' end is left out.
    """
    evidence, lines, rows = lines_of(e, sample, reading)
    times, label = times_of(e, sample, evidence.shape[1])
    evidence, lines = evidence[:, : len(times)], lines[:, : len(times)]
    grid = figure.subplots(len(rows), 1, sharex=True, squeeze=False, gridspec_kw={"hspace": 0.06})
    panels = list(grid[:, 0])
    cmap = style.cmap or (SIGNED if scale.signed else WARM)
    names = e.record.get("channel_names") or [f"channel {i}" for i in range(len(lines))]
    for axes, row in zip(panels, rows, strict=True):
        own = evidence[row] if len(evidence) > 1 else evidence[0]
        _row(axes, times, lines[row], scale.apply(own), cmap, scale.signed, style.alpha)
        named = len(lines) > 1 or "channel_names" in e.record
        name = drawable(shortened(str(names[row]), 18)) if named and row < len(names) else "value"
        axes.set_ylabel(
            name, rotation=0, ha="right", va="center", fontsize=7.5, color=QUIET, parse_math=False
        )
    left_out = len(lines) - len(rows)
    more = f" · {left_out} weaker channels not shown" if left_out > 0 else ""
    heading(figure, title_of(e), subtitle(e, sample) + more + _seen(e, times), reading.note)
    panels[-1].set_xlabel(drawable(label), fontsize=7.5, color=QUIET, parse_math=False)
    bar(figure, panels, e, sample, scale, cmap)


def times_of(e: Explanation, sample: int, steps: int) -> tuple[NDArray[np.float64], str]:
    """The time of every step of a series up to its end, and what the axis is called."""
    source = e.sample_of([sample])[0]
    lengths, times = e.record.get("lengths"), e.record.get("times")
    length = steps if lengths is None else min(steps, int(lengths[source]))
    label = str(e.record.get("time_label", "time step"))
    if times is None or len(times[source]) < length:
        return np.arange(length, dtype=np.float64), label
    return np.asarray(times[source][:length], dtype=np.float64), label


def _seen(e: Explanation, times: NDArray[np.float64]) -> str:
    """How many steps a place of the layer can see, and how long that is."""
    steps = e.record.get("receptive_field")
    if steps is None or len(times) < 2:
        return ""
    known = e.record.get("times") is not None
    span = float(steps) * float(np.median(np.diff(times)))
    return f" · receptive field {steps} steps" + (f" ({number(span)} in time)" if known else "")


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
    axes: Any,
    times: NDArray[Any],
    line: NDArray[Any],
    drawn: NDArray[Any],
    cmap: str,
    signed: bool,
    alpha: float,
) -> None:
    colours = colour(drawn, cmap, signed) / 255
    low, high = float(line.min()), float(line.max())
    margin = 0.12 * (high - low) or 0.5
    edges = _edges(times)
    band = np.dstack([colours[None], 0.45 * alpha * np.abs(drawn)[None]])
    axes.pcolormesh(edges, [low - margin, high + margin], band, zorder=0, rasterized=True)
    axes.plot(times, line, color=RULE, linewidth=0.9, zorder=1)
    ends = np.column_stack([times, line])
    pieces = np.stack([ends[:-1], ends[1:]], 1)
    stronger = np.arange(len(line) - 1) + (np.abs(drawn[1:]) > np.abs(drawn[:-1]))
    strength = np.abs(drawn[stronger])
    ink = np.array(to_rgb(INK))
    shades = ink + (colours[stronger] - ink) * np.minimum(1, 3 * strength)[:, None]
    widths = 0.7 + 1.6 * strength
    axes.add_collection(LineCollection(list(pieces), colors=shades, linewidths=widths, zorder=2))
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(low - margin, high + margin)
    axes.set_yticks([low, high] if high > low else [low])
    axes.set_yticklabels([number(tick) for tick in axes.get_yticks()], fontsize=6)
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=QUIET)
    for spine in axes.spines.values():
        spine.set(color=RULE, linewidth=0.6)


def _edges(times: NDArray[Any]) -> NDArray[np.float64]:
    """The borders between neighbouring times, and one before and behind them."""
    if len(times) < 2:
        return np.array([times[0] - 0.5, times[0] + 0.5])
    middle = (times[:-1] + times[1:]) / 2
    first, last = times[0] - (middle[0] - times[0]), times[-1] + (times[-1] - middle[-1])
    return np.concatenate([[first], middle, [last]])
