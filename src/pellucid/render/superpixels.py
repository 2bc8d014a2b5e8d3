"""Superpixels over a photograph: lines between them, and their shares in green and red."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.explanation import Explanation
from .palette import SHARES, colour
from .photo import Pixels, fitted
from .scale import Scale

_LINE = (255, 235, 130)
_DIM, _STRONG = 0.55, 0.75


def labels_at(e: Explanation, sample: int) -> NDArray[np.int32] | None:
    """The segments `(H, W)` of a sample; None where every place was judged by itself."""
    if e.segments is None:
        return None
    labels = np.asarray(e.segments[sample])
    axes = [i for i, axis in enumerate(e.axes[1:]) if axis not in ("height", "width")]
    shape = tuple(e.sizes[axis] for axis in ("height", "width") if axis in e.sizes)
    if labels.ndim == len(e.axes) - 1 and axes:
        labels = labels.take(0, axis=axes[0])
    elif labels.ndim > len(shape):
        labels = labels.reshape(labels.shape[-len(shape) :]) if labels.shape[0] == 1 else labels[0]
    return labels if labels.shape == shape else None


def edges(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """The places whose right or lower neighbour belongs to another segment."""
    found = np.zeros(labels.shape, bool)
    found[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    found[:-1] |= labels[:-1] != labels[1:]
    return found


def outlined(pixels: Pixels, labels: NDArray[Any]) -> Pixels:
    """The picture with thin lines between the segments."""
    drawn = pixels.copy()
    where = edges(_grown(labels, pixels.shape[:2]))
    drawn[where] = (0.35 * drawn[where] + 0.65 * np.array(_LINE)).astype(np.uint8)
    return drawn


def shares(
    photo: Pixels, values: NDArray[np.floating], scale: Scale, labels: NDArray[Any] | None
) -> Pixels:
    """A dimmed photograph on which segments that speak for the target are green and those against
    it red, as strong as the evidence."""
    drawn = np.clip(scale.apply(fitted(values, photo.shape[:2])), -1, 1)
    weight = (_STRONG * np.abs(drawn))[..., None]
    tint = np.sign(drawn)  # the ends of the colours: the strength is in the weight
    tint = colour(tint, SHARES, signed=True)
    base = photo * _DIM + 255 * (1 - _DIM) * 0.25
    mixed: Pixels = np.rint(base + weight * (tint - base)).astype(np.uint8)
    return mixed if labels is None else outlined(mixed, labels)


def _grown(labels: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Labels at the photograph's size, each repeated."""
    rows = np.arange(shape[0]) * labels.shape[0] // shape[0]
    columns = np.arange(shape[1]) * labels.shape[1] // shape[1]
    grown: NDArray[Any] = labels[rows][:, columns]
    return grown
