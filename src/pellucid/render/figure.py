"""Explanations as matplotlib figures, without touching the caller's figures or styles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from ..core.explanation import Explanation
from ..errors import ParameterError
from .bars import bars_size, draw_bars
from .grid import draw_grid, grid_size
from .overlay import SHARE
from .panels import draw_image, draw_photo, image_size
from .photo import photo_of
from .pictures import Style, View
from .reading import Channels, Kind, Reading, expanded, read, usual_view
from .scale import CLIP, Scale, scale_of
from .series import draw_series, series_size
from .synthesis import draw_synthesis, is_picture, synthesis_size
from .tokens import draw_words, words_size
from .volume import VOLUME_SIZE, draw_volume

MOST = 60
"""Panels in one figure."""

_ACROSS = 4
_Draw = Callable[[Any, Explanation, int, Reading, Scale, Style], None]
_DRAW: dict[Kind, _Draw] = {
    "image": draw_image,
    "series": draw_series,
    "volume": draw_volume,
    "bars": draw_bars,
    "words": draw_words,
    "activations": draw_grid,
    "synthesis": draw_synthesis,
}


@dataclass(frozen=True)
class _Cell:
    """One panel: its size in inches, and what is drawn there."""

    size: tuple[float, float]
    draw: Callable[[Any], None]


def plot(
    explanations: Explanation | Sequence[Explanation],
    sample: int | None = 0,
    view: View | str = "auto",
    *,
    shared: bool = False,
    channels: Channels | str | int = "sum",
    cmap: str | None = None,
    alpha: float = 0.6,
    uniform: bool = False,
    clip: float | None = CLIP,
    share: float = SHARE,
) -> Figure:
    """A figure of one explanation, or of several side by side.

    `sample=None` draws every sample. `view` is `overlay`, `map`, `boundaries`, `top_share`, or
    `auto`: the map alone for values as fine as the pixels, else the overlay. `shared` draws all of
    them on one scale, so that colours can be compared. Colours end at the percentile `clip` of the
    sizes, as the colour bar says.
    """
    style = Style(view, cmap, alpha, uniform, clip, share)
    found = expanded(explanations)
    rows = [_samples(e, sample) for e in found]
    readings = [
        [(i, read(e, i, channels)) for i in own] for e, own in zip(found, rows, strict=True)
    ]
    if sum(len(own) for own in readings) > MOST:
        raise ParameterError(
            f"{sum(len(own) for own in readings)} panels are too many for one figure.",
            f"Draw at most {MOST}: plot(e[:8], sample=None).",
        )
    common = _common([r for own in readings for _, r in own], clip) if shared else None
    with matplotlib.style.context("default"):
        return _figure(_lines(found, readings, common, style))


def own_scale(reading: Reading, clip: float | None = CLIP) -> Scale:
    """The scale of one sample by itself."""
    return scale_of([reading.values], reading.signed, clip)


def suited(style: Style, e: Explanation) -> Style:
    """The style with `auto` decided."""
    return replace(style, view=usual_view(e)) if style.view == "auto" else style


def _samples(e: Explanation, sample: int | None) -> list[int]:
    return list(range(len(e))) if sample is None else [sample]


def _common(readings: list[Reading], clip: float | None) -> Scale:
    return scale_of([r.values for r in readings], any(r.signed for r in readings), clip)


def _lines(
    found: list[Explanation],
    readings: list[list[tuple[int, Reading]]],
    common: Scale | None,
    style: Style,
) -> list[list[_Cell]]:
    """The cells row by row: sample by sample, images after their photograph."""
    if all(is_picture(e) and e.display is None for e in found):
        return _gallery(found, readings, common, style)
    lines = []
    for k in range(max(len(own) for own in readings)):
        row: list[_Cell] = []
        for e, own in zip(found, readings, strict=True):
            if k < len(own):
                row += _cells(e, *own[k], common, style, first=not row)
        wide = any(cell.size[0] > 5 for cell in row)
        lines += [[cell] for cell in row] if wide else _wrapped(row)
    return lines


def _gallery(
    found: list[Explanation],
    readings: list[list[tuple[int, Reading]]],
    common: Scale | None,
    style: Style,
) -> list[list[_Cell]]:
    """The cells of pictures made from noise: an explanation after the other."""
    lines = []
    for e, own in zip(found, readings, strict=True):
        cells = [_cells(e, *one, common, style, first=False)[0] for one in own]
        lines += _wrapped(cells)
    return lines


def _cells(
    e: Explanation, sample: int, reading: Reading, common: Scale | None, style: Style, first: bool
) -> list[_Cell]:
    scale = common or own_scale(reading, style.clip)
    style = suited(style, e)
    size = _size(e, sample, reading)
    cell = _Cell(size, lambda at: _DRAW[reading.kind](at, e, sample, reading, scale, style))
    flat = reading.kind == "image" or is_picture(e)
    photo = photo_of(e, sample) if flat and first else None
    if photo is None:
        return [cell]
    return [_Cell(size, lambda at: draw_photo(at, e, sample, photo)), cell]


def _size(e: Explanation, sample: int, reading: Reading) -> tuple[float, float]:
    if reading.kind == "image":
        return image_size(e, sample, reading)
    if reading.kind == "synthesis":
        return synthesis_size(e, sample, reading)
    if reading.kind == "volume":
        return VOLUME_SIZE
    if reading.kind == "words":
        return words_size(e, sample)
    sizes = {"series": series_size, "bars": bars_size, "activations": grid_size}
    return sizes[reading.kind](reading)


def _wrapped(row: list[_Cell]) -> list[list[_Cell]]:
    across = len(row) if len(row) <= _ACROSS + 1 else _ACROSS
    return [row[start : start + across] for start in range(0, len(row), across)]


def _figure(lines: list[list[_Cell]]) -> Figure:
    heights = [max(cell.size[1] for cell in line) for line in lines]
    width = max(sum(cell.size[0] for cell in line) for line in lines)
    figure = Figure(figsize=(width, sum(heights)), dpi=110, layout="constrained", facecolor="white")
    bands = figure.subfigures(len(lines), 1, squeeze=False, height_ratios=heights)[:, 0]
    across = max(len(line) for line in lines)
    for band, line in zip(bands, lines, strict=True):
        for cell, place in zip(line, band.subfigures(1, across, squeeze=False)[0], strict=False):
            cell.draw(place)
    return figure
