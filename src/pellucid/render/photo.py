"""The picture that the network saw, in colours, whatever its number of channels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.explanation import Explanation

Pixels = NDArray[np.uint8]


def photo_of(e: Explanation, sample: int = 0) -> Pixels | None:
    """RGB `(H, W, 3)` of the input behind a sample, or None where it was no picture."""
    array = shown(e, sample)
    if array is None:
        return None
    if array.dtype == np.uint8:
        return as_rgb(array) if array.ndim == 2 or array.shape[-1] in (1, 3, 4) else None
    return composite(array) if array.ndim == 3 else None


def shown(e: Explanation, sample: int = 0) -> NDArray[Any] | None:
    """What the network saw for a sample, without the sample axis; None where it was not kept."""
    if e.display is None:
        return None
    source = e.sample_of([sample])[0]
    return np.asarray(e.display[source])


def as_rgb(picture: NDArray[Any]) -> Pixels:
    """A uint8 picture, grey or coloured, as RGB `(H, W, 3)`."""
    if picture.ndim == 2:
        picture = picture[..., None]
    colours = picture[..., :3] if picture.shape[-1] >= 3 else np.repeat(picture[..., :1], 3, -1)
    return np.ascontiguousarray(colours, np.uint8)


def composite(channels: NDArray[Any]) -> Pixels:
    """RGB of raw channels `(C, H, W)`: three are red, green and blue, more are averaged by thirds.

    One or two channels give grey. All colours share one stretch, 1st to 99th percentile.
    """
    raw = np.nan_to_num(np.asarray(channels, np.float64))
    groups = np.array_split(raw, 3) if len(raw) >= 3 else [raw] * 3
    colours = np.stack([group.mean(0) for group in groups], -1)
    low, high = np.percentile(colours, [1, 99])
    if high <= low:
        low, high = colours.min(), colours.max()
    span = high - low
    stretched = (colours - low) / span if span > 0 else np.full_like(colours, 0.5)
    pixels: Pixels = np.rint(np.clip(stretched, 0, 1) * 255).astype(np.uint8)
    return pixels


def fitted(values: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.float64]:
    """A map `(h, w)` at the photograph's size `(H, W)`, interpolated linearly where they differ."""
    plain = np.nan_to_num(np.asarray(values, np.float64))
    if plain.shape == shape:
        return plain
    picture = Image.fromarray(plain.astype(np.float32))
    grown = picture.resize((shape[1], shape[0]), Image.Resampling.BILINEAR)
    return np.asarray(grown, np.float64)


def enlarged(picture: Pixels, least: int) -> Pixels:
    """Small pictures repeated pixel by pixel until the shorter side has at least `least` pixels."""
    times = -(-least // max(1, min(picture.shape[:2])))
    return picture if times <= 1 else picture.repeat(times, 0).repeat(times, 1)


def reduced(picture: Pixels, most: int) -> Pixels:
    """Large pictures scaled down until the longer side has at most `most` pixels."""
    longest = max(picture.shape[:2])
    if longest <= most:
        return picture
    height, width = (max(1, round(side * most / longest)) for side in picture.shape[:2])
    image = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image)
