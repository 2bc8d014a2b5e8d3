"""Volumes: the three slices through the strongest voxel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.explanation import Explanation
from .palette import SIGNED, WARM, colour
from .panels import QUIET, bar, bare, heading, subtitle
from .photo import shown
from .pictures import Style
from .reading import Reading
from .scale import Scale
from .words import title_of

VOLUME_SIZE = (8.0, 3.9)
"""Inches of a volume's figure."""

_NAMES = ("depth", "height", "width")


def strongest(values: NDArray[Any], signed: bool) -> tuple[int, int, int]:
    """The voxel `(depth, height, width)` with the strongest evidence, the first among equals."""
    plain = np.nan_to_num(values)
    flat = int(np.argmax(np.abs(plain) if signed else plain))
    d, h, w = np.unravel_index(flat, plain.shape)
    return int(d), int(h), int(w)


def draw_volume(
    figure: Any, e: Explanation, sample: int, reading: Reading, scale: Scale, style: Style
) -> None:
    """Slices across depth, height and width through the strongest voxel, over the input in grey."""
    centre = strongest(reading.values, scale.signed)
    cmap = style.cmap or (SIGNED if scale.signed else WARM)
    _, height, width = reading.values.shape
    behind = _grey(e, sample, reading.values.shape)
    panels = list(figure.subplots(1, 3, width_ratios=[width, width, height]))
    for axis, axes in enumerate(panels):
        drawn = scale.apply(np.take(reading.values, centre[axis], axis))
        pixels = colour(drawn, cmap, scale.signed).astype(float)
        if behind is not None and style.view != "map":
            slab = np.take(behind, centre[axis], axis)[..., None]
            pixels = slab + style.alpha * np.abs(drawn)[..., None] * (pixels - slab)
        axes.imshow(np.rint(pixels).astype(np.uint8), interpolation="nearest")
        _cross(axes, [place for k, place in enumerate(centre) if k != axis])
        axes.set_xlabel(f"{_NAMES[axis]} {centre[axis]}", fontsize=7.5, color=QUIET)
        bare(axes)
    text = f"{subtitle(e, sample)} · slices through the strongest voxel {centre}"
    heading(figure, title_of(e), text.removeprefix(" · "), reading.note)
    bar(figure, panels, e, sample, scale, cmap)


def _grey(e: Explanation, sample: int, shape: tuple[int, ...]) -> NDArray[np.float64] | None:
    seen = shown(e, sample)
    if seen is None:
        return None
    plain = np.nan_to_num(np.asarray(seen, np.float64))
    plain = plain.mean(0) if plain.ndim == len(shape) + 1 else plain
    if plain.shape != shape:
        return None
    low, high = np.percentile(plain, [1, 99])
    span = (high - low) or 1.0
    return np.asarray(np.clip((plain - low) / span, 0, 1) * 255)


def _cross(axes: Any, place: list[int]) -> None:
    down, across = place
    line = {"color": QUIET, "linewidth": 0.6, "linestyle": (0, (2, 2))}
    axes.axhline(down, **line)
    axes.axvline(across, **line)
