"""Evidence over a photograph: blended, outlined, or as a spotlight on the strongest part."""

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .palette import colour
from .photo import Pixels, fitted
from .scale import Scale

SHARE = 0.5
"""Default share of the positive evidence that outline and spotlight show."""

_OUTLINE, _HALO = (255, 214, 10), (20, 20, 20)
_DIM = 0.3


def overlay(
    photo: Pixels,
    values: NDArray[np.floating],
    scale: Scale,
    alpha: float = 0.6,
    cmap: str | None = None,
    uniform: bool = False,
) -> Pixels:
    """The map in colours over the photograph `(H, W, 3)`, as strong as the evidence.

    Where the evidence is zero the pixel is exactly the photograph's; at the end of the scale the
    colour has weight `alpha`. `uniform` gives every place that weight.
    """
    if not 0 <= alpha <= 1:
        raise ParameterError(f"alpha={alpha} is not a weight.", "Give 0 to 1.")
    drawn = scale.apply(fitted(values, photo.shape[:2]))
    weight = np.full(drawn.shape, alpha) if uniform else alpha * np.abs(drawn)
    blend = photo + weight[..., None] * (colour(drawn, cmap, scale.signed) - photo.astype(float))
    blended: Pixels = np.rint(blend).astype(np.uint8)
    return blended


def top_region(values: NDArray[np.floating], share: float = SHARE) -> NDArray[np.bool_]:
    """The smallest set of places that holds `share` of all positive evidence; may be empty."""
    if not 0 < share <= 1:
        raise ParameterError(f"share={share} is not a share.", "Give 0 < share <= 1.")
    positive = np.maximum(np.nan_to_num(np.asarray(values, np.float64)), 0)
    total = positive.sum()
    if total <= 0:
        return np.zeros(positive.shape, bool)
    order = np.argsort(-positive, axis=None, kind="stable")
    running = np.cumsum(positive.ravel()[order])
    enough = int(np.searchsorted(running, share * total * (1 - 1e-12))) + 1
    region = np.zeros(positive.size, bool)
    region[order[:enough]] = True
    return region.reshape(positive.shape) & (positive > 0)


def boundaries(photo: Pixels, values: NDArray[np.floating], share: float = SHARE) -> Pixels:
    """The photograph with a line around the places that hold `share` of the positive evidence."""
    region = top_region(fitted(values, photo.shape[:2]), share)
    width = max(1, round(min(photo.shape[:2]) / 160))
    drawn = photo.copy()
    edge = region & ~_shrunk(region)
    drawn[_grown(edge, width + max(1, width // 2))] = _HALO
    drawn[_grown(edge, width - 1)] = _OUTLINE
    return drawn


def top_share(photo: Pixels, values: NDArray[np.floating], share: float = SHARE) -> Pixels:
    """The places that hold `share` of the positive evidence in full colour, the rest dimmed."""
    region = top_region(fitted(values, photo.shape[:2]), share)
    grey = photo.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    dimmed = np.rint(grey * _DIM).astype(np.uint8)[..., None]
    return np.where(region[..., None], photo, dimmed).astype(np.uint8)


def _shrunk(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # the border of the picture counts as inside, so that no line runs along it
    padded = np.pad(region, 1, mode="edge")
    inner = padded[1:-1, 1:-1].copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= np.roll(padded, step, axis)[1:-1, 1:-1]
    return inner


def _grown(region: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
    for _ in range(times):
        padded = np.pad(region, 1)
        grown = padded.copy()
        for axis in (0, 1):
            for step in (-1, 1):
                grown |= np.roll(padded, step, axis)
        region = grown[1:-1, 1:-1]
    return region
