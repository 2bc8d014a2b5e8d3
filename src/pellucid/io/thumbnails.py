"""Small pictures of the items of a data set, and pictures as plain numbers."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..errors import PellucidError
from .datasets import Item, Kind
from .images import SUFFIXES, read_image

SIDE = 48
"""Pixels along the longer side."""

_PLAIN_SIDE = 32


def thumbnail(item: Item, kind: Kind) -> bytes:
    """A small PNG or JPEG of an item; no bytes where it has no picture."""
    try:
        drawn = _series(item.value) if kind == "series" else _picture(item.value)
    except (PellucidError, OSError, ValueError, TypeError):
        return b""
    if drawn is None:
        return b""
    drawn.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    if drawn.mode == "RGB":
        drawn.save(buffer, "JPEG", quality=78)
    else:
        drawn.save(buffer, "PNG")
    return buffer.getvalue()


def plain_values(item: Item, kind: Kind) -> NDArray[np.float32]:
    """The item as a row of numbers; a picture in a file at 32 × 32 pixels, since sizes differ.

    Raises `TypeError` and `ValueError` for what is no number.
    """
    value = item.value
    if kind == "images":
        picture = read_image(value).convert("RGB").resize((_PLAIN_SIDE, _PLAIN_SIDE))
        return np.asarray(picture, np.float32).ravel() / np.float32(255)
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    return np.asarray(value, np.float32).ravel()


def _picture(value: Any) -> Image.Image | None:
    if isinstance(value, Image.Image):
        return value.convert("L" if value.mode == "L" else "RGB")
    if isinstance(value, str) or hasattr(value, "suffix"):
        if str(value).lower().endswith(tuple(SUFFIXES)):
            found = read_image(value)
            return found if found.mode == "L" else found.convert("RGB")
        value = np.load(value, allow_pickle=False)
    array = np.asarray(value)
    while array.ndim > 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[0] == 3:
        array = np.moveaxis(array, 0, -1)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[-1] != 3):
        return None
    if min(array.shape[:2]) < 2:
        return None
    if array.dtype != np.uint8:
        low, high = float(array.min()), float(array.max())
        span = high - low if high > low else 1.0
        array = np.rint((array - low) / span * 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(array))


def _series(value: Any) -> Image.Image | None:
    """The channels of a series `(…, C, T)` as lines over each other."""
    array = np.asarray(value, np.float32)
    channels = array.reshape(-1, array.shape[-1])[:4]
    low, high = float(channels.min()), float(channels.max())
    wide, tall = SIDE * 2, SIDE
    picture = Image.new("L", (wide, tall), 255)
    pen = ImageDraw.Draw(picture)
    places = np.linspace(1, wide - 2, channels.shape[1])
    for number, line in enumerate(channels):
        heights = (tall - 3) * (1 - (line - low) / max(high - low, 1e-12)) + 1
        points = [(float(x), float(y)) for x, y in zip(places, heights, strict=True)]
        pen.line(points, fill=(20, 110, 160, 190)[number], width=1)
    return picture
