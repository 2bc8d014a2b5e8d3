"""What a layer puts out: a grid of its strongest channels, each on its own stated range."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.axes import CHANNEL
from ..core.explanation import Explanation
from .palette import colour
from .panels import QUIET, bare, heading
from .pictures import Style
from .reading import Reading
from .scale import Scale, number, scale_of
from .words import title_of

MOST = 16
"""Channels drawn; of more, those that respond most strongly."""

_STRIP = 64


def grid_size(reading: Reading) -> tuple[float, float]:
    """Inches of a grid of channels."""
    tiles = tiles_of(reading)
    columns = _columns(tiles[0][1])
    rows = math.ceil(len(tiles) / columns)
    return 7.6, 1.2 + rows * (1.95 if columns > 1 else 0.62)


def draw_grid(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """Every tile is one channel, with its number and its least and greatest raw value."""
    tiles = tiles_of(reading)
    columns = _columns(tiles[0][1])
    rows = math.ceil(len(tiles) / columns)
    cells = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in cells[len(tiles) :]:
        axes.set_axis_off()
    for axes, (name, values) in zip(cells, tiles, strict=False):
        own = scale_of([values], reading.signed, style.clip)
        pixels = colour(own.apply(values), style.cmap, reading.signed)
        axes.imshow(pixels, interpolation="nearest", aspect="equal" if columns > 1 else "auto")
        span = f"{number(float(values.min()))} … {number(float(values.max()))}"
        axes.set_title(f"{name}   {span}", loc="left", fontsize=7, color=QUIET, pad=3)
        bare(axes)
    heading(figure, *_words(e, reading, len(tiles)), reading.note)


def tiles_of(reading: Reading) -> list[tuple[str, NDArray[np.float32]]]:
    """The strongest channels as named 2-D tiles, in the layer's order.

    Channels of a series are strips of one row; a vector is cut into strips; of a volume's channel
    the slice through its strongest voxel is drawn.
    """
    values = np.nan_to_num(reading.values)
    if reading.axes[:1] != (CHANNEL,):
        flat = values.ravel()
        cuts = range(0, len(flat), _STRIP)
        strips = [flat[start : start + _STRIP] for start in cuts][:MOST]
        starts = list(cuts)[:MOST]
        return [
            (f"{s}–{s + len(v) - 1}", _padded(v, len(strips)))
            for s, v in zip(starts, strips, strict=True)
        ]
    sizes = np.abs(values).reshape(len(values), -1).max(1)
    kept = sorted(int(k) for k in np.argsort(-sizes, kind="stable")[:MOST])
    return [(f"channel {k}", _flat(values[k])) for k in kept]


def _padded(strip: NDArray[Any], strips: int) -> NDArray[np.float32]:
    short = _STRIP - len(strip) if strips > 1 else 0
    return np.pad(strip, (0, short))[None].astype(np.float32)


def _flat(channel: NDArray[Any]) -> NDArray[np.float32]:
    if channel.ndim == 3:
        depth = np.unravel_index(int(np.abs(channel).argmax()), channel.shape)[0]
        return np.asarray(channel[depth])
    return np.asarray(np.atleast_2d(channel))


def _columns(tile: NDArray[Any]) -> int:
    return 4 if len(tile) > 1 else 1


def _words(e: Explanation, reading: Reading, drawn: int) -> tuple[str, str]:
    layer = e.record.get("part") or e.record.get("layer") or "layer"
    name = layer if isinstance(layer, str) else ", ".join(layer)
    shape = " × ".join(str(size) for size in reading.values.shape)
    title = title_of(e) if str(name) in title_of(e) else f"{title_of(e)} of {name}"
    if CHANNEL in reading.axes:
        total = reading.values.shape[reading.axes.index(CHANNEL)]
        shape += f" · the {drawn} strongest of {total} channels" if drawn < total else ""
    return title, f"{shape} · every tile on its own range"
