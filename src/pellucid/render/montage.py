"""A montage: the items of a gallery's lists, row by row, with score, label and prediction."""

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from ..core.gallery import TITLES, Entry, Gallery, Listing
from ..errors import ParameterError
from .encode import data_address, png
from .glyphs import drawable
from .panels import INK, QUIET, RULE
from .scale import number
from .words import shortened

RIGHT, WRONG, PAPER = "#1a7f4b", "#b3261e", "#eef0f3"

MOST = 400
"""Pictures in one figure."""

_TILE, _GAP, _SIDE, _WORDS, _HEAD, _UNIT, _TOP = 1.12, 0.12, 0.25, 0.5, 0.3, 0.34, 0.62
_TEXT = 1.7
"""Inches: a tile's side, between tiles, at the sides, for the words below a tile, above a list,
above a unit, and above all; how much wider a tile with text is."""

_LARGE = 0.5
"""Share of the picture above which a receptive field is not cut out but outlined."""

_ACROSS = 10


@dataclass(frozen=True)
class _Row:
    """One line of tiles; `head` names the unit, `title` the list, where they begin."""

    entries: Sequence[Entry]
    title: str = ""
    head: str = ""
    tint: str = QUIET


def montage(gallery: Gallery, across: int | None = None, crop: bool = True) -> Figure:
    """The lists of a gallery as a figure, one list a row.

    Under every item stand its value, its label, and the prediction where that is another one: green
    where the prediction is right, red where it is wrong. With `crop`, a channel's items show the
    receptive field, and the whole picture in a corner. `across` is the number of tiles in a row.
    """
    if len(gallery.entries) > MOST:
        raise ParameterError(
            f"{len(gallery.entries)} pictures are too many for one figure.",
            f"Draw at most {MOST}: ask for fewer units, or a smaller top.",
        )
    longest = max((len(listing.entries) for listing in gallery.listings), default=1)
    columns = max(1, min(across or min(longest, _ACROSS), longest))
    rows = _rows(gallery.listings, columns)
    text = any(isinstance(e.shown, str) or e.shown is None for e in gallery.entries)
    series = any(_is_series(e.shown) for e in gallery.entries)
    tile = _TILE * (_TEXT if text or series else 1.0)
    with matplotlib.style.context("default"):
        return _figure(gallery, rows, columns, tile, crop)


def gallery_html(gallery: Gallery) -> str:
    """A gallery in a notebook."""
    picture = data_address(png(montage(gallery), dpi=100))
    return f'<img src="{picture}" alt="Extreme items of {len(gallery)}" style="max-width:100%">'


def _rows(listings: Sequence[Listing], columns: int) -> list[_Row]:
    rows: list[_Row] = []
    last = ""
    for listing in listings:
        head = listing.unit if listing.unit != last else ""
        last = listing.unit
        for start in range(0, len(listing.entries), columns):
            first = start == 0
            rows.append(
                _Row(
                    listing.entries[start : start + columns],
                    _title(listing) if first else "",
                    head if first else "",
                )
            )
    return rows


def _title(listing: Listing) -> str:
    words = TITLES[listing.kind]
    return words[0].upper() + words[1:]


def _figure(gallery: Gallery, rows: list[_Row], columns: int, tile: float, crop: bool) -> Figure:
    wide = max(5.2, 2 * _SIDE + columns * tile + (columns - 1) * _GAP)
    tall = _TOP + sum(_height(row) for row in rows) + 0.1
    figure = Figure(figsize=(wide, tall), dpi=110, facecolor="white")
    where = f" of {gallery.layer}" if gallery.layer else ""
    title = f"What drives the {'units' if gallery.layer else 'scores'}{where} to their extremes"
    _write(figure, _SIDE, 0.16, title, 11, INK, weight="bold")
    _write(figure, _SIDE, 0.38, _facts(gallery), 8, QUIET)
    y = _TOP
    for row in rows:
        if row.head:
            _write(figure, _SIDE, y + 0.1, shortened(row.head, 70), 9.5, INK, weight="bold")
            y += _UNIT
        if row.title:
            _write(figure, _SIDE, y, row.title, 8, QUIET)
            y += _HEAD - 0.06
        for i, entry in enumerate(row.entries):
            x = _SIDE + i * (tile + _GAP)
            _tile(figure, entry, (x, y, tile), gallery, crop)
        y += _TILE + _WORDS
    return figure


def _height(row: _Row) -> float:
    own = _TILE + _WORDS
    return own + (_UNIT if row.head else 0) + (_HEAD - 0.06 if row.title else 0)


def _facts(gallery: Gallery) -> str:
    skipped = f", {len(gallery.skipped)} left out" if gallery.skipped else ""
    return f"{gallery.items} items of {gallery.data}{skipped} · values: {gallery.unit}"


def _write(
    figure: Figure, x: float, y: float, text: str, size: float, color: str, **more: Any
) -> None:
    """Text at inches from the left and from the top."""
    wide, tall = figure.get_size_inches()
    figure.text(
        x / wide, 1 - y / tall, drawable(text), fontsize=size, color=color, va="top",
        parse_math=False, **more,
    )  # fmt: skip


def _tile(
    figure: Figure, entry: Entry, at: tuple[float, float, float], gallery: Gallery, crop: bool
) -> None:
    x, y, side = at
    wide, tall = figure.get_size_inches()
    axes = figure.add_axes((x / wide, 1 - (y + _TILE) / tall, side / wide, _TILE / tall))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=_mark(entry), linewidth=1.6 if entry.correct is not None else 0.6)
    _draw_of(entry)(axes, entry, crop)
    letters = int(side * 15)
    _write(figure, x, y + _TILE + 0.05, number(entry.value), 7.5, INK, weight="bold")
    for line, (text, color) in enumerate(_lines(entry)):
        _write(figure, x, y + _TILE + 0.18 + 0.125 * line, shortened(text, letters), 6.8, color)


def _mark(entry: Entry) -> str:
    return RULE if entry.correct is None else RIGHT if entry.correct else WRONG


def _lines(entry: Entry) -> list[tuple[str, str]]:
    """Label and prediction: one line where they agree, the name where there is neither."""
    if entry.label is None and entry.predicted is None:
        return [(entry.name.rpartition("/")[2], QUIET)]
    if entry.correct:
        return [(str(entry.label), RIGHT)]
    wrong = WRONG if entry.correct is False else QUIET
    first = [(entry.label, QUIET)] if entry.label is not None else []
    second = [(f"→ {entry.predicted}", wrong)] if entry.predicted is not None else []
    return [*first, *second]


def _draw_of(entry: Entry) -> Callable[[Any, Entry, bool], None]:
    if isinstance(entry.shown, np.ndarray):
        return _draw_series if _is_series(entry.shown) else _draw_picture
    return _draw_text


def _is_series(shown: Any) -> bool:
    return isinstance(shown, np.ndarray) and shown.dtype != np.uint8 and shown.ndim == 2


def _draw_picture(axes: Any, entry: Entry, crop: bool) -> None:
    """The picture, or its receptive field with the whole in a corner."""
    picture = entry.shown
    box = entry.box if entry.box is not None and len(entry.box) == 2 else None
    share = 1.0 if box is None else _share(box, picture.shape)
    if crop and box is not None and share < _LARGE:
        (top, bottom), (left, right) = box
        _show(axes, picture[top:bottom, left:right])
        inset = axes.inset_axes((0.66, 0.0, 0.34, 0.34))
        inset.set_xticks([])
        inset.set_yticks([])
        for spine in inset.spines.values():
            spine.set(color="white", linewidth=0.8)
        _show(inset, picture)
        _outline(inset, box, 0.8)
        return
    _show(axes, picture)
    if box is not None and share < 1:
        _outline(axes, box, 1.2)


def _show(axes: Any, picture: NDArray[np.uint8]) -> None:
    small = min(picture.shape[:2]) < 200
    axes.imshow(
        picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest" if small else "antialiased"
    )
    axes.set_facecolor(PAPER)
    axes.set_aspect("equal", adjustable="datalim")  # the tile stays square around any picture


def _outline(axes: Any, box: tuple[tuple[int, int], ...], width: float) -> None:
    (top, bottom), (left, right) = box
    for color, own in (("black", width + 1), ("#ffd21f", width)):
        axes.add_patch(
            Rectangle(
                (left - 0.5, top - 0.5), right - left, bottom - top,
                fill=False, edgecolor=color, linewidth=own,
            )
        )  # fmt: skip


def _share(box: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> float:
    return math.prod(b - a for a, b in box) / max(1, math.prod(shape[: len(box)]))


def _draw_series(axes: Any, entry: Entry, crop: bool) -> None:
    """Every channel as a line, the receptive field shaded."""
    lines = entry.shown
    spread = float(np.ptp(lines)) or 1.0
    for k, line in enumerate(lines[:8]):
        axes.plot(line - k * 0.9 * spread, color=INK, linewidth=0.7)
    if entry.box is not None and len(entry.box) == 1:
        (start, stop), steps = entry.box[0], lines.shape[1]
        if stop - start < steps:
            axes.axvspan(start - 0.5, stop - 0.5, color="#ffd21f", alpha=0.45, linewidth=0)
    axes.set_xlim(-0.5, lines.shape[1] - 0.5)


def _draw_text(axes: Any, entry: Entry, crop: bool) -> None:
    """A text or the features of a row; the name where there is neither."""
    text = entry.shown if isinstance(entry.shown, str) else entry.name
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, 34) or [""]]
    kept = lines[:8] if len(lines) <= 8 else [*lines[:7], "…"]
    axes.set_facecolor(PAPER)
    axes.text(
        0.05, 0.94, drawable("\n".join(kept)), transform=axes.transAxes, fontsize=6.6, color=INK,
        va="top", linespacing=1.25, parse_math=False,
    )  # fmt: skip


def tile(entry: Entry, crop: bool = True) -> bytes | None:
    """One item alone as PNG, its receptive field cut out; None where there is only text."""
    if not isinstance(entry.shown, np.ndarray):
        return None
    if _is_series(entry.shown):
        figure = Figure(figsize=(3, 1.6), dpi=100, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        _draw_series(axes, entry, crop)
        return png(figure, dpi=100)
    box = entry.box
    if crop and box is not None and len(box) == 2 and _share(box, entry.shown.shape) < _LARGE:
        (top, bottom), (left, right) = box
        return png(entry.shown[top:bottom, left:right])
    return png(entry.shown)
