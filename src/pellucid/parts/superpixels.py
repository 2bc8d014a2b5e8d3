"""Superpixels: regions of a picture that belong together, by scikit-image (the extra `lime`)."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..core.axes import CHANNEL, SAMPLE
from ..core.extras import require
from ..errors import MissingExtra, ParameterError

NAMES = ("quickshift", "slic", "felzenszwalb")

SLIC = 8
"""SLIC makes about this many superpixels along every axis."""

SMALLEST = 150
"""Felzenszwalb's regions have at least this share of the places: 1 / SMALLEST."""

COLOURS = 3


def superpixels(
    x: Tensor,
    axes: tuple[str, ...],
    kind: str,
    count: int | None,
    seed: int,
    display: Any = None,
) -> NDArray[np.int64]:
    """Labels `(N, *places)` of every sample of `x`.

    What is divided is the picture in `display` (uint8, `(N, *places[, 3])`) where there is one of
    this size, else the input scaled to [0, 1]. `slic` makes about `count` regions along every axis;
    it divides volumes as well. `quickshift` has the settings of `lime`.
    """
    places = tuple(size for axis, size in zip(axes, x.shape, strict=True) if axis != CHANNEL)[1:]
    if len(places) not in ((2, 3) if kind == "slic" else (2,)):
        raise ParameterError(
            f"{kind} divides pictures; this input has the axes {axes}.", "Give segments='grid'."
        )
    segmentation = _library(kind)
    found = []
    for sample in range(len(x)):
        picture = _picture(x[sample], axes, places, sample, display)
        found.append(_divided(segmentation, picture, kind, count, seed))
    return np.stack(found)


def pictures(x: Tensor, axes: tuple[str, ...], display: Any = None) -> list[NDArray[np.float64]]:
    """Every sample as an array `(*places, channels)` in [0, 1], as superpixels see it."""
    places = tuple(size for axis, size in zip(axes, x.shape, strict=True) if axis != CHANNEL)[1:]
    return [_picture(x[s], axes, places, s, display) for s in range(len(x))]


def _library(kind: str) -> Any:
    try:
        return require("skimage.segmentation", f"Superpixels by {kind}", "'pellucid[lime]'")
    except MissingExtra as error:
        remedy = error.remedy.rstrip(".") + ", or give segments='grid', which needs nothing."
        raise MissingExtra(error.cause, remedy) from None


def _picture(
    x: Tensor, axes: tuple[str, ...], places: tuple[int, ...], sample: int, display: Any
) -> NDArray[np.float64]:
    shown = getattr(display, "shape", ())
    if getattr(display, "dtype", None) == np.uint8 and tuple(shown[1 : 1 + len(places)]) == places:
        seen = np.asarray(display[sample], dtype=np.float64) / 255
        return seen if seen.ndim > len(places) else _coloured(seen[..., None])
    own = [axis for axis in axes if axis != SAMPLE]
    last = x.movedim(own.index(CHANNEL), -1) if CHANNEL in own else x[..., None]
    array = last.detach().double().cpu().numpy()
    low, high = array.min(), array.max()
    return _coloured((array - low) / (high - low if high > low else 1.0))


def _coloured(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """A single channel as grey in three."""
    return array.repeat(COLOURS, -1) if array.shape[-1] == 1 else array


def _divided(
    segmentation: Any, picture: NDArray[np.float64], kind: str, count: int | None, seed: int
) -> NDArray[np.int64]:
    colours = picture.shape[-1] == COLOURS
    places = int(np.prod(picture.shape[:-1]))
    if kind == "quickshift":
        found = segmentation.quickshift(
            picture, kernel_size=4, max_dist=200, ratio=0.2, convert2lab=colours, rng=seed % 2**32
        )
    elif kind == "felzenszwalb":
        smooth = {"scale": 100, "sigma": 0.5, "min_size": max(1, places // SMALLEST)}
        with warnings.catch_warnings():  # that it takes the last axis as channels, which they are
            warnings.simplefilter("ignore", RuntimeWarning)
            found = segmentation.felzenszwalb(picture, **smooth, channel_axis=-1)
    else:
        found = segmentation.slic(
            picture,
            n_segments=min(places, (count or SLIC) ** (picture.ndim - 1)),
            compactness=10 if colours else 0.1,  # in units of colour: L*a*b* or the input's own
            sigma=1,
            start_label=0,
            convert2lab=colours and picture.ndim == 3,
            channel_axis=-1,
        )
    return np.asarray(found, dtype=np.int64)
