"""Inputs that were made: the picture or series itself, and how its objective rose."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.axes import CHANNEL
from ..core.explanation import Explanation
from .panels import INK, QUIET, RULE, bare, foot, head, heading, image_size, place, show
from .photo import Pixels, as_rgb, composite
from .pictures import Style
from .reading import Reading, card_of
from .scale import Scale, number
from .words import score_of, shortened, target_of, title_of

MOST = 12
"""Channels of a series that are drawn."""

_LETTERS = 44


def is_picture(e: Explanation) -> bool:
    """Whether the values are a picture that was made."""
    card = card_of(e)
    made = card is not None and card.gives == "input"
    return made and set(e.axes[1:]) - {CHANNEL} == {"height", "width"}


def synthesised(e: Explanation, sample: int = 0) -> Pixels:
    """RGB `(H, W, 3)` of a picture that was made, black and white as the model's range says.

    Three channels are red, green and blue, one is grey; of any other number the thirds are averaged
    and stretched.
    """
    values = _unit(e, sample)
    if len(values) in (1, 3):
        return as_rgb(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0))
    return composite(values)


def synthesis_size(e: Explanation, sample: int, reading: Reading) -> tuple[float, float]:
    """Inches of its panel."""
    if is_picture(e):
        return image_size(e, sample, reading)
    return 8.0, 3.6


def draw_synthesis(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """What was made, under its name and score, over the curve of its objective."""
    title = shortened(target_of(e, sample), _LETTERS) or title_of(e)
    below = " · ".join(part for part in (title_of(e), score_of(e, sample)) if part)
    if is_picture(e):
        pixels = synthesised(e, sample)
        axes = place(figure, pixels.shape[0] / pixels.shape[1])
        show(axes, pixels)
        head(axes, title, below, reading.note, _LETTERS)
        if e.curve is not None:
            _curve(foot(figure, 0.36), e, sample)
        return
    made, curve = figure.subplots(2, 1, gridspec_kw={"height_ratios": [4, 1]})
    heading(figure, title, below, reading.note)
    _draw_other(made, e, sample)
    if e.curve is None:
        curve.set_axis_off()
    else:
        _curve(curve, e, sample)


def _draw_other(axes: Any, e: Explanation, sample: int) -> None:
    """A series as lines, a volume as its middle slice, features as bars."""
    values = _first(e.values[sample], e.axes[1:])
    if values.ndim == 4:
        axes.imshow(composite(values[:, values.shape[1] // 2]), interpolation="nearest")
        axes.set_xlabel("middle slice", fontsize=7.5, color=QUIET)
        bare(axes)
        return
    if values.ndim == 2:
        for k, line in enumerate(values[:MOST]):
            axes.plot(line, color=f"C{k % 10}" if len(values) > 1 else INK, linewidth=0.9)
        left = len(values) - MOST
        more = f" · {left} channels not shown" if left > 0 else ""
        axes.set_xlabel(f"time step{more}", fontsize=7.5, color=QUIET)
    else:
        flat = values.ravel()
        axes.bar(np.arange(len(flat)), flat, color=INK)
        axes.set_xlabel("feature", fontsize=7.5, color=QUIET)
    _quiet(axes)


def _curve(axes: Any, e: Explanation, sample: int) -> None:
    assert e.curve is not None
    line = e.curve[sample]
    known = line[np.isfinite(line)]
    axes.plot(line, color=INK, linewidth=0.9)
    axes.set_xlim(0, max(1, len(line) - 1))
    bare(axes)
    if len(known):
        span = f"{number(float(known[0]))} → {number(float(known[-1]))} in {len(line)} steps"
        axes.set_xlabel(span, fontsize=6.5, color=QUIET, labelpad=2)


def _quiet(axes: Any) -> None:
    axes.tick_params(labelsize=7, length=2, color=RULE, labelcolor=QUIET)
    for spine in axes.spines.values():
        spine.set(color=RULE, linewidth=0.6)


def _unit(e: Explanation, sample: int) -> NDArray[np.float64]:
    """Values from 0 to 1, `(channel, height, width)`, by the range in the record."""
    values = _first(np.asarray(e.values[sample], np.float64), e.axes[1:])
    ranges = e.record.get("range")
    if ranges is None:
        low, high = values.min(), values.max()
        return np.asarray((values - low) / max(high - low, 1e-12))
    source = e.sample_of([sample])[0]
    low, high = (np.asarray(bound, np.float64)[:, None, None] for bound in ranges[source])
    return np.asarray((values - low) / (high - low))


def _first(values: NDArray[Any], axes: tuple[str, ...]) -> NDArray[Any]:
    """Channels first; one channel where there are none."""
    if CHANNEL in axes:
        return np.moveaxis(values, axes.index(CHANNEL), 0)
    return values if values.ndim == 1 else values[None]
