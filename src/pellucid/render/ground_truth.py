"""A map beside the evidence that was planted: a small picture with the places outlined, or bars."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .palette import colour
from .photo import Pixels
from .scale import scale_of

_SIDE, _WIDE, _TALL = 128, 384, 64
"""Pixels of a picture's side, and of bars across and up."""

_FOR, _AGAINST, _BAND, _PAPER, _LINE = (
    (221, 90, 27), (31, 111, 197), (255, 236, 150), (255, 255, 255), (255, 214, 10)
)  # fmt: skip


def evidence_tile(values: NDArray[Any], mask: NDArray[np.bool_], signed: bool) -> Pixels:
    """Values `(H, W)` in colours with a line around the evidence, or `(P,)` as bars over it."""
    plain = np.nan_to_num(np.asarray(values, np.float64))
    if plain.ndim == 1:
        return bars(plain[None], mask)
    drawn = scale_of([plain], signed, None).apply(plain)
    return _outlined(colour(drawn, None, signed), mask)


def input_tile(x: NDArray[Any], mask: NDArray[np.bool_]) -> Pixels:
    """An input `(C, H, W)` of one channel or three, `(C, P)` or `(P,)`, with its evidence."""
    if x.ndim < 3:
        return bars(np.atleast_2d(np.asarray(x, np.float64)), mask)
    low, high = np.percentile(x, (1, 99))
    shown = np.clip((x - low) / max(high - low, 1e-12), 0, 1).transpose(1, 2, 0)
    pixels = np.rint(255 * np.broadcast_to(shown, (*shown.shape[:2], 3))).astype(np.uint8)
    return _outlined(pixels, mask)


def bars(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> Pixels:
    """Rows `(R, P)` of bars below each other, for and against, on the evidence in yellow."""
    rows, count = values.shape
    wide, tall = max(_WIDE // count, 1), max(_TALL // rows, 16)
    drawn = np.empty((rows * tall, count * wide, 3), np.uint8)
    for row in range(rows):
        top = np.abs(values[row]).max() or 1.0
        low, high = min(values[row].min(), 0.0) / top, max(values[row].max(), 0.0) / top
        span = max(high - low, 1e-12)
        zero = high / span * tall
        ends = zero - values[row] / top / span * tall
        level = np.arange(tall)[:, None] + 0.5
        filled = (level > np.minimum(zero, ends)) & (level < np.maximum(zero, ends))
        band = np.where(mask[:, None], _BAND, _PAPER)
        ink = np.where(values[row][:, None] >= 0, _FOR, _AGAINST)
        cells = np.where(filled[..., None], ink, band).repeat(wide, 1)
        drawn[row * tall : (row + 1) * tall] = cells
    return drawn


def _outlined(pixels: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    size = max(_SIDE // max(mask.shape), 1)
    large = pixels.repeat(size, 0).repeat(size, 1)
    inside = mask.repeat(size, 0).repeat(size, 1)
    rim = inside.copy()
    rim[1:-1, 1:-1] &= ~(
        inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    )
    large[rim] = _LINE
    return large
