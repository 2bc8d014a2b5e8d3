"""Panels of a figure: the photograph, a map over it, and a colour bar in words."""

import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from ..core.explanation import Explanation
from .palette import SHARES, palette
from .photo import Pixels, photo_of
from .pictures import Style, picture
from .reading import Reading
from .scale import Scale, number
from .superpixels import labels_at
from .words import clip_note, ends_of, score_of, shortened, target_of, title_of, unit_of_values

INK, QUIET, WARNING, RULE = "#1b1d21", "#5c6370", "#a34700", "#c9cdd3"

_WIDTH, _SIDE, _FOOT, _LINE = 3.1, 0.12, 0.72, 0.145
_LETTERS = 44
"""Letters in a line over a picture."""


def image_size(e: Explanation, sample: int, reading: Reading) -> tuple[float, float]:
    """Inches of an image's panel: its title, the picture and the colour bar."""
    lines = len(_head_lines(title_of(e), subtitle(e, sample), reading.note, _LETTERS))
    height, width = reading.values.shape[-2:]
    return _WIDTH, _FOOT + _tall(height / width) + _LINE * lines + 0.2


def draw_photo(figure: Any, e: Explanation, sample: int, photo: Pixels) -> None:
    """The input as the network saw it."""
    axes = place(figure, photo.shape[0] / photo.shape[1])
    show(axes, photo)
    head(axes, "Input", f"{photo.shape[1]} × {photo.shape[0]} pixels", "", _LETTERS)


def draw_image(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """One map in the chosen view, with its title and colour bar."""
    pixels = picture(photo_of(e, sample), reading.values, scale, style, labels_at(e, sample))
    axes = place(figure, reading.values.shape[0] / reading.values.shape[1])
    show(axes, pixels)
    head(axes, title_of(e), subtitle(e, sample), reading.note, _LETTERS)
    if style.view in ("boundaries", "top_share") and bool((reading.values > 0).any()):
        text = f"The places that hold {style.share:.0%} of the positive evidence"
        axes.set_xlabel(text, fontsize=7.5, color=QUIET)
        return
    tall = _inches(figure)[1]
    across = [_SIDE / _WIDTH, 1 - 2 * _SIDE / _WIDTH]
    slot = figure.add_axes([across[0], (_FOOT - 0.18) / tall, across[1], 0.1 / tall])
    cmap = SHARES if style.view == "segments" and style.cmap is None else style.cmap
    _fill_bar(figure, slot, e, sample, scale, palette(cmap, scale.signed), 22)


def foot(figure: Any, height: float) -> Axes:
    """Axes across the foot of a panel, `height` inches tall."""
    wide, tall = _inches(figure)
    size = [1 - 2 * _SIDE / wide, height / tall]
    axes: Axes = figure.add_axes([_SIDE / wide, (_FOOT - 0.14 - height) / tall, *size])
    return axes


def _inches(figure: Any) -> tuple[float, float]:
    return figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi


def _tall(ratio: float) -> float:
    return (_WIDTH - 2 * _SIDE) * min(2.0, max(0.35, ratio))


def place(figure: Any, ratio: float) -> Axes:
    """Axes for a picture of `ratio` height to width, above the foot of its panel."""
    # fixed inches from below, so that pictures of one row are equally large and in line
    wide, tall = _inches(figure)
    size = [1 - 2 * _SIDE / wide, _tall(ratio) / tall]
    axes: Axes = figure.add_axes([_SIDE / wide, _FOOT / tall, *size])
    axes.set_anchor("NW")
    return axes


def show(axes: Axes, pixels: Pixels) -> None:
    """Pixels without ticks, with a hairline around."""
    small = min(pixels.shape[:2]) < 200
    axes.imshow(pixels, interpolation="nearest" if small else "antialiased")
    bare(axes)


def bare(axes: Axes) -> None:
    """No ticks, and a hairline frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=RULE, linewidth=0.6)


def subtitle(e: Explanation, sample: int) -> str:
    """The target and its score in one line."""
    target = shortened(target_of(e, sample), 40)
    return " · ".join(part for part in (target, score_of(e, sample)) if part)


def head(axes: Axes, title: str, below: str, note: str, letters: int) -> None:
    """A left-aligned title of several lines; a diagnosis is part of it and turns it amber."""
    text = "\n".join(_head_lines(title, below, note, letters))
    color = WARNING if note else INK
    axes.set_title(text, loc="left", fontsize=8.5, color=color, parse_math=False)


def heading(figure: Any, title: str, below: str, note: str, letters: int = 100) -> None:
    """The same for a figure of several axes."""
    text = "\n".join(_head_lines(title, below, note, letters))
    color = WARNING if note else INK
    figure.suptitle(text, x=0.012, ha="left", fontsize=8.5, color=color, parse_math=False)


def _head_lines(title: str, below: str, note: str, letters: int) -> list[str]:
    lines = [line.removesuffix(" ·") for line in textwrap.wrap(below, letters)]
    return [title, *lines, *textwrap.wrap(note, letters)]


def bar(
    figure: Any, axes: list[Axes], e: Explanation, sample: int, scale: Scale, cmap: str
) -> None:
    """A wide colour bar below `axes`, in raw units; words say what each end means."""
    slot = figure.colorbar(
        ScalarMappable(cmap=palette(cmap)), ax=axes, orientation="horizontal", aspect=60, pad=0.02
    ).ax
    slot.clear()
    _fill_bar(figure, slot, e, sample, scale, palette(cmap, scale.signed), 50)


def _fill_bar(
    figure: Any, slot: Any, e: Explanation, sample: int, scale: Scale, cmap: Any, letters: int
) -> None:
    top = scale.high if scale.high > 0 else 1.0
    norm = Normalize(-top if scale.signed else 0.0, top)
    drawn = figure.colorbar(ScalarMappable(norm, cmap), cax=slot, orientation="horizontal")
    ends = [-scale.high, 0.0, scale.high] if scale.signed else [0.0, scale.high]
    ticks = ends if scale.high > 0 else [0.0]
    drawn.set_ticks(ticks, labels=[number(tick) for tick in ticks])
    slot.tick_params(labelsize=7, length=2, color=RULE, labelcolor=QUIET)
    for label in slot.get_xticklabels()[:: max(1, len(ticks) - 1)]:
        label.set_ha("left" if label.get_position()[0] < ticks[-1] else "right")
    drawn.outline.set(edgecolor=RULE, linewidth=0.6)
    low, high = ends_of(e, sample, scale.signed, letters)
    _below(slot, 0.0, "left", low)
    _below(slot, 1.0, "right", high)
    slot.set_xlabel(facts(e, sample, scale), fontsize=6.5, color=QUIET, labelpad=12)


def _below(slot: Any, x: float, side: str, text: str) -> None:
    slot.annotate(
        text,
        (x, 0),
        xycoords="axes fraction",
        xytext=(0, -14),
        textcoords="offset points",
        ha=side,
        va="top",
        fontsize=7.5,
        color=INK,
        parse_math=False,
    )


def facts(e: Explanation, sample: int, scale: Scale) -> str:
    """The unit of the colour bar, and what was cut off."""
    unit = unit_of_values(e, sample)
    unit = f"in units of the {unit}" if unit else ""
    return " · ".join(part for part in (unit, clip_note(scale)) if part)
