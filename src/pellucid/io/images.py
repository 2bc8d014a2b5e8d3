"""Reads pictures from files: upright, opaque, and refused with one sentence where unreadable."""

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ..errors import FileError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm"})
"""What is taken for a picture when a folder is searched."""

PIXEL_LIMIT = 100_000_000
"""Pictures with more pixels are refused before they are unpacked."""

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "GIF", "TIFF", "PPM")
"""What these endings stand for. Nothing else is decoded, whatever a file is called: EPS and others
run programs."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, TypeError)
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def read_image(source: Any, limit: int = PIXEL_LIMIT) -> Image.Image:
    """The picture in a file, in bytes, or given as a PIL image.

    EXIF orientation is applied; transparency lies on white; palettes and CMYK become RGB. The mode
    is `RGB`, `L`, or a deep one-channel mode (`I;16`, `I`, `F`). Raises `FileError`.
    """
    return _read(source, limit, "white")


def read_mask(source: Any, limit: int = PIXEL_LIMIT) -> NDArray[Any]:
    """The mask `(height, width)` in a file: zero where it is black or transparent."""
    image = _read(source, limit, "black")
    return np.asarray(image if image.mode in _DEEP else image.convert("L"))


def _read(source: Any, limit: int, behind: str) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns about what is refused or repaired here.
        warnings.simplefilter("ignore")
        image = source if isinstance(source, Image.Image) else _decoded(*_open(source), limit)
        return _plain(_upright(image), behind)


def _open(source: Any) -> tuple[str, io.BytesIO]:
    if isinstance(source, bytes | bytearray):
        name, data = "the picture", bytes(source)
    else:
        path = Path(source)
        name, data = str(path), read_bytes(path)
    if not data:
        raise FileError(f"{name} is empty.", "Give a picture file.")
    return name, io.BytesIO(data)


def read_bytes(path: Path) -> bytes:
    """The content of a file; one clear `FileError` where there is none."""
    if path.is_dir():
        raise FileError(f"{path} is a folder.", "Give a file.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"{path} does not exist.", "Check the path.") from None
    except MemoryError:
        raise FileError(f"{path} is larger than the memory.", "Give a smaller file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(
            f"{path} cannot be read: {reason.lower()}.", "Check its permissions."
        ) from None


def _decoded(name: str, stream: io.BytesIO, limit: int) -> Image.Image:
    Image.init()  # registers all formats, of which some are named below
    try:
        image = Image.open(stream, formats=FORMATS)
    except UnidentifiedImageError:
        raise FileError(
            f"{name} is not a picture that can be read.", "Save it as PNG or JPEG."
        ) from None
    except Image.DecompressionBombError:
        raise _oversized(name, "far more", limit) from None
    except _BROKEN:
        raise _damaged(name) from None
    width, height = image.size
    if width * height > limit:
        raise _oversized(name, f"{width} × {height}", limit)
    try:
        _refuse_pages(name, image)
        image.load()
    except _BROKEN:
        raise _damaged(name) from None
    return image


def _refuse_pages(name: str, image: Image.Image) -> None:
    pages = getattr(image, "n_frames", 1)
    if image.format == "TIFF" and pages > 1:
        raise FileError(
            f"{name} holds {pages} pages.", "Save the page you mean, or the stack as a .npy array."
        )


def _damaged(name: str) -> FileError:
    return FileError(f"{name} is damaged or cut off.", "Copy or export it again.")


def _oversized(name: str, pixels: str, limit: int) -> FileError:
    return FileError(
        f"{name} has {pixels} pixels; the limit is {limit / 1e6:g} million.", "Make it smaller."
    )


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        # Damaged EXIF says nothing about the orientation; the pixels are sound.
        return image


def _plain(image: Image.Image, behind: str) -> Image.Image:
    if image.mode in _DEEP or (image.mode in ("RGB", "L") and not image.has_transparency_data):
        return image
    if image.mode == "1":
        return image.convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    grey = image.mode in ("L", "LA", "La", "1")
    over = image.convert("RGBA")
    ground = Image.new("RGBA", over.size, behind)
    return Image.alpha_composite(ground, over).convert("L" if grey else "RGB")
