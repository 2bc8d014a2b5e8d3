"""Pixels as arrays (height, width, channel): from pictures, resized, cropped."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import InputError

Pixels = NDArray[Any]

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def pixels_of(picture: Image.Image | Pixels, mode: str, channels: int) -> Pixels:
    """`(height, width, channels)` in uint8, uint16 or float32."""
    array = picture if isinstance(picture, np.ndarray) else _from_image(picture, mode)
    array = _channels_last(_number_type(array), channels)
    if array.shape[2] == channels:
        return array
    if array.shape[2] == 1:
        return np.repeat(array, channels, axis=2)
    if mode == "L" and array.shape[2] == 3 and array.dtype == np.uint8:
        return np.asarray(Image.fromarray(array).convert("L"))[:, :, None]
    raise InputError(
        f"A picture with {array.shape[2]} channels does not fit a network that takes {channels}.",
        "Convert it, or give the preprocessing the right mode and channels.",
    )


def _from_image(image: Image.Image, mode: str) -> Pixels:
    if mode in ("RGB", "L") and image.mode in ("RGB", "L"):
        image = image.convert(mode)
    array = np.asarray(image)
    if image.mode != "I":
        return array
    if array.min() < 0 or array.max() > 65535:
        raise InputError(
            f"A 32-bit picture with values from {array.min()} to {array.max()} has no known white.",
            "Scale it yourself and give it as a float array.",
        )
    return array.astype(np.uint16)


def _number_type(array: Pixels) -> Pixels:
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return array.astype(np.uint16)
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    raise InputError(
        f"Pixels of type {array.dtype} have no known white.",
        "Give uint8, uint16, or floats on the scale the network expects.",
    )


def _channels_last(array: Pixels, channels: int) -> Pixels:
    if array.ndim == 2:
        return array[:, :, None]
    if array.ndim != 3 or 0 in array.shape:
        raise InputError(
            f"A pixel array of shape {array.shape} is not one picture.",
            "Give (height, width) or (height, width, channel).",
        )
    first, last = array.shape[0] == channels, array.shape[2] == channels
    if first and last:
        raise InputError(
            f"In a pixel array of shape {array.shape} the channels may be the first or last axis.",
            "Give a picture whose height is not its number of channels.",
        )
    return array.transpose(1, 2, 0) if first else array


def full_scale(pixels: Pixels, top: float) -> float:
    """The pixel value that means white: floats are on the network's scale already."""
    return {"uint8": 255.0, "uint16": 65535.0}.get(pixels.dtype.name, top)


def fit(
    pixels: Pixels,
    size: tuple[int, int],
    how: Literal["crop", "stretch"],
    crop: float,
    interpolation: str,
) -> Pixels:
    """`pixels` at `size` (height, width)."""
    if how == "stretch":
        return _resized(pixels, size, interpolation)
    height, width = pixels.shape[:2]
    scale = max(round(size[0] / crop) / height, round(size[1] / crop) / width)
    # A hair more than the product, so that a side meant to be exact is not cut by rounding.
    scaled = int(height * scale + 1e-6), int(width * scale + 1e-6)
    return _centre(_resized(pixels, scaled, interpolation), size)


def _centre(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    top = round((pixels.shape[0] - size[0]) / 2)
    left = round((pixels.shape[1] - size[1]) / 2)
    return pixels[top : top + size[0], left : left + size[1]]


def _resized(pixels: Pixels, size: tuple[int, int], interpolation: str) -> Pixels:
    if pixels.shape[:2] == size:
        return pixels
    target = (max(size[1], 1), max(size[0], 1))
    resample = _FILTERS[interpolation]
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
        return np.asarray(Image.fromarray(pixels).resize(target, resample))
    planes = [
        np.asarray(_plane(pixels[:, :, c]).resize(target, resample)) for c in range(pixels.shape[2])
    ]
    stacked = np.stack(planes, axis=2)
    if pixels.dtype == np.uint16:
        return stacked.round().clip(0, 65535).astype(np.uint16)
    return stacked


def _plane(plane: Pixels) -> Image.Image:
    deep = plane if plane.dtype == np.uint8 else plane.astype(np.float32)
    return Image.fromarray(np.ascontiguousarray(deep))
